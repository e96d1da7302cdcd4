//! The fingerprint of all views: what a rebuilt ledger is compared with a live one by. Over names and sealed bytes, never
//! over numbers, whose order of giving shows nothing, and never over opened text.
//!
//! What views say twice, to be asked quickly, has a line only where it is otherwise than what it follows from.

mod content;
mod grants;
mod history;
mod people;
#[cfg(test)]
mod said_twice_tests;

use grantbook_events::{AccessRight, Position, Principal, Sealed};
use grantbook_projections::{GrantHistory, Views};

/// Which rendering a fingerprint is of. Raised where the same history would be rendered otherwise, so that an older fingerprint
/// is told apart from a drift; a view that is new and empty changes nothing.
pub const FINGERPRINT_VERSION: u32 = 1;

/// Some of the views, rendered together.
struct Section {
    name: &'static str,
    cut: Cut,
    render: fn(&mut Canon<'_>),
}

/// What a section is cut into parts by.
enum Cut {
    /// It is one part.
    None,
    /// So many positions a part.
    Positions,
    /// So many accounts a part, where there is what any of them could have.
    Accounts(fn(&Views, Position) -> bool),
    /// A stretch of positions a part: of what was set, and of what happened, as much as lies in it.
    Stretches,
    /// So many accounts a part, and of these a stretch of positions.
    AccountsAndStretches,
}

/// Everything that is rendered, in order.
const SECTIONS: [Section; 21] = [
    Section { name: "timeline", cut: Cut::Positions, render: |canon| canon.timeline() },
    Section { name: "tenant", cut: Cut::None, render: |canon| canon.tenant() },
    Section { name: "accounts", cut: Cut::Accounts(always), render: |canon| canon.accounts() },
    Section { name: "sessions", cut: Cut::Stretches, render: |canon| canon.sessions() },
    Section { name: "grants", cut: Cut::AccountsAndStretches, render: |canon| canon.grants() },
    Section { name: "offers", cut: Cut::None, render: |canon| canon.offers() },
    Section { name: "objects", cut: Cut::None, render: |canon| canon.objects() },
    Section { name: "organisations", cut: Cut::Accounts(has_organisations), render: |canon| canon.organisations() },
    Section { name: "content_groups", cut: Cut::None, render: |canon| canon.content_groups() },
    Section {
        name: "content_authority",
        cut: Cut::Accounts(has_content_groups),
        render: |canon| canon.content_authority(),
    },
    Section { name: "queries", cut: Cut::None, render: |canon| canon.queries() },
    Section { name: "visibility", cut: Cut::None, render: |canon| canon.visibility() },
    Section { name: "corrections", cut: Cut::Positions, render: |canon| canon.corrections() },
    Section { name: "book", cut: Cut::Stretches, render: |canon| canon.book() },
    Section { name: "installation", cut: Cut::None, render: |canon| canon.installation() },
    Section { name: "separations", cut: Cut::None, render: |canon| canon.separations() },
    Section { name: "holds", cut: Cut::Accounts(always), render: |canon| canon.holds() },
    Section { name: "copies", cut: Cut::None, render: |canon| canon.copies() },
    Section { name: "reviews", cut: Cut::None, render: |canon| canon.reviews() },
    Section { name: "webhooks", cut: Cut::None, render: |canon| canon.webhooks() },
    Section { name: "names", cut: Cut::Accounts(always), render: |canon| canon.names() },
];

fn always(_: &Views, _: Position) -> bool {
    true
}

fn has_organisations(views: &Views, position: Position) -> bool {
    !views.organisations.all(position).is_empty()
}

fn has_content_groups(views: &Views, position: Position) -> bool {
    !views.content_authority.all(position).is_empty()
}

/// How many positions, or accounts, are rendered in one part.
const PART: u64 = 1_024;

/// How long a stretch is where all accounts are in one part: as many changes as so many entries may have made take some
/// milliseconds.
const STRETCH: u64 = 32_768;

/// The most parts that accounts are looked at in: for each, all of them are gone through.
const MOST_SLICES: u64 = 256;

/// A part of what a fingerprint is over: some of one view's facts. Parts are quick, so that live views can be looked at
/// part by part while the writer goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FingerprintPart {
    /// Which views.
    pub section: &'static str,
    slice: u64,
    of: u64,
    stretch: u64,
    stretches: u64,
}

