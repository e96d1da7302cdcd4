//! One access review with its evidence: who has what, who gave it and by what right, when it was used last, what was decided
//! and by whom, and what came of it. All of it from the entries up to the closing, so that a closed review is the same
//! whenever it is asked for.

mod gather;
mod shown;

use grantbook_events::{AccountId, Instant, Position, ReviewDecision, ReviewItem, ReviewName, ReviewScope};
use grantbook_projections::Closing;
use serde_json::{Map, Value};

use crate::authority::Step;
use crate::shown::Shown;
use gather::{counted, report};

/// Where a review is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReviewState {
    /// Under way.
    Open,
    /// Under way, though it should have been closed.
    Overdue,
    /// Closed: nothing of it changes any more.
    Closed,
}

impl ReviewState {
    /// The slug that stands for it outside.
    pub fn slug(self) -> &'static str {
        match self {
            ReviewState::Open => "open",
            ReviewState::Overdue => "overdue",
            ReviewState::Closed => "closed",
        }
    }
}

/// A review as of a point; once it is closed, as of its closing.
#[derive(Clone, Debug)]
pub struct ReviewReport {
    /// Its name.
    pub name: ReviewName,
    /// What it is as of.
    pub as_of: Value,
    /// What it looks at.
    pub scope: ReviewScope,
    /// Where it is.
    pub state: ReviewState,
    /// The entry that opened it, and from which it looks.
    pub opened: Signed,
    /// Who decides.
    pub reviewers: Vec<Person>,
    /// By when it should be closed.
    pub due: Instant,
    /// The review that it goes on from.
    pub since_review: Option<ReviewName>,
    /// The entry that closed it.
    pub closed: Option<Signed>,
    /// What it comes to: as it was closed, or as it stands.
    pub counts: Closing,
    /// Its items, by id.
    pub items: Vec<ReportedItem>,
}

/// An account by id and name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The id.
    pub id: String,
    /// The full name, where it can be opened.
    pub name: Option<String>,
}

/// An entry of somebody's.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Which.
    pub position: Position,
    /// When.
    pub at: Instant,
    /// Who acted, in words.
    pub by: String,
    /// Who acted, as views show it.
    shown: Map<String, Value>,
}

/// A decision on an item.
#[derive(Clone, Debug)]
pub struct ReportedDecision {
    /// The entry.
    pub signed: Signed,
    /// What was decided.
    pub decision: ReviewDecision,
    /// Why.
    pub reason: Option<String>,
}

/// What came of an item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ItemOutcome {
    /// Nobody decided on it, yet or at all: it stays as it is.
    Undecided,
    /// It is kept.
    Kept,
    /// It is to be revoked when the review is closed.
    ToRevoke,
    /// It was revoked.
    Revoked,
    /// It was to be revoked, and a rule keeps it.
    Withheld {
        /// The rule.
        rule: String,
    },
    /// It was to be revoked, and was gone already.
    Gone,
}

impl ItemOutcome {
    /// The slug that stands for it outside.
    pub fn slug(&self) -> &'static str {
        match self {
            ItemOutcome::Undecided => "undecided",
            ItemOutcome::Kept => "kept",
            ItemOutcome::ToRevoke => "to_revoke",
            ItemOutcome::Revoked => "revoked",
            ItemOutcome::Withheld { .. } => "withheld",
            ItemOutcome::Gone => "gone",
        }
    }

    /// What it means, for whoever reads the report.
    pub fn words(&self) -> String {
        match self {
            ItemOutcome::Undecided => "undecided".to_owned(),
            ItemOutcome::Kept => "kept".to_owned(),
            ItemOutcome::ToRevoke => "to be revoked".to_owned(),
            ItemOutcome::Revoked => "revoked".to_owned(),
            ItemOutcome::Withheld { rule } => format!("not revoked: rule {rule} keeps it"),
            ItemOutcome::Gone => "gone before the closing".to_owned(),
        }
    }
}

