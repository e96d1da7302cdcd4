//! What a command looks like from outside: its description, and the reading and writing of its JSON form by it.

use grantbook_events::{
    AccountId, AppName, BadName, ContactCondition, Date, GroupName, Instant, Label, NoSuchChoice, ObjectPath, Position,
    Principal, RoleName, Sealed, SealedEmail, Username, is_email_address,
};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{AppUse, Command, Lookup, Malformed};

/// Which door a command comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Door {
    /// A tenant's own: whoever is signed in there.
    Tenant,
    /// Support's: operators who act from outside, each act with a ticket (rule: U4).
    Support,
}

/// What there is to know of a command without one at hand. The API's document, the command line and the reader of
/// commands all go by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CommandDescription {
    /// Its name.
    pub name: &'static str,
    /// The door it comes to.
    pub door: Door,
    /// A sentence that says what it does.
    pub words: &'static str,
    /// The fields of its own, in the order in which people give them. Every command also takes [`REASON`].
    pub fields: &'static [FieldDescription],
    /// Whether it gives something that may have an end, `until` (rule: G10).
    pub grants: bool,
}

impl CommandDescription {
    /// Its own fields, then those that every command takes.
    pub fn all_fields(&self) -> impl Iterator<Item = &'static FieldDescription> {
        self.fields.iter().chain([&REASON])
    }
}

/// One field of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldDescription {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it must be given.
    pub required: bool,
    /// Whether `null` is a value: it takes away what there was. In other fields that need not be given, `null` is the
    /// same as leaving the field out.
    pub clearable: bool,
    /// What it is for.
    pub words: &'static str,
}

impl FieldDescription {
    pub(super) const fn required(name: &'static str, kind: FieldKind, words: &'static str) -> Self {
        FieldDescription { name, kind, required: true, clearable: false, words }
    }

    pub(super) const fn optional(name: &'static str, kind: FieldKind, words: &'static str) -> Self {
        FieldDescription { name, kind, required: false, clearable: false, words }
    }

    pub(super) const fn or_null(mut self) -> Self {
        self.clearable = true;
        self
    }
}

/// What a field holds, as far as whoever asks a person for it must know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// An account that there is: its id, or `@` and its username.
    Account,
    /// The id that a new account is to have.
    NewAccount,
    /// A username.
    Username,
    /// The name of something.
    Name,
    /// A Cloud ID.
    CloudId,
    /// The path of an object.
    Path,
    /// The URL of a site.
    Url,
    /// Free text of at most so many characters, lines included.
    Text {
        /// The most characters.
        most: usize,
    },
    /// Text about a person: sealed before anything keeps it, and never repeated in an error.
    Personal,
    /// An email address: personal too.
    Email,
    /// A password: asked for without showing it, never an argument.
    Secret,
    /// The code of a second factor: shown nowhere, and used up when it is given.
    Code,
    /// The end of a grant: an RFC 3339 instant, or a day, through the end of which (UTC) the grant lasts.
    Until,
    /// A day.
    Date,
    /// A whole number.
    Number {
        /// The least.
        least: u64,
        /// The greatest.
        most: u64,
    },
    /// Yes or no.
    Boolean,
    /// The value of a setting: yes or no, a whole number or text, as the setting is.
    SettingValue,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// Whom a right on an object is for.
    Principal,
    /// A list of those whom a right is for; of no role.
    Principals,
    /// A list of one or more of a few words, none of them twice.
    Choices(&'static [&'static str]),
    /// A list of paths of objects.
    Paths,
    /// A list of uses of apps.
    Uses,
    /// A condition on contacts.
    Condition,
}

