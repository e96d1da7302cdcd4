//! The description for people: one page of HTML, made once, with no script and nothing from another host.

use std::fmt::Write;

use serde_json::Value;

const STYLE: &str = include_str!("page.css");

/// The page.
pub(super) fn page(document: &Value) -> String {
    let mut page = String::new();
    let text = |path: &str| document.pointer(path).and_then(Value::as_str).unwrap_or_default();
    // Writing to a String does not fail.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Grantbook's API</title>\n<style>{STYLE}</style>\n<header><h1>Grantbook's API</h1>\n<p>{}</p>\n\
         <p>Version {}. The same for programs: <a href=\"/openapi.json\">openapi.json</a>.</p></header>\n",
        escaped(text("/info/description")),
        escaped(text("/info/version")),
    );
    let tags: Vec<&Value> = document.get("tags").and_then(Value::as_array).into_iter().flatten().collect();
    page.push_str("<nav><ul>\n");
    for tag in &tags {
        let name = tag.get("name").and_then(Value::as_str).unwrap_or_default();
        let _ = writeln!(page, "<li><a href=\"#{name}\">{name}</a></li>");
    }
    page.push_str("<li><a href=\"#commands-fields\">all commands</a></li></ul></nav>\n<main>\n");
    for tag in tags {
        let name = tag.get("name").and_then(Value::as_str).unwrap_or_default();
        let words = tag.get("description").and_then(Value::as_str).unwrap_or_default();
        let _ = write!(page, "<section><h2 id=\"{name}\">{name}</h2>\n<p>{}</p>\n", escaped(words));
        for (path, methods) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                if operation.pointer("/tags/0").and_then(Value::as_str) == Some(name) {
                    one(&mut page, document, path, method, operation);
                }
            }
        }
        page.push_str("</section>\n");
    }
    commands(&mut page, document);
    page.push_str("</main>\n</html>\n");
    page
}

fn one(page: &mut String, document: &Value, path: &str, method: &str, operation: &Value) {
    let text = |name: &str| operation.get(name).and_then(Value::as_str).unwrap_or_default();
    let _ = write!(
        page,
        "<article id=\"{}\"><h3><b>{}</b> <code>{}</code></h3>\n<p><strong>{}.</strong> {}</p>\n",
        text("operationId"),
        method.to_uppercase(),
        escaped(path),
        escaped(text("summary")),
        if text("description") == text("summary") { String::new() } else { escaped(text("description")) },
    );
    let parameters: Vec<&Value> = operation.get("parameters").and_then(Value::as_array).into_iter().flatten().collect();
    if !parameters.is_empty() {
        page.push_str("<table><caption>Takes</caption><tr><th scope=\"col\">parameter</th><th scope=\"col\">where</th><th scope=\"col\">what</th></tr>\n");
        for parameter in parameters {
            let parameter = resolved(document, parameter);
            let text = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default();
            let must = if parameter.get("required") == Some(&Value::Bool(true)) { ", must be given" } else { "" };
            let _ = writeln!(
                page,
                "<tr><td><code>{}</code></td><td>{}{must}</td><td>{}</td></tr>",
                escaped(text("name")),
                text("in"),
                escaped(text("description"))
            );
        }
        page.push_str("</table>\n");
    }
    let body = operation.pointer("/requestBody/content/application~1json/schema/properties");
    if let Some(fields) = body.and_then(Value::as_object).filter(|fields| !fields.is_empty()) {
        table(page, "Body", fields.iter());
    }
    let answers: Vec<String> = operation
        .get("responses")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(status, answer)| {
            let words = resolved(document, answer).get("description").and_then(Value::as_str).unwrap_or_default();
            format!("<li><code>{status}</code> {}</li>", escaped(words))
        })
        .collect();
    let _ = writeln!(page, "<details><summary>Answers</summary><ul>{}</ul>", answers.concat());
    let shape = operation.pointer("/responses/200/content/application~1json/schema");
    let shape = shape.or(operation.pointer("/responses/201/content/application~1json/schema"));
    if let Some(fields) = shape.and_then(|shape| resolved(document, shape).get("properties")).and_then(Value::as_object)
    {
        table(page, "Fields", fields.iter());
    }
    page.push_str("</details></article>\n");
}

fn table<'a>(page: &mut String, caption: &str, fields: impl Iterator<Item = (&'a String, &'a Value)>) {
    let _ = writeln!(
        page,
        "<table><caption>{caption}</caption><tr><th scope=\"col\">field</th><th scope=\"col\">what</th><th scope=\"col\">such as</th></tr>"
    );
    for (name, schema) in fields {
        let words = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let example = schema.pointer("/examples/0").map(Value::to_string).unwrap_or_default();
        let _ = writeln!(
            page,
            "<tr><td><code>{}</code></td><td>{}</td><td><code>{}</code></td></tr>",
            escaped(name),
            escaped(words),
            escaped(&example)
        );
    }
    page.push_str("</table>\n");
}

/// Every command with its fields.
fn commands(page: &mut String, document: &Value) {
    page.push_str("<section><h2 id=\"commands-fields\">All commands</h2>\n");
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        let command = schema.pointer("/properties/name/const").and_then(Value::as_str);
        let (Some(command), true) = (command, name.starts_with("Command")) else { continue };
        let words = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let _ = write!(page, "<article id=\"{command}\"><h3><code>{command}</code></h3>\n<p>{}</p>\n", escaped(words));
        let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        table(page, "Fields", fields.filter(|(name, _)| *name != "name"));
        page.push_str("</article>\n");
    }
    page.push_str("</section>\n");
}

/// What a reference leads to.
fn resolved<'a>(document: &'a Value, part: &'a Value) -> &'a Value {
    let reference = part.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|reference| document.pointer(reference)).unwrap_or(part)
}

fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut code = false;
    for letter in text.chars() {
        match letter {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '`' => {
                shown.push_str(if code { "</code>" } else { "<code>" });
                code = !code;
            }
            other => shown.push(other),
        }
    }
    shown.push_str(if code { "</code>" } else { "" });
    shown
}
