//! Reading: history folded into views, and questions asked of them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use grantbook_events::{Entry, Position};
use grantbook_journal::Store;
use grantbook_ledger::decoding::{Decoded, decoded, in_order};
use grantbook_projections::{AsOf, RoleNumber, SystemRole, Views};
use grantbook_rights::{Capability, On, Question, Standing, Who, allowed};

use super::figures::{Aim, Figure, Figures};
use super::history::{Making, ROLES, account, role};
use super::slice::{Slice, median};
use super::writing::Book;

/// Entries decoded before they are folded, where folding alone is measured.
const CHUNK: usize = 32_768;
/// Accounts that are asked about.
const ACCOUNTS: u32 = 1_000;
/// How long questions are asked in a round.
const ASKING: Duration = Duration::from_millis(150);
/// Questions between two looks at the clock.
const QUESTIONS: u64 = 4_096;
/// Of so many questions one is timed alone: by itself it would cost less than the clock that times it.
const TIMED: u64 = 64;

/// What the rounds gave, each a second.
#[derive(Default)]
pub(crate) struct Reading {
    folded: Vec<f64>,
    replayed: Vec<f64>,
    checks: Vec<f64>,
    as_of_checks: Vec<f64>,
    as_of_facts: Vec<f64>,
}

impl Reading {
    pub(crate) fn round(&mut self, book: &Book) -> anyhow::Result<()> {
        let (views, replayed) = replay(book)?;
        self.replayed.push(replayed.per_second());
        self.folded.push(book.events as f64 / fold(book)?.as_secs_f64());
        self.as_of_facts.push(Past::of(&views, book.accounts)?.look_ups(ASKING).per_second());
        drop(views);
        let staff = Staff::make(ACCOUNTS, ROLES)?;
        self.checks.push(staff.checks(ASKING, false).per_second());
        self.as_of_checks.push(staff.checks(ASKING, true).per_second());
        Ok(())
    }

    pub(crate) fn tell(&self, figures: &mut Figures) {
        let million = |all: &[f64]| median(all.iter().copied());
        let folded =
            Figure::new("rebuilt", "events a second rebuilt: entries folded into views", "/s", million(&self.folded));
        figures.push(folded.aiming(Aim::AtLeast(1e6)));
        let words = "events a second rebuilt: read from the journal, decoded, folded";
        figures.add("rebuilt_from_journal", words, "/s", million(&self.replayed));
        let checks =
            Figure::new("checks", "checks a second: 1,000 accounts with 10 roles", "/s", million(&self.checks));
        figures.push(checks.aiming(Aim::AtLeast(5e6)));
        figures.add("as_of_checks", "the same, each as of another position", "/s", million(&self.as_of_checks));
        let words = "roles looked up as of any position, ten changes each";
        figures.add("as_of_facts", words, "/s", million(&self.as_of_facts));
    }
}

/// All views of a book, read from its journal, decoded and folded as opening does it; and how many events a second.
///
/// Errors: the journal is refused, or an entry is damaged.
pub fn replay(book: &Book) -> anyhow::Result<(Views, Slice)> {
    let (store, _) = Store::open(&book.options)?;
    let began = Instant::now();
    let mut views = Views::default();
    in_order(store.read(&book.stream, 1), decoded, |Decoded { entry, .. }| {
        views.apply(entry);
        anyhow::Ok(())
    })?;
    let took = began.elapsed();
    store.close()?;
    Ok((views, Slice { done: book.events, took, each: Vec::new() }))
}

/// Folding alone: entries are decoded beforehand, a chunk at a time, and dropped afterwards.
fn fold(book: &Book) -> anyhow::Result<Duration> {
    let (store, _) = Store::open(&book.options)?;
    let (mut views, mut took) = (Views::default(), Duration::ZERO);
    let mut reading = store.read(&book.stream, 1);
    loop {
        let mut chunk: Vec<Entry> = Vec::with_capacity(CHUNK);
        for read in reading.by_ref().take(CHUNK) {
            chunk.push(grantbook_encoding::decode(&read?.1)?);
        }
        if chunk.is_empty() {
            break;
        }
        let began = Instant::now();
        chunk.iter().for_each(|entry| views.apply(entry));
        took += began.elapsed();
    }
    drop(reading);
    store.close()?;
    Ok(took)
}

