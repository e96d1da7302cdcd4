//! A review put together from the views: its items, the evidence beside each, and what came of it.

use grantbook_events::{
    AccessRight, AccountId, Event, ObjectPath, Position, Principal, ReviewDecision, ReviewEvent, ReviewItem,
};
use grantbook_projections::{AsOf, By, Closing, Review, ReviewedGrant, ReviewedItem, review_items};
use grantbook_rights::{Fact, is_own_grant};
use serde_json::Map;

use super::{Changed, ItemOutcome, Person, ReportedDecision, ReportedItem, ReviewReport, ReviewState, Signed};
use crate::authority::{About, Step, chain, sets, sets_access, sets_membership, sets_role};
use crate::shown::Shown;

/// A review as of then. `evidence` is for whoever shows the authority behind each item, which is read entry by entry.
pub(super) fn report(
    shown: &Shown<'_>,
    number: u32,
    opened: Position,
    review: &Review,
    evidence: bool,
) -> ReviewReport {
    let views = shown.views;
    let closed = views.reviews.closed(number, shown.position());
    // What happened after the closing is no part of it, and neither is the clock of whoever asks.
    let then = match closed {
        Some((closed, _)) => Shown { as_of: views.timeline.as_of(closed), ..*shown },
        None => *shown,
    };
    let sealed = Shown { as_of: views.timeline.as_of(opened), ..*shown };
    let told = Told { then, sealed, evidence, number, opened, closed: closed.map(|(closed, _)| closed), review };
    let items: Vec<ReportedItem> = told.items();
    let state = match closed {
        Some(_) => ReviewState::Closed,
        None if then.as_of.clock >= review.due => ReviewState::Overdue,
        None => ReviewState::Open,
    };
    let counts = closed.map_or_else(|| counted(&items), |(_, closing)| closing);
    ReviewReport {
        name: review.name.clone(),
        as_of: crate::shown::as_of(then.as_of),
        scope: review.scope.clone(),
        state,
        opened: signed(&then, opened),
        reviewers: review.reviewers.iter().map(|id| person(&sealed, id)).collect(),
        due: review.due,
        since_review: review.since_review.clone(),
        closed: closed.map(|(closed, _)| signed(&then, closed)),
        counts,
        items,
    }
}

pub(super) fn counted(items: &[ReportedItem]) -> Closing {
    let count = |outcome: &ItemOutcome| {
        let counted = items.iter().filter(|item| item.outcome == *outcome).count();
        u32::try_from(counted).unwrap_or(u32::MAX)
    };
    Closing {
        kept: count(&ItemOutcome::Kept),
        revoked: count(&ItemOutcome::ToRevoke),
        withheld: 0,
        undecided: count(&ItemOutcome::Undecided),
    }
}

fn person(shown: &Shown<'_>, id: &AccountId) -> Person {
    let name = shown.views.account(id).and_then(|who| shown.name(who));
    Person { id: id.as_str().to_owned(), name }
}

/// Who signed an entry, and when.
fn signed(shown: &Shown<'_>, position: Position) -> Signed {
    let views = shown.views;
    let by = match views.timeline.by(position) {
        By::System => "the ledger".to_owned(),
        By::Guest => "a guest".to_owned(),
        By::Account(who) => shown.name(who).unwrap_or_else(|| shown.id(who).to_owned()),
        By::Support(number) => {
            let operator = views.timeline.operator(number);
            operator.map_or_else(|| "support".to_owned(), |operator| format!("support ({operator})"))
        }
    };
    let mut said = Map::new();
    shown.put_by(Some(position), &mut said);
    Signed { position, at: views.timeline.at(position), by, shown: said }
}

/// What the items of one review are told from.
struct Told<'a> {
    /// As of the closing, or of now.
    then: Shown<'a>,
    /// As of the opening.
    sealed: Shown<'a>,
    /// Whether the authority behind each item is wanted.
    evidence: bool,
    number: u32,
    opened: Position,
    closed: Option<Position>,
    review: &'a Review,
}

