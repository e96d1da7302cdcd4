//! What somebody may read of a tenant: refused by default (rules: U1, U2, U3).

use std::collections::BTreeSet;
use std::sync::Arc;

use grantbook_decisions::Refusal;
use grantbook_events::{AccountId, Actor, Entry, Event, Plane, ReadScope, ReviewEvent};
use grantbook_inquiries::ReviewReport;
use grantbook_ledger::{Caller, Point, TenantHandle};
use grantbook_projections::{AsOf, Views};
use grantbook_rights::{Capability, On, Question, Standing, Who, allowed};

use super::problem::Problem;
use super::visit::{Asker, Visit};

/// The views of the dashboard plane, which Admin Users read (rule: U3).
const DASHBOARD_VIEWS: [&str; 5] = ["setup", "admins", "app-users", "subscriptions", "background-account"];

/// A session for enrolling a second factor reads nothing (rule: S6). Errors: this is one.
pub(crate) async fn only_enrols(tenant: &TenantHandle, asker: &Asker) -> Result<(), Problem> {
    let Asker::Caller(Caller::Account { session, .. }) = asker else { return Ok(()) };
    let begun = |views: &Views, _| views.sessions.session(*session).is_some_and(|begun| begun.only_enrols);
    if tenant.ask(Point::Now, begun).await? {
        return Err(Problem::forbidden(
            "S6",
            "this session is for enrolling a second factor alone; then sign in with a code",
        ));
    }
    Ok(())
}

/// What somebody may read beyond what names them.
#[derive(Clone, Copy)]
struct Open {
    /// The whole history.
    whole: bool,
    /// The history of the dashboard.
    dashboard: bool,
    /// Contacts, by the start of their username (rule: A6).
    contacts: bool,
    /// Whether reading others' history is recorded.
    recorded: bool,
}

impl Open {
    const NOTHING: Open = Open { whole: false, dashboard: false, contacts: false, recorded: false };

    /// Everything, by somebody who cannot sign in to the tenant.
    const EVERYTHING: Open = Open { whole: true, dashboard: true, contacts: true, recorded: true };

    /// What is open to an account, of which `question` asks.
    fn to_account(question: &Question<'_>) -> Open {
        let has = |capability| allowed(question, capability);
        let (whole, dashboard) = (has(Capability::LedgerRead), has(Capability::LedgerReadDashboard));
        Open {
            whole,
            dashboard,
            contacts: dashboard || has(Capability::ContactsAccess),
            // Who corrects the book has more than an auditor, whose reading is recorded.
            recorded: whole && !has(Capability::LedgerCorrect),
        }
    }
}

/// Somebody who reads, with what they may.
pub(crate) struct Reader {
    pub(crate) tenant: TenantHandle,
    asker: Asker,
    open: Open,
    /// The reviews under way, by folded name, where the reader does not read everything: nothing of them is for who is named
    /// in them (rule: U2).
    under_way: Arc<BTreeSet<String>>,
}

impl Reader {
    /// Whoever asks, of the tenant of `cloud_id`. What they may read is looked at as of now, in the standing of their
    /// session (rule: A7), whatever point the question looks from.
    pub(crate) async fn of(visit: &Visit, cloud_id: &str) -> Result<Reader, Problem> {
        let asker = visit.asker()?;
        let tenant = visit.tenant_called(cloud_id, &asker).await?;
        Reader::new(tenant, asker).await
    }

    async fn new(tenant: TenantHandle, asker: Asker) -> Result<Reader, Problem> {
        only_enrols(&tenant, &asker).await?;
        let open = match &asker {
            Asker::Operator(_) => Open { recorded: false, ..Open::EVERYTHING },
            Asker::Caller(Caller::Support { .. }) => Open::EVERYTHING,
            Asker::Caller(Caller::Account { account, session, .. }) => {
                let held = |views: &Views, as_of: AsOf| {
                    let who = Who::Account(views.account(account)?);
                    let standing = Standing::Session { signed_in: *session };
                    Some(Open::to_account(&Question { views, who, standing, on: On::Nothing, as_of }))
                };
                tenant.ask(Point::Now, held).await?.ok_or_else(Problem::not_signed_in)?
            }
        };
        let under_way = match open.whole {
            true => BTreeSet::new(),
            false => tenant.ask(Point::Now, reviews_under_way).await?,
        };
        Ok(Reader { tenant, asker, open, under_way: Arc::new(under_way) })
    }

    /// The same reader, looked at anew. Errors: the session is over.
    pub(crate) async fn again(&self) -> Result<Reader, Problem> {
        if let Asker::Caller(caller) = &self.asker {
            self.tenant.admits_call(caller).await?;
        }
        Reader::new(self.tenant.clone(), self.asker.clone()).await
    }

