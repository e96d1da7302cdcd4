//! From the public form back to an entry, for replay fixtures, which people write and read.

use grantbook_events::{
    AccountId, Actor, BadName, CommandName, CommandNote, Description, Entry, Event, ImportNote, Instant, OperatorName,
    Position, Recorded, Sealed, Source, Ticket,
};
use serde_json::{Map, Value, json};

use super::fields::{DETAILS, EVENT_VERSION, FORM, Type, number};

/// What is wrong with text that should be an entry's public form.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{field}`: {message}")]
pub struct JsonError {
    /// The field, such as `events[0].until`.
    pub field: String,
    /// What was expected there, and what was found.
    pub message: String,
}

/// The position and the entry that `value`, an object as [`to_json`](super::to_json) makes it, stands for.
///
/// Personal texts become clear text, an erased value one that nobody opens. Names, `tenant`, `ticket` and `operator` of an
/// import, `before` and `after` are read over. What people need not write: `recorded_at` (equal to `at`), `command_id` (the
/// position), `authority` (none), whatever may be null. Errors: the first field that is missing, unknown or wrong.
pub fn from_json(value: &Value) -> Result<(Position, Entry), JsonError> {
    let form = Fields::of(value, String::new())?;
    form.only(&[
        "tenant",
        "position",
        "at",
        "recorded_at",
        "actor",
        "command",
        "commands",
        "command_id",
        "keyed",
        "cause",
        "reason",
        "ticket",
        "source",
        "import",
        "events",
    ])?;
    let position = form.required("position", form.position("position")?)?;
    let at = form.required("at", form.instant("at")?)?;
    let actor = actor(&form)?;
    let source = source(&form, &actor)?;
    let entry = Entry {
        at,
        recorded_at: form.instant("recorded_at")?.filter(|recorded_at| *recorded_at != at),
        commands: commands(&form)?,
        command_id: command_id(&form, position)?,
        keyed: form.flag("keyed")?,
        cause: form.position("cause")?,
        ticket: form.text("ticket")?.map(|text| form.named("ticket", Ticket::new(text))).transpose()?,
        import: import(&form)?,
        events: events(&form)?,
        actor,
        source,
    };
    Ok((position, entry))
}

/// An object and where it stands.
struct Fields<'a> {
    fields: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    fn of(value: &'a Value, path: String) -> Result<Fields<'a>, JsonError> {
        match value.as_object() {
            Some(fields) => Ok(Fields { fields, path }),
            None => Err(wrong(if path.is_empty() { "entry".to_owned() } else { path }, "an object", value)),
        }
    }

    fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn error(&self, name: &str, message: impl Into<String>) -> JsonError {
        JsonError { field: self.path(name), message: message.into() }
    }

    /// Refuses any other field, so that a slip of the pen is not read over.
    fn only(&self, known: &[&str]) -> Result<(), JsonError> {
        match self.fields.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(self.error(name, format!("no such field; expected one of {}", known.join(", ")))),
            None => Ok(()),
        }
    }

    fn required<T>(&self, name: &str, found: Option<T>) -> Result<T, JsonError> {
        found.ok_or_else(|| self.error(name, "expected a value, found none"))
    }

    /// The field's value; `None` where it is missing or null.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, JsonError> {
        let read = |value: &'a Value| value.as_str().ok_or_else(|| wrong(self.path(name), "text", value));
        self.get(name).map(read).transpose()
    }

    fn count(&self, name: &str) -> Result<Option<u64>, JsonError> {
        let greatest = Position::GREATEST.0;
        let read = |value: &Value| {
            let number = value.as_u64().filter(|number| *number <= greatest);
            number.ok_or_else(|| wrong(self.path(name), "a whole number from 0 to 2^53 - 1", value))
        };
        self.get(name).map(read).transpose()
    }

    fn position(&self, name: &str) -> Result<Option<Position>, JsonError> {
        Ok(self.count(name)?.map(Position))
    }

    fn flag(&self, name: &str) -> Result<bool, JsonError> {
        let read = |value: &Value| value.as_bool().ok_or_else(|| wrong(self.path(name), "true or false", value));
        self.get(name).map_or(Ok(false), read)
    }

    fn instant(&self, name: &str) -> Result<Option<Instant>, JsonError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        Instant::parse(text).map(Some).map_err(|message| self.error(name, format!("{message}, found `{text}`")))
    }

    fn named<T>(&self, name: &str, made: Result<T, BadName>) -> Result<T, JsonError> {
        made.map_err(|bad| self.error(name, bad.message))
    }
}