/// The fingerprint of everything that the history up to `position` means: BLAKE3 over a canonical rendering of each view
/// with the entries that set its values. Equal histories have equal fingerprints, however they were put together.
pub fn fingerprint(views: &Views, position: Position) -> [u8; 32] {
    rendered(views, position, None)
}

/// The parts that everything up to `position` is made of, for views that hold about as much as these.
pub fn fingerprint_parts(views: &Views, position: Position) -> Vec<FingerprintPart> {
    parts(views, position, STRETCH)
}

fn parts(views: &Views, position: Position, stretch: u64) -> Vec<FingerprintPart> {
    let people = (views.names.accounts.all().count() as u64 / PART + 1).min(MOST_SLICES);
    let parts = SECTIONS.iter().flat_map(|section| {
        let (of, stretches) = match section.cut {
            Cut::Positions => (position.0 / PART + 1, 1),
            Cut::Accounts(worth_it) if worth_it(views, position) => (people, 1),
            Cut::Accounts(_) | Cut::None => (1, 1),
            Cut::Stretches => (1, position.0 / stretch + 1),
            // The more parts accounts are in, the fewer changes has each.
            Cut::AccountsAndStretches => (people, position.0 / (stretch * people) + 1),
        };
        let slices = (0..of).flat_map(move |slice| (0..stretches).map(move |stretch| (slice, stretch)));
        slices.map(move |(slice, stretch)| FingerprintPart { section: section.name, slice, of, stretch, stretches })
    });
    parts.collect()
}

/// The fingerprint of a part.
pub fn part_fingerprint(views: &Views, position: Position, part: FingerprintPart) -> [u8; 32] {
    rendered(views, position, Some(part))
}

fn rendered(views: &Views, position: Position, part: Option<FingerprintPart>) -> [u8; 32] {
    let mut canon = Canon { hasher: blake3::Hasher::new(), views, position, part };
    canon.line(&["grantbook views, version 1"]);
    for section in SECTIONS.iter().filter(|section| part.is_none_or(|part| part.section == section.name)) {
        (section.render)(&mut canon);
    }
    *canon.hasher.finalize().as_bytes()
}

/// The positions after one up to another.
#[derive(Clone, Copy)]
struct Stretch {
    after: Position,
    to: Position,
}

impl Stretch {
    fn holds(self, position: Position) -> bool {
        position > self.after && position <= self.to
    }
}

struct Canon<'a> {
    hasher: blake3::Hasher,
    views: &'a Views,
    position: Position,
    /// What is rendered; everything where there is none.
    part: Option<FingerprintPart>,
}

