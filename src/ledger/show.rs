//! Entries as they are shown: the public form, with names as they were then, opened by whoever holds the keys.

use grantbook_encoding::json::{Form, Shown, ShownImport};
use grantbook_events::{AccountId, Actor, Entry, Event, OperatorName, Position, Sealed, Source, Ticket};
use grantbook_projections::{FastMap, Views};
use serde_json::Value;

use crate::before::Before;
use crate::handle::TenantHandle;
use crate::tenant::Tenant;

impl TenantHandle {
    /// An entry in its public form. `position` is `None` for one that was decided and not recorded.
    pub fn show(&self, position: Option<Position>, entry: &Entry) -> Value {
        self.write_shown(position, entry, |form| form.to_json())
    }

    /// The same, given to whoever writes it.
    pub fn write_shown<R>(&self, position: Option<Position>, entry: &Entry, write: impl FnOnce(Form<'_>) -> R) -> R {
        let inherited = self.session_source(entry);
        write_shown(&self.open.tenant, position, entry, inherited.as_ref(), write)
    }

    /// Where the sign-in came from whose session an entry was made in.
    fn session_source(&self, entry: &Entry) -> Option<Source> {
        let Actor::Account { session: Some(session), .. } = &entry.actor else { return None };
        if entry.source != Source::Inherited {
            return None;
        }
        self.entry(*session).ok().map(|sign_in| sign_in.source)
    }
}

/// An entry in its public form, of a book that need not be a tenant's yet.
pub(crate) fn show_alone(tenant: &Tenant, position: Option<Position>, entry: &Entry) -> Value {
    write_shown(tenant, position, entry, None, |form| form.to_json())
}

fn write_shown<R>(
    tenant: &Tenant,
    position: Option<Position>,
    entry: &Entry,
    inherited: Option<&Source>,
    write: impl FnOnce(Form<'_>) -> R,
) -> R {
    let known = Known::of(tenant, &tenant.views.read(), position, entry);
    let shown = Shown {
        name_of: &|account| tenant.open(known.names.get(account)?),
        open: &|sealed| tenant.open(sealed),
        import: known.import.as_ref().map(|(ticket, operator)| ShownImport {
            ticket: ticket.as_str(),
            operator: operator.as_ref().map_or("", |operator| operator.as_str()),
        }),
        inherited,
        before: &|index| known.before.get(&index).cloned(),
        position,
        ..Shown::bare(&tenant.name, known.then)
    };
    write(Form { entry, shown: &shown })
}

/// What the views know of an entry. It is taken from them at once, and what takes long, opening names and making the form, is done
/// after: a writer waits for whoever looks at the views.
struct Known<'a> {
    /// Names are as they were then; of an entry that only might be, as they are now.
    then: Position,
    /// The sealed names of those whom the entry names.
    names: FastMap<&'a AccountId, Sealed>,
    import: Option<(Ticket, Option<OperatorName>)>,
    /// What the event of an index changed, as it was before.
    before: FastMap<usize, Value>,
}

impl<'a> Known<'a> {
    fn of(tenant: &Tenant, views: &Views, position: Option<Position>, entry: &'a Entry) -> Known<'a> {
        let then = position.unwrap_or_else(|| views.timeline.last());
        // What only would be comes after all that is.
        let before_it = position.map_or(then, Position::before);
        let import = entry.import.as_ref().and_then(|note| views.book.import_started(note.started));
        let acts = match &entry.actor {
            Actor::Account { id, .. } => Some(id),
            Actor::System | Actor::Guest | Actor::Support { .. } => None,
        };
        let events = || entry.events.iter().map(|recorded| &recorded.event);
        let mut names = FastMap::default();
        names.reserve(entry.events.len() + 1);
        for account in events().flat_map(Event::accounts).flatten().chain(acts) {
            if !names.contains_key(account)
                && let Some(name) = views.account(account).and_then(|who| views.accounts.full_name(who, then))
            {
                names.insert(account, name.clone());
            }
        }
        let before = Before { tenant, views, position: before_it };
        let before = events().enumerate().filter_map(|(index, event)| Some((index, before.of(event)?)));
        Known {
            then,
            names,
            import: import.map(|import| (import.ticket.clone(), import.operator.clone())),
            before: before.collect(),
        }
    }
}
