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

pub(crate) use separations::breaks;

use grantbook_projections::{Cause, instant_of};

use crate::shown::Shown;

/// Something that somebody should look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What it is, as a stable slug.
    pub code: &'static str,
    /// Whom it is about: an account's id, or the Cloud ID where it is the tenant.
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
    reviews::RULES,
];

/// Every kind of finding.
pub fn finding_rules() -> impl Iterator<Item = &'static FindingRule> {
    RULES.iter().copied().flatten()
}

/// Every finding up to then, open and closed, in the order in which they were opened.
pub fn findings(shown: &Shown<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in finding_rules() {
        let code = rule.code;
        findings.extend((rule.find)(shown).into_iter().map(|Met { subject, opened, closed, detail }| Finding {
            code,
            subject,
            opened,
            closed,
            detail,
        }));
    }
    let timeline = &shown.views.timeline;
    findings.sort_by_cached_key(|finding| {
        (instant_of(timeline, finding.opened), finding.opened, finding.code, finding.subject.clone())
    });
    findings
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
    fn every_kind_of_finding_has_one_code_and_words() {
        let mut codes = std::collections::BTreeSet::new();
        for rule in finding_rules() {
            assert!(codes.insert(rule.code), "{} stands twice", rule.code);
            assert!(rule.code.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{}", rule.code);
            assert!(!rule.words.is_empty() && !rule.words.ends_with('.'), "{}", rule.code);
        }
    }
}