fn wrong(field: String, expected: &str, found: &Value) -> JsonError {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "another number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    JsonError { field, message: format!("expected {expected}, found {found}") }
}

fn actor(form: &Fields<'_>) -> Result<Actor, JsonError> {
    let Some(value) = form.get("actor") else { return Err(form.error("actor", "expected a value, found none")) };
    let form = Fields::of(value, form.path("actor"))?;
    form.only(&["kind", "id", "name", "session"])?;
    let id = form.text("id")?;
    let session = form.position("session")?;
    match (form.text("kind")?, id) {
        (Some("system"), None) if session.is_none() => Ok(Actor::System),
        (Some("guest"), None) if session.is_none() => Ok(Actor::Guest),
        (Some("support"), Some(id)) if session.is_none() => {
            Ok(Actor::Support { operator: form.named("id", OperatorName::new(id))? })
        }
        (Some("account"), Some(id)) => Ok(Actor::Account { id: form.named("id", AccountId::new(id))?, session }),
        (Some("account" | "support"), None) => Err(form.error("id", "expected who, found none")),
        (Some("system" | "guest"), Some(_)) => Err(form.error("id", "expected none for this kind of actor")),
        (Some("system" | "guest" | "support"), _) => Err(form.error("session", "expected none but for an account")),
        // Any other kind, and none.
        _ => Err(form.error("kind", "expected one of account, support, system, guest")),
    }
}

fn commands(form: &Fields<'_>) -> Result<Vec<CommandNote>, JsonError> {
    fn note(form: &Fields<'_>, name: &str) -> Result<CommandNote, JsonError> {
        let text = form.required(name, form.text(name)?)?;
        let reason = form.text("reason")?.map(str::to_owned);
        Ok(CommandNote { name: form.named(name, CommandName::new(text))?, reason })
    }
    let Some(value) = form.get("commands") else { return Ok(vec![note(form, "command")?]) };
    if form.text("command")?.is_some_and(|name| name != "batch") {
        return Err(form.error("command", "expected `batch` beside `commands`"));
    }
    if form.get("reason").is_some() {
        return Err(form.error("reason", "expected none beside `commands`, which have their own"));
    }
    let all = value.as_array().ok_or_else(|| wrong(form.path("commands"), "a list", value))?;
    let one = |(index, value)| {
        let form = Fields::of(value, format!("commands[{index}]"))?;
        form.only(&["name", "reason"])?;
        note(&form, "name")
    };
    all.iter().enumerate().map(one).collect()
}

fn command_id(form: &Fields<'_>, position: Position) -> Result<[u8; 16], JsonError> {
    match form.text("command_id")? {
        Some(text) => match uuid::Uuid::try_parse(text) {
            Ok(id) => Ok(id.into_bytes()),
            Err(_) => Err(form.error("command_id", format!("expected a UUID, found `{text}`"))),
        },
        None => Ok(u128::from(position.0).to_be_bytes()),
    }
}

/// Support's own address is plain; everybody else's is personal.
fn source(form: &Fields<'_>, actor: &Actor) -> Result<Source, JsonError> {
    let Some(value) = form.get("source") else { return Ok(Source::Inherited) };
    let form = Fields::of(value, form.path("source"))?;
    form.only(&["ip", "user_agent", "erased", "inherited"])?;
    if form.flag("inherited")? {
        return Ok(Source::Inherited);
    }
    if form.flag("erased")? {
        return Ok(Source::Sealed(Sealed::erased()));
    }
    let ip = form.required("ip", form.text("ip")?)?;
    if ip.contains(' ') {
        return Err(form.error("ip", "expected an address without spaces"));
    }
    let text = form.text("user_agent")?.map_or_else(|| ip.to_owned(), |agent| format!("{ip} {agent}"));
    match actor {
        Actor::Support { .. } => Ok(Source::Plain(text)),
        Actor::System | Actor::Guest | Actor::Account { .. } => Ok(Source::Sealed(Sealed::clear(&text))),
    }
}