impl Told<'_> {
    fn items(&self) -> Vec<ReportedItem> {
        let items = review_items(self.then.views, self.opened, self.review).into_iter();
        items.map(|item| self.item(item)).collect()
    }

    fn item(&self, item: ReviewedItem) -> ReportedItem {
        let views = self.then.views;
        let holder = item.grant.holder(views);
        let sign_in = holder.and_then(|who| {
            let sign_ins = views.sessions.sign_ins_of(who).rev();
            sign_ins.map(|session| session.position).find(|position| *position <= self.opened)
        });
        let last_use = match &item.grant {
            ReviewedGrant::App { who, app } => views.app_users.last_use(*who, *app, self.opened),
            ReviewedGrant::Role { .. }
            | ReviewedGrant::Group { .. }
            | ReviewedGrant::Admin { .. }
            | ReviewedGrant::Object { .. } => None,
        };
        let decisions = self.decisions(&item.id);
        let outcome = self.outcome(&item, decisions.last().map(|decided| decided.decision));
        let may_decide = self.review.reviewers.iter().filter(|id| {
            let who = views.account(id);
            who.is_some_and(|who| !is_own_grant(views, who, &item.grant, self.opened, self.then.as_of))
        });
        ReportedItem {
            holder: holder.and_then(|who| views.account_id(who)).map(|id| person(&self.sealed, &id)),
            what: what(&self.sealed, &item.grant),
            given: signed(&self.sealed, item.given),
            until: item.holding.until(),
            chain: if self.evidence { gift(&self.sealed, &item) } else { Vec::new() },
            app: matches!(item.grant, ReviewedGrant::App { .. }),
            last_use,
            last_sign_in: sign_in,
            last_sign_in_at: sign_in.map(|position| views.timeline.at(position)),
            decisions,
            may_decide: may_decide.cloned().collect(),
            outcome,
            changed: self.changed(&item),
            id: item.id,
        }
    }

    fn decisions(&self, id: &ReviewItem) -> Vec<ReportedDecision> {
        let Some(history) = self.then.views.reviews.decisions(self.number, id) else { return Vec::new() };
        let told = history.changes_to(self.then.position()).map(|(position, decision)| ReportedDecision {
            signed: signed(&self.then, position),
            decision: *decision,
            reason: self.reason(position, id),
        });
        told.collect()
    }

    /// Why an entry decided on an item: the reason of the command that did.
    fn reason(&self, position: Position, id: &ReviewItem) -> Option<String> {
        let entry = self.then.read(position)?;
        let decides = |event: &Event| {
            let Event::Review(event) = event else { return false };
            matches!(&**event, ReviewEvent::ReviewItemDecided { review, item, .. }
                if *item == *id && *review == self.review.name)
        };
        let recorded = entry.events.iter().rfind(|recorded| decides(&recorded.event))?;
        entry.commands.get(usize::try_from(recorded.command).ok()?)?.reason.clone()
    }

    fn outcome(&self, item: &ReviewedItem, decision: Option<ReviewDecision>) -> ItemOutcome {
        match (decision, self.closed) {
            (None, _) => ItemOutcome::Undecided,
            (Some(ReviewDecision::Keep), _) => ItemOutcome::Kept,
            (Some(ReviewDecision::Revoke), None) => ItemOutcome::ToRevoke,
            (Some(ReviewDecision::Revoke), Some(closed)) => {
                match self.then.views.reviews.withheld(self.number, &item.id, closed) {
                    None => ItemOutcome::Revoked,
                    Some(withheld) => match &withheld.rule {
                        Some(rule) => ItemOutcome::Withheld { rule: rule.as_str().to_owned() },
                        None => ItemOutcome::Gone,
                    },
                }
            }
        }
    }

    /// How the grant changed between the opening and the closing, or until then.
    fn changed(&self, item: &ReviewedItem) -> Option<Changed> {
        let views = self.then.views;
        let until = match self.closed {
            // Just before the closing: what the closing revoked was held until it.
            Some(closed) => AsOf { position: closed.before(), clock: views.timeline.at(closed) },
            None => self.then.as_of,
        };
        match item.grant.in_force(views, self.opened, until) {
            Some((given, _)) if given == item.given => None,
            Some((given, _)) => Some(Changed::GivenAnew(given)),
            None => Some(Changed::Gone),
        }
    }
}

