//! From an entry to its public form.

use grantbook_events::{AccountId, Actor, BookEvent, Entry, Event, Instant, Position, Recorded, Sealed, Source};
use serde_json::{Map, Value, json};

use super::fields::{EVENT_VERSION, Type, digits};

/// What the form says beyond the entry: where it lies, and what whoever shows it knows at its position.
pub struct Shown<'a> {
    /// The tenant's Cloud ID.
    pub tenant: &'a str,
    /// Where the entry lies; `None` for one that was not recorded, whose form is without a position.
    pub position: Option<Position>,
    /// The name of an account as it was then; `None` where it is not known or not to be shown.
    pub name_of: &'a dyn Fn(&AccountId) -> Option<String>,
    /// The text of a sealed value; `None` where its key is gone. Never asked for clear text.
    pub open: &'a dyn Fn(&Sealed) -> Option<String>,
    /// Of an imported entry, who imports under which ticket (rule: U6).
    pub import: Option<ShownImport<'a>>,
    /// The source of the sign-in whose session was used, shown where the entry's own is inherited.
    pub inherited: Option<&'a Source>,
    /// What to add to the event of this index, such as `before` and `after`; the event's own fields stay as they are.
    pub extras: &'a dyn Fn(usize) -> Map<String, Value>,
}

/// What the entry that started an import says of it.
#[derive(Clone, Copy, Debug)]
pub struct ShownImport<'a> {
    /// The ticket.
    pub ticket: &'a str,
    /// The operator.
    pub operator: &'a str,
}

