//! Killed at any moment under load: nothing that was acknowledged is lost, nothing has a gap, the ledger opens every time,
//! the vault fits the journal, and a command that was never answered can be given again with its key.
//!
//! The test runs itself again as a ledger at work, which tells of everything before it asks and after it is answered, and
//! kills it.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use grantbook::verify::verify;
use grantbook_ledger::events::{Client, Position, SignInPlane};
use grantbook_ledger::{Caller, Credentials, Ledger, LedgerError, Origin, Point, SignedIn, TenantHandle, Terms};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{OWN_PASSWORD, Random, caller, cloud_id, give, number, open, sign_in, staff, tenant};

const WORKER: &str = "GRANTBOOK_TEST_LEDGER_AT_WORK";
const TENANTS: [&str; 2] = ["abcimis", "other"];
/// Accounts in each tenant whose roles are given and taken, each by a task of its own.
const HANDS: usize = 8;
const ROLE: &str = "Passing";
/// After so many kills another book is begun: each is checked from its first entry after every kill.
const ROUNDS_OF_ONE_BOOK: usize = 50;

/// Says something to whoever reads this process. A line of its own, whatever the test harness has begun to write.
fn say(words: &[&str]) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nsaid\t{}", words.join("\t")).unwrap();
    out.flush().unwrap();
}

/// Not a test of its own: a ledger at work, when asked for, until it is killed.
#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_at_work() {
    let Ok(dir) = std::env::var(WORKER) else { return };
    let ledger = open(Path::new(&dir)).await;
    let mut tasks = tokio::task::JoinSet::new();
    for name in TENANTS {
        let tenant = ledger.tenant_named(&cloud_id(name)).unwrap();
        let boss = sign_in(&tenant, "boss", OWN_PASSWORD, SignInPlane::Platform).await.unwrap();
        let boss = caller(&ledger, &boss);
        for hand in 0..HANDS {
            tasks.spawn(give_and_take(name, tenant.clone(), boss.clone(), hand));
        }
        tasks.spawn(change_passwords(name, tenant.clone()));
        tasks.spawn(visit(name, ledger.clone(), tenant.clone()));
        tasks.spawn(add_contacts(name, tenant.clone(), boss));
    }
    tasks.join_all().await;
}

/// Gives a role and takes it away, each time with a key of its own.
async fn give_and_take(name: &str, tenant: TenantHandle, boss: Caller, hand: usize) {
    let account = format!("hand-{hand}");
    let shown = tenant.ask(Point::Now, |views, now| {
        let role = grantbook_ledger::events::RoleName::new(ROLE).unwrap();
        let role = views.roles.number(&views.names, &role, now.position).unwrap();
        views.names.accounts.get(&account).is_some_and(|who| views.roles.held(who, role, now).is_some())
    });
    let mut held = shown.await.unwrap();
    loop {
        let command = if held { "remove_role" } else { "assign_role" };
        let body = json!({"name": command, "account": account, "role": ROLE}).to_string();
        let key = Uuid::new_v4();
        say(&["asked", name, &key.to_string(), &body]);
        let terms = Terms { key: Some(*key.as_bytes()), ..Terms::default() };
        let done = tenant.command(&boss, &serde_json::from_str::<Value>(&body).unwrap(), &terms).await.unwrap();
        say(&["told", name, &key.to_string(), &done.position.unwrap().to_string()]);
        held = !held;
    }
}

/// Changes a password again and again; the number of the one in force is in the file of the account's city.
async fn change_passwords(name: &str, tenant: TenantHandle) {
    // Which one is in force now: the last that the parent knows of, or the one after it.
    let known: u64 = std::env::var(format!("PASSWORD_{name}")).unwrap().parse().unwrap();
    let mut number = known;
    for candidate in [known, known + 1] {
        if sign_in(&tenant, "changer", &password(candidate), SignInPlane::Platform).await.is_ok() {
            number = candidate;
            // Who is killed before the next is told would else leave two behind that nobody was told of.
            say(&["password-told", name, &number.to_string()]);
        }
    }
    loop {
        say(&["password-asked", name, &(number + 1).to_string()]);
        let origin = Origin::default();
        tenant.change_password("changer", &password(number), &password(number + 1), &origin).await.unwrap();
        number += 1;
        say(&["password-told", name, &number.to_string()]);
    }
}

fn password(number: u64) -> String {
    if number == 0 { OWN_PASSWORD.to_owned() } else { format!("password number {number}") }
}