/// What is expected of a field of this kind, to follow the word "expected".
impl std::fmt::Display for FieldKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FieldKind::Account => f.write_str("an account: its id (1 to 64 of A-Z a-z 0-9 . _ -), or `@` and its username"),
            FieldKind::NewAccount => f.write_str("an account id: 1 to 64 of A-Z a-z 0-9 . _ -"),
            FieldKind::Username => f.write_str("a username: 1 to 128 characters, no spaces, no `@`"),
            FieldKind::Name => f.write_str("a name: 1 to 128 characters"),
            FieldKind::CloudId => f.write_str("a Cloud ID: 3 to 32 of a-z and 0-9, the first a letter"),
            FieldKind::Path => f.write_str("an object path: `/part/part`"),
            FieldKind::Url => f.write_str("a URL such as https://example.org/, without user or fragment"),
            FieldKind::Text { most } => {
                write!(f, "text of at most {most} characters, without control characters other than line ends")
            }
            FieldKind::Personal => {
                write!(f, "text of 1 to {PERSONAL_CHARACTERS} characters, not only spaces, without control characters")
            }
            FieldKind::Email => f.write_str("an email address such as name@example.org"),
            FieldKind::Secret => write!(f, "a password of 1 to {SECRET_BYTES} bytes"),
            FieldKind::Code => f.write_str("the six digits of a code, as text"),
            FieldKind::Until => f.write_str("an RFC 3339 instant such as 2026-11-21T09:30:00Z, or a day such as 2026-11-21"),
            FieldKind::Date => f.write_str("a day such as 2026-11-21"),
            FieldKind::Number { least, most } => write!(f, "a whole number from {least} to {most}"),
            FieldKind::Boolean => f.write_str("true or false"),
            FieldKind::SettingValue => f.write_str("true or false, a whole number or text, as the setting is"),
            FieldKind::Choice(slugs) => write!(f, "one of {}", slugs.join(", ")),
            FieldKind::Principal => f.write_str(
                "one of {\"group\": name}, {\"role\": name}, {\"account\": id}, {\"member_type\": name}, {\"staff\": true}",
            ),
            FieldKind::Principals => write!(
                f,
                "a list of at most {MOST_PRINCIPALS} accounts (ids, or `@` and a username), {{\"group\": name}}, {{\"member_type\": name}}, {{\"staff\": true}}, none of them twice"
            ),
            FieldKind::Choices(slugs) => {
                write!(f, "a list of one or more of {}, none of them twice", slugs.join(", "))
            }
            FieldKind::Paths => {
                write!(f, "a list of at most {MOST_PATHS} object paths, none of them twice: `[\"/part/part\"]`")
            }
            FieldKind::Condition => f.write_str(
                "a condition such as {\"member_type\": \"Regular\", \"status\": [\"active\", \"honorary\"]}, with all, any and not",
            ),
            FieldKind::Uses => write!(f, "a list of 1 to {MOST_USES} of {{\"account\": id, \"app\": slug, \"at\": instant}}"),
        }
    }
}

/// Why a command was given; every command takes it.
pub const REASON: FieldDescription =
    FieldDescription::optional("reason", FieldKind::Text { most: 500 }, "Why, in words for whoever reads the history.");

pub(super) const ACCOUNT: FieldDescription =
    FieldDescription::required("account", FieldKind::Account, "The account that it is on.");
pub(super) const UNTIL: FieldDescription =
    FieldDescription::optional("until", FieldKind::Until, "When the grant ends; never, where it is left out.");
/// Descriptions of roles and groups.
pub(super) const DESCRIPTION: FieldKind = FieldKind::Text { most: 1_000 };

const PERSONAL_CHARACTERS: usize = 200;
const SECRET_BYTES: usize = 1_024;
const MOST_USES: usize = 1_000;
const MOST_PRINCIPALS: usize = 100;
const MOST_PATHS: usize = 100;

/// The id that stands where a username led to no account, in a command that is never recorded.
const STAND_IN: &str = "no-such-account";

/// A command that there is: its description, and how it is read from a form that agrees with it.
pub(super) struct Known {
    pub(super) description: CommandDescription,
    pub(super) read: fn(&mut Form<'_>) -> Result<Command, Malformed>,
}

/// A JSON object read as the fields of one command.
pub(super) struct Form<'a> {
    given: &'a Map<String, Value>,
    description: &'static CommandDescription,
    lookup: &'a Lookup<'a>,
    unknown: Option<(String, Username)>,
}

