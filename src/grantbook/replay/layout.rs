//! JSON as people read it in a fixture: what fits stands on one line.

use serde_json::Value;

/// The width of a page.
const WIDTH: usize = 120;

/// The value as text for a file. What is too wide for a line has its members on lines of their own.
pub(super) fn layout(value: &Value) -> String {
    let mut text = String::new();
    put(value, "", 0, &mut text);
    text.push('\n');
    text
}

/// `taken` is how much of the line stands before the value.
fn put(value: &Value, indent: &str, taken: usize, into: &mut String) {
    let line = one_line(value);
    if taken + line.chars().count() < WIDTH {
        into.push_str(&line);
        return;
    }
    let inner = format!("{indent}  ");
    let (open, close, members): (char, char, Vec<(String, &Value)>) = match value {
        Value::Array(values) => ('[', ']', values.iter().map(|value| (String::new(), value)).collect()),
        Value::Object(fields) => {
            ('{', '}', fields.iter().map(|(name, value)| (format!("{}: ", quoted(name)), value)).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return into.push_str(&line),
    };
    into.push(open);
    for (index, (name, value)) in members.iter().enumerate() {
        into.push_str(if index == 0 { "\n" } else { ",\n" });
        into.push_str(&inner);
        into.push_str(name);
        put(value, &inner, inner.len() + name.chars().count(), into);
    }
    into.push('\n');
    into.push_str(indent);
    into.push(close);
}

fn one_line(value: &Value) -> String {
    match value {
        Value::Array(values) => {
            format!("[{}]", values.iter().map(one_line).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{}: {}", quoted(name), one_line(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_fits_stands_on_one_line() {
        assert_eq!(
            layout(&json!({"a": [1, null], "b": {"c": "\"d\""}})),
            "{\"a\": [1, null], \"b\": {\"c\": \"\\\"d\\\"\"}}\n"
        );
        let wide = "x".repeat(60);
        let value = json!({"rows": [{"one": wide}, {"one": wide}], "next": null});
        let expected = format!(
            "{{\n  \"rows\": [\n    {{\"one\": \"{wide}\"}},\n    {{\"one\": \"{wide}\"}}\n  ],\n  \"next\": null\n}}\n"
        );
        assert_eq!(layout(&value), expected);
        assert_eq!(serde_json::from_str::<Value>(&layout(&value)).unwrap(), value);
    }
}