/// Signs in as an application does, which ends no other session.
async fn visit(name: &str, ledger: Ledger, tenant: TenantHandle) {
    loop {
        let who = Credentials {
            username: "visitor".to_owned(),
            password: OWN_PASSWORD.to_owned().into(),
            plane: SignInPlane::Platform,
            client: Client::Application,
            code: None,
            browser: String::new(),
        };
        let SignedIn::Session { token, done, .. } = tenant.sign_in(&who, &Origin::default()).await.unwrap() else {
            panic!("the visitor has nothing to change")
        };
        assert!(ledger.caller(token.reveal()).is_some());
        say(&["session", name, token.reveal(), &done.position.unwrap().to_string()]);
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

/// Adds contacts, each with a key of its own that seals its name.
async fn add_contacts(name: &str, tenant: TenantHandle, boss: Caller) {
    loop {
        let id = format!("c-{}", Uuid::new_v4().simple());
        let add = json!({"name": "add_contact", "account": id, "full_name": format!("Name of {id}")});
        tenant.command(&boss, &add, &Terms::default()).await.unwrap();
        say(&["contact", name, &id]);
    }
}

/// What the killed ledger had said.
#[derive(Default)]
pub(crate) struct Said {
    asked: BTreeMap<(String, String), String>,
    told: BTreeMap<(String, String), u64>,
    password_told: HashMap<String, u64>,
    sessions: Vec<(String, String)>,
    contacts: Vec<(String, String)>,
    pub(crate) acknowledged: u64,
}

impl Said {
    /// Whether the line told of something acknowledged.
    pub(crate) fn hear(&mut self, line: &str) -> bool {
        let Some(said) = line.strip_prefix("said\t") else { return false };
        let words: Vec<String> = said.split('\t').map(str::to_owned).collect();
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["asked", tenant, key, body] => {
                self.asked.insert((tenant.to_string(), key.to_string()), body.to_string());
                return false;
            }
            ["told", tenant, key, position] => {
                let key = (tenant.to_string(), key.to_string());
                self.asked.remove(&key);
                self.told.insert(key, position.parse().unwrap());
            }
            ["password-asked", ..] => return false,
            ["password-told", tenant, number] => {
                self.password_told.insert(tenant.to_string(), number.parse().unwrap());
            }
            ["session", tenant, token, _] => self.sessions.push((tenant.to_string(), token.to_string())),
            ["contact", tenant, id] => self.contacts.push((tenant.to_string(), id.to_string())),
            _ => return false, // any other line was cut off by the kill
        }
        self.acknowledged += 1;
        true
    }
}

/// A ledger at work, run by the program and arguments of `under` where it is not empty.
pub(crate) fn start(dir: &Path, said: &Said, under: &[String]) -> Child {
    let own = std::env::current_exe().unwrap();
    let mut command = match under.split_first() {
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments).arg(own);
            command
        }
        None => Command::new(own),
    };
    command.args(["--exact", "kills::a_ledger_at_work", "--nocapture"]).env(WORKER, dir);
    for name in TENANTS {
        let number = said.password_told.get(name).copied().unwrap_or(0);
        command.env(format!("PASSWORD_{name}"), number.to_string());
    }
    // A group of its own, so that whatever it is run by ends with it.
    command.stdout(Stdio::piped()).stderr(if under.is_empty() { Stdio::inherit() } else { Stdio::null() });
    std::os::unix::process::CommandExt::process_group(&mut command, 0).spawn().unwrap()
}

