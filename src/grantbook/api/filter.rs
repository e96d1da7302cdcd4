//! Which entries are asked for, and how much of each a reader sees (rules: U2, U3).

use std::ops::RangeInclusive;
use std::sync::Arc;

use grantbook_events::{AccountId, Actor, Entry, Event, OperatorName, Position, Recorded};
use grantbook_ledger::{Point, TenantHandle};
use grantbook_projections::{By, Views};
use serde_json::Value;

use super::params::Params;
use super::problem::Problem;
use super::reader::Reader;

/// What entries must be like.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    actor: Option<Acted>,
    subject: Option<AccountId>,
    kinds: Vec<String>,
}

/// Who acted: an entry is meant where its actor is one of these. One name may be an account's and an operator's.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Acted {
    /// None where a username was given that nobody has.
    account: Option<AccountId>,
    operator: Option<OperatorName>,
    kind: Option<Kind>,
}

/// What entries call actors of whom they show no id; and support, all of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    System,
    Guest,
    Support,
}

impl Acted {
    /// An account's id or `@username`, an operator's name or `support:NAME`, or `system`, `guest` and `support`.
    async fn of(text: &str, tenant: &TenantHandle) -> Result<Acted, Problem> {
        if let Some(name) = text.strip_prefix("support:") {
            let name = OperatorName::new(name).map_err(|wrong| Problem::malformed("actor", wrong.message))?;
            return Ok(Acted { operator: Some(name), ..Acted::default() });
        }
        if text.starts_with('@') {
            return Ok(Acted { account: account("actor", text, tenant).await?, ..Acted::default() });
        }
        let kind = match text {
            "system" => Some(Kind::System),
            "guest" => Some(Kind::Guest),
            "support" => Some(Kind::Support),
            _ => None,
        };
        let (account, operator) = (AccountId::new(text), OperatorName::new(text).ok());
        match account {
            Err(wrong) if operator.is_none() => Err(Problem::malformed("actor", wrong.message)),
            account => Ok(Acted { account: account.ok(), operator, kind }),
        }
    }

    fn admits(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Account { id, .. } => self.account.as_ref() == Some(id),
            Actor::Support { operator } => self.kind == Some(Kind::Support) || self.operator.as_ref() == Some(operator),
            Actor::System => self.kind == Some(Kind::System),
            Actor::Guest => self.kind == Some(Kind::Guest),
        }
    }

    /// The same by what the views keep of who acted.
    fn numbered(&self, views: &Views) -> Numbered {
        Numbered {
            account: self.account.as_ref().and_then(|id| views.account(id)),
            operator: self.operator.as_ref().and_then(|name| views.timeline.operator_number(name)),
            kind: self.kind,
        }
    }
}

/// Who acted, by number; `None` for whom this book never had.
#[derive(Clone, Copy)]
struct Numbered {
    account: Option<u32>,
    operator: Option<u32>,
    kind: Option<Kind>,
}

impl Numbered {
    fn admits(self, by: By) -> bool {
        match by {
            By::Account(who) => self.account == Some(who),
            By::Support(operator) => self.kind == Some(Kind::Support) || self.operator == Some(operator),
            By::System => self.kind == Some(Kind::System),
            By::Guest => self.kind == Some(Kind::Guest),
        }
    }

    /// Whether nobody but an account can be meant, whose entries are known.
    fn is_account(self) -> bool {
        self.operator.is_none() && self.kind.is_none()
    }
}

impl Filter {
    /// Takes `actor` (as entries show who acted: an account's id or `@username`, an operator's name or `support:NAME`,
    /// `system`, `guest` or `support`), `subject` (an account) and `type` (one or several, with commas between).
    pub(crate) async fn of(params: &mut Params, tenant: &TenantHandle) -> Result<Filter, Problem> {
        let actor = match params.take("actor") {
            None => None,
            Some(text) => Some(Acted::of(&text, tenant).await?),
        };
        let subject = match params.take("subject") {
            None => None,
            // An id that no account can have stands for a username that nobody has.
            Some(text) => Some(
                account("subject", &text, tenant)
                    .await?
                    .ok_or_else(|| Problem::not_found("`subject`: no account has this username"))?,
            ),
        };
        let kinds = params.take("type").map(|text| text.split(',').map(|kind| kind.trim().to_owned()).collect());
        let kinds: Vec<String> = kinds.unwrap_or_default();
        match kinds.iter().find(|kind| Event::describe(kind).is_none()) {
            Some(_) => Err(Problem::malformed("type", "there is no such event type: expected one such as admin_added")),
            None => Ok(Filter { actor, subject, kinds }),
        }
    }

