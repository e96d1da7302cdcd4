use std::path::{Path, PathBuf};

use serde_json::Value;

use super::desk::Desk;
use super::output::{Output, moment};
use super::point::Point;
use super::trouble::Trouble;
use super::whole_file;
use super::words::as_of;

/// What an account did since it was compromised, what was granted through it, what still holds, and the repair plan
///
/// Counted are its own acts, those of whoever signed in with a password that it set, and all that names one of those entries
/// as its authority, directly or through others. The plan is rehearsed on the book as it is now; read it, then let whoever
/// must run it do so: first `grantbook do --file FILE --dry-run`, then without.
#[derive(clap::Args)]
pub(crate) struct BlastRadius {
    /// The account: an id, or `@` and a username
    #[arg(value_name = "ID")]
    account: String,
    /// From when it was in other hands: a position or an RFC 3339 instant; else from the beginning
    #[arg(long, value_name = "POSITION|INSTANT")]
    since: Option<String>,
    /// Write the repair plan to this file, one command a line; where several must act, a file for each, in order
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    plan: Option<PathBuf>,
    /// At most so many of its own acts, and of the grants; the newest, and of the grants first those that still hold
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
    #[command(flatten)]
    point: Point,
}

impl BlastRadius {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let asked = |request| {
            self.point.of(request).maybe_query("since", self.since.as_deref()).maybe_query("limit", self.limit)
        };
        let answer = desk.ask(&["blast-radius", &self.account], asked).await?;
        if output.json {
            output.json(&answer)?;
        } else {
            show(&answer, output)?;
        }
        match &self.plan {
            Some(path) => write(path, &answer, output),
            None => Ok(()),
        }
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}

/// `#17`, or the instant that the clock came to.
fn cause(value: Option<&Value>) -> String {
    let position = value.and_then(|cause| cause.get("position")).and_then(Value::as_u64);
    let clock = value.and_then(|cause| cause.get("clock")).and_then(Value::as_str);
    position.map(|position| format!("#{position}")).or(clock.map(moment)).unwrap_or_default()
}

fn positions(value: &Value, name: &str) -> String {
    let positions = list(value, name).iter().filter_map(Value::as_u64);
    positions.map(|position| format!("#{position}")).collect::<Vec<_>>().join(" ")
}

fn show(answer: &Value, output: &mut Output) -> Result<(), Trouble> {
    let (account, name) = (text(answer, "account"), text(answer, "name"));
    let who = if account == name { account.to_owned() } else { format!("{name} ({account})") };
    let since = answer.get("since");
    let at = since.and_then(|since| since.get("instant")).and_then(Value::as_str).map(moment).unwrap_or_default();
    output.line(format_args!("{who} in other hands from {} ({at} UTC) on, {}", cause(since), as_of(answer)))?;

    section(output, "Reached by a password", list(answer, "reached"), &["account", "from", "how"], |row| {
        vec![
            format!("{} ({})", text(row, "name"), text(row, "account")),
            cause(row.get("from")),
            text(row, "how").into(),
        ]
    })?;
    let did = list(answer, "did");
    output.line("")?;
    output.line(format_args!("Done ({}):", counted(answer, "did_count", did)))?;
    let rows = |row: &Value| {
        let at = moment(text(row, "at"));
        vec![format!("#{}", number(row, "position")), at, text(row, "by").into(), text(row, "sentence").into()]
    };
    output.table(&["position", "when", "by", "what"], &did.iter().map(rows).collect::<Vec<_>>())?;

    let granted = list(answer, "granted");
    let (counted, holding) = (counted(answer, "granted_count", granted), number(answer, "still_holding"));
    let title = format!("Granted, {holding} still holding ({counted})");
    let header = ["position", "by", "what", "through", "holds"];
    titled(output, &title, granted, &header, |row| {
        let holds = if row.get("holds") == Some(&Value::Bool(true)) { "yes" } else { "no" };
        let position = format!("#{}", number(row, "position"));
        vec![position, text(row, "by").into(), text(row, "sentence").into(), positions(row, "through"), holds.into()]
    })?;
    let header = ["account", "from", "to", "rights"];
    section(output, "Could have been used", list(answer, "could"), &header, |row| {
        let rights: Vec<&str> = list(row, "capabilities").iter().filter_map(Value::as_str).collect();
        let to = row.get("to").filter(|to| !to.is_null());
        let to = to.map_or_else(|| "now".to_owned(), |to| cause(Some(to)));
        vec![text(row, "account").into(), cause(row.get("from")), to, in_areas(&rights)]
    })?;
    plan(answer, output)
}