fn import(form: &Fields<'_>) -> Result<Option<ImportNote>, JsonError> {
    let Some(value) = form.get("import") else { return Ok(None) };
    let form = Fields::of(value, form.path("import"))?;
    form.only(&["ticket", "operator", "line", "source", "started", "chain"])?;
    let chain = form.required("chain", form.text("chain")?)?;
    Ok(Some(ImportNote {
        started: form.required("started", form.position("started")?)?,
        line: form.required("line", form.count("line")?)?,
        source: form.text("source")?.unwrap_or_default().to_owned(),
        chain: number(chain).ok_or_else(|| form.error("chain", "expected 1 to 16 hexadecimal digits"))?,
    }))
}

fn events(form: &Fields<'_>) -> Result<Vec<Recorded>, JsonError> {
    let Some(value) = form.get("events") else { return Err(form.error("events", "expected a list, found none")) };
    let all = value.as_array().ok_or_else(|| wrong(form.path("events"), "a list", value))?;
    let read = |(index, value)| event(&Fields::of(value, format!("events[{index}]"))?);
    all.iter().enumerate().map(read).collect()
}

fn event(form: &Fields<'_>) -> Result<Recorded, JsonError> {
    let kind = form.required("type", form.text("type")?)?;
    let Some(description) = Event::describe(kind) else {
        return Err(form.error("type", format!("`{kind}` is no event type")));
    };
    if let Some(version) = form.count("version")?.filter(|version| *version != EVENT_VERSION) {
        return Err(form.error("version", format!("expected {EVENT_VERSION}, found {version}")));
    }
    let command = form.count("command_index")?.unwrap_or(0);
    let Ok(command) = u32::try_from(command) else {
        return Err(form.error("command_index", "expected the index of a command"));
    };
    Ok(Recorded { authority: form.position("authority")?, command, event: own_event(form, description)? })
}

/// The event of the form's own fields, by way of the form in which events read themselves.
fn own_event(form: &Fields<'_>, description: &Description) -> Result<Event, JsonError> {
    let mut known = FORM.map(str::to_owned).to_vec();
    let mut own = Map::new();
    for (name, written) in description.fields {
        let of = Type::of(written);
        if of.is_details() {
            let given =
                DETAILS.iter().filter_map(|(name, _)| Some((*name).to_owned()).zip(form.fields.get(*name).cloned()));
            own.insert((*name).to_owned(), Value::Object(given.collect()));
            known.extend(DETAILS.iter().map(|(name, _)| (*name).to_owned()));
            continue;
        }
        known.push((*name).to_owned());
        if of.is_account() {
            known.push(format!("{name}_name"));
        }
        match form.get(name) {
            Some(Value::String(text)) if of.is_opaque(name) => {
                let digits = number(text).ok_or_else(|| form.error(name, "expected 1 to 16 hexadecimal digits"))?;
                own.insert((*name).to_owned(), digits.into());
            }
            // A setting that is a yes or a no is shown as such.
            Some(Value::Bool(yes)) if description.kind == "setting_changed" && *name == "value" => {
                own.insert((*name).to_owned(), u32::from(*yes).into());
            }
            Some(value) if of.is_opaque(name) => return Err(wrong(form.path(name), "text", value)),
            Some(value) => drop(own.insert((*name).to_owned(), value.clone())),
            // What is optional and not given is filled in by the event; what was erased is below.
            None => {}
        }
    }
    form.only(&known.iter().map(String::as_str).collect::<Vec<_>>())?;
    put_erased(form, &mut own)?;
    for (name, written) in description.fields {
        let of = Type::of(written);
        if !of.optional && !own.contains_key(*name) {
            return Err(form.error(name, format!("expected a value ({}), found none", of.name)));
        }
    }
    let tagged = json!({ description.chapter: { description.variant: own } });
    serde_path_to_error::deserialize(tagged).map_err(|error| {
        // The first two steps are the chapter and the variant, and details stand among the event's own fields.
        let path = error.path().to_string();
        let field = path.splitn(3, '.').nth(2).unwrap_or_default();
        let field = field.strip_prefix("details.").unwrap_or(field);
        form.error(field, error.inner().to_string())
    })
}