impl Canon<'_> {
    /// Whether a fact of `name` is of the part.
    fn has(&self, name: &str) -> bool {
        let sum = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        self.part
            .is_none_or(|part| part.of <= 1 || name.bytes().fold(0xcbf2_9ce4_8422_2325, sum) % part.of == part.slice)
    }

    /// The positions of the part.
    fn positions(&self) -> impl Iterator<Item = Position> + use<> {
        let last = self.position.0;
        let all = (1, last);
        let (from, to) = self.part.filter(|part| part.of > 1).map_or(all, |part| {
            let from = part.slice.saturating_mul(PART);
            (from.saturating_add(1), from.saturating_add(PART).min(last))
        });
        (from..=to).map(Position)
    }

    /// The stretch of the part; everything where there is none.
    fn stretch(&self) -> Stretch {
        let Some(part) = self.part else { return Stretch { after: Position::START, to: self.position } };
        let length = self.position.0 / part.stretches + 1;
        let after = part.stretch.saturating_mul(length);
        Stretch { after: Position(after), to: self.position.min(Position(after.saturating_add(length))) }
    }

    /// The accounts of the part, in the order of their ids.
    fn people(&self) -> Vec<u32> {
        let accounts = &self.views.names.accounts;
        if self.part.is_none_or(|part| part.of <= 1) {
            return accounts.in_order().collect();
        }
        let mut some: Vec<u32> = accounts.all().filter(|(_, id)| self.has(id)).map(|(who, _)| who).collect();
        some.sort_unstable_by_key(|who| accounts.text(*who));
        some
    }

    /// One fact: its parts, each with its length before it, so that no two facts look alike.
    fn line(&mut self, parts: &[&str]) {
        self.hasher.update(&(parts.len() as u64).to_be_bytes());
        for part in parts {
            self.hasher.update(&(part.len() as u64).to_be_bytes());
            self.hasher.update(part.as_bytes());
        }
    }

    /// Which slice this is of how many.
    fn slice(&self) -> (usize, usize) {
        let slice = self.part.map_or((0, 1), |part| (part.slice, part.of));
        (slice.0 as usize, slice.1 as usize)
    }

    /// Whether this is the first stretch of a slice, or everything.
    fn first_stretch(&self) -> bool {
        self.part.is_none_or(|part| part.stretch == 0)
    }

    /// Whether this is the first part of a section, or everything.
    fn first_part(&self) -> bool {
        self.first_stretch() && self.slice().0 == 0
    }

    /// What follows from other facts, where it is not as they say. Said by no views that are as they should be: it is no fact
    /// of its own.
    fn said_alike(&mut self, alike: bool, what: &str, whose: &str) {
        if !alike {
            self.said_otherwise(what, whose);
        }
    }

    fn said_otherwise(&mut self, what: &str, whose: &str) {
        self.line(&[what, whose, "otherwise than what it follows from"]);
    }

    fn set(&mut self, what: &str, whose: &str, set: Position, value: &str) {
        self.line(&[what, whose, &set.to_string(), value]);
    }

    /// Everything that a grant went through.
    fn grant(&mut self, what: &str, holder: &str, thing: &str, history: &GrantHistory) {
        let Stretch { after, to } = self.stretch();
        for (given, holding) in history.changes_between(after, to) {
            let until = holding.until().map_or_else(String::new, |until| until.to_string());
            self.line(&[what, holder, thing, &given.to_string(), &holding.weight.to_string(), &until]);
        }
    }
}

fn holder(principal: &Principal, right: AccessRight) -> String {
    format!("{right} to {}", of_principal(principal))
}

fn of_principal(principal: &Principal) -> String {
    match principal {
        Principal::Group(group) => format!("group {}", group.as_str().to_lowercase()),
        Principal::Role(role) => format!("role {}", role.as_str().to_lowercase()),
        Principal::Account(account) => format!("account {account}"),
        Principal::MemberType(label) => format!("member_type {label}"),
        Principal::Staff => "staff".to_owned(),
    }
}