/// Asks again and again for about `slice`; `ask` is given a number that no cache could guess. Some are timed alone.
pub fn asked(slice: Duration, mut ask: impl FnMut(u64) -> bool) -> Slice {
    let (mut yes, mut number, mut each) = (0_u64, 1_u64, Vec::new());
    let (began, mut done) = (Instant::now(), 0);
    while began.elapsed() < slice || done == 0 {
        for _ in 0..QUESTIONS {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            yes += u64::from(ask(black_box(number)));
        }
        done += QUESTIONS;
    }
    let took = began.elapsed();
    for _ in 0..(done / TIMED).clamp(1_000, 100_000) {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let asked = Instant::now();
        yes += u64::from(ask(black_box(number)));
        each.push(asked.elapsed());
    }
    black_box(yes);
    Slice { done, took, each }
}

/// Accounts with some of ten roles each; every fiftieth is a system administrator.
pub struct Staff {
    /// Their history.
    pub views: Views,
    numbers: Vec<u32>,
}

impl Staff {
    /// So many accounts, with so many roles each, at most ten.
    ///
    /// Errors: none; no name here is too long.
    pub fn make(accounts: u32, roles: u32) -> anyhow::Result<Staff> {
        let (mut views, mut making) = (Views::default(), Making::default());
        views.apply(&making.genesis()?);
        making.roles()?.iter().for_each(|entry| views.apply(entry));
        for number in 0..accounts {
            making.account(number)?.iter().for_each(|entry| views.apply(entry));
            for one in 0..roles {
                let administrator = one == 0 && number.is_multiple_of(50);
                let name = SystemRole::SysAdmin.name();
                let role = if administrator { grantbook_events::RoleName::new(name)? } else { role(one)? };
                views.apply(&making.turn(number, role, 0)?);
            }
        }
        let numbers = numbers(&views, accounts)?;
        Ok(Staff { views, numbers })
    }

    /// Checks over all accounts and some capabilities for about `slice`: as of now, or each as of another position.
    pub fn checks(&self, slice: Duration, past: bool) -> Slice {
        let last = self.views.timeline.last();
        asked(slice, |number| {
            let position = if past { Position(1 + (number >> 12) % last.0) } else { last };
            let question = Question {
                views: &self.views,
                who: Who::Account(pick(&self.numbers, number >> 33).unwrap_or_default()),
                standing: Standing::Fresh,
                on: On::Nothing,
                as_of: self.views.timeline.as_of(position),
            };
            let capability = pick(&ASKED, number >> 20).unwrap_or(Capability::RolesAssign);
            allowed(&question, capability)
        })
    }
}

/// What is asked: of staff, of system administrators, of holders of anything.
const ASKED: [Capability; 4] =
    [Capability::ContactsAccess, Capability::RolesAssign, Capability::LedgerRead, Capability::DashboardSignIn];

/// The facts of a long history, to be looked up as of any position.
pub struct Past<'a> {
    views: &'a Views,
    accounts: Vec<u32>,
    roles: Vec<RoleNumber>,
}

impl Past<'_> {
    /// Of a book with so many accounts.
    ///
    /// Errors: none; no name here is too long.
    pub fn of(views: &Views, accounts: u32) -> anyhow::Result<Past<'_>> {
        let mut roles = Vec::new();
        for number in 0..ROLES {
            roles.extend(views.roles.number(&views.names, &role(number)?, views.timeline.last()));
        }
        Ok(Past { views, accounts: numbers(views, accounts)?, roles })
    }

    /// Look-ups, for about `slice`, of whether an account held a role as of any position.
    pub fn look_ups(&self, slice: Duration) -> Slice {
        let last = self.views.timeline.last();
        asked(slice, |number| {
            let who = pick(&self.accounts, number >> 33).unwrap_or_default();
            let position = Position(1 + (number >> 12) % last.0);
            let as_of = AsOf { position, clock: grantbook_events::Instant::EARLIEST };
            let role = pick(&self.roles, number >> 20);
            role.is_some_and(|role| self.views.roles.held(who, role, as_of).is_some())
        })
    }
}

fn numbers(views: &Views, accounts: u32) -> anyhow::Result<Vec<u32>> {
    let mut numbers = Vec::with_capacity(accounts as usize);
    for number in 0..accounts {
        numbers.extend(views.account(&account(number)?));
    }
    Ok(numbers)
}

fn pick<T: Copy>(of: &[T], number: u64) -> Option<T> {
    of.get(number as usize % of.len().max(1)).copied()
}