impl<'a> Form<'a> {
    /// Holds `given` against the description. Errors: a field that there is not, or none where one must be.
    pub(super) fn open(
        given: &'a Map<String, Value>,
        description: &'static CommandDescription,
        lookup: &'a Lookup<'a>,
    ) -> Result<Form<'a>, Malformed> {
        let form = Form { given, description, lookup, unknown: None };
        for name in given.keys().filter(|name| *name != "name") {
            if form.described(name).is_none() {
                let fields: Vec<_> = description.all_fields().map(|field| field.name).collect();
                let message = format!("`{}` has no such field: expected {}", description.name, fields.join(", "));
                return Err(Malformed::new(shown(name), message));
            }
        }
        for field in description.fields.iter().filter(|field| field.required) {
            if form.value(field.name).is_none() && !(field.clearable && form.is_cleared(field.name)) {
                return Err(form.expected(field.name));
            }
        }
        Ok(form)
    }

    /// The first username that led to no account, with its field.
    pub(super) fn into_unknown(self) -> Option<(String, Username)> {
        self.unknown
    }

    fn described(&self, name: &str) -> Option<&'static FieldDescription> {
        self.description.all_fields().find(|field| field.name == name)
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        self.given.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field is `null`.
    pub(super) fn is_cleared(&self, name: &str) -> bool {
        self.given.get(name).is_some_and(Value::is_null)
    }

    /// That the field is not what its description asks for.
    pub(super) fn expected(&self, name: &str) -> Malformed {
        let kind = self.described(name).map(|field| field.kind.to_string()).unwrap_or_default();
        Malformed::new(name, format!("expected {kind}"))
    }

    /// The text of a field; `None` where it was not given.
    fn string(&self, name: &str) -> Result<Option<&'a str>, Malformed> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| self.expected(name))
    }

    /// The text of a field that must be given.
    fn needed(&self, name: &str) -> Result<&'a str, Malformed> {
        self.string(name)?.ok_or_else(|| self.expected(name))
    }

    pub(super) fn account(&mut self, name: &str) -> Result<AccountId, Malformed> {
        let text = self.needed(name)?;
        self.resolve(name.to_owned(), text)
    }

    /// The account that `text` names. Where a username leads to none, a stand-in, and the form remembers.
    fn resolve(&mut self, field: String, text: &str) -> Result<AccountId, Malformed> {
        // Not repeated: it may be an email address.
        let wrong = Malformed::new(field.as_str(), format!("expected {}", FieldKind::Account));
        let Some(username) = text.strip_prefix('@') else { return AccountId::new(text).map_err(|_| wrong) };
        let Ok(username) = Username::new(username) else { return Err(wrong) };
        match (self.lookup.account_by_username)(&username) {
            Some(account) => Ok(account),
            None => {
                self.unknown.get_or_insert((field, username));
                AccountId::new(STAND_IN).map_err(|_| wrong)
            }
        }
    }

    pub(super) fn new_account(&self, name: &str) -> Result<AccountId, Malformed> {
        // Not repeated: it may be an email address.
        AccountId::new(self.needed(name)?).map_err(|_| self.expected(name))
    }

    pub(super) fn maybe_new_account(&self, name: &str) -> Result<Option<AccountId>, Malformed> {
        // Not repeated: it may be an email address.
        let text = self.string(name)?;
        text.map(AccountId::new).transpose().map_err(|_| self.expected(name))
    }

    pub(super) fn username(&self, name: &str) -> Result<Username, Malformed> {
        // Not repeated: it may be what was meant for the field beside it.
        Username::new(self.needed(name)?).map_err(|_| self.expected(name))
    }

    /// The code of a second factor, where one is given.
    pub(super) fn maybe_code(&self, name: &str) -> Result<Option<Zeroizing<String>>, Malformed> {
        let Some(text) = self.string(name)? else { return Ok(None) };
        let digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        // Not repeated: it may be a password typed in the wrong field.
        if digits { Ok(Some(Zeroizing::new(text.to_owned()))) } else { Err(self.expected(name)) }
    }

    /// A name, checked by its type.
    pub(super) fn named<T>(&self, name: &str, check: fn(&str) -> Result<T, BadName>) -> Result<T, Malformed> {
        check(self.needed(name)?).map_err(|wrong| Malformed::new(name, wrong.message))
    }

    pub(super) fn maybe_named<T>(
        &self,
        name: &str,
        check: fn(&str) -> Result<T, BadName>,
    ) -> Result<Option<T>, Malformed> {
        let text = self.string(name)?;
        text.map(check).transpose().map_err(|wrong| Malformed::new(name, wrong.message))
    }

    pub(super) fn choice<T>(&self, name: &str, check: fn(&str) -> Result<T, NoSuchChoice>) -> Result<T, Malformed> {
        check(self.needed(name)?).map_err(|wrong| Malformed::new(name, wrong.to_string()))
    }

    /// Text as its description bounds it.
    pub(super) fn maybe_text(&self, name: &str) -> Result<Option<String>, Malformed> {
        let Some(text) = self.string(name)? else { return Ok(None) };
        let Some(FieldKind::Text { most }) = self.described(name).map(|field| field.kind) else {
            return Err(self.expected(name));
        };
        let clean = !text.chars().any(|c| c.is_control() && c != '\n') && text.chars().count() <= most;
        if clean { Ok(Some(text.to_owned())) } else { Err(self.expected(name)) }
    }

    pub(super) fn text(&self, name: &str) -> Result<String, Malformed> {
        self.maybe_text(name)?.ok_or_else(|| self.expected(name))
    }

    /// A personal value, sealed with the key of the account that it is about.
    pub(super) fn maybe_personal(&self, of: &AccountId, name: &'static str) -> Result<Option<Sealed>, Malformed> {
        let Some(text) = self.string(name)? else { return Ok(None) };
        let length = text.chars().count();
        if length > PERSONAL_CHARACTERS || text.trim().is_empty() || text.chars().any(char::is_control) {
            return Err(self.expected(name));
        }
        Ok(Some(self.seal(of, name, text)))
    }

    /// An email address, sealed. What does not have the form of an address is refused here, so that every address which
    /// a command sets is valid (rule: G2).
    pub(super) fn maybe_email(&self, of: &AccountId, name: &'static str) -> Result<Option<SealedEmail>, Malformed> {
        let Some(text) = self.string(name)? else { return Ok(None) };
        if !is_email_address(text) {
            return Err(self.expected(name));
        }
        Ok(Some(SealedEmail { address: self.seal(of, name, text), valid: true }))
    }

    fn seal(&self, of: &AccountId, name: &'static str, text: &str) -> Sealed {
        // A stand-in has no key, and nothing of its command is kept.
        if self.unknown.is_some() { Sealed::clear("") } else { (self.lookup.seal)(of, name, text) }
    }

    pub(super) fn maybe_secret(&self, name: &str) -> Result<Option<Zeroizing<String>>, Malformed> {
        let Some(text) = self.string(name)? else { return Ok(None) };
        if text.is_empty() || text.len() > SECRET_BYTES {
            return Err(self.expected(name));
        }
        Ok(Some(Zeroizing::new(text.to_owned())))
    }

    /// The end of a grant. A day lasts through its end (UTC).
    pub(super) fn until(&self) -> Result<Option<Instant>, Malformed> {
        let Some(text) = self.string("until")? else { return Ok(None) };
        let end = Date::parse(text).map(Date::end).or_else(|_| Instant::parse(text));
        end.map(Some).map_err(|_| self.expected("until"))
    }

    pub(super) fn maybe_date(&self, name: &str) -> Result<Option<Date>, Malformed> {
        let Some(text) = self.string(name)? else { return Ok(None) };
        Date::parse(text).map(Some).map_err(|_| self.expected(name))
    }

    pub(super) fn date(&self, name: &str) -> Result<Date, Malformed> {
        self.maybe_date(name)?.ok_or_else(|| self.expected(name))
    }

    /// A whole number within the bounds of its description.
    pub(super) fn maybe_number(&self, name: &str) -> Result<Option<u64>, Malformed> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let Some(FieldKind::Number { least, most }) = self.described(name).map(|field| field.kind) else {
            return Err(self.expected(name));
        };
        let number = value.as_u64().filter(|number| (least..=most).contains(number));
        number.map(Some).ok_or_else(|| self.expected(name))
    }

    /// A whole number that its type can hold.
    pub(super) fn number<T: TryFrom<u64>>(&self, name: &str) -> Result<T, Malformed> {
        let number = self.maybe_number(name)?;
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| self.expected(name))
    }

    pub(super) fn maybe_position(&self, name: &str) -> Result<Option<Position>, Malformed> {
        Ok(self.maybe_number(name)?.map(Position))
    }

    pub(super) fn maybe_boolean(&self, name: &str) -> Result<Option<bool>, Malformed> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| self.expected(name))
    }

    pub(super) fn boolean(&self, name: &str, otherwise: bool) -> Result<bool, Malformed> {
        let Some(value) = self.value(name) else { return Ok(otherwise) };
        value.as_bool().ok_or_else(|| self.expected(name))
    }

    /// A field that is read by what another field says.
    pub(super) fn any(&self, name: &str) -> Result<&'a Value, Malformed> {
        self.value(name).ok_or_else(|| self.expected(name))
    }

    pub(super) fn principal(&mut self, name: &str) -> Result<Principal, Malformed> {
        let value = self.value(name).ok_or_else(|| self.expected(name))?;
        self.one_principal(name, name, value)
    }

    /// One principal, which stands at `at` in the field called `name`.
    fn one_principal(&mut self, name: &str, at: &str, value: &Value) -> Result<Principal, Malformed> {
        let mut fields = value.as_object().into_iter().flatten();
        let (Some((key, value)), None) = (fields.next(), fields.next()) else { return Err(self.expected(name)) };
        let field = format!("{at}.{}", shown(key));
        let wrong = |wrong: BadName| Malformed::new(field.as_str(), wrong.message);
        match (key.as_str(), value.as_str()) {
            ("group", Some(text)) => GroupName::new(text).map(Principal::Group).map_err(wrong),
            ("role", Some(text)) => RoleName::new(text).map(Principal::Role).map_err(wrong),
            ("member_type", Some(text)) => Label::new(text).map(Principal::MemberType).map_err(wrong),
            ("account", Some(text)) => self.resolve(field, text).map(Principal::Account),
            ("staff", None) if value.as_bool() == Some(true) => Ok(Principal::Staff),
            _ => Err(self.expected(name)),
        }
    }

    /// A list of principals, accounts by their bare ids too; null for nobody, `None` where nothing was given.
    pub(super) fn maybe_principals(&mut self, name: &str) -> Result<Option<Vec<Principal>>, Malformed> {
        let Some(value) = self.value(name) else { return Ok(self.is_cleared(name).then(Vec::new)) };
        let list = value.as_array().filter(|list| list.len() <= MOST_PRINCIPALS).ok_or_else(|| self.expected(name))?;
        let mut principals = Vec::with_capacity(list.len());
        for (number, value) in list.iter().enumerate() {
            let at = format!("{name}[{number}]");
            let principal = match value.as_str() {
                Some(text) => Principal::Account(self.resolve(at, text)?),
                None => self.one_principal(name, &at, value)?,
            };
            // Nothing more is known of usernames that lead nowhere, so two of them are not the same.
            let twice = self.unknown.is_none() && principals.contains(&principal);
            if twice || matches!(principal, Principal::Role(_)) {
                return Err(self.expected(name));
            }
            principals.push(principal);
        }
        Ok(Some(principals))
    }

    /// A condition on contacts.
    pub(super) fn condition(&self, name: &str) -> Result<ContactCondition, Malformed> {
        let value = self.value(name).ok_or_else(|| self.expected(name))?;
        serde_json::from_value(value.clone()).map_err(|wrong| {
            let wrong: String = wrong.to_string().chars().take(120).collect();
            Malformed::new(name, format!("{}: {wrong}", self.expected(name).message))
        })
    }

    pub(super) fn choices<T: PartialEq>(
        &self,
        name: &str,
        check: fn(&str) -> Result<T, NoSuchChoice>,
    ) -> Result<Vec<T>, Malformed> {
        let mut chosen = Vec::new();
        for value in self.value(name).and_then(Value::as_array).into_iter().flatten() {
            match value.as_str().map(check) {
                Some(Ok(one)) if !chosen.contains(&one) => chosen.push(one),
                Some(Ok(_) | Err(_)) | None => return Err(self.expected(name)),
            }
        }
        if chosen.is_empty() { Err(self.expected(name)) } else { Ok(chosen) }
    }

    pub(super) fn paths(&self, name: &str) -> Result<Vec<ObjectPath>, Malformed> {
        let list = self.value(name).and_then(Value::as_array).filter(|list| list.len() <= MOST_PATHS);
        let Some(list) = list else { return Err(self.expected(name)) };
        let mut paths = Vec::with_capacity(list.len());
        for (number, value) in list.iter().enumerate() {
            let text = value.as_str().ok_or_else(|| self.expected(name))?;
            let path =
                ObjectPath::new(text).map_err(|wrong| Malformed::new(format!("{name}[{number}]"), wrong.message))?;
            if paths.contains(&path) {
                return Err(self.expected(name));
            }
            paths.push(path);
        }
        Ok(paths)
    }

    pub(super) fn uses(&mut self, name: &str) -> Result<Vec<AppUse>, Malformed> {
        let list = self.value(name).and_then(Value::as_array).filter(|list| (1..=MOST_USES).contains(&list.len()));
        let Some(list) = list else { return Err(self.expected(name)) };
        let mut uses = Vec::with_capacity(list.len());
        for (number, value) in list.iter().enumerate() {
            let at = format!("{name}[{number}]");
            let expected = || Malformed::new(at.as_str(), "expected {\"account\": id, \"app\": slug, \"at\": instant}");
            let object = value.as_object().filter(|object| object.len() == 3).ok_or_else(expected)?;
            let text = |field: &str| object.get(field).and_then(Value::as_str).ok_or_else(expected);
            let (account, app, used_at) = (text("account")?, text("app")?, text("at")?);
            uses.push(AppUse {
                account: self.resolve(format!("{at}.account"), account)?,
                app: AppName::new(app).map_err(|wrong| Malformed::new(format!("{at}.app"), wrong.message))?,
                at: Instant::parse(used_at).map_err(|message| Malformed::new(format!("{at}.at"), message))?,
            });
        }
        Ok(uses)
    }
}