/// An item with its evidence.
#[derive(Clone, Debug)]
pub struct ReportedItem {
    /// Its id.
    pub id: ReviewItem,
    /// Who holds it, where it is an account.
    pub holder: Option<Person>,
    /// What it gives, in words.
    pub what: String,
    /// The entry that gave it.
    pub given: Signed,
    /// When it ends.
    pub until: Option<Instant>,
    /// By what right it was given, back to the tenant's start: the first step is the gift itself. Nothing in the view of all
    /// reviews, which does not show it.
    pub chain: Vec<Step>,
    /// Whether it is the use of an app.
    pub app: bool,
    /// When an app reported its use, and when it was used, up to the opening (rule: A9).
    pub last_use: Option<(Position, Instant)>,
    /// The holder's last sign-in up to the opening.
    pub last_sign_in: Option<Position>,
    /// When that was.
    pub last_sign_in_at: Option<Instant>,
    /// Every decision, oldest first; the last one stands.
    pub decisions: Vec<ReportedDecision>,
    /// Which reviewers may decide on it: all whose own it is not.
    pub may_decide: Vec<AccountId>,
    /// What came of it.
    pub outcome: ItemOutcome,
    /// Where the grant changed since the opening, but for the closing: given anew by an entry, or gone.
    pub changed: Option<Changed>,
}

/// How a grant changed since the review was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Changed {
    /// It was given anew.
    GivenAnew(Position),
    /// It is not held any more.
    Gone,
}

impl Changed {
    /// What it means, for whoever reads the report.
    pub fn words(self) -> String {
        match self {
            Changed::GivenAnew(position) => format!("given anew by entry {position}"),
            Changed::Gone => "not held any more".to_owned(),
        }
    }
}

impl ReportedItem {
    /// The decision that stands.
    pub fn decided(&self) -> Option<&ReportedDecision> {
        self.decisions.last()
    }

    /// Whether whoever decided is who gave it: no rule forbids it, and a reader should see it.
    pub fn by_giver(&self) -> bool {
        self.decided().is_some_and(|decided| decided.signed.shown.get("by") == self.given.shown.get("by"))
    }
}

impl ReviewReport {
    /// Whether it looks at rights on the dashboard, which Admin Users give and take.
    pub fn on_dashboard(&self) -> bool {
        match &self.scope {
            ReviewScope::App(_) | ReviewScope::Apps | ReviewScope::Admins => true,
            ReviewScope::Role(_) | ReviewScope::Group(_) | ReviewScope::Object(_) => false,
        }
    }

    /// As a reviewer sees it who reads nothing else: while it is under way without the rights of their own, on which others
    /// decide (rule: U2). `None` for whoever is no reviewer of it.
    pub fn for_reviewer(mut self, account: &AccountId) -> Option<ReviewReport> {
        if !self.reviewers.iter().any(|reviewer| reviewer.id == account.as_str()) {
            return None;
        }
        if self.state != ReviewState::Closed {
            self.items.retain(|item| item.may_decide.contains(account));
            self.counts = counted(&self.items);
        }
        Some(self)
    }
}

/// The review of a name, as of then; `None` where there was none yet. A closed one is as of its closing, or as of then where
/// that was before.
pub fn review(shown: &Shown<'_>, name: &ReviewName) -> Option<ReviewReport> {
    let number = shown.views.reviews.number(name, shown.position())?;
    let (opened, review) = shown.views.reviews.review(number, shown.position())?;
    Some(report(shown, number, opened, review, true))
}

/// The view of reviews: those that `seen` lets through, by name, as it leaves them.
pub fn reviews_view(shown: &Shown<'_>, seen: &dyn Fn(ReviewReport) -> Option<ReviewReport>) -> Value {
    let all = shown.views.reviews.all(shown.position()).into_iter();
    let reviews = all.filter_map(|(_, _, review)| review_in_view(shown, &review.name, seen));
    shown.answer([("reviews", Value::Object(reviews.collect()))])
}

/// A review as the view of reviews has it: its name and what is told of it. `None` where there is none of that name, or
/// `seen` lets it not through.
pub fn review_in_view(
    shown: &Shown<'_>,
    name: &ReviewName,
    seen: &dyn Fn(ReviewReport) -> Option<ReviewReport>,
) -> Option<(String, Value)> {
    let number = shown.views.reviews.number(name, shown.position())?;
    let (opened, review) = shown.views.reviews.review(number, shown.position())?;
    let review = seen(report(shown, number, opened, review, false))?;
    Some((review.name.as_str().to_owned(), review.told(shown.places, false)))
}
