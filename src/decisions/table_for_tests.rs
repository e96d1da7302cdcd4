//! Given, when, then as text: a world that goes on row by row, one command a row, the expected outcome in the last column.
//!
//! ```text
//! first: bob sign_in                    | signed_in, admin_added@null
//! bob add_admin account=ann             | admin_added@first
//! dry ann add_admin account=cy          | 403 F9
//! ```
//!
//! - `label:` names the entry that the row makes. `dry` decides and changes nothing. `actor a ... ; b ...` is a list.
//! - Actors are accounts (in their latest session, or `bob@label` in that of a sign-in), `guest`, `support`, `relay`, `import`.
//!   MANAGER signs in to the platform by itself.
//! - An outcome is the kinds of all events in order, each with fields where they matter, `kind{field=value}`, and with the
//!   authority where it matters, `kind@label` or `kind@null`; or a status and a rule, with some of the words in backticks where they
//!   matter, and after `+` what is recorded of a refused attempt; or `401` where the session is over.
//! - `staff`, `public` and `contact` make accounts; `at` and `after` move the clock; the other words ask the views.
//!
//! Whatever is accepted is also decided again from its events (`command_of`), and must give the same.

mod asking;
mod expecting;

use std::collections::HashMap;

use grantbook_events::{
    AccessRight, AccountId, Actor, AppName, Client, CloudId, CommandName, CommandNote, CustomerName, Edition, Entry,
    Event, Instant, Label, ModuleName, ObjectEvent, ObjectPath, OperatorName, Position, Principal, ReadinessProblem,
    Recorded, RoleName, Sealed, SealedEmail, SecretVersion, SignInPlane, Ticket,
};
use grantbook_projections::{AsOf, Cause, Views};
use grantbook_rights::{
    Capability, On, OnKind, Question, Standing, Verdict, Who, admin_effective, effective_admins, may, orphaned,
    reset_sites,
};
use serde_json::{Map, Value};

use crate::command::{
    Command, CommandJson, CredentialsCommand, CustomerCommand, DashboardCommand, Door, Lookup, PasswordShape, Problem,
    Secrets, SupportCommand, parse,
};
use crate::{
    Acting, Case, CodeCheck, NewTenant, Outside, PasswordCheck, Readiness, Refusal, RefusalKind, SignIn, SignInOutcome,
    change_password, command_of, create_tenant, decide, forgot_password, forgot_username, import_started, reset_again,
    reset_password, reset_sent, sign_in,
};

/// The password that whoever makes credentials hands over, and the one that its holder chose.
const HANDED_OVER: &str = "Start-7-word";
const OWN: &str = "Own-7-word";

/// A tenant as it goes on.
pub(crate) struct World {
    views: Views,
    clock: Instant,
    labels: HashMap<String, Position>,
    passwords: HashMap<SecretVersion, String>,
    import: Option<Position>,
}

/// What came of a row.
#[derive(Debug)]
enum Came {
    Happened(Vec<Recorded>),
    /// A status and a rule, the words, and what was recorded of it.
    Refused(String, String, Vec<Recorded>),
    Said(String),
}

