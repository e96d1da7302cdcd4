//! One access review with its evidence: who has what, who gave it and by what right, when it was used last, what was decided
//! and by whom, and what came of it. All of it from the entries up to the closing, so that a closed review is the same
//! whenever it is asked for.

use grantbook_events::{
    AccessRight, AccountId, Event, Instant, ObjectPath, Position, Principal, ReviewDecision, ReviewEvent, ReviewItem,
    ReviewName, ReviewScope,
};
use grantbook_projections::{AsOf, By, Cause, Closing, Review, ReviewedGrant, ReviewedItem, review_items};
use grantbook_rights::{Fact, is_own_grant};
use serde_json::{Map, Value, json};

use crate::authority::{About, Step, chain, sets, sets_access, sets_membership, sets_role};
use crate::shown::{Shown, cause, instant, maybe_cause};

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
    /// By what right it was given, back to the tenant's start: the first step is the gift itself.
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

/// The review of a name, as of then; `None` where there was none yet. A closed one is as of its closing, or as of then where
/// that was before.
pub fn review(shown: &Shown<'_>, name: &ReviewName) -> Option<ReviewReport> {
    let number = shown.views.reviews.number(name, shown.position())?;
    let (opened, review) = shown.views.reviews.review(number, shown.position())?;
    Some(report(shown, number, opened, review))
}

/// The view of reviews: those that `seen` lets through, by name, as it leaves them.
pub fn reviews_view(shown: &Shown<'_>, seen: &dyn Fn(ReviewReport) -> Option<ReviewReport>) -> Value {
    let all = shown.views.reviews.all(shown.position()).into_iter();
    let reviews = all.filter_map(|(number, opened, review)| {
        let review = seen(report(shown, number, opened, review))?;
        Some((review.name.as_str().to_owned(), review.json(false)))
    });
    shown.answer([("reviews", Value::Object(reviews.collect()))])
}

fn report(shown: &Shown<'_>, number: u32, opened: Position, review: &Review) -> ReviewReport {
    let views = shown.views;
    let closed = views.reviews.closed(number, shown.position());
    // What happened after the closing is no part of it, and neither is the clock of whoever asks.
    let then = match closed {
        Some((closed, _)) => Shown { as_of: views.timeline.as_of(closed), ..*shown },
        None => *shown,
    };
    let sealed = Shown { as_of: views.timeline.as_of(opened), ..*shown };
    let told = Told { then, sealed, number, opened, closed: closed.map(|(closed, _)| closed), review };
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

fn counted(items: &[ReportedItem]) -> Closing {
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
            chain: gift(&self.sealed, &item),
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
        let entry = (self.then.entry)(position)?;
        let decides = |event: &Event| {
            matches!(
                event,
                Event::Review(ReviewEvent::ReviewItemDecided { review, item, .. })
                    if *item == *id && *review == self.review.name
            )
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

impl Person {
    fn json(&self) -> Value {
        json!({"account": self.id, "name": self.name})
    }
}

impl Signed {
    fn json(&self) -> Value {
        let mut signed = Map::new();
        signed.insert("position".to_owned(), self.position.0.into());
        signed.insert("at".to_owned(), self.at.to_string().into());
        signed.extend(self.shown.clone());
        Value::Object(signed)
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

    /// The review as JSON; `evidence` adds to each item the chain of authority behind it and every decision there was.
    pub fn json(&self, evidence: bool) -> Value {
        let mut review = Map::new();
        let mut put = |name: &str, value: Value| drop(review.insert(name.to_owned(), value));
        if evidence {
            put("as_of", self.as_of.clone());
        }
        put("review", self.name.as_str().into());
        put("state", self.state.slug().into());
        put("scope", serde_json::to_value(&self.scope).unwrap_or_default());
        put("words", self.scope.to_string().into());
        put("reviewers", self.reviewers.iter().map(Person::json).collect());
        put("due", self.due.to_string().into());
        put("since_review", self.since_review.as_ref().map(|name| name.as_str()).into());
        put("opened", self.opened.json());
        put("closed", self.closed.as_ref().map_or(Value::Null, Signed::json));
        let Closing { kept, revoked, withheld, undecided } = self.counts;
        let counts = json!({"items": self.items.len(), "kept": kept, "revoked": revoked, "withheld": withheld, "undecided": undecided});
        put("counts", counts);
        put("items", self.items.iter().map(|item| item.json(evidence)).collect());
        Value::Object(review)
    }
}

impl ReportedItem {
    fn json(&self, evidence: bool) -> Value {
        let mut item = Map::new();
        let mut put = |name: &str, value: Value| drop(item.insert(name.to_owned(), value));
        put("item", self.id.as_str().into());
        put("account", self.holder.as_ref().map(|holder| holder.id.as_str()).into());
        put("name", self.holder.as_ref().and_then(|holder| holder.name.as_deref()).into());
        put("what", self.what.as_str().into());
        put("since", cause(Cause::Entry(self.given.position)));
        for (name, value) in &self.given.shown {
            put(name, value.clone());
        }
        put("until", instant(self.until));
        let used =
            self.last_use.map(|(reported, at)| json!({"at": at.to_string(), "reported": {"position": reported.0}}));
        put("last_use", used.into());
        let signed_in = self.last_sign_in.zip(self.last_sign_in_at);
        let signed_in = signed_in.map(|(position, at)| json!({"at": at.to_string(), "position": position.0}));
        put("last_sign_in", signed_in.into());
        let decided = self.decided();
        put("decision", decided.map(|decided| decided.decision.slug()).into());
        put("decided", decided.map_or(Value::Null, |decided| decided.signed.json()));
        put("reason", decided.and_then(|decided| decided.reason.as_deref()).into());
        put("decided_by_giver", self.by_giver().into());
        put("may_decide", self.may_decide.iter().map(AccountId::as_str).collect());
        put("outcome", self.outcome.slug().into());
        if let ItemOutcome::Withheld { rule } = &self.outcome {
            put("rule", rule.as_str().into());
        }
        put(
            "changed",
            match self.changed {
                None => Value::Null,
                Some(Changed::Gone) => "gone".into(),
                Some(Changed::GivenAnew(given)) => maybe_cause(Some(Cause::Entry(given))),
            },
        );
        if evidence {
            put("authority", self.chain.iter().map(crate::authority::Step::json).collect());
            let decisions = self.decisions.iter().map(|decided| {
                let mut row = decided.signed.json();
                if let Some(row) = row.as_object_mut() {
                    row.insert("decision".to_owned(), decided.decision.slug().into());
                    row.insert("reason".to_owned(), decided.reason.as_deref().into());
                }
                row
            });
            put("decisions", decisions.collect());
        }
        Value::Object(item)
    }
}
