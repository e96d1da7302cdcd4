//! Findings: what somebody should look at. Computed from histories; nothing of them is stored, and none of them changes a
//! right. A finding that is over stays in the list with what closed it.
//!
//! A finding rule is data and a function: its code, its words, the rule it rests on, and where in a history it is met.
//! One file a topic, and [`RULES`] the list of them. A rule walks only those whom it can concern (the holders of a role,
//! the Admin Users), never every account for the sake of a few.

mod content;
mod credentials;
mod dashboard;
mod dormant;
mod givers;
mod giving;
mod grants;
mod manager;
mod queries;
mod reviews;
mod roles;
mod separations;
mod sharing;
mod sign_ins;
mod stretches;
pub(crate) mod webhooks;

pub(crate) use separations::breaks;

use std::ops::Range;

use grantbook_events::{CapabilityName, Instant, SeparationName};
use grantbook_projections::{AsOf, Cause, Separation, instant_of};
use grantbook_rights::Capability;
use serde_json::{Value, json};

use crate::places::Places;
use crate::shown::{Shown, answer};

/// Something that somebody should look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What it is, as a stable slug.
    pub code: &'static str,
    /// Whom or what it is about: an account's id, a review's name, or the Cloud ID where it is the tenant.
    pub subject: String,
    /// What opened it.
    pub opened: Cause,
    /// What closed it.
    pub closed: Option<Cause>,
    /// A sentence for a person.
    pub detail: String,
}

/// A kind of finding.
#[derive(Clone, Copy, Debug)]
pub struct FindingRule {
    /// What it is called, as a stable slug.
    pub code: &'static str,
    /// The rule that it rests on; none for those of the project's own.
    pub rule: Option<&'static str>,
    /// What it says, for people.
    pub words: &'static str,
    /// Where it is met, open and closed.
    find: Find,
}

