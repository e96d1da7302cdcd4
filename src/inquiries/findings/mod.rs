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

use grantbook_events::{CapabilityName, SeparationName};
use grantbook_projections::{Cause, Separation, instant_of};
use grantbook_rights::Capability;
use serde_json::{Value, json};

use crate::shown::{Shown, cause, maybe_cause};

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
    find: fn(&Shown<'_>) -> Vec<Met>,
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
    in_order(shown, finding_rules().flat_map(|rule| named(rule.code, (rule.find)(shown))).collect())
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
    let found = match tested {
        Tested::Kind(code) => {
            let rule = finding_rules().find(|rule| rule.code == code)?;
            named(rule.code, (rule.find)(shown))
        }
        Tested::Separation(one, other) => {
            let [one, other] = [one, other].map(|capability| CapabilityName::new(capability.name()));
            let name = SeparationName::new("the separation that is tried");
            let (Ok(name), Ok(one), Ok(other)) = (name, one, other) else { return None };
            named("separation-broken", separations::would_break(shown, &Separation { name, one, other }))
        }
    };
    Some(in_order(shown, found))
}

fn named(code: &'static str, met: Vec<Met>) -> Vec<Finding> {
    let finding = |Met { subject, opened, closed, detail }| Finding { code, subject, opened, closed, detail };
    met.into_iter().map(finding).collect()
}

fn in_order(shown: &Shown<'_>, mut findings: Vec<Finding>) -> Vec<Finding> {
    let timeline = &shown.views.timeline;
    findings.sort_by_cached_key(|finding| {
        (instant_of(timeline, finding.opened), finding.opened, finding.code, finding.subject.clone())
    });
    findings
}

/// Findings as they are shown.
pub fn findings_json(shown: &Shown<'_>, findings: &[Finding]) -> Value {
    let rows = findings.iter().map(|finding| {
        json!({
            "code": finding.code,
            "subject": finding.subject,
            "opened": cause(finding.opened),
            "closed": maybe_cause(finding.closed),
            "detail": finding.detail,
        })
    });
    shown.answer([("findings", rows.collect())])
}

#[cfg(test)]
pub(crate) mod for_tests {
    use super::*;
    use crate::history_for_tests as h;
    use crate::history_for_tests::History;
    use grantbook_events::{Event, Position, RoleEvent};

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
    fn every_kind_of_finding_has_one_code_and_words() {
        let mut codes = std::collections::BTreeSet::new();
        for rule in finding_rules() {
            assert!(codes.insert(rule.code), "{} stands twice", rule.code);
            assert!(rule.code.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{}", rule.code);
            assert!(!rule.words.is_empty() && !rule.words.ends_with('.'), "{}", rule.code);
        }
    }
}
