//! Access reviews: what each looks at, what its reviewers decided, how it was closed (rule: U3). Which grants a review has as
//! its items is in [`review_items`](crate::review_items).

use grantbook_events::{
    AccountId, Instant, Position, ReviewDecision, ReviewEvent, ReviewItem, ReviewName, ReviewScope, RuleId,
};
use serde::{Deserialize, Serialize};

use crate::history::{Facts, History, under_own_numbers};
use crate::names::{FastMap, FoldedNumbers};

/// A review as it was opened.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Review {
    /// Its name as it was written when it was opened.
    pub name: ReviewName,
    /// What it looks at.
    pub scope: ReviewScope,
    /// Who decides.
    pub reviewers: Vec<AccountId>,
    /// By when it should be closed.
    pub due: Instant,
    /// The earlier review whose kept grants need no second look.
    pub since_review: Option<ReviewName>,
}

/// What a closing came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Closing {
    /// How many grants were kept by a decision.
    pub kept: u32,
    /// How many were revoked.
    pub revoked: u32,
    /// How many were to be revoked and were not.
    pub withheld: u32,
    /// How many nobody decided on.
    pub undecided: u32,
}

/// Why a grant that was to be revoked was not: the rule that keeps it; none where it was gone.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Withheld {
    /// The rule.
    pub rule: Option<RuleId>,
}

/// The reviews of a tenant, by the number of their name. A name is given once for ever.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Reviews {
    numbers: FoldedNumbers,
    opened: Facts<Review>,
    closed: Facts<Closing>,
    /// The items that something was ever said of, by review.
    slots: FastMap<(u32, ReviewItem), u32>,
    decided: Facts<ReviewDecision>,
    withheld: Facts<Withheld>,
}

impl Reviews {
    pub(crate) fn apply(&mut self, at: Position, event: &ReviewEvent) {
        match event {
            ReviewEvent::ReviewOpened { review, scope, reviewers, due, since_review } => {
                let state = Review {
                    name: review.clone(),
                    scope: scope.clone(),
                    reviewers: reviewers.clone(),
                    due: *due,
                    since_review: since_review.clone(),
                };
                self.opened.set(self.numbers.intern(review.as_str()), at, state);
            }
            ReviewEvent::ReviewItemDecided { review, item, account: _, decision } => {
                let slot = self.slot(review, item);
                self.decided.set(slot, at, *decision);
            }
            ReviewEvent::ReviewRevocationWithheld { review, item, account: _, rule } => {
                let slot = self.slot(review, item);
                self.withheld.set(slot, at, Withheld { rule: rule.clone() });
            }
            ReviewEvent::ReviewClosed { review, kept, revoked, withheld, undecided } => {
                let (kept, revoked, withheld, undecided) = (*kept, *revoked, *withheld, *undecided);
                let closing = Closing { kept, revoked, withheld, undecided };
                self.closed.set(self.numbers.intern(review.as_str()), at, closing);
            }
        }
    }

    fn slot(&mut self, review: &ReviewName, item: &ReviewItem) -> u32 {
        let review = self.numbers.intern(review.as_str());
        let next = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        *self.slots.entry((review, item.clone())).or_insert(next)
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.opened.retract(at);
        self.closed.retract(at);
        self.decided.retract(at);
        self.withheld.retract(at);
    }

    /// The number of the review of a name as of a position.
    pub fn number(&self, name: &ReviewName, position: Position) -> Option<u32> {
        self.numbers.get(name.as_str()).filter(|number| self.opened.at(*number, position).is_some())
    }

    /// A review, with the entry that opened it: it looks at what was so at that position.
    pub fn review(&self, review: u32, position: Position) -> Option<(Position, &Review)> {
        self.opened.change_at(review, position)
    }

    /// Every review as of a position, by name.
    pub fn all(&self, position: Position) -> Vec<(u32, Position, &Review)> {
        let numbers = self.numbers.in_order();
        let reviews = numbers.filter_map(|number| {
            let (opened, review) = self.review(number, position)?;
            Some((number, opened, review))
        });
        reviews.collect()
    }

    /// Whether every review is found by its name, and there are as many places for what was said of items as were ever used.
    pub fn agrees(&self) -> bool {
        let used = self.decided.count().max(self.withheld.count());
        self.numbers.agrees(0, 1)
            && under_own_numbers(&self.opened, |number, review| self.numbers.is(number, review.name.as_str()))
            && self.slots.len() == used as usize
    }

    /// How a review was closed, and by which entry; `None` while it is under way.
    pub fn closed(&self, review: u32, position: Position) -> Option<(Position, Closing)> {
        self.closed.change_at(review, position).map(|(closed, closing)| (closed, *closing))
    }

    /// What was decided on an item: the decision that stands, with its entry.
    pub fn decided(&self, review: u32, item: &ReviewItem, position: Position) -> Option<(Position, ReviewDecision)> {
        let (decided, decision) = self.decisions(review, item)?.change_at(position)?;
        Some((decided, *decision))
    }

    /// Every decision on an item; `None` where there never was one.
    pub fn decisions(&self, review: u32, item: &ReviewItem) -> Option<&History<ReviewDecision>> {
        self.decided.history(*self.slots.get(&(review, item.clone()))?)
    }

    /// The items of a review that were ever decided on, by id, each with its decisions.
    pub fn items_of(&self, review: u32) -> Vec<(&ReviewItem, &History<ReviewDecision>)> {
        let slots = self.slots.iter().filter(|((of, _), _)| *of == review);
        let mut items: Vec<_> =
            slots.filter_map(|((_, item), slot)| Some((item, self.decided.history(*slot)?))).collect();
        items.sort_unstable_by_key(|(item, _)| *item);
        items
    }

    /// Why an item that was to be revoked was not.
    pub fn withheld(&self, review: u32, item: &ReviewItem, position: Position) -> Option<&Withheld> {
        self.withheld.at(*self.slots.get(&(review, item.clone()))?, position)
    }

    /// Whether an account decides in a review.
    pub fn is_reviewer(&self, review: u32, account: &AccountId, position: Position) -> bool {
        self.review(review, position).is_some_and(|(_, review)| review.reviewers.contains(account))
    }
}
