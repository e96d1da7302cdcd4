//! The JSON form of a command, read by its description.

use grantbook_events::{
    AccountId, AppName, BadName, ContactCondition, Date, Event, EventKind, GroupName, Instant, Label, NoSuchChoice,
    ObjectPath, Position, Principal, ReviewScope, RoleName, Sealed, SealedEmail, Username, WebhookEvent,
    is_email_address,
};
use serde::Deserialize;
use serde_json_borrow::ObjectAsVec;
use zeroize::Zeroizing;

use super::description::{
    CommandDescription, FieldDescription, FieldKind, MOST_ACCOUNTS, MOST_EVENT_TYPES, MOST_PATHS, MOST_PRINCIPALS,
    MOST_USES, PERSONAL_CHARACTERS, SECRET_BYTES,
};
use super::{AppUse, Command, CommandJson, Lookup, Malformed, did_you_mean};

/// The id that stands where a username led to no account, in a command that is never recorded.
const STAND_IN: &str = "no-such-account";

/// Whether an account may be called so. Errors: why not; questions about it would be questions about nobody in particular.
pub fn not_guest(account: &AccountId) -> Result<(), String> {
    if account.as_str() != AccountId::GUEST {
        return Ok(());
    }
    Err(format!("`{account}` stands for whoever is not signed in: expected another id"))
}

