//! The repair plan: rehearsed on a copy of the views, command by command, each by somebody who may give it, so that it is
//! legal when it comes to its turn.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, btree_map};

use grantbook_decisions::command::{CommandJson, Door, Lookup, PasswordShape, describe, parse};
use grantbook_decisions::{Acting, Case, Outside, PasswordCheck, decide};
use grantbook_events::{
    AccountId, Actor, Client, CommandName, CommandNote, Entry, Event, Instant, OperatorName, Position, Recorded,
    Sealed, SecretVersion, SessionEnd, SignInEvent, SignInPlane,
};
use grantbook_projections::{AsOf, Views};
use grantbook_rights::{Capability, On, Question, Standing, Verdict, Who, candidates, may};
use serde_json::{Value, json};

use super::spread::Spread;
use super::thing::{Thing, things};
use super::undo::{Undo, Wanted, undo};
use crate::sentences::sentence;
use crate::shown::Shown;

/// Who must give a command.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum By {
    /// A system administrator.
    SystemAdministrator,
    /// An Admin User.
    AdminUser,
    /// Support, with a ticket.
    Support,
}

impl By {
    /// As it is shown.
    pub fn slug(self) -> &'static str {
        match self {
            By::SystemAdministrator => "system_administrator",
            By::AdminUser => "admin_user",
            By::Support => "support",
        }
    }

    fn of(command: &Value) -> By {
        match command.get("name").and_then(Value::as_str) {
            Some("add_admin" | "remove_admin" | "assign_app_user" | "remove_app_user" | "set_background_account") => {
                By::AdminUser
            }
            Some("rotate_manager_password") => By::Support,
            Some(_) | None => By::SystemAdministrator,
        }
    }
}

/// One command of the plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The command, as it is given; without the secret, which is asked for when it is.
    pub command: Value,
    /// Who must give it.
    pub by: By,
    /// The account by which it was rehearsed; none for support.
    pub for_example: Option<AccountId>,
    /// The entries whose doing it undoes; none where it takes back a password that is known.
    pub undoes: Vec<Position>,
    /// The field of the secret that is asked for.
    pub secret: Option<&'static str>,
    /// What changes besides, because rules have it so.
    pub forces: Vec<String>,
}

/// Something that no command of the plan undoes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Left {
    /// The entries whose doing stays.
    pub undoes: Vec<Position>,
    /// Why, and what to do instead.
    pub why: String,
    /// The rule that refuses the command, where one does.
    pub rule: Option<&'static str>,
}

/// The commands that undo, in order, and what they do not undo.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Repair {
    /// In order.
    pub steps: Vec<Step>,
    /// What stays.
    pub left: Vec<Left>,
    /// How many things a plan of so many commands has no room for: it is carried out, and another is asked for.
    pub later: usize,
    /// The things that steps changed besides those that they undo.
    pub(super) forced: BTreeSet<Thing>,
    /// The things that were to be undone.
    pub(super) undone: BTreeSet<Thing>,
}

/// Passes over what is left: each may make room for more.
const MOST_PASSES: usize = 8;

/// So many accounts are tried before a command counts as refused.
const MOST_TRIED: usize = 6;

/// A thing to be undone: what it should be, and which entries made it what it is.
struct Task {
    thing: Thing,
    want: Value,
    then: AsOf,
    undoes: Vec<Position>,
    refused: Option<Left>,
    done: bool,
}

impl Task {
    fn new(thing: Thing, want: Value, then: AsOf, undoes: Vec<Position>) -> Task {
        Task { thing, want, then, undoes, refused: None, done: false }
    }
}

/// The plan for what came of `spread`, of hardly more than `most` commands, as things are after the last entry, with the clock
/// of `shown`. The copy of the views on which it was rehearsed is given back.
pub(super) fn repair(shown: &Shown<'_>, spread: &Spread, most: usize) -> (Repair, Views) {
    let now = AsOf { position: shown.views.timeline.last(), clock: shown.as_of.clock };
    let mut ahead = Ahead::of(shown, spread, now);
    let mut rehearsal = Rehearsal::new(shown, spread, now);
    let (mut tasks, mut repair) = (Vec::new(), Repair::default());
    while repair.steps.len() < most
        && let Some(mut task) = ahead.next()
    {
        rehearsal.carry_out(&mut task, &mut repair);
        repair.undone.insert(task.thing.clone());
        tasks.push(task);
    }
    for _ in 1..MOST_PASSES {
        let steps = repair.steps.len();
        for task in &mut tasks {
            if repair.steps.len() < most {
                rehearsal.carry_out(task, &mut repair);
            }
        }
        if repair.steps.len() == steps || repair.steps.len() >= most {
            break;
        }
    }
    let full = repair.steps.len() >= most;
    for task in tasks {
        if rehearsal.remains(&task) {
            match task.refused {
                Some(refused) => repair.left.push(refused),
                None => repair.later += usize::from(full),
            }
        }
    }
    repair.later += ahead.rest().filter(|task| rehearsal.remains(task)).count();
    (repair, rehearsal.views)
}

