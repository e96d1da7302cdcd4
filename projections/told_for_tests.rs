//! Small books for tests: entries one after the other, a minute apart.

use grantbook_events::{
    AccountId, Change, CommandName, CommandNote, ContactDetails, ContactEvent, Entry, Event, Instant, KeyId, Position,
    Recorded, Sealed, SealedEmail,
};

use crate::Views;

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

/// A contact with an address.
pub(crate) fn contact(id: &str) -> Event {
    let email = SealedEmail { address: Sealed::clear(&format!("{id}@example.org")), valid: true };
    let details =
        ContactDetails { full_name: Change::Set(Sealed::clear(id)), email: Change::Set(email), ..ContactDetails::KEPT };
    Event::Contact(ContactEvent::ContactAdded { account: account(id), key: KeyId(0), details: Box::new(details) })
}

/// The book goes on at an instant, by what the installation's entry `cause` says where there is one.
pub(crate) fn goes_on(views: &mut Views, at: &str, cause: Option<u64>, events: Vec<Event>) -> Position {
    let events = events.into_iter().map(|event| Recorded { authority: None, command: 0, event }).collect();
    let entry = Entry {
        commands: vec![CommandNote { name: CommandName::new("command").unwrap(), reason: None }],
        cause: cause.map(Position),
        events,
        ..Entry::bare(Instant::parse(at).unwrap())
    };
    views.apply(&entry);
    views.timeline.last()
}