/// A command that there is: its description, and how it is read from a form that agrees with it.
pub(super) struct Known {
    pub(super) description: CommandDescription,
    pub(super) read: fn(&mut Form<'_>) -> Result<Command, Malformed>,
}

/// A JSON object read as the fields of one command.
pub(super) struct Form<'a> {
    /// A handful at most, once it is known that each is one of the description's: looked through rather than hashed.
    given: Vec<(&'a str, &'a CommandJson<'a>)>,
    description: &'static CommandDescription,
    lookup: &'a Lookup<'a>,
    unknown: Option<(String, Username)>,
}

impl<'a> Form<'a> {
    /// Holds `given` against the description. Errors: a field that there is not, or none where one must be.
    pub(super) fn open(
        given: &'a ObjectAsVec<'a>,
        description: &'static CommandDescription,
        lookup: &'a Lookup<'a>,
    ) -> Result<Form<'a>, Malformed> {
        let mut form = Form { given: Vec::with_capacity(given.len()), description, lookup, unknown: None };
        for (name, value) in given.iter() {
            if form.given(name).is_some() {
                return Err(Malformed::new(shown(name), "is given twice: expected it once"));
            }
            if name != "name" && form.described(name).is_none() {
                let fields: Vec<_> = description.all_fields().map(|field| field.name).collect();
                let message = format!("`{}` has no such field: expected {}", description.name, fields.join(", "));
                return Err(Malformed::new(shown(name), message));
            }
            form.given.push((name, value));
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

    fn given(&self, name: &str) -> Option<&'a CommandJson<'a>> {
        self.given.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
    }

    fn value(&self, name: &str) -> Option<&'a CommandJson<'a>> {
        self.given(name).filter(|value| !value.is_null())
    }

    /// Whether the field is `null`.
    pub(super) fn is_cleared(&self, name: &str) -> bool {
        self.given(name).is_some_and(CommandJson::is_null)
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
        self.resolve(text, || name.to_owned())
    }

    pub(super) fn maybe_account(&mut self, name: &str) -> Result<Option<AccountId>, Malformed> {
        let text = self.string(name)?;
        text.map(|text| self.resolve(text, || name.to_owned())).transpose()
    }

    /// The account that `text` names, in a field whose place `field` tells. Where a username leads to none, a stand-in, and
    /// the form remembers.
    fn resolve(&mut self, text: &str, field: impl Fn() -> String) -> Result<AccountId, Malformed> {
        // Not repeated: it may be an email address.
        let wrong = |_| Malformed::new(field(), format!("expected {}", FieldKind::Account));
        let Some(username) = text.strip_prefix('@') else { return AccountId::new(text).map_err(wrong) };
        let username = Username::new(username).map_err(wrong)?;
        match (self.lookup.account_by_username)(&username) {
            Some(account) => Ok(account),
            None => {
                self.unknown.get_or_insert((field(), username));
                AccountId::new(STAND_IN).map_err(wrong)
            }
        }
    }

    pub(super) fn new_account(&self, name: &str) -> Result<AccountId, Malformed> {
        self.as_new_account(name, self.needed(name)?)
    }

    fn as_new_account(&self, name: &str, text: &str) -> Result<AccountId, Malformed> {
        // Not repeated: it may be an email address.
        let account = AccountId::new(text).map_err(|_| self.expected(name))?;
        not_guest(&account).map_err(|message| Malformed::new(name, message))?;
        Ok(account)
    }

    pub(super) fn maybe_new_account(&self, name: &str) -> Result<Option<AccountId>, Malformed> {
        let text = self.string(name)?;
        text.map(|text| self.as_new_account(name, text)).transpose()
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

    /// When a grant ends, a day through its end (UTC); none for never, which other systems write as the last day there is.
    pub(super) fn until(&self) -> Result<Option<Instant>, Malformed> {
        Ok(self.end("until")?.filter(|end| *end < Instant::LATEST))
    }

    /// By when something ends. A day lasts through its end (UTC).
    pub(super) fn end(&self, name: &str) -> Result<Option<Instant>, Malformed> {
        let Some(text) = self.string(name)? else { return Ok(None) };
        let end = Date::parse(text).map(Date::end).or_else(|_| Instant::parse(text));
        end.map(Some).map_err(|_| self.expected(name))
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
        let number = whole(value).filter(|number| (least..=most).contains(number));
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
    pub(super) fn any(&self, name: &str) -> Result<&'a CommandJson<'a>, Malformed> {
        self.value(name).ok_or_else(|| self.expected(name))
    }

    pub(super) fn principal(&mut self, name: &str) -> Result<Principal, Malformed> {
        let value = self.value(name).ok_or_else(|| self.expected(name))?;
        self.one_principal(name, name, value)
    }

    /// One principal, which stands at `at` in the field called `name`.
    fn one_principal(&mut self, name: &str, at: &str, value: &CommandJson<'_>) -> Result<Principal, Malformed> {
        let mut fields = value.as_object().into_iter().flat_map(ObjectAsVec::iter);
        let (Some((key, value)), None) = (fields.next(), fields.next()) else { return Err(self.expected(name)) };
        let field = format!("{at}.{}", shown(key));
        let wrong = |wrong: BadName| Malformed::new(field.as_str(), wrong.message);
        match (key, value.as_str()) {
            ("group", Some(text)) => GroupName::new(text).map(Principal::Group).map_err(wrong),
            ("role", Some(text)) => RoleName::new(text).map(Principal::Role).map_err(wrong),
            ("member_type", Some(text)) => Label::new(text).map(Principal::MemberType).map_err(wrong),
            ("account", Some(text)) => self.resolve(text, || field.clone()).map(Principal::Account),
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
                Some(text) => Principal::Account(self.resolve(text, || at.clone())?),
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

    /// A list of accounts.
    pub(super) fn accounts(&mut self, name: &str) -> Result<Vec<AccountId>, Malformed> {
        let list =
            self.value(name).and_then(CommandJson::as_array).filter(|list| (1..=MOST_ACCOUNTS).contains(&list.len()));
        let list = list.ok_or_else(|| self.expected(name))?;
        let mut accounts = Vec::with_capacity(list.len());
        for (number, value) in list.iter().enumerate() {
            let text = value.as_str().ok_or_else(|| self.expected(name))?;
            let account = self.resolve(text, || format!("{name}[{number}]"))?;
            // Nothing more is known of usernames that lead nowhere, so two of them are not the same.
            if self.unknown.is_none() && accounts.contains(&account) {
                return Err(self.expected(name));
            }
            accounts.push(account);
        }
        Ok(accounts)
    }

    /// What a review looks at.
    pub(super) fn review_scope(&self, name: &str) -> Result<ReviewScope, Malformed> {
        let value = self.value(name).ok_or_else(|| self.expected(name))?;
        ReviewScope::deserialize(value).map_err(|_| self.expected(name))
    }

    /// A condition on contacts.
    pub(super) fn condition(&self, name: &str) -> Result<ContactCondition, Malformed> {
        let value = self.value(name).ok_or_else(|| self.expected(name))?;
        ContactCondition::deserialize(value).map_err(|wrong| {
            // What serde says it expected is said once, by the description.
            let wrong = wrong.to_string();
            let found = wrong.split(", expected").next().unwrap_or_default();
            let found: String = found.trim_start_matches("expected ").chars().take(120).collect();
            Malformed::new(name, format!("{}; this is not one: {found}", self.expected(name).message))
        })
    }

    pub(super) fn choices<T: PartialEq>(
        &self,
        name: &str,
        check: fn(&str) -> Result<T, NoSuchChoice>,
    ) -> Result<Vec<T>, Malformed> {
        let mut chosen = Vec::new();
        for value in self.value(name).and_then(CommandJson::as_array).into_iter().flatten() {
            match value.as_str().map(check) {
                Some(Ok(one)) if !chosen.contains(&one) => chosen.push(one),
                Some(Ok(_) | Err(_)) | None => return Err(self.expected(name)),
            }
        }
        if chosen.is_empty() { Err(self.expected(name)) } else { Ok(chosen) }
    }

    /// A list of types of events; empty where none was given. What came of deliveries is no type that anybody is told of.
    pub(super) fn event_types(&self, name: &str) -> Result<Vec<EventKind>, Malformed> {
        let Some(value) = self.value(name) else { return Ok(Vec::new()) };
        let list = value.as_array().filter(|list| (1..=MOST_EVENT_TYPES).contains(&list.len()));
        let mut kinds = Vec::new();
        for (number, value) in list.ok_or_else(|| self.expected(name))?.iter().enumerate() {
            let text = value.as_str().ok_or_else(|| self.expected(name))?;
            let wrong = |message: String| Malformed::new(format!("{name}[{number}]"), message);
            if Event::describe(text).is_none() {
                let near = did_you_mean(text, Event::descriptions().map(|description| description.kind));
                return Err(wrong(format!("there is no type of events `{}`{near}", shown(text))));
            }
            if WebhookEvent::OUTCOMES.contains(&text) {
                return Err(wrong(format!("`{text}` is what came of deliveries, which the view `webhooks` tells")));
            }
            let kind = EventKind::new(text).map_err(|bad| wrong(bad.message))?;
            if kinds.contains(&kind) {
                return Err(self.expected(name));
            }
            kinds.push(kind);
        }
        Ok(kinds)
    }

    pub(super) fn paths(&self, name: &str) -> Result<Vec<ObjectPath>, Malformed> {
        let list = self.value(name).and_then(CommandJson::as_array).filter(|list| list.len() <= MOST_PATHS);
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
        let list =
            self.value(name).and_then(CommandJson::as_array).filter(|list| (1..=MOST_USES).contains(&list.len()));
        let Some(list) = list else { return Err(self.expected(name)) };
        let mut uses = Vec::with_capacity(list.len());
        for (number, value) in list.iter().enumerate() {
            let at = format!("{name}[{number}]");
            let expected = || Malformed::new(at.as_str(), "expected {\"account\": id, \"app\": slug, \"at\": instant}");
            let object = value.as_object().filter(|object| object.len() == 3).ok_or_else(expected)?;
            let text = |field: &str| object.get(field).and_then(CommandJson::as_str).ok_or_else(expected);
            let (account, app, used_at) = (text("account")?, text("app")?, text("at")?);
            uses.push(AppUse {
                account: self.resolve(account, || format!("{at}.account"))?,
                app: AppName::new(app).map_err(|wrong| Malformed::new(format!("{at}.app"), wrong.message))?,
                at: Instant::parse(used_at).map_err(|message| Malformed::new(format!("{at}.at"), message))?,
            });
        }
        Ok(uses)
    }
}

/// A whole number. One that was made from a tree of values is signed even where it is not negative.
pub(super) fn whole(value: &CommandJson<'_>) -> Option<u64> {
    value.as_u64().or_else(|| u64::try_from(value.as_i64()?).ok())
}

/// How much of somebody's text an error repeats: enough to recognise it.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(40).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
