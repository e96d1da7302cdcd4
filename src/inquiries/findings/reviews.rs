//! Findings of access reviews: the reminders of those that are late, and what nobody decided on.

use grantbook_events::due_words;
use grantbook_projections::Cause;

use super::{Find, FindingRule, Met};
use crate::shown::Shown;

pub(super) const RULES: &[FindingRule] = &[
    FindingRule {
        code: "review-overdue",
        rule: Some("U3"),
        words: "an access review should have been closed",
        find: Find::All(overdue),
    },
    FindingRule {
        code: "review-left-undecided",
        rule: Some("U3"),
        words: "an access review was closed with grants that nobody decided on; a later one that goes on from it looks at them",
        find: Find::All(left_undecided),
    },
];

/// Open from when a review was due to its closing.
fn overdue(shown: &Shown<'_>) -> Vec<Met> {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut met = Vec::new();
    for (number, _, review) in views.reviews.all(as_of.position) {
        let closed = views.reviews.closed(number, as_of.position).map(|(closed, _)| closed);
        let late_from = review.due;
        let in_time = closed.is_some_and(|closed| views.timeline.at(closed) < late_from);
        if in_time || as_of.clock < late_from {
            continue;
        }
        let reviewers: Vec<String> = review.reviewers.iter().map(|id| shown.called(id)).collect();
        let (is, who) = if closed.is_some() { ("was", "were to decide") } else { ("is", "are to decide") };
        met.push(Met {
            subject: review.name.as_str().to_owned(),
            opened: Cause::Clock(late_from),
            closed: closed.map(Cause::Entry),
            detail: format!(
                "the review of {} {is} overdue: it was due by {}; {} {who}",
                review.scope,
                due_words(late_from),
                reviewers.join(", ")
            ),
        });
    }
    met
}

/// Open from a closing that left something, to the opening of a review that goes on from it.
fn left_undecided(shown: &Shown<'_>) -> Vec<Met> {
    let (views, position) = (shown.views, shown.position());
    let all = views.reviews.all(position);
    let mut met = Vec::new();
    for (number, _, review) in &all {
        let Some((closed, closing)) = views.reviews.closed(*number, position) else { continue };
        if closing.undecided == 0 {
            continue;
        }
        let later = all.iter().filter(|(_, _, later)| later.since_review.as_ref() == Some(&review.name));
        let later = later.map(|(_, opened, _)| *opened).min();
        met.push(Met {
            subject: review.name.as_str().to_owned(),
            opened: Cause::Entry(closed),
            closed: later.map(Cause::Entry),
            detail: format!("the review of {} was closed with {} undecided", review.scope, closing.undecided),
        });
    }
    met
}