/// How a rule is looked for.
#[derive(Clone, Copy, Debug)]
enum Find {
    /// By whom it can concern, all at once.
    All(fn(&Shown<'_>) -> Vec<Met>),
    /// Account by account: it can concern any.
    Each(fn(&Shown<'_>, u32) -> Vec<Met>),
    /// All at once, by every grant there ever was; and quicker where only what is open is asked for.
    Grants {
        /// Where it is met, open and closed.
        ever: fn(&Shown<'_>) -> Vec<Met>,
        /// Where it is open, and perhaps more.
        open: fn(&Shown<'_>) -> Vec<Met>,
    },
}

impl Find {
    fn of(self, shown: &Shown<'_>, accounts: Range<u32>) -> Vec<Met> {
        match self {
            Find::All(find) | Find::Grants { ever: find, .. } => find(shown),
            Find::Each(find) => accounts.flat_map(|who| find(shown, who)).collect(),
        }
    }

    /// What is open as of then.
    fn open(self, shown: &Shown<'_>) -> Vec<Met> {
        let mut met = match self {
            Find::Grants { open, .. } => open(shown),
            Find::All(_) | Find::Each(_) => self.of(shown, everybody(shown)),
        };
        met.retain(|met| met.closed.is_none());
        met
    }
}

/// How many accounts there ever were.
fn everybody(shown: &Shown<'_>) -> Range<u32> {
    0..shown.views.names.accounts.count()
}

/// A stretch in which a finding rule is met.
#[derive(Clone, Debug)]
struct Met {
    subject: String,
    opened: Cause,
    closed: Option<Cause>,
    detail: String,
}

/// How a finding is told: one that is over, in the past tense.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tense {
    Present,
    Past,
}

impl Tense {
    /// That of a finding, by what closed it.
    fn of(closed: Option<Cause>) -> Tense {
        if closed.is_some() { Tense::Past } else { Tense::Present }
    }

    /// Those of two words that are in this tense.
    fn pick(self, present: &'static str, past: &'static str) -> &'static str {
        match self {
            Tense::Present => present,
            Tense::Past => past,
        }
    }
}

/// Every kind of finding, by topic.
const RULES: &[&[FindingRule]] = &[
    dashboard::RULES,
    manager::RULES,
    roles::RULES,
    credentials::RULES,
    content::RULES,
    queries::RULES,
    sign_ins::RULES,
    separations::RULES,
    sharing::RULES,
    dormant::RULES,
    giving::RULES,
    givers::RULES,
    reviews::RULES,
    webhooks::RULES,
];

/// Every kind of finding.
pub fn finding_rules() -> impl Iterator<Item = &'static FindingRule> {
    RULES.iter().copied().flatten()
}

/// Every finding up to then, open and closed, in the order in which they were opened.
pub fn findings(shown: &Shown<'_>) -> Vec<Finding> {
    let mut hunt = Hunt::of_everything();
    while hunt.goes_on(shown, usize::MAX) {}
    hunt.found()
}

/// Findings looked for rule by rule, and those that can concern anybody some accounts at a time, so that whoever asks can let
/// others have a turn in between.
#[derive(Clone, Debug)]
pub struct Hunt {
    rules: std::vec::IntoIter<&'static FindingRule>,
    /// The rule that accounts are looked at for, and those that were not yet.
    at: Option<(&'static FindingRule, Range<u32>)>,
    /// With when each was opened.
    found: Vec<(Instant, Finding)>,
}

impl Hunt {
    /// Begins to look for findings of every kind.
    pub fn of_everything() -> Hunt {
        Hunt { rules: finding_rules().collect::<Vec<_>>().into_iter(), at: None, found: Vec::new() }
    }

    /// Begins to look for findings of one kind. `None` where there is no such kind.
    pub fn of_kind(code: &str) -> Option<Hunt> {
        let rule = finding_rules().find(|rule| rule.code == code)?;
        Some(Hunt { rules: vec![rule].into_iter(), at: None, found: Vec::new() })
    }

    /// Holds the next rule against the past, or the same against the next `most` accounts. Whether there is more to look at.
    pub fn goes_on(&mut self, shown: &Shown<'_>, most: usize) -> bool {
        let Some((rule, accounts)) = self.at.take().or_else(|| Some((self.rules.next()?, everybody(shown)))) else {
            return false;
        };
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let until = accounts.start.saturating_add(most).min(accounts.end);
        self.found.extend(named(shown, rule.code, rule.find.of(shown, accounts.start..until)));
        if let Find::Each(_) = rule.find
            && until < accounts.end
        {
            self.at = Some((rule, until..accounts.end));
        }
        true
    }

    /// What was found, in the order in which it was opened.
    pub fn found(mut self) -> Vec<Finding> {
        self.take_found()
    }

    /// What was found, which is not there any more then.
    pub(crate) fn take_found(&mut self) -> Vec<Finding> {
        in_order(std::mem::take(&mut self.found))
    }
}

/// The findings that are open as of then, in the order in which they were opened: what [`findings`] has of them, without
/// looking for all that is over.
pub fn open_findings(shown: &Shown<'_>) -> Vec<Finding> {
    in_order(finding_rules().flat_map(|rule| named(shown, rule.code, rule.find.open(shown))).collect())
}

/// A rule that is held against all of the past.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tested<'a> {
    /// A kind of finding, by its code.
    Kind(&'a str),
    /// A separation of these two capabilities that nobody need have defined, as if it had been there from the start.
    Separation(Capability, Capability),
}

/// When a rule would have been open, and about whom, in the order in which it would have been opened. `None` where there is
/// no such kind of finding.
pub fn back_test(shown: &Shown<'_>, tested: Tested<'_>) -> Option<Vec<Finding>> {
    match tested {
        Tested::Kind(code) => {
            let mut hunt = Hunt::of_kind(code)?;
            while hunt.goes_on(shown, usize::MAX) {}
            Some(hunt.found())
        }
        Tested::Separation(one, other) => {
            let [one, other] = [one, other].map(|capability| CapabilityName::new(capability.name()));
            let name = SeparationName::new("the separation that is tried");
            let (Ok(name), Ok(one), Ok(other)) = (name, one, other) else { return None };
            let met = separations::would_break(shown, &Separation { name, one, other });
            Some(in_order(named(shown, "separation-broken", met)))
        }
    }
}

/// Findings, each with when it was opened.
fn named(shown: &Shown<'_>, code: &'static str, met: Vec<Met>) -> Vec<(Instant, Finding)> {
    let timeline = &shown.views.timeline;
    let finding = |Met { subject, opened, closed, detail }| {
        (instant_of(timeline, opened), Finding { code, subject, opened, closed, detail })
    };
    met.into_iter().map(finding).collect()
}

fn in_order(mut findings: Vec<(Instant, Finding)>) -> Vec<Finding> {
    findings.sort_by(|(at, one), (other_at, other)| {
        (at, one.opened, one.code, &one.subject).cmp(&(other_at, other.opened, other.code, &other.subject))
    });
    findings.into_iter().map(|(_, finding)| finding).collect()
}

/// Findings of the real history as they are shown.
pub fn findings_json(as_of: AsOf, findings: &[Finding]) -> Value {
    findings_of(Places::REAL, as_of, findings)
}

/// Findings of a history as they are shown.
pub(crate) fn findings_of(places: Places<'_>, as_of: AsOf, findings: &[Finding]) -> Value {
    let rows = findings.iter().map(|finding| {
        json!({
            "code": finding.code,
            "subject": finding.subject,
            "opened": places.cause(finding.opened),
            "closed": places.maybe_cause(finding.closed),
            "detail": finding.detail,
        })
    });
    answer(as_of, [("findings", rows.collect())])
}

#[cfg(test)]
pub(crate) mod for_tests {
    use super::*;
    use crate::history_for_tests as h;
    use crate::history_for_tests::History;
    use grantbook_events::{AdminOrigin, DashboardEvent, Event, Instant, Position, RoleEvent};

    /// The findings of a kind as of the last entry.
    pub(crate) fn of(history: &History, code: &str) -> Vec<Finding> {
        on(history, code, history.last())
    }

    /// The findings of a kind as of an entry.
    pub(crate) fn on(history: &History, code: &str, position: Position) -> Vec<Finding> {
        let mut found = findings(&history.shown(position));
        found.retain(|finding| finding.code == code);
        found
    }

    /// About whom findings are, and from what to what.
    pub(crate) fn spans(found: &[Finding]) -> Vec<(&str, Cause, Option<Cause>)> {
        found.iter().map(|finding| (finding.subject.as_str(), finding.opened, finding.closed)).collect()
    }

    pub(crate) fn admin(id: &str, until: Option<Instant>) -> Event {
        let (account, origin) = (h::account(id), AdminOrigin::AdminUser);
        Event::Dashboard(DashboardEvent::AdminAdded { account, until, origin })
    }

    pub(crate) fn role(given: bool, id: &str, name: &str) -> Event {
        let (account, role) = (h::account(id), h::role(name));
        Event::Role(match given {
            true => RoleEvent::RoleAssigned { account, role, until: None },
            false => RoleEvent::RoleRemoved { account, role },
        })
    }

    pub(crate) fn level(id: &str, level: u8) -> Event {
        Event::Role(RoleEvent::LevelSet { account: h::account(id), module: h::module("System"), level, until: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_separation_that_nobody_defined_tells_when_it_would_have_been_broken() {
        let mut history = crate::history_for_tests::History::example();
        let opened = history.act("manager", vec![for_tests::role(true, "bob", "SysAdmin")]);
        let closed = history.act("manager", vec![for_tests::role(false, "bob", "SysAdmin")]);
        let shown = history.shown(history.last());
        let tested = Tested::Separation(Capability::RolesAssign, Capability::DashboardManageAdmins);
        let found = back_test(&shown, tested).unwrap();
        let spans: Vec<_> = found.iter().map(|one| (one.subject.as_str(), one.opened, one.closed)).collect();
        assert_eq!(spans, [("bob", Cause::Entry(opened), Some(Cause::Entry(closed)))]);
        assert_eq!(findings(&shown).iter().filter(|one| one.code == "separation-broken").count(), 0);
    }

    #[test]
    fn a_kind_of_finding_tried_alone_is_that_of_all_findings() {
        let history = crate::history_for_tests::History::example();
        let shown = history.shown(history.last());
        let all = findings(&shown);
        for rule in finding_rules() {
            let alone = back_test(&shown, Tested::Kind(rule.code)).unwrap();
            let of_all: Vec<Finding> = all.iter().filter(|one| one.code == rule.code).cloned().collect();
            assert_eq!(alone, of_all, "{}", rule.code);
        }
        assert_eq!(back_test(&shown, Tested::Kind("no-such-finding")), None);
    }

    #[test]
    fn what_is_open_is_that_of_all_findings() {
        let mut history = crate::history_for_tests::History::example();
        history.act("manager", vec![for_tests::role(true, "bob", "SysAdmin")]);
        let until = Some(grantbook_events::Instant::parse("2026-02-10T00:00:00Z").unwrap());
        for (who, until) in [("mia", until), ("sarah", None)] {
            let (group, account) =
                (crate::history_for_tests::group("Reporting"), crate::history_for_tests::account(who));
            let joined = grantbook_events::GroupEvent::GroupMemberAdded { group, account, until };
            history.act("bob", vec![grantbook_events::Event::Group(joined)]);
        }
        history.act("manager", vec![for_tests::role(false, "bob", "SysAdmin")]);
        for day in ["2026-01-20", "2026-02-05", "2026-02-20", "2026-06-01"] {
            let clock = grantbook_events::Instant::parse(&format!("{day}T00:00:00Z")).unwrap();
            let as_of = grantbook_projections::AsOf { position: history.last(), clock };
            let shown = history.shown_as_of(as_of);
            let open: Vec<Finding> = findings(&shown).into_iter().filter(|one| one.closed.is_none()).collect();
            assert_eq!(open_findings(&shown), open, "{day}");
            assert!(open.iter().any(|one| one.code == "giver-lost-right"), "{day}: {open:#?}");
            assert_eq!(open.iter().any(|one| one.code == "right-about-to-end"), day < "2026-02-10", "{day}");
        }
    }

    #[test]
    fn every_kind_of_finding_has_one_code_and_words() {
        let mut codes = std::collections::BTreeSet::new();
        for rule in finding_rules() {
            assert!(codes.insert(rule.code), "{} stands twice", rule.code);
            assert!(rule.code.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{}", rule.code);
            assert!(!rule.words.is_empty() && !rule.words.ends_with('.'), "{}", rule.code);
        }
    }
}