/// Runs the rows of `table` in `world`. Panics with every row that came out otherwise than it says.
pub(crate) fn check(mut world: World, table: &str) -> World {
    let mut wrong = Vec::new();
    for row in table.lines().map(str::trim).filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let (when, then) = row.split_once(" |").map_or((row, None), |(when, then)| (when.trim(), Some(then.trim())));
        let came = world.row(when);
        let as_expected = match then {
            Some(then) => world.matches(then, &came),
            None => !matches!(came, Came::Refused(..)),
        };
        if !as_expected {
            wrong.push(format!("{row}\n    came: {}", world.shown(&came)));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    world
}

fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

impl World {
    /// A fresh tenant of edition `cloud` for anyone's first sign-in.
    pub(crate) fn cloud() -> World {
        World::new(Edition::Cloud, None)
    }

    /// A fresh tenant of edition `2017`.
    pub(crate) fn edition_2017() -> World {
        World::new(Edition::Edition2017, None)
    }

    /// A fresh tenant for which support named the account whose first sign-in makes the admin.
    pub(crate) fn for_first_admin(id: &str) -> World {
        World::new(Edition::Cloud, Some(account(id)))
    }

    /// The installation's own ledger, in which nothing happened yet.
    pub(crate) fn installation() -> World {
        World {
            views: Views::default(),
            clock: Instant::parse("2026-01-05T09:00:00Z").unwrap(),
            labels: HashMap::new(),
            passwords: HashMap::new(),
            import: None,
        }
    }

    /// A fresh tenant of edition `cloud` that belongs to a customer.
    pub(crate) fn of_customer(customer: &str) -> World {
        World::begun(Edition::Cloud, None, customer)
    }

    /// A tenant of edition `cloud` whose Admin User is bob, with sue, a SysAdmin, and ann, cy and dee, plain staff with
    /// RemoteService; DataStation is licensed. `bob admin` is the entry of bob's first sign-in, `sue admin` that of sue's
    /// becoming a SysAdmin, `start` the first entry.
    pub(crate) fn with_admin() -> World {
        let given = "
            staff bob RemoteService
            staff ann RemoteService
            staff cy RemoteService
            staff dee RemoteService
            staff sue
            sue-admin: manager make_system_administrator account=sue
            public pat
            contact con
            support record_subscription cloud_id=abcimis app=datastation status=active from=2026-01-01 ticket=T-1
            bob-admin: bob sign_in         | signed_in, admin_added@null
            sue sign_in plane=platform     | signed_in
        ";
        check(World::cloud(), given)
    }

    /// A history in which member types were granted to read an object, as each of `labels` is spelt.
    pub(crate) fn granted_as_spelt(&mut self, object: &str, labels: &[&str]) {
        let granted = |label: &&str| ObjectEvent::AccessGranted {
            object: ObjectPath::new(object).unwrap(),
            principal: Principal::MemberType(Label::new(label).unwrap()),
            right: AccessRight::Read,
            until: None,
        };
        let events = labels.iter().map(|label| (Some(Position(1)), Event::Object(granted(label)))).collect();
        self.append(Actor::Account { id: account("sue"), session: None }, "grant_access", events);
    }

    fn new(edition: Edition, first_admin: Option<AccountId>) -> World {
        World::begun(edition, first_admin, crate::LOCAL_CUSTOMER)
    }

    fn begun(edition: Edition, first_admin: Option<AccountId>, customer: &str) -> World {
        let mut world = World::installation();
        world.labels.insert("start".to_owned(), Position(1));
        let secret = world.new_secret(OWN);
        let new = NewTenant {
            cloud_id: CloudId::new("abcimis").unwrap(),
            edition,
            customer: CustomerName::new(customer).unwrap(),
            first_admin,
            manager_name: Sealed::clear("MANAGER"),
            manager_email: Some(SealedEmail { address: Sealed::clear("it@example.org"), valid: true }),
            secret,
            further: crate::Catalogue::default(),
        };
        let events = create_tenant(&new).into_iter().map(|event| (None, event)).collect();
        world.append(support(), "create_tenant", events);
        world
    }

    /// Now.
    fn now(&self) -> AsOf {
        AsOf { position: self.views.timeline.last(), clock: self.clock }
    }

    fn new_secret(&mut self, password: &str) -> SecretVersion {
        let version = SecretVersion(self.passwords.len() as u64 + 1);
        self.passwords.insert(version, password.to_owned());
        version
    }

    // --- Rows -----------------------------------------------------------------------------------------------------

    fn row(&mut self, when: &str) -> Came {
        let (label, when) = match when.split_once(": ") {
            Some((label, rest)) if !label.contains([' ', '=']) => (Some(label), rest.trim()),
            _ => (None, when), // any other row has no label
        };
        let (dry, when) = when.strip_prefix("dry ").map_or((false, when), |rest| (true, rest.trim()));
        let before = self.views.timeline.last();
        let came = self.act(when, dry);
        if let (Some(label), true) = (label, self.views.timeline.last() > before) {
            self.labels.insert(label.to_owned(), self.views.timeline.last());
        }
        if !matches!(when.split(' ').next(), Some("at" | "after")) {
            self.clock = self.clock.just_after();
        }
        came
    }

    fn act(&mut self, when: &str, dry: bool) -> Came {
        let (first, rest) = when.split_once(' ').unwrap_or((when, ""));
        let words: Vec<&str> = rest.split_whitespace().collect();
        match first {
            "at" => {
                self.clock = Instant::parse(rest).unwrap_or_else(|wrong| panic!("{rest}: {wrong}"));
                Came::Said(String::new())
            }
            "after" => {
                let (number, unit) = rest.split_at(rest.len() - 1);
                let minutes = match unit {
                    "m" => 1,
                    "h" => 60,
                    "d" => 24 * 60,
                    other => panic!("{other}: minutes, hours or days"),
                };
                self.clock = self.clock.plus_minutes(number.parse::<u32>().unwrap() * minutes);
                Came::Said(String::new())
            }
            "contact" | "public" | "casual" | "staff" => self.make(first, &words),
            "import-begins" => {
                let started = import_started(Ticket::new("T-9").unwrap(), None);
                self.append(support(), "import_started", vec![(None, started)]);
                self.import = Some(self.views.timeline.last());
                Came::Said(String::new())
            }
            "may" => Came::Said(self.may(&words)),
            "admins" => Came::Said(self.admins()),
            "failures" | "locked" | "expires" | "access" | "holds" | "sites" => Came::Said(self.ask(first, &words)),
            actor if words.first() == Some(&"sign_in") => self.sign_in(actor, &fields(&words[1..]), dry),
            actor if words.first() == Some(&"change_password") => self.change_password(actor, &fields(&words[1..])),
            "unsent" => Came::Said(self.unsent()),
            "moved-since" => Came::Said(self.moved_since(rest)),
            "guest"
                if matches!(words.first(), Some(&("forgot_password" | "forgot_username" | "reset_password")))
                    || matches!(words.first(), Some(&("link_made_anew" | "mail_handed_over"))) =>
            {
                self.by_mail(words[0], &fields(&words[1..]))
            }
            actor => self.give(actor, rest, dry),
        }
    }

    /// Makes an account: its contact, its credentials, a password of its own, and what else the words say.
    fn make(&mut self, kind: &str, words: &[&str]) -> Came {
        let (id, grants) = words.split_first().expect("an id");
        let mut rows = vec![format!("manager add_contact account={id} full_name={id} email={id}@example.org")];
        if kind != "contact" {
            let class = if kind == "staff" { "full" } else { kind };
            rows.push(format!(
                "manager create_credentials account={id} username={id} password={HANDED_OVER} user_class={class}"
            ));
            rows.push(format!("{id} change_password old={HANDED_OVER} new={OWN}"));
        }
        for grant in grants {
            rows.push(match grant.split_once('=') {
                Some((module, level)) => format!("manager set_level account={id} module={module} level={level}"),
                None => format!("manager assign_role account={id} role={grant}"),
            });
        }
        for row in rows {
            let came = self.row(&row);
            assert!(matches!(came, Came::Happened(_)), "{row}: {}", self.shown(&came));
        }
        Came::Said(String::new())
    }

    // --- Acting ---------------------------------------------------------------------------------------------------

    fn give(&mut self, actor: &str, commands: &str, dry: bool) -> Came {
        let door = if ["support", "relay"].contains(&actor) { Door::Support } else { Door::Tenant };
        let mut given = Vec::new();
        for words in commands.split(" ; ") {
            let words: Vec<&str> = words.split_whitespace().collect();
            let (name, rest) = words.split_first().expect("a command");
            let mut body = fields(rest);
            body.insert("name".to_owned(), Value::from(*name));
            match self.read(&Value::Object(body), door) {
                Ok(one) => given.push(one),
                Err(status) => return Came::Refused(status, String::new(), Vec::new()),
            }
        }
        let Some((acting, by)) = self.acting(actor) else {
            return Came::Refused("401".to_owned(), String::new(), Vec::new());
        };
        let commands: Vec<(Command, Outside)> = given
            .into_iter()
            .map(|(command, secrets)| {
                let outside = self.outside(&command, &secrets, acting);
                (command, outside)
            })
            .collect();
        match self.decide(acting, by.clone(), &commands) {
            Ok(entry) => {
                self.decided_again(acting, &commands, &entry);
                if !dry {
                    self.views.apply(&entry);
                }
                Came::Happened(entry.events)
            }
            Err(refusal) => self.refuse(&refusal, by, commands[0].0.name(), dry),
        }
    }

    fn read(&self, body: &Value, door: Door) -> Result<(Command, Secrets), String> {
        let by_username = |username: &grantbook_events::Username| {
            let number = self.views.names.usernames.get(username.as_str())?;
            self.views.account_id(self.views.credentials.owner(number, self.views.timeline.last())?)
        };
        let lookup = Lookup { account_by_username: &by_username, seal: &|_, _, text| Sealed::clear(text) };
        match parse(&CommandJson::from(body), door, &lookup) {
            Ok(given) => Ok((given.command, given.secrets)),
            Err(Problem::Malformed(_)) => Err("422".to_owned()),
            Err(Problem::UnknownAccount(_)) => Err("404".to_owned()),
        }
    }

    fn acting(&mut self, actor: &str) -> Option<(Acting, Actor)> {
        match actor {
            "guest" => return Some((Acting::Guest, Actor::Guest)),
            "support" => return Some((Acting::Support, support())),
            "relay" => return Some((Acting::Relayed, support())),
            "import" => {
                let started = self.import.expect("an import has begun");
                return Some((
                    Acting::Imported { started },
                    Actor::Account { id: account("elsewhere"), session: None },
                ));
            }
            _ => {} // any other is an account
        }
        let (id, label) = actor.split_once('@').map_or((actor, None), |(id, label)| (id, Some(label)));
        let who = self.views.account(&account(id))?;
        if id == "manager" && label.is_none() && self.session(who, None).is_none() {
            let fields = fields(&["plane=platform"]);
            assert!(matches!(self.sign_in(id, &fields, false), Came::Happened(_)), "MANAGER signs in");
            self.clock = self.clock.just_after();
        }
        let session = self.session(who, label)?;
        Some((Acting::Account { who, session }, Actor::Account { id: account(id), session: Some(session) }))
    }

    /// The session of a label, or the latest, where it is alive.
    fn session(&self, who: u32, label: Option<&str>) -> Option<Position> {
        let now = self.now();
        let alive = |session: &Position| {
            let standing = Standing::Session { signed_in: *session };
            let own = On::Account(Some(who));
            let question = Question { views: &self.views, who: Who::Account(who), standing, on: own, as_of: now };
            self.views.sessions.open(*session, now) && may(&question, Capability::AccountEndSession).allowed()
        };
        match label {
            Some(label) => Some(self.labels[label]).filter(alive),
            None => {
                let mut sessions = self.views.sessions.of_account(who).map(|session| session.position).rev();
                sessions.find(alive)
            }
        }
    }

    fn decide(&mut self, acting: Acting, by: Actor, commands: &[(Command, Outside)]) -> Result<Entry, Refusal> {
        let before = self.now();
        let mut entry = self.entry(by, Vec::new());
        entry.commands = commands.iter().map(|(command, _)| note(command.name())).collect();
        self.views.begin(&entry);
        let mut outcome = Ok(());
        for (index, (command, outside)) in commands.iter().enumerate() {
            let position = if index == 0 { before.position } else { self.views.timeline.last() };
            let now = AsOf { position, ..before };
            let case = Case { views: &self.views, before, now, acting, outside: *outside };
            match decide(command, &case) {
                Ok(events) => {
                    let from = entry.events.len();
                    let index = u32::try_from(index).unwrap();
                    let recorded =
                        events.into_iter().map(|(authority, event)| Recorded { authority, command: index, event });
                    entry.events.extend(recorded);
                    self.views.go_on(&entry, from);
                }
                Err(refusal) => {
                    outcome = Err(refusal);
                    break;
                }
            }
        }
        self.views.retract();
        outcome.map(|()| entry)
    }

    /// An entry can be decided again: the commands read back from its events, with what they had learnt, give the same.
    fn decided_again(&mut self, acting: Acting, commands: &[(Command, Outside)], entry: &Entry) {
        let again: Vec<(Command, Outside)> = (0u32..)
            .zip(&entry.commands)
            .map(|(index, note)| {
                let own = entry.events.iter().filter(|recorded| recorded.command == index);
                let events: Vec<&Event> = own.map(|recorded| &recorded.event).collect();
                command_of(note, &events).unwrap_or_else(|| panic!("{note:?}: no command can be read back"))
            })
            .collect();
        let repeated = self.decide(acting, entry.actor.clone(), &again);
        assert_eq!(repeated.map(|entry| entry.events).as_ref(), Ok(&entry.events), "{commands:?}");
    }

    fn refuse(&mut self, refusal: &Refusal, by: Actor, name: &str, dry: bool) -> Came {
        let status = match refusal.kind {
            RefusalKind::Malformed => "422",
            RefusalKind::Forbidden => "403",
            RefusalKind::NotFound => "404",
            RefusalKind::Conflict => "409",
        };
        let recorded = refusal.recorded.events.clone();
        if !recorded.is_empty() && !dry {
            self.append(by, name, recorded.clone());
        }
        let recorded =
            recorded.into_iter().map(|(authority, event)| Recorded { authority, command: 0, event }).collect();
        let told = refusal.rule.map_or_else(|| status.to_owned(), |rule| format!("{status} {rule}"));
        Came::Refused(told, refusal.message.clone(), recorded)
    }

    /// What the ledger would learn of passwords.
    fn outside(&mut self, command: &Command, secrets: &Secrets, acting: Acting) -> Outside {
        let mut outside = Outside::default();
        let text = secrets.password.as_ref().map(|password| password.as_str());
        match command {
            Command::Credentials(CredentialsCommand::ChangeOwnPassword) => {
                let Acting::Account { who, .. } = acting else { return outside };
                let old = secrets.old.as_ref().map(|old| old.as_str());
                outside.check = Some(self.look(who, old));
                outside.same_password = old == text;
                outside.new_password = text.map(|text| (PasswordShape::of(text), self.new_secret(text)));
            }
            Command::Dashboard(DashboardCommand::SetBackgroundAccount { account }) => {
                let who = self.views.account(account);
                outside.check = Some(who.map_or(PasswordCheck::Wrong, |who| self.look(who, text)));
            }
            Command::Support(SupportCommand::RotateManagerPassword) => {
                outside.new_password = Some((PasswordShape::ACCEPTED, self.new_secret("Rotated-7-word")));
            }
            // What the site's name says of it.
            Command::Customer(CustomerCommand::CheckReadiness { url, .. }) => {
                let found = ReadinessProblem::ALL.iter().filter(|problem| url.as_str().contains(problem.slug()));
                outside.readiness = Some(found.fold(Readiness::default(), |seen, problem| seen.and(*problem, None)));
            }
            Command::Credentials(CredentialsCommand::EnrolSecondFactor) => {
                outside.seed = Some(self.new_secret("a seed"));
            }
            Command::Credentials(CredentialsCommand::ConfirmSecondFactor) => {
                outside.code = code_seen(secrets.code.as_ref().map(|code| code.as_str()));
            }
            Command::Credentials(_) => {
                outside.new_password = text.map(|text| (PasswordShape::of(text), self.new_secret(text)));
            }
            Command::Webhook(_) => outside.webhook = Some(self.new_secret("a webhook's")),
            Command::Mail(_) => outside.token = Some(self.new_secret("a link")),
            Command::Contact(_)
            | Command::Dashboard(_)
            | Command::Role(_)
            | Command::Group(_)
            | Command::Object(_)
            | Command::Keeping(_)
            | Command::Organisation(_)
            | Command::ContentAuthority(_)
            | Command::Query(_)
            | Command::Visibility(_)
            | Command::Book(_)
            | Command::Customer(_)
            | Command::Support(_)
            | Command::Community(_)
            | Command::Separation(_)
            | Command::Review(_) => {}
        }
        outside
    }

    fn look(&self, who: u32, text: Option<&str>) -> PasswordCheck {
        let Some(version) = self.version(who) else { return PasswordCheck::Wrong };
        match text {
            Some("vault-mismatch") => PasswordCheck::VaultMismatch,
            Some(text) if self.passwords[&version] == text => PasswordCheck::Matched,
            Some(_) | None => PasswordCheck::Wrong,
        }
    }

    fn version(&self, who: u32) -> Option<SecretVersion> {
        self.views.credentials.secret(who, self.views.timeline.last()).map(|(_, secret)| secret.version)
    }

    fn sign_in(&mut self, id: &str, fields: &Map<String, Value>, dry: bool) -> Came {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let who = self.views.account(&account(id));
        let own = who.and_then(|who| self.version(who)).map(|version| self.passwords[&version].clone());
        let password = text("password").map(str::to_owned).or(own);
        let token = Some(self.new_secret("a token"));
        let outside = Outside {
            check: Some(who.map_or(PasswordCheck::Wrong, |who| self.look(who, password.as_deref()))),
            token,
            code: code_seen(text("code")),
            ..Outside::default()
        };
        let attempt = SignIn {
            account: account(id),
            plane: SignInPlane::parse(text("plane").unwrap_or("dashboard")).unwrap(),
            client: Client::parse(text("client").unwrap_or("browser")).unwrap(),
            browser: fields.get("browser").and_then(Value::as_u64).unwrap_or(0),
        };
        let now = self.now();
        let case = Case { views: &self.views, before: now, now, acting: Acting::Guest, outside };
        match sign_in(&attempt, &case) {
            SignInOutcome::MustChange => Came::Said("must change".to_owned()),
            SignInOutcome::Refused(refusal) => self.refuse(&refusal, Actor::Guest, "sign_in", dry),
            SignInOutcome::SignedIn { events, .. } => self.happened(id, "sign_in", events, dry),
        }
    }

    fn change_password(&mut self, id: &str, fields: &Map<String, Value>) -> Came {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (old, new) = (text("old"), text("new"));
        let who = self.views.account(&account(id));
        let outside = Outside {
            check: Some(who.map_or(PasswordCheck::Wrong, |who| self.look(who, Some(&old)))),
            new_password: Some((PasswordShape::of(&new), self.new_secret(&new))),
            same_password: old == new,
            code: code_seen(fields.get("code").and_then(Value::as_str)),
            ..Outside::default()
        };
        let now = self.now();
        let case = Case { views: &self.views, before: now, now, acting: Acting::Guest, outside };
        match change_password(&account(id), &case) {
            Ok(events) => {
                // Decided again from its events, it is the same.
                let told: Vec<&Event> = events.iter().map(|(_, event)| event).collect();
                let (_, learnt) = command_of(&note("change_own_password"), &told).expect("a command");
                assert_eq!(change_password(&account(id), &Case { outside: learnt, ..case }).as_ref(), Ok(&events));
                self.happened(id, "change_own_password", events, false)
            }
            Err(refusal) => self.refuse(&refusal, Actor::Guest, "change_own_password", false),
        }
    }

    /// What guests ask for by mail; `none` where nothing comes of it. `at` is the label of the entry that asked for a reset.
    fn by_mail(&mut self, what: &str, fields: &Map<String, Value>) -> Came {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let id = text("account").map(account);
        let new = text("new").unwrap_or(OWN);
        let same = id.as_ref().and_then(|id| self.views.account(id)).map(|who| self.look(who, Some(new)));
        let outside = Outside {
            token: Some(self.new_secret("a link")),
            new_password: Some((PasswordShape::of(new), self.new_secret(new))),
            same_password: same == Some(PasswordCheck::Matched),
            ..Outside::default()
        };
        let now = self.now();
        let case = Case { views: &self.views, before: now, now, acting: Acting::Guest, outside };
        let username = text("username").map(|name| grantbook_events::Username::new(name).unwrap());
        let decided = match (what, &id) {
            ("forgot_password", Some(id)) => forgot_password(id, &case),
            ("forgot_username", Some(id)) => forgot_username(id, username.as_ref(), &case),
            // What the outbox does by itself, not a guest.
            ("link_made_anew", Some(id)) => {
                reset_again(id, self.labels[text("at").expect("the label of a reset")], &case)
                    .map(|event| vec![(None, event)])
            }
            ("mail_handed_over", Some(id)) => {
                let requested = self.labels[text("at").expect("the label of a reset")];
                Some(vec![(None, reset_sent(id.clone(), requested))])
            }
            // Any other is the use of a link.
            _ => {
                let link = id.as_ref().map(|id| (id, self.labels[text("at").expect("the label of a reset")]));
                match reset_password(link, &case) {
                    Ok(events) => Some(events),
                    Err(refusal) => return self.refuse(&refusal, Actor::Guest, what, false),
                }
            }
        };
        let Some(events) = decided else { return Came::Said("none".to_owned()) };
        let recorded = events.iter().map(|(authority, event)| Recorded {
            authority: *authority,
            command: 0,
            event: event.clone(),
        });
        let recorded = recorded.collect();
        self.append(Actor::Guest, what, events);
        Came::Happened(recorded)
    }

    fn happened(&mut self, id: &str, name: &str, events: Vec<(Option<Position>, Event)>, dry: bool) -> Came {
        let recorded = events.iter().map(|(authority, event)| Recorded {
            authority: *authority,
            command: 0,
            event: event.clone(),
        });
        let recorded = recorded.collect();
        if !dry {
            self.append(Actor::Account { id: account(id), session: None }, name, events);
        }
        Came::Happened(recorded)
    }

    fn append(&mut self, actor: Actor, name: &str, events: Vec<(Option<Position>, Event)>) {
        let events = events.into_iter().map(|(authority, event)| Recorded { authority, command: 0, event }).collect();
        let entry = Entry { commands: vec![note(name)], ..self.entry(actor, events) };
        self.views.apply(&entry);
    }

    fn entry(&self, actor: Actor, events: Vec<Recorded>) -> Entry {
        Entry { actor, events, ..Entry::bare(self.clock) }
    }
}

/// A code in these tables is the number of its time step; what is above 90000 is wrong, and `vault-mismatch` shows nothing.
fn code_seen(code: Option<&str>) -> Option<CodeCheck> {
    let step = match code? {
        "vault-mismatch" => return Some(CodeCheck::VaultMismatch),
        code => code.parse().unwrap(), // any other is a number
    };
    Some(if step > 90_000 { CodeCheck::Wrong } else { CodeCheck::Matched { step } })
}

/// `field=value ...` as JSON: a value that is JSON is taken as such, all else as text.
fn fields(words: &[&str]) -> Map<String, Value> {
    let field = |word: &&str| {
        let (name, value) = word.split_once('=').unwrap_or_else(|| panic!("{word}: field=value"));
        let value = match serde_json::from_str(value) {
            Ok(value) => value,
            Err(_) => Value::from(value),
        };
        (name.to_owned(), value)
    };
    words.iter().map(field).collect()
}

fn note(name: &str) -> CommandNote {
    CommandNote { name: CommandName::new(name).unwrap(), reason: None }
}

fn support() -> Actor {
    Actor::Support { operator: OperatorName::new("sal").unwrap() }
}