    /// Somebody's own reading of the same tenant: the events that name them, and nothing else (rule: U2).
    pub(crate) async fn as_person(&self, account: &AccountId) -> Result<Reader, Problem> {
        let tenant = self.tenant.clone();
        let whose = Caller::Account {
            tenant: tenant.cloud_id().clone(),
            account: account.clone(),
            session: grantbook_events::Position::START,
        };
        let under_way = Arc::new(tenant.ask(Point::Now, reviews_under_way).await?);
        Ok(Reader { tenant, asker: Asker::Caller(whose), open: Open::NOTHING, under_way })
    }

    /// The account that reads, where it is one.
    pub(crate) fn account(&self) -> Option<&AccountId> {
        match &self.asker {
            Asker::Caller(Caller::Account { account, .. }) => Some(account),
            Asker::Caller(Caller::Support { .. }) | Asker::Operator(_) => None,
        }
    }

    /// Whether the whole history is open to the reader.
    pub(crate) fn reads_all(&self) -> bool {
        self.open.whole
    }

    /// Whether the history of the dashboard is open to the reader.
    pub(crate) fn reads_dashboard(&self) -> bool {
        self.open.whole || self.open.dashboard
    }

    /// Whether the reader may look for accounts.
    pub(crate) fn finds_accounts(&self) -> bool {
        self.open.whole || self.open.contacts
    }

    /// Whether the reader may see a view. A refusal is recorded (rule: U1).
    pub(crate) async fn may_see_view(&self, view: &str) -> Result<(), Problem> {
        if self.open.whole {
            return self.note(ReadScope::Views).await;
        }
        if self.open.dashboard && DASHBOARD_VIEWS.contains(&view) {
            return Ok(());
        }
        if view == "reviews" && (self.open.dashboard || self.reviews_something().await?) {
            return Ok(());
        }
        let detail = "system administrators and auditors read the whole history, Admin Users that of the dashboard";
        self.refuse("read_view", None, "U3", detail).await
    }

    /// Whether the reader is named in any review.
    async fn reviews_something(&self) -> Result<bool, Problem> {
        let Some(account) = self.account() else { return Ok(false) };
        let named = |views: &Views, as_of: AsOf| {
            let all = views.reviews.all(as_of.position);
            all.iter().any(|(_, _, review)| review.reviewers.contains(account))
        };
        Ok(self.tenant.ask(Point::Now, named).await?)
    }

    /// A review as the reader sees it: whole for who reads the whole history, and for Admin Users where it looks at the
    /// dashboard, since they carry it out; else only for its reviewers (rule: U3). `None` where it is not for the reader.
    pub(crate) fn sees_review(&self, review: ReviewReport) -> Option<ReviewReport> {
        if self.open.whole || (self.open.dashboard && review.on_dashboard()) {
            return Some(review);
        }
        self.account().and_then(|account| review.for_reviewer(account))
    }

    /// Reading one review: recorded for those whose reading is.
    pub(crate) async fn reads_review(&self) -> Result<(), Problem> {
        if self.open.whole { self.note(ReadScope::Views).await } else { Ok(()) }
    }

    /// The review is not for this reader, or there is none. Recorded (rule: U1).
    pub(crate) async fn refuse_review(&self) -> Problem {
        if self.open.whole {
            return Problem::not_found("there is no such review as of then");
        }
        let detail = "a review is read by its reviewers, by system administrators and auditors, \
                      and where it looks at the dashboard by Admin Users";
        match self.refuse("read_review", None, "U3", detail).await {
            Ok(()) => Problem::forbidden("U3", detail),
            Err(problem) => problem,
        }
    }

    /// Whether the reader may look for accounts. A refusal is recorded (rule: U1).
    pub(crate) async fn may_find_accounts(&self) -> Result<(), Problem> {
        if self.open.whole {
            return self.note(ReadScope::Accounts).await;
        }
        if self.open.contacts {
            return Ok(());
        }
        self.refuse("find_accounts", None, "U3", "staff and Admin Users look for accounts").await
    }

    /// Whether the reader may ask `what` of the account named `named`, as of then. A refusal is recorded (rule: U1).
    pub(crate) async fn may_ask_about(&self, what: &str, named: &str, point: Point) -> Result<(), Problem> {
        let id = match named.strip_prefix('@') {
            None => AccountId::new(named).ok(),
            Some(username) => {
                let owner = |views: &Views, as_of: AsOf| {
                    let number = views.names.usernames.get(username)?;
                    views.account_id(views.credentials.owner(number, as_of.position)?)
                };
                self.tenant.ask(point, owner).await?
            }
        };
        if id.is_some() && id.as_ref() == self.account() {
            return Ok(());
        }
        if self.open.whole {
            return self.note(ReadScope::Accounts).await;
        }
        self.refuse(
            what,
            id,
            "U2",
            "everyone asks about their own account; system administrators and auditors about all",
        )
        .await
    }

    /// Whether the reader may ask `what` of the whole history, which is recorded as reading `scope`. A refusal is recorded
    /// too (rules: U1, U3).
    pub(crate) async fn may_ask_of_all(&self, what: &str, scope: ReadScope) -> Result<(), Problem> {
        if self.open.whole {
            return self.note(scope).await;
        }
        let detail = "this looks at the whole history, which system administrators and auditors read";
        self.refuse(what, None, "U3", detail).await
    }