/// A thing, and every entry that set it with whether that one counts.
type Set<'a> = (&'a Thing, &'a [(Position, bool)]);

/// What is to be undone and has not come to its turn, in the order of the things: there may be millions, of which a plan has
/// room for few.
struct Ahead<'a> {
    shown: &'a Shown<'a>,
    now: AsOf,
    /// Passwords and sessions, which come first of all things; in order.
    doors: btree_map::IntoIter<Thing, Vec<Position>>,
    /// Any other that was set last by what counts.
    things: BinaryHeap<Reverse<Set<'a>>>,
}

impl<'a> Ahead<'a> {
    fn of(shown: &'a Shown<'a>, spread: &'a Spread, now: AsOf) -> Ahead<'a> {
        let views = shown.views;
        let mut doors = BTreeMap::new();
        let goes = |account: &AccountId| {
            let credentials = Thing::Credentials(account.clone());
            let touched = spread.set.get(&credentials).filter(|touched| ends_counted(&touched.entries));
            let task = touched.and_then(|touched| task(shown, now, &credentials, &touched.entries));
            task.is_some_and(|task| task.want == false)
        };
        // A password that is known is changed, unless the credentials go altogether; sessions end with it.
        let ours = spread.set.iter().filter_map(|(thing, touched)| {
            let Thing::Password(account) = thing else { return None };
            ends_counted(&touched.entries).then(|| account.clone())
        });
        let known: BTreeSet<AccountId> = spread.known_passwords().into_iter().chain(ours).collect();
        for account in known {
            let who = views.account(&account);
            let there = who.is_some_and(|who| views.credentials.secret(who, now.position).is_some());
            if there && !goes(&account) && !spread.password_was_taken_back(&account) {
                let password = Thing::Password(account);
                let undoes = spread.set.get(&password).into_iter().flat_map(|touched| &touched.entries);
                let undoes = undoes.filter(|(position, counts)| *counts && *position >= spread.since);
                let undoes = undoes.map(|(position, _)| *position).collect::<Vec<_>>();
                doors.insert(password, undoes);
            }
        }
        let in_hands = std::iter::once(&spread.root).chain(spread.reached.keys());
        for who in in_hands.filter_map(|account| views.account(account)) {
            for session in views.sessions.of_account(who) {
                if session.position >= spread.since && views.sessions.open(session.position, now) {
                    doors.insert(Thing::Session(session.position), vec![session.position]);
                }
            }
        }
        let others = spread.set.iter().filter(|(thing, touched)| {
            ends_counted(&touched.entries) && !matches!(thing, Thing::Session(_) | Thing::Password(_))
        });
        let things = others.map(|(thing, touched)| Reverse((thing, touched.entries.as_slice()))).collect();
        Ahead { shown, now, doors: doors.into_iter(), things }
    }

    /// The next in order.
    fn next(&mut self) -> Option<Task> {
        if let Some((thing, undoes)) = self.doors.next() {
            return Some(door(self.now, thing, undoes));
        }
        while let Some(Reverse((thing, entries))) = self.things.pop() {
            if let Some(task) = task(self.shown, self.now, thing, entries) {
                return Some(task);
            }
        }
        None
    }

    /// All that is left, in any order.
    fn rest(self) -> impl Iterator<Item = Task> {
        let Ahead { shown, now, doors, things } = self;
        let things = things.into_iter().filter_map(move |Reverse((thing, entries))| task(shown, now, thing, entries));
        doors.map(move |(thing, undoes)| door(now, thing, undoes)).chain(things)
    }
}

/// A password to be changed, or a session to be ended.
fn door(now: AsOf, thing: Thing, undoes: Vec<Position>) -> Task {
    Task::new(thing, json!(false), now, undoes)
}

/// Whether what set a thing last counts.
fn ends_counted(entries: &[(Position, bool)]) -> bool {
    entries.last().is_some_and(|(_, counts)| *counts)
}

/// What to do about a thing that these entries set; none where it is as it was before those that count.
fn task(shown: &Shown<'_>, now: AsOf, thing: &Thing, entries: &[(Position, bool)]) -> Option<Task> {
    let (first, _) = entries.first()?;
    let sound = entries.iter().rev().find(|(_, counts)| !counts).map_or(first.before(), |(position, _)| *position);
    let then = AsOf { position: sound, clock: now.clock };
    let want = thing.state(shown.views, then);
    if thing.state(shown.views, now) == want {
        return None;
    }
    let undoes = entries.iter().map(|(position, _)| *position).filter(|position| *position > sound).collect();
    Some(Task::new(thing.clone(), want, then, undoes))
}

/// The views as they become when the plan is carried out.
struct Rehearsal<'a> {
    shown: &'a Shown<'a>,
    spread: &'a Spread,
    views: Views,
    clock: Instant,
    sessions: BTreeMap<u32, Position>,
    secrets: u64,
}