/// A sealed value as it lies in the journal.
fn hidden(sealed: &Sealed) -> String {
    let mut text = format!("{} ", sealed.key.0);
    for byte in &sealed.bytes {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history_for_tests::{History, account, role};
    use grantbook_events::{Event, RoleEvent};

    #[test]
    fn equal_histories_have_equal_fingerprints_whatever_was_named_first() {
        let history = History::example();
        let mut other = Views::default();
        for name in ["zoe", "sarah", "jeff"] {
            other.names.accounts.intern(name);
        }
        other.names.apps.intern("datastation");
        other.names.groups.intern("zebra");
        other.names.modules.intern("System");
        other.names.objects.intern("/z");
        history.entries.iter().for_each(|entry| other.apply(entry));
        for position in (0..=history.last().0).map(Position) {
            assert_eq!(fingerprint(&history.views, position), fingerprint(&other, position), "{position}");
        }
        assert_ne!(fingerprint(&other, history.last()), fingerprint(&other, history.last().before()));
    }

    #[test]
    fn views_that_say_of_an_account_what_its_histories_do_not_have_another_fingerprint() {
        let History { mut views, .. } = History::example();
        let last = views.timeline.last();
        let before = fingerprint(&views, last);
        let sarah = views.account(&account("sarah")).unwrap();
        let mut said = serde_json::to_value(&views.accounts_now).unwrap();
        let word = &mut said["accounts"][sarah as usize];
        *word = (word.as_u64().unwrap() ^ 1).into();
        views.accounts_now = serde_json::from_value(said).unwrap();
        let forged = views.accounts_now.at(sarah, last).unwrap();
        assert_ne!(forged.exists(), views.accounts.exists(sarah, last));
        assert_ne!(fingerprint(&views, last), before);
    }

    #[test]
    fn every_change_of_the_whole_is_a_change_of_a_part() {
        let history = History::example();
        let last = history.last();
        let whole_stretches = fingerprint_parts(&history.views, last);
        assert!(SECTIONS.iter().all(|section| whole_stretches.iter().any(|part| part.section == section.name)));
        let short_ones = parts(&history.views, last, 3);
        assert!(short_ones.len() > whole_stretches.len());
        for cut in [whole_stretches, short_ones] {
            every_change_shows(&history, last, &cut);
        }
    }

    fn every_change_shows(history: &History, last: Position, parts: &[FingerprintPart]) {
        let of = |views: &Views| parts.iter().map(|part| part_fingerprint(views, last, *part)).collect::<Vec<_>>();
        let whole = (fingerprint(&history.views, last), of(&history.views));
        // Without any one of the entries' events, the whole is another, and so is a part.
        for missing in 0..history.entries.len() {
            let mut views = Views::default();
            for (index, entry) in history.entries.iter().enumerate() {
                let events = if index == missing { Vec::new() } else { entry.events.clone() };
                views.apply(&grantbook_events::Entry { events, ..entry.clone() });
            }
            assert_eq!(fingerprint(&views, last) == whole.0, of(&views) == whole.1, "without entry {}", missing + 1);
        }
    }

    #[test]
    fn slices_are_the_whole_between_them() {
        let history = History::example();
        let last = history.last();
        let part = FingerprintPart { section: "accounts", slice: 0, of: 3, stretch: 0, stretches: 1 };
        let canon = |slice| {
            let part = Some(FingerprintPart { slice, ..part });
            Canon { hasher: blake3::Hasher::new(), views: &history.views, position: last, part }.people()
        };
        let mut people: Vec<u32> = (0..3).flat_map(canon).collect();
        people.sort_unstable();
        let mut all: Vec<u32> = history.views.names.accounts.in_order().collect();
        all.sort_unstable();
        assert_eq!(people, all);
    }

    #[test]
    fn what_was_taken_back_leaves_no_trace() {
        let mut history = History::example();
        let before = fingerprint(&history.views, history.last());
        let create = RoleEvent::RoleCreated { role: role("Passing"), description: String::new() };
        let assign = RoleEvent::RoleAssigned { account: account("zoe"), role: role("Passing"), until: None };
        history.act("manager", vec![Event::Role(create.clone()), Event::Role(assign.clone())]);
        assert_ne!(fingerprint(&history.views, history.last()), before);
        history.views.retract();
        history.entries.pop();
        assert_eq!(fingerprint(&history.views, history.last()), before);
        // And what follows is as if it had never been tried.
        history.act("manager", vec![Event::Role(create), Event::Role(assign)]);
        let mut rebuilt = Views::default();
        history.entries.iter().for_each(|entry| rebuilt.apply(entry));
        assert_eq!(fingerprint(&history.views, history.last()), fingerprint(&rebuilt, history.last()));
    }

    #[test]
    fn any_entry_can_be_taken_back_and_told_again() {
        let history = History::example();
        let mut views = Views::default();
        for (position, entry) in (1..).map(Position).zip(&history.entries) {
            let before = fingerprint(&views, position);
            views.apply(entry);
            views.retract();
            // Looked at from where it would be, so that whatever it left shows.
            assert_eq!(fingerprint(&views, position), before, "{position}");
            views.apply(entry);
        }
        assert_eq!(fingerprint(&views, history.last()), fingerprint(&history.views, history.last()));
    }
}