impl<'a> Shown<'a> {
    /// The form without what views and keys know: no names, clear text only, nothing added.
    pub fn bare(tenant: &'a str, position: Position) -> Shown<'a> {
        Shown {
            tenant,
            position: Some(position),
            name_of: &|_| None,
            open: &|_| None,
            import: None,
            inherited: None,
            extras: &|_| Map::new(),
        }
    }

    fn text_of(&self, value: &Sealed) -> Option<String> {
        value.as_clear().map(str::to_owned).or_else(|| (self.open)(value))
    }
}

/// How many fields an entry's form has, but for the longest.
const ENTRY_FIELDS: usize = 14;
/// How many fields an event's form has, but for the longest.
const EVENT_FIELDS: usize = 7;

/// The public form of `entry`, an object.
pub fn to_json(entry: &Entry, shown: &Shown<'_>) -> Value {
    let mut form = Map::with_capacity(ENTRY_FIELDS);
    let mut put = |name: &str, value: Value| form.insert(name.to_owned(), value);
    put("tenant", shown.tenant.into());
    if let Some(position) = shown.position {
        put("position", position.0.into());
    }
    put("at", instant(entry.at));
    put("recorded_at", instant(entry.recorded_at()));
    put("actor", actor(&entry.actor, shown));
    let one = entry.commands.first().filter(|_| entry.commands.len() == 1);
    match one {
        Some(one) => put("command", one.name.as_str().into()),
        None => {
            put("command", "batch".into());
            let all = entry.commands.iter().map(|note| json!({"name": note.name.as_str(), "reason": note.reason}));
            put("commands", all.collect())
        }
    };
    put("command_id", uuid::Uuid::from_bytes(entry.command_id).hyphenated().to_string().into());
    if entry.keyed {
        put("keyed", true.into());
    }
    put("cause", position_or_null(entry.cause));
    put("reason", one.and_then(|one| one.reason.as_deref()).into());
    put("ticket", entry.ticket.as_ref().map(|ticket| ticket.as_str()).into());
    put("source", source(&entry.source, shown));
    put("import", import(entry, shown));
    let events = entry.events.iter().enumerate();
    put("events", events.map(|(index, recorded)| event(index, recorded, one.is_none(), shown)).collect());
    Value::Object(form)
}

fn instant(moment: Instant) -> Value {
    moment.to_string().into()
}

fn position_or_null(position: Option<Position>) -> Value {
    position.map(|position| position.0).into()
}

fn actor(actor: &Actor, shown: &Shown<'_>) -> Value {
    match actor {
        Actor::System => json!({"kind": "system", "id": null, "name": null}),
        Actor::Guest => json!({"kind": "guest", "id": null, "name": null}),
        Actor::Account { id, session } => json!({
            "kind": "account", "id": id.as_str(), "name": (shown.name_of)(id), "session": position_or_null(*session),
        }),
        // Operators are named after the person (rule: U4).
        Actor::Support { operator } => {
            json!({"kind": "support", "id": operator.as_str(), "name": operator.as_str()})
        }
    }
}

fn source(of_entry: &Source, shown: &Shown<'_>) -> Value {
    match of_entry {
        Source::Plain(text) => address(Some(text)),
        Source::Sealed(value) => address(shown.text_of(value).as_deref()),
        Source::Inherited => {
            let mut form = match shown.inherited {
                Some(Source::Plain(text)) => address(Some(text)),
                Some(Source::Sealed(value)) => address(shown.text_of(value).as_deref()),
                Some(Source::Inherited) | None => return Value::Null,
            };
            if let Some(form) = form.as_object_mut() {
                form.insert("inherited".to_owned(), true.into());
            }
            form
        }
    }
}

/// The two parts of a source's text, `address user agent`.
fn address(text: Option<&str>) -> Value {
    match text.map(|text| text.split_once(' ').map_or((text, None), |(ip, agent)| (ip, Some(agent)))) {
        Some((ip, agent)) => json!({"ip": ip, "user_agent": agent}),
        None => json!({"ip": null, "user_agent": null, "erased": true}),
    }
}

fn import(entry: &Entry, shown: &Shown<'_>) -> Value {
    let Some(note) = &entry.import else { return Value::Null };
    let said = (!note.source.is_empty()).then_some(&note.source);
    json!({
        "ticket": shown.import.map(|import| import.ticket), "operator": shown.import.map(|import| import.operator),
        "line": note.line, "source": said, "started": note.started.0, "chain": digits(note.chain),
    })
}

/// One event. `batch`: whether to say which command it is the outcome of.
fn event(index: usize, recorded: &Recorded, batch: bool, shown: &Shown<'_>) -> Value {
    let kind = recorded.event.kind();
    let mut form = Map::with_capacity(EVENT_FIELDS);
    form.insert("type".to_owned(), kind.into());
    form.insert("version".to_owned(), EVENT_VERSION.into());
    form.insert("authority".to_owned(), position_or_null(recorded.authority));
    if batch || recorded.command != 0 {
        form.insert("command_index".to_owned(), recorded.command.into());
    }
    let mut own = own_fields(&recorded.event);
    let mut erased = Vec::new();
    for (name, written) in Event::describe(kind).map_or(&[][..], |description| description.fields) {
        let of = Type::of(written);
        let value = own.get_mut(*name).map(Value::take).unwrap_or_default();
        if of.is_details() {
            for (name, value) in value.as_object().cloned().unwrap_or_default() {
                let value = opened(&name, value, shown, &mut erased);
                form.insert(name, value);
            }
            continue;
        }
        if of.optional && value.is_null() {
            continue;
        }
        let opaque = value.as_u64().filter(|_| of.is_opaque(name));
        let value = opaque.map_or(value, |number| digits(number).into());
        let named = of.is_account().then(|| AccountId::new(value.as_str()?).ok()).flatten();
        form.insert((*name).to_owned(), opened(name, value, shown, &mut erased));
        if let Some(name_then) = named.and_then(|id| (shown.name_of)(&id)) {
            form.insert(format!("{name}_name"), name_then.into());
        }
    }
    if let Event::Book(BookEvent::SettingChanged { setting, value }) = &recorded.event
        && setting.is_yes_or_no()
        && *value <= 1
    {
        form.insert("value".to_owned(), (*value == 1).into());
    }
    if !erased.is_empty() {
        form.insert("erased".to_owned(), erased.into());
    }
    for (name, value) in (shown.extras)(index) {
        form.entry(name).or_insert(value);
    }
    Value::Object(form)
}

/// The event's fields as they show themselves, without its chapter and variant.
fn own_fields(event: &Event) -> Map<String, Value> {
    // Turning a value into JSON fails only on map keys that are no strings; events have none, and the samples show it.
    let mut form = serde_json::to_value(event).unwrap_or_default();
    for _ in 0..2 {
        let within = form.as_object_mut().and_then(|form| form.values_mut().next().map(Value::take));
        form = within.unwrap_or_default();
    }
    match form {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// `value`, or where it is a sealed one its text, or where nobody can open it null.
fn opened(name: &str, value: Value, shown: &Shown<'_>, erased: &mut Vec<String>) -> Value {
    if value.get("sealed_key").is_none() {
        return value;
    }
    let text = serde_json::from_value::<Sealed>(value).ok().and_then(|sealed| shown.text_of(&sealed));
    if text.is_none() {
        erased.push(name.to_owned());
    }
    text.into()
}
