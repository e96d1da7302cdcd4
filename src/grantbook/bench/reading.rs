//! Reading: history folded into views, and questions asked of them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use grantbook_events::{Entry, Position};
use grantbook_journal::{Store, StoreOptions};
use grantbook_projections::{AsOf, SystemRole, Views};
use grantbook_rights::{Capability, On, Question, Standing, Who, allowed};

use super::figures::{Aim, Figure, Figures};
use super::history::{Book, Making, ROLES, role};
use super::median;

/// Entries decoded before they are folded, where folding alone is measured.
const CHUNK: usize = 32_768;
/// Accounts that are asked about.
const ACCOUNTS: u32 = 1_000;
/// Questions of a round.
const QUESTIONS: u32 = 1_000_000;

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
    pub(crate) fn round(&mut self, options: &StoreOptions, book: &Book) -> anyhow::Result<()> {
        let (store, _) = Store::open(options)?;
        let began = Instant::now();
        let mut views = Views::default();
        for read in store.read(&book.stream, 1) {
            views.apply(&grantbook_encoding::decode(&read?.1)?);
        }
        self.replayed.push(book.events as f64 / began.elapsed().as_secs_f64());
        self.folded.push(book.events as f64 / fold(&store, book)?.as_secs_f64());
        store.close()?;
        self.as_of_facts.push(as_of_facts(&views, book)?);
        drop(views);
        let views = staff()?;
        let last = views.timeline.last();
        self.checks.push(checks(&views, |_| last));
        self.as_of_checks.push(checks(&views, |number| Position(1 + u64::from(number) % last.0)));
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

/// Folding alone: entries are decoded beforehand, a chunk at a time, and dropped afterwards.
fn fold(store: &Store, book: &Book) -> anyhow::Result<Duration> {
    let (mut views, mut took) = (Views::default(), Duration::ZERO);
    let mut reading = store.read(&book.stream, 1);
    loop {
        let mut chunk: Vec<Entry> = Vec::with_capacity(CHUNK);
        for read in reading.by_ref().take(CHUNK) {
            chunk.push(grantbook_encoding::decode(&read?.1)?);
        }
        if chunk.is_empty() {
            return Ok(took);
        }
        let began = Instant::now();
        chunk.iter().for_each(|entry| views.apply(entry));
        took += began.elapsed();
    }
}

/// A thousand accounts with ten roles each; every fiftieth is a system administrator.
fn staff() -> anyhow::Result<Views> {
    let (mut views, mut making) = (Views::default(), Making::new());
    views.apply(&making.genesis()?);
    making.roles()?.iter().for_each(|entry| views.apply(entry));
    for number in 0..ACCOUNTS {
        making.account(number)?.iter().for_each(|entry| views.apply(entry));
        for one in 0..ROLES {
            let administrator = one == 0 && number.is_multiple_of(50);
            let name = SystemRole::SysAdmin.name();
            let role = if administrator { grantbook_events::RoleName::new(name)? } else { role(one)? };
            views.apply(&making.turn(number, role, 0)?);
        }
    }
    Ok(views)
}

/// What is asked, in turn: of staff, of system administrators, of holders of anything.
const ASKED: [Capability; 4] =
    [Capability::ContactsAccess, Capability::RolesAssign, Capability::LedgerRead, Capability::DashboardSignIn];

/// Checks a second, over all accounts and capabilities in no order that a cache could guess.
fn checks(views: &Views, at: impl Fn(u32) -> Position) -> f64 {
    let mut staff = Vec::new();
    for number in 0..ACCOUNTS {
        staff.extend(super::history::account(number).ok().and_then(|id| views.account(&id)));
    }
    let began = Instant::now();
    let (mut yes, mut number) = (0_u64, 1_u32);
    for asked in 0..QUESTIONS {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let who = staff.get((number >> 8) as usize % staff.len().max(1)).copied().unwrap_or_default();
        let capability = ASKED.get(asked as usize % ASKED.len()).copied().unwrap_or(Capability::RolesAssign);
        let question = Question {
            views,
            who: Who::Account(who),
            standing: Standing::Fresh,
            on: On::Nothing,
            as_of: views.timeline.as_of(at(number >> 4)),
        };
        yes += u64::from(allowed(black_box(&question), capability));
    }
    black_box(yes);
    f64::from(QUESTIONS) / began.elapsed().as_secs_f64()
}

/// Look-ups a second of whether an account held a role as of any position, over the whole long history.
fn as_of_facts(views: &Views, book: &Book) -> anyhow::Result<f64> {
    let last = views.timeline.last();
    let mut roles = Vec::new();
    for number in 0..ROLES {
        roles.extend(views.roles.number(&views.names, &role(number)?, last));
    }
    let mut staff = Vec::new();
    for number in 0..book.accounts {
        staff.extend(views.account(&super::history::account(number)?));
    }
    let began = Instant::now();
    let (mut held, mut number) = (0_u64, 1_u64);
    for _ in 0..QUESTIONS {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let pick = |of: usize, shift: u32| (number >> shift) as usize % of.max(1);
        let who = staff.get(pick(staff.len(), 33)).copied().unwrap_or_default();
        let role = roles.get(pick(roles.len(), 20)).copied();
        let position = Position(1 + (number >> 12) % book.last.0);
        let as_of = AsOf { position, clock: grantbook_events::Instant::EARLIEST };
        let found = role.and_then(|role| views.roles.held(who, role, black_box(as_of)));
        held += u64::from(found.is_some());
    }
    black_box(held);
    Ok(f64::from(QUESTIONS) / began.elapsed().as_secs_f64())
}
