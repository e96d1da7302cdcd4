//! Which entries are asked for, and how much of each a reader sees (rules: U2, U3).

use std::sync::Arc;

use grantbook_events::{AccountId, Actor, Entry, Event, OperatorName, Position, Recorded};
use grantbook_ledger::{Point, TenantHandle};
use grantbook_projections::Views;
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

#[derive(Clone, PartialEq, Eq, Debug)]
enum Acted {
    Account(AccountId),
    Support(OperatorName),
    /// A username that nobody has: nothing was done by them.
    Nobody,
}

impl Filter {
    /// Takes `actor` (an account's id, `@username` or `support:NAME`), `subject` (an account) and `type` (one or several,
    /// with commas between).
    pub(crate) async fn of(params: &mut Params, tenant: &TenantHandle) -> Result<Filter, Problem> {
        let actor = match params.take("actor") {
            None => None,
            Some(text) => Some(match text.strip_prefix("support:") {
                Some(name) => {
                    let name = OperatorName::new(name).map_err(|wrong| Problem::malformed("actor", wrong.message))?;
                    Acted::Support(name)
                }
                None => account("actor", &text, tenant).await?.map_or(Acted::Nobody, Acted::Account),
            }),
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
        let actor = match (&self.actor, &entry.actor) {
            (None, _) => true,
            (Some(Acted::Account(asked)), Actor::Account { id, .. }) => id == asked,
            (Some(Acted::Support(asked)), Actor::Support { operator }) => operator == asked,
            (Some(Acted::Nobody | Acted::Account(_) | Acted::Support(_)), _) => false,
        };
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

impl Filter {
    /// Entries that hold what is asked for and perhaps others, by whatever there are fewest of; `None` where all may.
    fn fewest(&self, views: &Views) -> Option<Vec<Position>> {
        let of_account = |account: &AccountId| {
            views.account(account).into_iter().flat_map(|who| views.mentions.of_account(who)).collect()
        };
        let actor = match &self.actor {
            Some(Acted::Account(account)) => Some(of_account(account)),
            Some(Acted::Nobody) => Some(Vec::new()),
            Some(Acted::Support(_)) | None => None,
        };
        let of_kinds = (!self.kinds.is_empty()).then(|| {
            let mut all: Vec<Position> = self.kinds.iter().flat_map(|kind| views.mentions.of_kind(kind)).collect();
            all.sort_unstable();
            all.dedup();
            all
        });
        [actor, self.subject.as_ref().map(of_account), of_kinds].into_iter().flatten().min_by_key(Vec::len)
    }
}

impl Reader {
    /// The entries among which those are that the filter admits and the reader sees, in order; `None` where all may be.
    pub(crate) fn among(&self, views: &Views, filter: &Filter) -> Option<Arc<[Position]>> {
        let own = match (self.reads_dashboard(), self.account()) {
            // Whoever reads their own alone stands in all that they see (rule: U2).
            (false, Some(own)) => {
                Some(views.account(own).into_iter().flat_map(|who| views.mentions.of_account(who)).collect::<Vec<_>>())
            }
            (_, _) => None,
        };
        let fewest = [filter.fewest(views), own].into_iter().flatten().min_by_key(Vec::len);
        fewest.map(Arc::from)
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