/// Puts a value that nobody opens where one was erased.
fn put_erased(form: &Fields<'_>, own: &mut Map<String, Value>) -> Result<(), JsonError> {
    let Some(value) = form.get("erased") else { return Ok(()) };
    let names = value.as_array().ok_or_else(|| wrong(form.path("erased"), "a list", value))?;
    let erased = serde_json::to_value(Sealed::erased()).unwrap_or_default();
    for name in names {
        let name = name.as_str().ok_or_else(|| wrong(form.path("erased"), "names of fields", name))?;
        if form.get(name).is_some() {
            return Err(form.error(name, "expected null, for `erased` names it"));
        }
        let is_detail = DETAILS.iter().any(|(detail, _)| *detail == name);
        match own.get_mut("details").and_then(Value::as_object_mut).filter(|_| is_detail) {
            Some(details) => details.insert(name.to_owned(), erased.clone()),
            None => own.insert(name.to_owned(), erased.clone()),
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut Value), expected: &str) {
        let mut form = json!({
            "position": 3, "at": "2026-11-21T09:30:00Z", "actor": {"kind": "account", "id": "bob"},
            "command": "assign_role",
            "events": [{"type": "role_assigned", "account": "jeff", "role": "RemoteService"}],
        });
        change(&mut form);
        let outcome = from_json(&form).map_or_else(|error| error.to_string(), |(position, _)| position.to_string());
        assert_eq!(outcome, expected);
    }

    #[test]
    fn little_need_be_written_and_errors_name_the_field() {
        check(|_| (), "3");
        check(|form| *form = json!([]), "`entry`: expected an object, found a list");
        check(
            |form| form["at"] = json!("today"),
            "`at`: expected an RFC 3339 instant such as 2026-11-21T09:30:00Z, found `today`",
        );
        check(
            |form| form["position"] = json!(1u64 << 53),
            "`position`: expected a whole number from 0 to 2^53 - 1, found another number",
        );
        check(
            |form| form["actor"]["kind"] = json!("god"),
            "`actor.kind`: expected one of account, support, system, guest",
        );
        check(
            |form| form["actor"]["id"] = json!("b b"),
            "`actor.id`: `b b` is no account id: expected 1 to 64 of A-Z a-z 0-9 . _ -",
        );
        check(
            |form| form["actor"] = json!({"kind": "guest", "id": "bob"}),
            "`actor.id`: expected none for this kind of actor",
        );
        check(|form| form["command_id"] = json!("7"), "`command_id`: expected a UUID, found `7`");
        check(|form| form["source"] = json!({"ip": 5}), "`source.ip`: expected text, found another number");
        check(
            |form| form["import"] = json!({"line": 5, "started": 1, "chain": "x"}),
            "`import.chain`: expected 1 to 16 hexadecimal digits",
        );
        check(|form| form["events"][0]["type"] = json!("roled"), "`events[0].type`: `roled` is no event type");
        check(|form| form["events"][0]["version"] = json!(2), "`events[0].version`: expected 1, found 2");
        check(
            |form| form["events"][0]["account"] = json!(null),
            "`events[0].account`: expected a value (AccountId), found none",
        );
        check(
            |form| form["events"][0]["role"] = json!(5),
            "`events[0].role`: invalid type: integer `5`, expected a string",
        );
        check(
            |form| form["events"][0]["until"] = json!("2026"),
            "`events[0].until`: expected an RFC 3339 instant such as 2026-11-21T09:30:00Z",
        );
        check(|form| form["commands"] = json!([]), "`command`: expected `batch` beside `commands`");
    }

    #[test]
    fn a_slip_of_the_pen_is_not_read_over() {
        check(
            |form| form["events"][0]["untill"] = json!("2026-11-21T09:30:00Z"),
            "`events[0].untill`: no such field; expected one of type, version, authority, command_index, erased, before, \
             after, account, account_name, role, until",
        );
        check(
            |form| form["actor"]["ID"] = json!("x"),
            "`actor.ID`: no such field; expected one of kind, id, name, session",
        );
    }

    #[test]
    fn details_of_contacts_are_named_where_they_stand() {
        check(
            |form| form["events"][0] = json!({"type": "contact_updated", "account": "jeff", "member_type": 5}),
            "`events[0].member_type`: invalid type: integer `5`, expected a string",
        );
        check(
            |form| {
                form["events"][0] =
                    json!({"type": "contact_updated", "account": "jeff", "city": "X", "erased": ["city"]})
            },
            "`events[0].city`: expected null, for `erased` names it",
        );
    }
}
