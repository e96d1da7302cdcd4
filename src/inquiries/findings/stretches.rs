//! What finding rules are made of: stretches in which a state holds, who they are about, and who brought them about.

use grantbook_projections::{AsOf, By, Cause, GrantHistory, Moments, turning_points};

use super::{Met, Tense};
use crate::shown::Shown;

/// The stretches in which `holds` was true of an account, each told by `detail` as it began, in the tense of whether it is
/// over.
pub(super) fn of_account(
    shown: &Shown<'_>,
    who: u32,
    points: Vec<Cause>,
    holds: &dyn Fn(AsOf) -> bool,
    detail: &dyn Fn(AsOf, Tense) -> String,
) -> Vec<Met> {
    let stretches = Moments::new(&shown.views.timeline, points, shown.as_of).stretches(holds);
    let met = stretches.into_iter().map(|(opened, closed)| {
        let detail = detail(at(shown, opened), Tense::of(closed));
        Met { subject: subject(shown, who), opened, closed, detail }
    });
    met.collect()
}

/// Whether it was done by somebody other than the account itself.
pub(super) fn is_another(by: By, who: u32) -> bool {
    match by {
        By::Account(setter) => setter != who,
        By::Support(_) => true,
        By::System | By::Guest => false,
    }
}

/// Who did something, in words.
pub(super) fn actor_words(shown: &Shown<'_>, by: By) -> String {
    match by {
        By::Account(setter) => {
            let id = shown.id(setter);
            shown.name(setter).map_or_else(|| id.to_owned(), |name| format!("{name} ({id})"))
        }
        By::Support(number) => {
            let operator = shown.views.timeline.operator(number);
            operator.map_or_else(|| "support".to_owned(), |operator| format!("support ({operator})"))
        }
        By::System | By::Guest => "the ledger".to_owned(),
    }
}

/// An account as a finding names it.
pub(super) fn subject(shown: &Shown<'_>, who: u32) -> String {
    shown.id(who).to_owned()
}

/// The point from which to look at what a cause did.
pub(super) fn at(shown: &Shown<'_>, cause: Cause) -> AsOf {
    shown.point(cause)
}

/// When an account was added and removed.
pub(super) fn existence_points(shown: &Shown<'_>, who: u32) -> Vec<Cause> {
    let history = shown.views.accounts.existence(who).into_iter();
    history.flat_map(|history| history.changes_to(shown.position())).map(|(set, _)| Cause::Entry(set)).collect()
}

/// When a grant began, changed and ended.
pub(super) fn put_points(history: Option<&GrantHistory>, as_of: AsOf, into: &mut Vec<Cause>) {
    if let Some(history) = history {
        turning_points(history, as_of, into);
    }
}