impl<'a> Rehearsal<'a> {
    fn new(shown: &'a Shown<'a>, spread: &'a Spread, now: AsOf) -> Rehearsal<'a> {
        let views = shown.views.clone();
        let clock = now.clock.max(views.timeline.last_at());
        Rehearsal { shown, spread, views, clock, sessions: BTreeMap::new(), secrets: u64::MAX / 2 }
    }

    fn now(&self) -> AsOf {
        AsOf { position: self.views.timeline.last(), clock: self.clock }
    }

    /// Whether a thing that was to be undone is not.
    fn remains(&self, task: &Task) -> bool {
        !task.done && task.thing.state(&self.views, self.now()) != task.want
    }

    fn carry_out(&mut self, task: &mut Task, repair: &mut Repair) {
        let state = task.thing.state(&self.views, self.now());
        let gone = state.is_null() && matches!(task.thing, Thing::Password(_));
        if task.done || state == task.want || gone {
            return;
        }
        let wanted = Wanted { state: &task.want, then: task.then, shown: self.shown };
        let commands = match undo(&task.thing, &state, &wanted) {
            Undo::Commands(commands) => commands,
            Undo::ByHand(why) => {
                task.refused = Some(Left { undoes: task.undoes.clone(), why, rule: None });
                return;
            }
        };
        for command in commands {
            match self.give(command, &task.undoes) {
                Ok((step, events)) => {
                    let besides = |thing: &Thing| *thing != task.thing;
                    repair.forced.extend(events.iter().flat_map(things).filter(besides));
                    repair.steps.push(step.besides(self.shown, &events, &task.thing));
                    // These show no state to compare: a new password is as good as another.
                    task.done = matches!(
                        task.thing,
                        Thing::Password(_) | Thing::SecondFactor(_) | Thing::CredentialEmail(_) | Thing::Background
                    );
                }
                Err(left) => {
                    task.refused = Some(left);
                    return;
                }
            }
        }
    }

    /// Gives a command by whoever may. Errors: nobody may, and why.
    fn give(&mut self, command: Value, undoes: &[Position]) -> Result<(Step, Vec<Event>), Left> {
        let by = By::of(&command);
        let command = reasoned(command, self.spread, undoes, by, &self.views);
        let mut refused = None;
        for actor in self.actors(by) {
            match self.try_by(&command, actor) {
                Ok(events) => {
                    let secret = password_field(&command);
                    let step = Step {
                        command,
                        by,
                        for_example: actor.and_then(|who| self.views.account_id(who)),
                        undoes: undoes.to_vec(),
                        secret,
                        forces: Vec::new(),
                    };
                    return Ok((step, events));
                }
                Err(left) => refused = Some(refused.unwrap_or(left)),
            }
        }
        let nobody = || Left { undoes: Vec::new(), why: "nobody is left who may do it".to_owned(), rule: None };
        Err(Left { undoes: undoes.to_vec(), ..refused.unwrap_or_else(nobody) })
    }

    /// Who may be asked to give such a command: those whom the compromise does not touch first, MANAGER after them (it is
    /// for the beginning, rule: M1), last the account itself, once its password is its own again. `None` for support.
    fn actors(&self, by: By) -> Vec<Option<u32>> {
        let capability = match by {
            By::Support => return vec![None],
            By::SystemAdministrator => Capability::RolesAssign,
            By::AdminUser => Capability::DashboardManageAdmins,
        };
        let now = self.now();
        let mut found = Vec::new();
        for who in candidates(&self.views, capability).unwrap_or_default() {
            let Some(id) = self.views.account_id(who) else { continue };
            let question = Question {
                views: &self.views,
                who: Who::Account(who),
                standing: Standing::Fresh,
                on: On::Nothing,
                as_of: now,
            };
            if let Verdict::Allowed { authority } = may(&question, capability) {
                let touched = self.spread.has(&id) || self.spread.counts(authority);
                found.push((touched, id == AccountId::manager(), id, who));
            }
        }
        found.sort();
        found.into_iter().map(|(_, _, _, who)| Some(who)).take(MOST_TRIED).collect()
    }

    fn try_by(&mut self, command: &Value, actor: Option<u32>) -> Result<Vec<Event>, Left> {
        let refused = |why: String, rule| Left { undoes: Vec::new(), why, rule };
        let mut whole = command.clone();
        if let (Some(fields), Some(password)) = (whole.as_object_mut(), password_field(command)) {
            fields.insert(password.to_owned(), "rehearsal-1".into());
        }
        let lookup = Lookup { account_by_username: &|_| None, seal: &|_, _, text| Sealed::clear(text) };
        let door = if actor.is_some() { Door::Tenant } else { Door::Support };
        let given =
            parse(&CommandJson::from(&whole), door, &lookup).map_err(|problem| refused(problem.to_string(), None))?;
        let (acting, session) = match actor {
            None => (Acting::Support, None),
            Some(who) => {
                let session = self.session(who);
                (Acting::Account { who, session }, Some(session))
            }
        };
        self.secrets += 1;
        let secret = SecretVersion(self.secrets);
        let outside = Outside {
            new_password: Some((PasswordShape::ACCEPTED, secret)),
            check: Some(PasswordCheck::Matched),
            ..Outside::default()
        };
        let now = self.now();
        let case = Case { views: &self.views, before: now, now, acting, outside };
        let decided =
            decide(&given.command, &case).map_err(|refusal| refused(refusal.message.clone(), refusal.rule))?;
        let who = match (actor.and_then(|who| self.views.account_id(who)), session) {
            (Some(id), session) => Actor::Account { id, session },
            (None, _) => support(),
        };
        let events: Vec<Event> = decided.iter().map(|(_, event)| event.clone()).collect();
        self.append(who, given.command.name(), decided);
        Ok(events)
    }

    /// A session of an account that begins now, so that it has what the account has now (rule: A7).
    fn session(&mut self, who: u32) -> Position {
        let now = self.now();
        if let Some(session) = self.sessions.get(&who).filter(|session| self.views.sessions.open(**session, now)) {
            return *session;
        }
        self.secrets += 1;
        let account = self.views.account_id(who).unwrap_or_else(AccountId::manager);
        let event = SignInEvent::SignedIn {
            account: account.clone(),
            plane: SignInPlane::Platform,
            client: Client::Browser,
            browser: 0,
            token: SecretVersion(self.secrets),
            expires_at: self.clock.plus_minutes(720),
            expiration: None,
        };
        // Of staff it ends those in other browsers (rule: S5).
        let sessions = self
            .views
            .sessions
            .of_account(who)
            .filter(|session| session.client == Client::Browser && self.views.sessions.open(session.position, now));
        let ended = sessions.map(|session| {
            let (account, because) = (account.clone(), SessionEnd::Superseded);
            SignInEvent::SessionEnded { account, session: session.position, because }
        });
        let events = ended.chain([event]).map(|event| (None, Event::SignIn(event))).collect();
        self.append(Actor::Account { id: account, session: None }, "sign_in", events);
        let session = self.views.timeline.last();
        self.sessions.insert(who, session);
        session
    }

    fn append(&mut self, actor: Actor, name: &str, events: Vec<(Option<Position>, Event)>) {
        let recorded = |(authority, event)| Recorded { authority, command: 0, event };
        let entry = Entry {
            actor,
            commands: CommandName::new(name).into_iter().map(|name| CommandNote { name, reason: None }).collect(),
            events: events.into_iter().map(recorded).collect(),
            ..Entry::bare(self.clock)
        };
        self.views.apply(&entry);
    }
}

/// The field of the password that a command comes with.
fn password_field(command: &Value) -> Option<&'static str> {
    describe(command.get("name")?.as_str()?)?.password()
}