/// Lets a ledger work for a random while and kills it.
fn work_and_kill(dir: &Path, said: &mut Said, random: &mut Random) {
    let mut child = start(dir, said, &[]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Sometimes while it opens; else counted in acknowledgements, then some more microseconds, so that the moment falls
    // anywhere within a commit.
    if random.below(8) > 0 {
        let wanted = random.below(400);
        let mut seen = 0;
        while seen < wanted {
            let line = lines.next().expect("it works until it is killed").unwrap();
            seen += u64::from(said.hear(&line));
        }
        std::thread::sleep(std::time::Duration::from_micros(random.below(3_000)));
    } else {
        std::thread::sleep(std::time::Duration::from_micros(random.below(60_000)));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it had said before it died counts as said.
    for line in lines.map_while(Result::ok) {
        said.hear(&line);
    }
}

pub(crate) async fn prepare(dir: &Path) {
    let ledger = open(dir).await;
    for name in TENANTS {
        let (tenant, manager) = tenant(&ledger, name).await;
        let people = ["boss", "changer", "visitor"].map(str::to_owned);
        staff(&tenant, &manager, &people, |_| true).await;
        // A system administrator has an email (rule: G2).
        let email = json!({"name": "set_credential_email", "account": "boss", "email": "boss@example.org"});
        give(&tenant, &manager, email).await;
        give(&tenant, &manager, json!({"name": "make_system_administrator", "account": "boss"})).await;
        give(&tenant, &manager, json!({"name": "create_role", "role": ROLE, "description": ""})).await;
        for hand in 0..HANDS {
            let account = format!("hand-{hand}");
            give(&tenant, &manager, json!({"name": "add_contact", "account": account, "full_name": account})).await;
        }
    }
    ledger.close().await.unwrap();
}

/// Checks that everything said still holds, then gives again what was not answered.
pub(crate) async fn check(dir: &Path, said: &mut Said) -> usize {
    let ledger = open(dir).await;
    println!("{}", ledger.report().unwrap());
    let verified = verify(&ledger, &mut |_, _| {});
    assert_eq!(verified.problems, []);
    for name in TENANTS {
        let tenant = ledger.tenant_named(&cloud_id(name)).unwrap();
        let ids = command_ids(&tenant);
        for ((_, key), position) in said.told.iter().filter(|((of, _), _)| of == name) {
            let id = ids.get(usize::try_from(*position).unwrap() - 1);
            assert_eq!(id, Some(&Uuid::parse_str(key).unwrap()), "{name} {position}");
        }
        // The last acknowledged password, or the one that was on its way.
        let told = said.password_told.get(name).copied().unwrap_or(0);
        let mut outcomes = Vec::new();
        for number in [told, told + 1] {
            let outcome = sign_in(&tenant, "changer", &password(number), SignInPlane::Platform).await;
            outcomes.push((number, outcome.err().map(|refused| refused.to_string())));
        }
        let opens = outcomes.iter().filter(|(_, refused)| refused.is_none()).map(|(number, _)| *number);
        let [number] = opens.collect::<Vec<_>>()[..] else {
            panic!("{name}: password {told}, or the next: {outcomes:?}")
        };
        said.password_told.insert(name.to_owned(), number);
        for (_, id) in said.contacts.iter().filter(|(of, _)| of == name) {
            let opened = tenant.ask(Point::Now, |views, now| {
                let who = views.names.accounts.get(id)?;
                tenant.open(views.accounts.full_name(who, now.position)?)
            });
            assert_eq!(opened.await.unwrap(), Some(format!("Name of {id}")), "{name}");
        }
    }
    for (name, token) in &said.sessions {
        let caller = ledger.caller(token).unwrap_or_else(|| panic!("{name}: a session that was given is known"));
        ledger.tenant_named(&cloud_id(name)).unwrap().admits(&caller).await.unwrap();
    }
    let unanswered = std::mem::take(&mut said.asked);
    let count = unanswered.len();
    for ((name, key), body) in unanswered {
        let position = again(&ledger, &name, &key, &body).await;
        said.told.insert((name, key), position.0);
    }
    ledger.close().await.unwrap();
    count
}

fn command_ids(tenant: &TenantHandle) -> Vec<Uuid> {
    let entries = tenant.entries(Position(1)).map(|read| read.unwrap());
    let ids = entries.enumerate().map(|(index, (position, entry))| {
        assert_eq!(position.0, index as u64 + 1, "no gap");
        Uuid::from_bytes(entry.command_id)
    });
    ids.collect()
}

/// A command that was not answered, given again with its key: it is recorded once, whether it had been recorded or not.
async fn again(ledger: &Ledger, name: &str, key: &str, body: &str) -> Position {
    let tenant = ledger.tenant_named(&cloud_id(name)).unwrap();
    let boss = sign_in(&tenant, "boss", OWN_PASSWORD, SignInPlane::Platform).await.unwrap();
    let boss = caller(ledger, &boss);
    let id = Uuid::parse_str(key).unwrap();
    let terms = Terms { key: Some(*id.as_bytes()), ..Terms::default() };
    let body: Value = serde_json::from_str(body).unwrap();
    let known = tenant.outcome(&boss, *id.as_bytes()).unwrap().map(|(position, _)| position);
    let first = tenant.command(&boss, &body, &terms).await.unwrap();
    assert_eq!(first.repeated, known.is_some(), "{name} {key}");
    assert!(known.is_none() || known == first.position, "{name} {key}");
    let second = tenant.command(&boss, &body, &terms).await.unwrap();
    assert!(second.repeated && second.position == first.position, "{name} {key}");
    assert_eq!(command_ids(&tenant).iter().filter(|found| **found == id).count(), 1, "{name} {key}");
    let other = json!({"name": "create_role", "role": "Other", "description": ""});
    let refused = tenant.command(&boss, &other, &terms).await.unwrap_err();
    assert!(matches!(refused, LedgerError::KeyReused(_)), "{refused}");
    first.position.unwrap()
}

#[test]
fn a_killed_ledger_loses_nothing_that_it_acknowledged() {
    let mut random = Random::seeded("kills");
    let rounds = number("GRANTBOOK_KILL_ROUNDS", 6);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut acknowledged = 0;
    for first in (0..rounds).step_by(ROUNDS_OF_ONE_BOOK) {
        let dir = tempfile::tempdir().unwrap();
        runtime.block_on(prepare(dir.path()));
        let mut said = Said::default();
        let last = rounds.min(first + ROUNDS_OF_ONE_BOOK as u64);
        kill_and_check(dir.path(), first..last, &runtime, &mut said, &mut random);
        acknowledged += said.acknowledged;
    }
    println!("{rounds} rounds, {acknowledged} acknowledged, none lost");
    assert!(acknowledged > 0);
}

fn kill_and_check(
    dir: &Path,
    rounds: std::ops::Range<u64>,
    runtime: &tokio::runtime::Runtime,
    said: &mut Said,
    random: &mut Random,
) {
    for round in rounds {
        work_and_kill(dir, said, random);
        // Sometimes the next one to open it is killed as well. What was not answered may then have been done or not, and
        // others may have acted on it: only what was told is looked for.
        while random.below(4) == 0 {
            said.asked.clear();
            work_and_kill(dir, said, random);
        }
        let unanswered = runtime.block_on(check(dir, said));
        println!("round {}: {} acknowledged so far, {unanswered} unanswered given again", round + 1, said.acknowledged);
    }
}