    /// Reading entries: recorded for those whose reading is.
    pub(crate) async fn reads_events(&self) -> Result<(), Problem> {
        if self.open.whole { self.note(ReadScope::Events).await } else { Ok(()) }
    }

    /// Whether the reader may see every entry as it is stored. A refusal is recorded (rule: U1).
    pub(crate) async fn may_read_all_entries(&self) -> Result<(), Problem> {
        if self.open.whole {
            return self.note(ReadScope::Events).await;
        }
        let detail = "system administrators and auditors read the whole history, which stored entries are";
        self.refuse("read_events", None, "U3", detail).await
    }

    /// Nothing of the entry is for this reader. Recorded (rule: U1).
    pub(crate) async fn refuse_entry(&self) -> Problem {
        let detail = "everyone reads the events that name them; this entry has none";
        match self.refuse("read_events", None, "U2", detail).await {
            Ok(()) => Problem::forbidden("U2", detail),
            Err(problem) => problem,
        }
    }

    /// From where is looked at what a reader may see: now, whatever point a question looks from.
    pub(crate) async fn now(&self) -> Result<AsOf, Problem> {
        Ok(self.tenant.ask(Point::Now, |_, as_of| as_of).await?)
    }

    /// Whether what is asked is on a contact whom the reader does not see now: nothing is told of them, not even that there is one
    /// (rules: U2, V1).
    pub(crate) fn hides(&self, views: &Views, on: On, now: AsOf) -> bool {
        let target = match on {
            On::Account(Some(target)) | On::Contact { contact: target, .. } => target,
            On::Account(None) | On::Nothing | On::App(_) | On::Object(_) | On::Organisation(_) | On::Community(_) => {
                return false;
            }
        };
        let (false, Asker::Caller(Caller::Account { account, session, .. })) =
            (self.open.contacts || self.open.whole, &self.asker)
        else {
            return false;
        };
        let Some(who) = views.account(account) else { return true };
        let standing = Standing::Session { signed_in: *session };
        let seen = |on| {
            let asked = Question { views, who: Who::Account(who), standing, on, as_of: now };
            allowed(&asked, Capability::ContactView)
        };
        let mut own = views.organisations.administered_by(who).map(|(organisation, _)| organisation);
        who != target
            && !seen(On::Account(Some(target)))
            && !own.any(|acting_for| seen(On::Contact { contact: target, acting_for }))
    }

    /// Whether what is told of an event of an entry is for this reader.
    pub(crate) fn sees_in(&self, entry: &Entry, event: &Event) -> bool {
        let by_reader = match &entry.actor {
            Actor::Account { id, .. } => self.account() == Some(id),
            Actor::System | Actor::Guest | Actor::Support { .. } => false,
        };
        self.sees(by_reader, event)
    }

    /// Whether an event is for this reader: all of them, those of the dashboard, those that name the reader.
    pub(crate) fn sees(&self, by_reader: bool, event: &Event) -> bool {
        if self.is_of_review_under_way(event) {
            return false;
        }
        let own = by_reader || self.account().is_some_and(|own| event.concerns(own));
        self.open.whole || own || (self.open.dashboard && event.plane() == Plane::Dashboard)
    }

    /// Whether an event is of a review under way, which only who reads everything sees among the entries (rule: U2).
    fn is_of_review_under_way(&self, event: &Event) -> bool {
        let Event::Review(event) = event else { return false };
        let (ReviewEvent::ReviewOpened { review, .. }
        | ReviewEvent::ReviewItemDecided { review, .. }
        | ReviewEvent::ReviewRevocationWithheld { review, .. }
        | ReviewEvent::ReviewClosed { review, .. }) = &**event;
        self.under_way.contains(&review.as_str().to_lowercase())
    }

    async fn note(&self, scope: ReadScope) -> Result<(), Problem> {
        match &self.asker {
            Asker::Caller(caller) if self.open.recorded => Ok(self.tenant.note_read(caller, scope).await?),
            Asker::Caller(_) | Asker::Operator(_) => Ok(()),
        }
    }

    async fn refuse(&self, what: &str, on: Option<AccountId>, rule: &'static str, detail: &str) -> Result<(), Problem> {
        let refusal = Refusal::of_reading(rule, detail);
        if let Asker::Caller(caller) = &self.asker {
            self.tenant.note_refused(caller, what, on, &refusal).await?;
        }
        Err(refusal.into())
    }
}

/// The names of the reviews under way, folded.
fn reviews_under_way(views: &Views, as_of: AsOf) -> BTreeSet<String> {
    let all = views.reviews.all(as_of.position).into_iter();
    let open = all.filter(|(number, ..)| views.reviews.closed(*number, as_of.position).is_none());
    open.map(|(_, _, review)| review.name.as_str().to_lowercase()).collect()
}
