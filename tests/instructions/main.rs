//! Instructions of what must not become slower, counted by callgrind: exact where times are not, so that a regression of a
//! few hundredths shows on a machine that does other things as well.
//!
//! ```text
//! cargo test -p grantbook --test instructions                       compares with counts.txt
//! GRANTBOOK_BLESS=1 cargo test -p grantbook --test instructions     writes counts.txt anew
//! ```
//!
//! `tests/run` runs it with all others, as one test named `instructions`; a filter that does not name it passes over it. It starts
//! itself under valgrind, which counts within the functions of `measured.rs` alone. The counts are of the profile that tests are
//! built with, so that nothing is built for them: they tell of more work, not of time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a stop is a failed check"
)]

mod counts;
mod measured;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use grantbook::bench::history::{Making, account, role};
use grantbook_decisions::command::{Command as Given, CommandJson, Door, Lookup, parse};
use grantbook_decisions::{Acting, Case, Outside};
use grantbook_events::{AccountId, Entry, Position, Sealed};
use grantbook_projections::{AsOf, RoleNumber, Views};
use grantbook_rights::{Capability, On, Question, Standing, Who};
use serde_json::json;

use counts::{Counts, Measured};

/// How often each is done: the count of one is a mean over as many.
const TIMES: u32 = 100;
/// The function of `measured.rs`, and what it does once.
const MEASURED: [(&str, &str); 5] = [
    ("decide_encode_hash", "decide on a command, encode its entry, hash the leaf"),
    ("apply", "fold an entry into the views"),
    ("decode", "decode an entry"),
    ("check", "check a permission"),
    ("look_up_as_of", "look up a fact as of a position, among ten changes"),
];
/// What it is started with under valgrind.
const WORK: &str = "work";

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(WORK) {
        work();
        return ExitCode::SUCCESS;
    }
    // What `cargo test` was given after the options are parts of names.
    let mut filters = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).peekable();
    if filters.peek().is_some() && !filters.any(|part| "instructions".contains(&part)) {
        return ended(0, 0, 0);
    }
    let Some(found) = counted() else {
        println!("instructions: NOT COUNTED: valgrind is not installed; `tests/setup valgrind` installs it");
        return ended(0, 0, 1);
    };
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/instructions/counts.txt");
    if std::env::var_os("GRANTBOOK_BLESS").is_some() {
        std::fs::write(&kept, counts::written(&found)).unwrap();
        println!("instructions: wrote tests/instructions/counts.txt");
        return ended(1, 0, 0);
    }
    let kept = Counts::read(&std::fs::read_to_string(&kept).unwrap());
    let (told, fine) = kept.compare(&found);
    println!("{told}");
    if fine { ended(1, 0, 0) } else { ended(0, 1, 0) }
}

/// Says how it ended as Rust's own tests do: `tests/run` adds such lines up.
fn ended(passed: u32, failed: u32, ignored: u32) -> ExitCode {
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!("test result: {verdict}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; 0 filtered out");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Instructions of each, by valgrind; `None` where it is not installed.
fn counted() -> Option<Vec<Measured>> {
    let there = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("instructions");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    // All do the same work; each counts within another of its functions.
    let found = MEASURED.map(|(name, words)| {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", &format!("--callgrind-out-file={name}")]);
        valgrind.arg(format!("--toggle-collect=instructions::measured::{name}"));
        let done = valgrind.arg(std::env::current_exe().unwrap()).arg(WORK).current_dir(&folder).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let total = counts::total(&std::fs::read_to_string(folder.join(name)).unwrap());
        assert!(total > 0, "nothing was counted within {name}: is it inlined, or renamed?");
        Measured { name, words, instructions: total / u64::from(TIMES) }
    });
    Some(found.to_vec())
}

/// Does all that is measured, once.
fn work() {
    let mut making = Making::default();
    let mut views = Views::default();
    let mut fold = |entries: Vec<Entry>| entries.iter().for_each(|entry| views.apply(entry));
    fold(vec![making.genesis().unwrap()]);
    fold(making.roles().unwrap());
    for number in 0..TIMES {
        fold(making.account(number).unwrap().into());
    }
    // Ten changes of each of the facts; the last takes the role away again.
    for turn in 0..10 {
        fold((0..TIMES).map(|number| making.turn(number, role(0).unwrap(), turn).unwrap()).collect());
    }

    let next: Vec<Entry> = (0..TIMES).map(|number| making.turn(number, role(0).unwrap(), 0).unwrap()).collect();
    let last = views.timeline.last();
    let now = views.timeline.as_of(last);
    let manager = views.account(&AccountId::manager()).unwrap();
    let acting = Acting::Account { who: manager, session: Position(1) };
    let case = Case { views: &views, before: now, now, acting, outside: Outside::default() };
    measured::decide_encode_hash(&commands(), &case, &next[0]);

    let encoded: Vec<Vec<u8>> = next
        .iter()
        .map(|entry| {
            let mut bytes = Vec::new();
            grantbook_encoding::encode(entry, &mut bytes).unwrap();
            bytes
        })
        .collect();
    measured::decode(&encoded);

    let numbers: Vec<u32> = (0..TIMES).map(|number| views.account(&account(number).unwrap()).unwrap()).collect();
    let asked =
        [Capability::ContactsAccess, Capability::RolesAssign, Capability::LedgerRead, Capability::DashboardSignIn];
    let question = |(number, who): (usize, &u32)| {
        let who = Who::Account(*who);
        let question = Question { views: &views, who, standing: Standing::Fresh, on: On::Nothing, as_of: now };
        (question, asked[number % asked.len()])
    };
    let questions: Vec<(Question<'_>, Capability)> = numbers.iter().enumerate().map(question).collect();
    measured::check(&questions);

    let role: RoleNumber = views.roles.number(&views.names, &role(0).unwrap(), last).unwrap();
    let facts: Vec<(u32, RoleNumber, AsOf)> = numbers
        .iter()
        .enumerate()
        .map(|(number, who)| (*who, role, views.timeline.as_of(Position(1 + number as u64 * 7_919 % last.0))))
        .collect();
    measured::look_up_as_of(&views, &facts);

    measured::apply(&mut views, &next);
}

/// Each gives one account a role.
fn commands() -> Vec<Given> {
    let lookup = Lookup { account_by_username: &|_| None, seal: &|_, _, text| Sealed::clear(text) };
    let one = |number| {
        let command = json!({"name": "assign_role", "account": account(number).unwrap(), "role": role(0).unwrap()});
        parse(&CommandJson::from(&command), Door::Tenant, &lookup).unwrap().command
    };
    (0..TIMES).map(one).collect()
}