fn support() -> Actor {
    OperatorName::new("support").map_or(Actor::System, |operator| Actor::Support { operator })
}

/// The command with why it is given, and what support says beside it.
fn reasoned(mut command: Value, spread: &Spread, undoes: &[Position], by: By, views: &Views) -> Value {
    let Some(fields) = command.as_object_mut() else { return command };
    let what: Vec<String> = undoes.iter().map(ToString::to_string).collect();
    let what =
        if what.is_empty() { "a password that is known".to_owned() } else { format!("position {}", what.join(", ")) };
    let reason = format!("undoes {what}: {} was compromised from position {} on", spread.root, spread.since);
    if by == By::Support {
        let genesis = views.tenant.genesis(views.timeline.last()).map(|genesis| genesis.cloud_id.as_str());
        fields.insert("cloud_id".to_owned(), genesis.into());
        fields.insert("ticket".to_owned(), format!("compromise-of-{}", spread.root).into());
    }
    fields.insert("reason".to_owned(), reason.chars().take(500).collect::<String>().into());
    command
}

impl Step {
    /// The step with what its events changed besides what it undoes.
    fn besides(self, shown: &Shown<'_>, events: &[Event], thing: &Thing) -> Step {
        let forces = events.iter().filter(|event| {
            let sets = things(event);
            !sets.is_empty() && !sets.contains(thing)
        });
        Step { forces: forces.map(|event| sentence(shown, &Actor::System, event)).collect(), ..self }
    }
}