/// A command being written as the JSON that it could have been read from.
pub(super) struct Written<'a> {
    object: Map<String, Value>,
    open: &'a dyn Fn(&Sealed) -> Option<String>,
}

impl<'a> Written<'a> {
    pub(super) fn new(name: &str, open: &'a dyn Fn(&Sealed) -> Option<String>) -> Written<'a> {
        Written { object: Map::from_iter([("name".to_owned(), Value::from(name))]), open }
    }

    pub(super) fn into_value(self) -> Value {
        Value::Object(self.object)
    }

    pub(super) fn put(&mut self, field: &str, value: impl Into<Value>) -> &mut Self {
        self.object.insert(field.to_owned(), value.into());
        self
    }

    /// What shows as text: names, choices, days, instants.
    pub(super) fn show(&mut self, field: &str, value: impl std::fmt::Display) -> &mut Self {
        self.put(field, value.to_string())
    }

    pub(super) fn put_if(&mut self, field: &str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            self.put(field, value);
        }
        self
    }

    pub(super) fn show_if(&mut self, field: &str, value: &Option<impl std::fmt::Display>) -> &mut Self {
        if let Some(value) = value {
            self.show(field, value);
        }
        self
    }

    /// A personal value, left out where nobody can open it any more.
    pub(super) fn personal(&mut self, field: &str, value: &Sealed) -> &mut Self {
        if let Some(text) = (self.open)(value) {
            self.put(field, text);
        }
        self
    }

    pub(super) fn principal(&mut self, field: &str, principal: &Principal) -> &mut Self {
        self.put(field, principal_json(principal))
    }

    pub(super) fn principals(&mut self, field: &str, principals: &Option<Vec<Principal>>) -> &mut Self {
        if let Some(principals) = principals {
            self.put(field, principals.iter().map(principal_json).collect::<Value>());
        }
        self
    }

    /// A condition on contacts, as it is read.
    pub(super) fn condition(&mut self, field: &str, condition: &ContactCondition) -> &mut Self {
        self.put(field, serde_json::to_value(condition).unwrap_or_default())
    }
}

fn principal_json(principal: &Principal) -> Value {
    let (key, value) = match principal {
        Principal::Group(name) => ("group", Value::from(name.as_str())),
        Principal::Role(name) => ("role", Value::from(name.as_str())),
        Principal::Account(id) => ("account", Value::from(id.as_str())),
        Principal::MemberType(label) => ("member_type", Value::from(label.as_str())),
        Principal::Staff => ("staff", Value::from(true)),
    };
    Value::Object(Map::from_iter([(key.to_owned(), value)]))
}

/// How much of somebody's text an error repeats: enough to recognise it.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(40).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
