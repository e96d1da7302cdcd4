//! From an entry to its public form.

use grantbook_events::{AccountId, Actor, BookEvent, Description, Entry, Event, Position, Recorded, Sealed, Source};
use serde::ser::{Error as _, Impossible, SerializeMap, SerializeStructVariant};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

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
    /// What the event of this index changed, as it was before; `None` where that is not known, or it changed nothing.
    pub before: &'a dyn Fn(usize) -> Option<Value>,
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
            before: &|_| None,
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
    Form { entry, shown }.to_json()
}

/// An entry's public form, to be written as it is made: of a long list of commands no other copy is needed than the text.
#[derive(Clone, Copy)]
pub struct Form<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// What the form says beyond it.
    pub shown: &'a Shown<'a>,
}

impl Form<'_> {
    /// The form as a value.
    pub fn to_json(self) -> Value {
        // Turning a form into a value fails only on map keys that are no strings; it has none, and the samples show it.
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Serialize for Form<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Form { entry, shown } = *self;
        let mut form = to.serialize_map(Some(ENTRY_FIELDS))?;
        form.serialize_entry("tenant", shown.tenant)?;
        if let Some(position) = shown.position {
            form.serialize_entry("position", &position)?;
        }
        form.serialize_entry("at", &entry.at)?;
        form.serialize_entry("recorded_at", &entry.recorded_at())?;
        form.serialize_entry("actor", &actor(&entry.actor, shown))?;
        let one = entry.commands.first().filter(|_| entry.commands.len() == 1);
        match one {
            Some(one) => form.serialize_entry("command", &one.name)?,
            None => {
                form.serialize_entry("command", "batch")?;
                form.serialize_entry("commands", &entry.commands)?;
            }
        }
        form.serialize_entry("command_id", &uuid::Uuid::from_bytes(entry.command_id))?;
        if entry.keyed {
            form.serialize_entry("keyed", &true)?;
        }
        form.serialize_entry("cause", &entry.cause)?;
        form.serialize_entry("reason", &one.and_then(|one| one.reason.as_deref()))?;
        form.serialize_entry("ticket", &entry.ticket)?;
        form.serialize_entry("source", &source(&entry.source, shown))?;
        form.serialize_entry("import", &import(entry, shown))?;
        form.serialize_entry("events", &Events { of: *self, batch: one.is_none() })?;
        form.end()
    }
}

fn actor(actor: &Actor, shown: &Shown<'_>) -> Value {
    match actor {
        Actor::System => json!({"kind": "system", "id": null, "name": null}),
        Actor::Guest => json!({"kind": "guest", "id": null, "name": null}),
        Actor::Account { id, session } => json!({
            "kind": "account", "id": id, "name": (shown.name_of)(id), "session": session,
        }),
        // Operators are named after the person (rule: U4).
        Actor::Support { operator } => json!({"kind": "support", "id": operator, "name": operator}),
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
        "line": note.line, "source": said, "started": note.started, "chain": digits(note.chain),
    })
}

/// The events of an entry.
struct Events<'a> {
    of: Form<'a>,
    /// Whether to say which command each is the outcome of.
    batch: bool,
}

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Events { of: Form { entry, shown }, batch } = *self;
        let events = entry.events.iter().enumerate();
        to.collect_seq(events.map(|(index, recorded)| Happened { index, recorded, batch, shown }))
    }
}

/// One event.
struct Happened<'a> {
    index: usize,
    recorded: &'a Recorded,
    batch: bool,
    shown: &'a Shown<'a>,
}

impl Serialize for Happened<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Happened { index, recorded, batch, shown } = *self;
        let Recorded { authority, command, event } = recorded;
        let Description { kind, fields, .. } = event.description();
        let mut form = to.serialize_map(Some(EVENT_FIELDS))?;
        form.serialize_entry("type", kind)?;
        form.serialize_entry("version", &EVENT_VERSION)?;
        form.serialize_entry("authority", authority)?;
        if batch || *command != 0 {
            form.serialize_entry("command_index", command)?;
        }
        let mut own = OwnFields { form: &mut form, event, described: fields.iter(), shown, erased: Vec::new() };
        event.serialize(&mut own)?;
        let erased = own.erased;
        if !erased.is_empty() {
            form.serialize_entry("erased", &erased)?;
        }
        if let Some(before) = (shown.before)(index) {
            form.serialize_entry("before", &before)?;
        }
        form.end()
    }
}

