//! Commands from a file: one, a list as one entry, or one a line, each an entry of its own.

use std::path::Path;

use grantbook_decisions::command::{CommandJson, Door, FieldKind, descriptions};
use serde_json::{Value, json};

use super::output::Output;
use super::secrets;
use super::trouble::Trouble;

/// What a file asks for.
pub(super) enum Asked {
    /// One request: a command, or `{"commands": [...]}` as one entry.
    One(Value),
    /// Commands, one after the other, each with the number of its line.
    Lines(Vec<(usize, Value)>),
}

/// Reads a file. Errors: it cannot be read, or is no JSON.
pub(super) fn read(path: &Path) -> Result<Asked, Trouble> {
    let text = super::text::read(path)?;
    if let Ok(body) = serde_json::from_str(&text) {
        return Ok(Asked::One(
            once(&text, body).map_err(|why| Trouble::Usage(format!("`{}`: {why}", path.display())))?,
        ));
    }
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |why: String| Trouble::Usage(format!("`{}`, line {number}: {why}", path.display()));
        let command =
            serde_json::from_str(line).map_err(|error| wrong(format!("expected a command as JSON: {error}")))?;
        lines.push((number, once(line, command).map_err(wrong)?));
    }
    if lines.is_empty() {
        return Err(Trouble::Usage(format!("`{}` holds no command", path.display())));
    }
    Ok(Asked::Lines(lines))
}

/// `value`, which `text` was read into, where nothing in it is given twice: of two the value has the last.
fn once(text: &str, value: Value) -> Result<Value, String> {
    let borrowed: CommandJson<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match given_twice(&borrowed) {
        Some(twice) => Err(format!("`{twice}` is given twice: expected it once")),
        None => Ok(value),
    }
}

/// The first key that an object has twice, be it `value` or one within it: which of two was meant, nobody can know.
fn given_twice<'a>(value: &'a CommandJson<'_>) -> Option<&'a str> {
    match value {
        CommandJson::Object(object) => object.iter().enumerate().find_map(|(index, (key, below))| {
            let twice = object.keys().take(index).any(|earlier| earlier == key);
            if twice { Some(key) } else { given_twice(below) }
        }),
        CommandJson::Array(list) => list.iter().find_map(given_twice),
        CommandJson::Null | CommandJson::Bool(_) | CommandJson::Number(_) | CommandJson::Str(_) => None,
    }
}

/// The door that a body is for: that of its first command.
pub(super) fn door_of(body: &Value) -> Door {
    let first = body.get("commands").and_then(|commands| commands.get(0)).unwrap_or(body);
    descriptions().find(|known| known.name == name_of(first)).map_or(Door::Tenant, |known| known.door)
}

pub(super) fn name_of(command: &Value) -> &str {
    command.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// The commands with the secrets that a file leaves out, each asked for by whose it is. A dry run takes any: it records
/// nothing and looks at none (rule: C6).
pub(super) fn with_secrets(mut body: Value, dry_run: bool) -> Result<Value, Trouble> {
    match body.get_mut("commands").and_then(Value::as_array_mut) {
        Some(commands) => commands.iter_mut().try_for_each(|command| ask_for(command, dry_run))?,
        None => ask_for(&mut body, dry_run)?,
    }
    Ok(body)
}

fn ask_for(command: &mut Value, dry_run: bool) -> Result<(), Trouble> {
    /// Keeps every policy there can be (rule: C5).
    const ANY: &str = "a-dry-run-records-no-password-and-takes-any-1-that-is-long-enough-for-every-policy-there-can-be";
    let name = name_of(command).to_owned();
    let whose = command.get("account").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(description) = descriptions().find(|known| known.name == name) else { return Ok(()) };
    let Some(fields) = command.as_object_mut() else { return Ok(()) };
    for field in description.fields {
        if field.kind != FieldKind::Secret || !field.required || fields.contains_key(field.name) {
            continue;
        }
        let secret: Value = if dry_run {
            ANY.into()
        } else {
            secrets::ask(field.name, &format!("{} ({name} --account {whose})", field.words.trim_end_matches('.')))?
                .as_str()
                .into()
        };
        fields.insert(field.name.to_owned(), secret);
    }
    Ok(())
}

/// What came of the commands of a file, as far as it went.
pub(super) struct Progress {
    all: usize,
    done: Vec<Value>,
}

impl Progress {
    pub(super) fn of(all: usize) -> Progress {
        Progress { all, done: Vec::new() }
    }

    /// One more is done.
    pub(super) fn did(&mut self, line: usize, command: &Value, answer: &Value) {
        let position = answer.get("position").and_then(Value::as_u64);
        self.done.push(json!({"line": line, "name": name_of(command), "position": position, "ok": true}));
    }

    /// The command of a line is refused: it ends here.
    pub(super) fn refused(&mut self, line: usize, command: &Value, trouble: &Trouble) {
        self.done.push(json!({"line": line, "name": name_of(command), "ok": false, "why": trouble.to_string()}));
    }

    /// Tells what happened to each.
    pub(super) fn show(&self, output: &mut Output) -> Result<(), Trouble> {
        if output.json {
            return output.json(&json!({"commands": self.all, "done": self.done}));
        }
        let rows = self.done.iter().map(|one| {
            let text = |field: &str| one.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            let line = one.get("line").map(Value::to_string).unwrap_or_default();
            let outcome = match (one.get("position").and_then(Value::as_u64), one.get("ok") == Some(&Value::Bool(true)))
            {
                (Some(position), _) => format!("recorded, #{position}"),
                (None, true) => "would be recorded".to_owned(),
                (None, false) => format!("refused: {}", text("why")),
            };
            vec![line, text("name"), outcome]
        });
        output.table(&["line", "command", "outcome"], &rows.collect::<Vec<_>>())
    }

    /// How far it went, in a sentence.
    pub(super) fn stopped(&self, line: usize, command: &Value) -> String {
        let done = self.done.iter().filter(|one| one.get("ok") == Some(&Value::Bool(true))).count();
        let rest = self.all - done - 1;
        format!("line {line} (`{}`) is refused: {done} of {} done, {rest} not tried", name_of(command), self.all)
    }
}
