//! Commands on access reviews.

use grantbook_events::{AccountId, Instant, ReviewDecision, ReviewItem, ReviewName, ReviewScope};

use super::description::{CommandDescription, Door, FieldDescription, FieldKind, REASON};
use super::form::Known;
use super::written::Written;
use super::{Command, Malformed};

/// What may be asked to happen to access reviews.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReviewCommand {
    /// Open a review of a scope as it stands now.
    OpenReview {
        /// Its name.
        review: ReviewName,
        /// What it looks at.
        scope: ReviewScope,
        /// Who decides.
        reviewers: Vec<AccountId>,
        /// By when it should be closed.
        due: Instant,
        /// The earlier review whose kept grants need no second look.
        since_review: Option<ReviewName>,
    },
    /// Decide what is to become of a grant.
    DecideReviewItem {
        /// The review.
        review: ReviewName,
        /// The grant.
        item: ReviewItem,
        /// What is to become of it.
        decision: ReviewDecision,
    },
    /// Close a review, and revoke what it was decided to revoke.
    CloseReview {
        /// The review.
        review: ReviewName,
    },
}

const REVIEW: FieldDescription = FieldDescription::required("review", FieldKind::Name, "The name of the review.");

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "open_review",
            door: Door::Tenant,
            words: "Open a review of who has what, as it stands now.",
            fields: &[
                REVIEW,
                FieldDescription::required("scope", FieldKind::ReviewScope, "What it looks at."),
                FieldDescription::required(
                    "reviewers",
                    FieldKind::Accounts,
                    "Who decides; nobody on rights of their own.",
                ),
                FieldDescription::required("due", FieldKind::Until, "By when it should be closed."),
                FieldDescription::optional(
                    "since_review",
                    FieldKind::Name,
                    "A closed review of the same scope: what it kept and did not change since is left out.",
                ),
            ],
            grants: false,
        },
        read: |form| {
            let review = form.named("review", ReviewName::new)?;
            let since_review = form.maybe_named("since_review", ReviewName::new)?;
            let (scope, reviewers) = (form.review_scope("scope")?, form.accounts("reviewers")?);
            let due = form.end("due")?.ok_or_else(|| form.expected("due"))?;
            Ok(Command::Review(ReviewCommand::OpenReview { review, scope, reviewers, due, since_review }))
        },
    },
    Known {
        description: CommandDescription {
            name: "decide_review_item",
            door: Door::Tenant,
            words: "Decide in a review whether a grant is to be kept or revoked; a later decision replaces an earlier one.",
            fields: &[
                REVIEW,
                FieldDescription::required(
                    "item",
                    FieldKind::Text { most: 200 },
                    "The grant, as the review lists it, such as sarah/iemail-cloud.",
                ),
                FieldDescription::required(
                    "decision",
                    FieldKind::Choice(ReviewDecision::SLUGS),
                    "What is to become of it; whoever revokes says why in `reason`.",
                ),
            ],
            grants: false,
        },
        read: |form| {
            let review = form.named("review", ReviewName::new)?;
            let item = form.named("item", ReviewItem::new)?;
            let decision = form.choice("decision", ReviewDecision::parse)?;
            let why = form.maybe_text(REASON.name)?.is_some_and(|reason| !reason.trim().is_empty());
            if decision == ReviewDecision::Revoke && !why {
                return Err(Malformed::new(REASON.name, "expected why it is to be revoked: its holder will ask"));
            }
            Ok(Command::Review(ReviewCommand::DecideReviewItem { review, item, decision }))
        },
    },
    Known {
        description: CommandDescription {
            name: "close_review",
            door: Door::Tenant,
            words: "Close a review and revoke what was decided to be revoked, by whoever may revoke it.",
            fields: &[REVIEW],
            grants: false,
        },
        read: |form| {
            let review = form.named("review", ReviewName::new)?;
            Ok(Command::Review(ReviewCommand::CloseReview { review }))
        },
    },
];

impl ReviewCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            ReviewCommand::OpenReview { .. } => "open_review",
            ReviewCommand::DecideReviewItem { .. } => "decide_review_item",
            ReviewCommand::CloseReview { .. } => "close_review",
        }
    }

    pub(super) fn subject(&self) -> Option<&AccountId> {
        match self {
            // Whose grant it is does not hear of a review under way, not even by a refusal (rule: U2).
            ReviewCommand::OpenReview { .. }
            | ReviewCommand::DecideReviewItem { .. }
            | ReviewCommand::CloseReview { .. } => None,
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            ReviewCommand::OpenReview { review, scope, reviewers, due, since_review } => {
                let reviewers: Vec<&str> = reviewers.iter().map(AccountId::as_str).collect();
                to.show("review", review).review_scope("scope", scope).put("reviewers", reviewers);
                to.show("due", due).show_if("since_review", since_review)
            }
            ReviewCommand::DecideReviewItem { review, item, decision } => {
                to.show("review", review).show("item", item).show("decision", decision)
            }
            ReviewCommand::CloseReview { review } => to.show("review", review),
        };
    }
}