/// Writes the fields of an event into its form, as their types are shown.
struct OwnFields<'a, M> {
    form: &'a mut M,
    event: &'a Event,
    /// The fields that are to come, in the order in which they are stated and written.
    described: std::slice::Iter<'static, (&'static str, &'static str)>,
    shown: &'a Shown<'a>,
    /// The fields that nobody can open any more.
    erased: Vec<String>,
}

impl<M: SerializeMap> OwnFields<'_, M> {
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), M::Error> {
        let of =
            self.described.next().filter(|(described, _)| *described == name).map(|(_, written)| Type::of(written));
        let of = of.ok_or_else(|| M::Error::custom(format!("`{name}` is not described")))?;
        if of.is_shown_as_it_is(name) && !self.is_choice(name) {
            return self.form.serialize_entry(name, value);
        }
        let value = serde_json::to_value(value).map_err(M::Error::custom)?;
        if of.is_details() {
            let Value::Object(details) = value else { return Ok(()) };
            return details.into_iter().try_for_each(|(name, value)| self.opened(&name, value));
        }
        if of.optional && value.is_null() {
            return Ok(());
        }
        let value = match value.as_u64() {
            Some(number) if of.is_opaque(name) => digits(number).into(),
            Some(number @ 0..=1) if self.is_choice(name) => (number == 1).into(),
            Some(_) | None => value,
        };
        if of.is_account()
            && let Some(id) = value.as_str().and_then(|id| AccountId::new(id).ok())
        {
            self.form.serialize_entry(name, &id)?;
            let name_then = (self.shown.name_of)(&id);
            return name_then
                .map_or(Ok(()), |name_then| self.form.serialize_entry(&format!("{name}_name"), &name_then));
        }
        self.opened(name, value)
    }

    /// Whether the field is the value of a setting that is yes or no.
    fn is_choice(&self, name: &str) -> bool {
        name == "value"
            && matches!(self.event, Event::Book(BookEvent::SettingChanged { setting, .. }) if setting.is_yes_or_no())
    }

    /// `value`, or where it is a sealed one its text, or where nobody can open it null.
    fn opened(&mut self, name: &str, value: Value) -> Result<(), M::Error> {
        if value.get("sealed_key").is_none() {
            return self.form.serialize_entry(name, &value);
        }
        let text = serde_json::from_value::<Sealed>(value).ok().and_then(|sealed| self.shown.text_of(&sealed));
        if text.is_none() {
            self.erased.push(name.to_owned());
        }
        self.form.serialize_entry(name, &text)
    }
}

/// What an event is not: it is a variant with fields in the variant of its chapter.
macro_rules! no_event {
    ($($method:ident($($of:ty),*) -> $done:ty;)*) => {
        $(
            fn $method(self, $(_: $of),*) -> Result<$done, M::Error> {
                Err(M::Error::custom("expected an event"))
            }
        )*
    };
}

impl<M: SerializeMap> Serializer for &mut OwnFields<'_, M> {
    type Ok = ();
    type Error = M::Error;
    type SerializeSeq = Impossible<(), M::Error>;
    type SerializeTuple = Impossible<(), M::Error>;
    type SerializeTupleStruct = Impossible<(), M::Error>;
    type SerializeTupleVariant = Impossible<(), M::Error>;
    type SerializeMap = Impossible<(), M::Error>;
    type SerializeStruct = Impossible<(), M::Error>;
    type SerializeStructVariant = Self;

    /// The chapter: its event follows.
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        event: &T,
    ) -> Result<(), M::Error> {
        event.serialize(self)
    }

    /// The event: its fields follow.
    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Self, M::Error> {
        Ok(self)
    }

    no_event! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct(&'static str, usize) -> Self::SerializeStruct;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), M::Error> {
        Err(M::Error::custom("expected an event"))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _: &T) -> Result<(), M::Error> {
        Err(M::Error::custom("expected an event"))
    }
}

impl<M: SerializeMap> SerializeStructVariant for &mut OwnFields<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), M::Error> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}