    fn admits(&self, entry: &Entry, seen: &[&Recorded]) -> bool {
        let actor = self.actor.as_ref().is_none_or(|actor| actor.admits(&entry.actor));
        let one = |recorded: &&Recorded| {
            self.subject.as_ref().is_none_or(|subject| recorded.event.concerns(subject))
                && (self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == recorded.event.kind()))
        };
        actor && seen.iter().any(one)
    }
}

/// The account that a filter names; `None` where it is a username that nobody has now.
async fn account(field: &str, text: &str, tenant: &TenantHandle) -> Result<Option<AccountId>, Problem> {
    let Some(username) = text.strip_prefix('@') else {
        return AccountId::new(text).map(Some).map_err(|wrong| Problem::malformed(field, wrong.message));
    };
    let owner = tenant.ask(Point::Now, |views, as_of| {
        let number = views.names.usernames.get(username)?;
        views.account_id(views.credentials.owner(number, as_of.position)?)
    });
    Ok(owner.await?)
}

impl Reader {
    /// The entries of a range among which those are that the filter admits and the reader sees, in order; `None` where all
    /// of it may be.
    pub(crate) fn among(&self, views: &Views, filter: &Filter, range: RangeInclusive<u64>) -> Option<Arc<[Position]>> {
        let of_account = |account: &AccountId| {
            views.account(account).into_iter().flat_map(|who| views.mentions.of_account(who)).collect::<Vec<_>>()
        };
        let own = match (self.reads_dashboard(), self.account()) {
            // Whoever reads their own alone stands in all that they see (rule: U2).
            (false, Some(own)) => Some(of_account(own)),
            (_, _) => None,
        };
        let actor = filter.actor.as_ref().map(|actor| actor.numbered(views));
        // Who is no account stands in no index.
        let account = filter.actor.as_ref().and_then(|actor| actor.account.as_ref());
        let acted = actor.filter(|actor| actor.is_account()).map(|_| account.map_or_else(Vec::new, of_account));
        let of_kinds = (!filter.kinds.is_empty()).then(|| {
            let mut all: Vec<Position> = filter.kinds.iter().flat_map(|kind| views.mentions.of_kind(kind)).collect();
            all.sort_unstable();
            all.dedup();
            all
        });
        let known = [own, acted, filter.subject.as_ref().map(of_account), of_kinds];
        // By whatever there are fewest of; where nothing is known, entries are looked at a page at a time, with nobody waiting.
        let fewest = known.into_iter().flatten().min_by_key(Vec::len)?;
        let by = |position: &Position| actor.is_none_or(|actor| actor.admits(views.timeline.by(*position)));
        Some(fewest.into_iter().filter(|at| range.contains(&at.0) && by(at)).collect())
    }

    /// An entry in its public form, as far as it is for this reader: whoever reads not everything sees those events alone
    /// that are theirs, the commands behind those alone, and where somebody else's request came from not at all. `None`
    /// where nothing of it is left, or the filter does not admit what is.
    pub(crate) fn show(&self, position: Position, entry: &Entry, filter: &Filter) -> Option<Value> {
        let own = match &entry.actor {
            Actor::Account { id, .. } => self.account() == Some(id),
            Actor::System | Actor::Guest | Actor::Support { .. } => false,
        };
        let seen: Vec<&Recorded> = entry.events.iter().filter(|recorded| self.sees(own, &recorded.event)).collect();
        if seen.is_empty() || !filter.admits(entry, &seen) {
            return None;
        }
        let mut shown = self.tenant.show(Some(position), entry);
        if self.reads_all() {
            return Some(shown);
        }
        let fields = shown.as_object_mut()?;
        if !own {
            fields.remove("source");
        }
        let mut index = 0;
        if let Some(events) = fields.get_mut("events").and_then(Value::as_array_mut) {
            events.retain(|_| {
                index += 1;
                entry.events.get(index - 1).is_some_and(|recorded| self.sees(own, &recorded.event))
            });
        }
        if let Some(commands) = fields.get_mut("commands").and_then(Value::as_array_mut) {
            for (index, command) in commands.iter_mut().enumerate() {
                if !seen.iter().any(|recorded| recorded.command as usize == index) {
                    *command = Value::Null;
                }
            }
        }
        Some(shown)
    }
}
