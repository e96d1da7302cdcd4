use serde_json::Value;

use super::can::Question;
use super::desk::Desk;
use super::output::{Output, clean, moment};
use super::point::Point;
use super::trouble::Trouble;
use super::words::as_of;

/// Why an account may or may not do something: the facts that decide it, who made them so and on whose authority
#[derive(clap::Args)]
pub(crate) struct Why {
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    point: Point,
}

impl Why {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let answer = desk.ask(&["why"], |request| self.point.of(self.question.of(request))).await?;
        if output.json {
            return output.json(&answer);
        }
        for line in lines(&answer) {
            output.line(clean(&line))?;
        }
        Ok(())
    }
}

/// The answer as an indented tree.
fn lines(answer: &Value) -> Vec<String> {
    let allowed = answer.get("allowed") == Some(&Value::Bool(true));
    let (verdict, may) = if allowed { ("yes", "may") } else { ("no", "may not") };
    let question = |name: &str| answer.get("question").and_then(|question| text(question, name)).unwrap_or_default();
    let on = if question("on").is_empty() { String::new() } else { format!(" on {}", question("on")) };
    let rule = text(answer, "rule").unwrap_or("none");
    let mut lines =
        vec![format!("{verdict}: {} {may} {}{on} (rule {rule})", question("who"), question("words")), as_of(answer)];
    if let Some(shortest) = answer.get("shortest").filter(|shortest| !shortest.is_null()) {
        lines.push(format!("the shortest reason: {}", short(shortest)));
    }
    if let Some(why) = answer.get("why") {
        reason(why, 1, &mut lines);
    }
    for (number, alternative) in list(answer, "would_do").enumerate() {
        let lead = if number == 0 { "it would do to" } else { "or to" };
        let rows = alternative.as_array().map(Vec::as_slice).unwrap_or_default();
        let supplies: Vec<&str> = rows.iter().filter_map(|row| text(row, "supply")).collect();
        lines.push(format!("{lead} {}", supplies.join(", and to ")));
    }
    lines
}

/// The shortest reason in a line: the facts that an entry or the clock made so. Those that were never otherwise are in the
/// tree.
fn short(shortest: &Value) -> String {
    let facts = list(shortest, "facts").filter_map(|fact| {
        let cause = fact.get("cause").filter(|cause| !cause.is_null())?;
        let position = cause.get("position").and_then(Value::as_u64);
        let set = position.map_or_else(|| "by the clock".to_owned(), |position| format!("#{position}"));
        Some(format!("{} ({set})", text(fact, "fact")?))
    });
    facts.collect::<Vec<_>>().join(", ")
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn put(depth: usize, line: String, into: &mut Vec<String>) {
    into.push(format!("{}{line}", "  ".repeat(depth)));
}

fn reason(found: &Value, depth: usize, into: &mut Vec<String>) {
    let mark = if found.get("holds") == Some(&Value::Bool(true)) { "yes" } else { "no" };
    for (name, words) in [("all", "all of these"), ("any", "any of these")] {
        if found.get(name).is_some() {
            put(depth, format!("{mark}: {words}"), into);
            list(found, name).for_each(|below| reason(below, depth + 1, into));
        }
    }
    if let Some(fact) = text(found, "fact") {
        put(depth, format!("{mark}: {fact} ({})", text(found, "rule").unwrap_or("no rule")), into);
        origin(found, depth + 1, into);
        for link in list(found, "through") {
            put(depth + 1, format!("through: {}", text(link, "words").unwrap_or_default()), into);
            origin(link, depth + 2, into);
        }
    }
}

fn origin(of: &Value, depth: usize, into: &mut Vec<String>) {
    if let Some(clock) = of.get("cause").and_then(|cause| text(cause, "clock")) {
        put(depth, format!("by the clock, {}", moment(clock)), into);
    }
    for step in list(of, "chain") {
        put(depth, step_line(step), into);
    }
}

/// One step of a chain of authority.
pub(crate) fn step_line(step: &Value) -> String {
    let number = |name: &str| step.get(name).and_then(Value::as_u64);
    let at = text(step, "at").map(moment).unwrap_or_default();
    let position = number("position").unwrap_or_default();
    let mut line = format!("#{position} {at}  {}", text(step, "sentence").unwrap_or_default());
    if let Some(authority) = number("authority") {
        line.push_str(&format!(", on the authority of #{authority}"));
    }
    if let Some(reason) = text(step, "reason") {
        line.push_str(&format!(" (reason: {reason})"));
    }
    if let Some(import) = step.get("import").filter(|import| !import.is_null()) {
        line.push_str(
            &import.as_u64().map_or_else(|| " (imported)".to_owned(), |at| format!(" (imported, see #{at})")),
        );
    }
    line
}