/// A few rights by name; many by the area that they are of, with how many.
fn in_areas(rights: &[&str]) -> String {
    if rights.len() <= 8 {
        return rights.join(", ");
    }
    let mut areas: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for right in rights {
        *areas.entry(right.split('.').next().unwrap_or(right)).or_default() += 1;
    }
    let told =
        areas.iter().map(|(area, count)| if *count == 1 { (*area).to_owned() } else { format!("{area} ({count})") });
    format!("{} rights: {}", rights.len(), told.collect::<Vec<_>>().join(", "))
}

/// How many there are, and how many of them are told.
fn counted(answer: &Value, count: &str, told: &[Value]) -> String {
    match number(answer, count) {
        all if all > told.len() as u64 => format!("{all}, of which {} are told", told.len()),
        all => all.to_string(),
    }
}

fn section(
    output: &mut Output,
    title: &str,
    rows: &[Value],
    header: &[&str],
    row: impl Fn(&Value) -> Vec<String>,
) -> Result<(), Trouble> {
    titled(output, &format!("{title} ({})", rows.len()), rows, header, row)
}

fn titled(
    output: &mut Output,
    title: &str,
    rows: &[Value],
    header: &[&str],
    row: impl Fn(&Value) -> Vec<String>,
) -> Result<(), Trouble> {
    output.line("")?;
    output.line(format_args!("{title}{}", if rows.is_empty() { "." } else { ":" }))?;
    if rows.is_empty() { Ok(()) } else { output.table(header, &rows.iter().map(row).collect::<Vec<_>>()) }
}

fn plan(answer: &Value, output: &mut Output) -> Result<(), Trouble> {
    if answer.get("repair").is_none_or(Value::is_null) {
        output.line("")?;
        return output.line("A repair plan is for now: ask without `--as-of`.");
    }
    let steps = list(answer, "steps");
    let rows: Vec<Value> = (1u64..).zip(steps).map(|(number, step)| serde_json::json!([number, step])).collect();
    section(output, "Repair plan", &rows, &["step", "by", "command", "undoes", "and so, by rule"], |row| {
        let step = row.get(1).unwrap_or(&Value::Null);
        let forces: Vec<&str> = list(step, "forces").iter().filter_map(Value::as_str).collect();
        let number = row.get(0).map(Value::to_string).unwrap_or_default();
        vec![number, who(step).into(), command(step), positions(step, "undoes"), forces.join("; ")]
    })?;
    if let later @ 1.. = number(answer, "later") {
        output.line("")?;
        output.line(format_args!("{later} things more are to be undone: carry this plan out, and ask again."))?;
    }
    section(output, "Left to do by hand", list(answer, "left"), &["from", "why", "rule"], |row| {
        vec![positions(row, "undoes"), text(row, "why").into(), text(row, "rule").into()]
    })
}

fn who(step: &Value) -> &'static str {
    match text(step, "by") {
        "admin_user" => "an Admin User",
        "support" => "support",
        _ => "a system administrator",
    }
}

/// A command as a person would give it.
fn command(step: &Value) -> String {
    let command = step.get("command").unwrap_or(&Value::Null);
    let fields =
        command.as_object().into_iter().flatten().filter(|(name, _)| !matches!(name.as_str(), "name" | "reason"));
    let fields = fields.map(|(name, value)| match value.as_str() {
        Some(text) => format!("--{name} {text}"),
        None => format!("--{name} {value}"),
    });
    std::iter::once(text(command, "name").to_owned()).chain(fields).collect::<Vec<_>>().join(" ")
}

/// Writes the plan, a file for each who must act, in order.
fn write(path: &Path, answer: &Value, output: &Output) -> Result<(), Trouble> {
    let steps = list(answer, "steps");
    let mut parts: Vec<(&str, Vec<&Value>)> = Vec::new();
    for step in steps {
        let by = text(step, "by");
        let command = step.get("command").unwrap_or(&Value::Null);
        match parts.last_mut().filter(|(last, _)| *last == by) {
            Some((_, commands)) => commands.push(command),
            None => parts.push((by, vec![command])),
        }
    }
    if parts.is_empty() {
        output.note("There is nothing to undo by a command: no plan was written.");
    }
    let several = parts.len() > 1;
    for (number, (by, commands)) in (1..).zip(parts) {
        let path = if several { numbered(path, number, by) } else { path.to_owned() };
        let lines: String = commands.iter().map(|command| format!("{command}\n")).collect();
        whole_file::write(&path, lines.as_bytes())
            .map_err(|error| Trouble::Storage(format!("`{}` cannot be written: {error}", path.display())))?;
        let who = by.replace('_', " ");
        let path = path.display();
        output.note(format_args!(
            "Wrote {path}: {} commands for a {who}: grantbook do --file {path} --dry-run",
            commands.len()
        ));
    }
    Ok(())
}

/// `plan.jsonl` becomes `plan.1-admin_user.jsonl`.
fn numbered(path: &Path, number: usize, by: &str) -> PathBuf {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}.{number}-{by}{ending}"))
}