/// What a grant gives, in words that follow who has it.
fn what(shown: &Shown<'_>, grant: &ReviewedGrant) -> String {
    let (views, position) = (shown.views, shown.position());
    match grant {
        ReviewedGrant::App { app, .. } => {
            let title = views.tenant.app(*app, position).map_or("an app", |(_, app)| &app.title);
            format!("uses {title}")
        }
        ReviewedGrant::Role { role, .. } => {
            format!("holds the role {}", views.roles.name(*role, position).unwrap_or_default())
        }
        ReviewedGrant::Group { group, .. } => {
            let custom = views.groups.custom(*group, position).map(|(_, group)| group.name.as_str());
            let text = views.names.groups.text(*group);
            let built_in = || grantbook_projections::Groups::built_in(text);
            format!("is a member of {}", custom.or_else(built_in).unwrap_or(text))
        }
        ReviewedGrant::Admin { .. } => "is an Admin User".to_owned(),
        ReviewedGrant::Object { object, principal, right } => {
            format!("{} on {}", admitted(shown, principal, *right), views.names.objects.text(*object))
        }
    }
}

fn admitted(shown: &Shown<'_>, principal: &Principal, right: AccessRight) -> String {
    let right = match right {
        AccessRight::FullControl => "full control",
        AccessRight::Read | AccessRight::Add | AccessRight::Edit | AccessRight::Delete => right.slug(),
    };
    match principal {
        Principal::Group(group) => format!("the group {group} has {right}"),
        Principal::Role(role) => format!("the role {role} has {right}"),
        Principal::Account(id) => format!("{} has {right}", shown.called(id)),
        Principal::MemberType(label) => format!("the member type {label} has {right}"),
        Principal::Staff => format!("staff have {right}"),
    }
}

/// The event that gave a grant and the authority behind it, back to the tenant's start.
fn gift(shown: &Shown<'_>, item: &ReviewedItem) -> Vec<Step> {
    let views = shown.views;
    let who = item.grant.holder(views).and_then(|who| views.account_id(who));
    let about =
        |app, object| About { who: who.as_ref(), target: None, app, object, organisation: None, community: None };
    match &item.grant {
        ReviewedGrant::App { app, .. } => {
            let about = about(Some(views.names.apps.text(*app)), None);
            chain(shown, item.given, &|event| sets(Fact::AppAssigned, &about, event))
        }
        ReviewedGrant::Role { role, .. } => {
            // It may have been called otherwise when it was given.
            let name = views.roles.name(*role, item.given).unwrap_or_default();
            chain(shown, item.given, &|event| sets_role(who.as_ref(), name, event))
        }
        ReviewedGrant::Group { group, .. } => {
            let group = views.names.groups.text(*group);
            chain(shown, item.given, &|event| sets_membership(who.as_ref(), group, event))
        }
        ReviewedGrant::Admin { .. } => {
            let about = about(None, None);
            chain(shown, item.given, &|event| sets(Fact::AdminListed, &about, event))
        }
        ReviewedGrant::Object { object, principal, right } => {
            let path = ObjectPath::new(views.names.objects.text(*object)).ok();
            let about = about(None, path.as_ref());
            chain(shown, item.given, &|event| sets_access(&about, Some((principal, *right)), event))
        }
    }
}
