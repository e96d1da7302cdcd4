//! Which entries somebody or an object stands in, and which hold a kind of event: so that a life is told, and a rare event
//! found, without reading everything else.

use grantbook_events::{Event, ObjectEvent, Position};
use serde::{Deserialize, Serialize};

use crate::history::Remembered;
use crate::names::{Names, Numbers};
use crate::positions::Positions;
use crate::timeline::By;

/// Entries by account, by object and by kind of event.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Mentions {
    accounts: Remembered<Positions>,
    objects: Remembered<Positions>,
    kinds: Remembered<Positions>,
    /// The numbers of the kinds of events.
    numbers: Numbers,
}

impl Mentions {
    /// Whoever acts stands in the entry.
    pub(crate) fn begin(&mut self, at: Position, by: By) {
        if let By::Account(who) = by {
            self.accounts.set(who, at, ());
        }
    }

    /// So does whom an event names, and what object.
    pub(crate) fn go_on(&mut self, names: &mut Names, at: Position, event: &Event) {
        for account in event.accounts().into_iter().flatten() {
            self.accounts.set(names.accounts.intern(account.as_str()), at, ());
        }
        if let Event::Object(event) = event {
            let (ObjectEvent::ObjectCreated { object, .. }
            | ObjectEvent::ObjectDeleted { object }
            | ObjectEvent::AccessSet { object, .. }
            | ObjectEvent::AccessGranted { object, .. }
            | ObjectEvent::AccessRevoked { object, .. }
            | ObjectEvent::AccessCleared { object }) = event;
            self.objects.set(names.objects.intern(object.as_str()), at, ());
        }
        self.kinds.set(self.numbers.intern(event.kind()), at, ());
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.accounts.retract(at);
        self.objects.retract(at);
        self.kinds.retract(at);
    }

    /// The entries that an account acted in or is named in, in order, by its number.
    pub fn of_account(&self, who: u32) -> impl Iterator<Item = Position> {
        positions(self.accounts.history(who))
    }

    /// The entries with an event on an object itself, in order, by its number.
    pub fn of_object(&self, object: u32) -> impl Iterator<Item = Position> {
        positions(self.objects.history(object))
    }

    /// The entries that hold an event of a kind, in order.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = Position> {
        positions(self.numbers.get(kind).and_then(|number| self.kinds.history(number)))
    }
}

fn positions(of: Option<&Positions>) -> impl Iterator<Item = Position> {
    of.into_iter().flat_map(Positions::iter)
}

#[cfg(test)]
mod tests {
    use grantbook_events::{AccountId, ContactDetails, ContactEvent, CredentialsEvent, Entry, Event, KeyId, Recorded};

    use crate::Views;

    fn entry(events: Vec<Event>) -> Entry {
        let recorded = |event| Recorded { authority: None, command: 0, event };
        let at = grantbook_events::Instant::from_microseconds(1);
        Entry { events: events.into_iter().map(recorded).collect(), ..Entry::bare(at) }
    }

    #[test]
    fn who_is_named_stands_in_an_entry_once_and_not_in_one_that_is_taken_back() {
        let account = AccountId::new("ann").unwrap();
        let details = Box::new(ContactDetails::KEPT);
        let added = Event::Contact(ContactEvent::ContactAdded { account: account.clone(), key: KeyId(1), details });
        let disabled = || Event::Credentials(CredentialsEvent::AccountDisabled { account: account.clone() });
        let mut views = Views::default();
        views.apply(&entry(vec![added, disabled()]));
        views.apply(&entry(vec![disabled()]));
        let who = views.account(&account).unwrap();
        let of = |views: &Views| views.mentions.of_account(who).map(|at| at.0).collect::<Vec<_>>();
        assert_eq!(of(&views), [1, 2]);
        assert_eq!(views.mentions.of_kind("account_disabled").map(|at| at.0).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(views.mentions.of_kind("contact_added").count(), 1);
        assert_eq!(views.mentions.of_kind("no_such_thing").count(), 0);
        views.retract();
        assert_eq!(of(&views), [1]);
        assert_eq!(views.mentions.of_kind("account_disabled").count(), 1);
    }
}
