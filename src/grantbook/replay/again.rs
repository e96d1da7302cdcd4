//! Every entry decided again at its own place: what is decided must be what was recorded, each event with its authority.

use grantbook_decisions::PasswordCheck;
use grantbook_encoding::json::{Shown, to_json};
use grantbook_events::{Change, ContactEvent, Entry, Event, Position, Recorded, Sealed};
use grantbook_inquiries::decide_again;
use grantbook_projections::Views;
use serde_json::Value;

use super::difference::difference;

/// What came of deciding an entry again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Again {
    /// It gave the same events.
    Decided,
    /// The entry records what happened to somebody's request or to the book, not what was decided on a command.
    NothingToDecide,
}

/// Decides the entry again on the views before it, and then applies it as it was recorded. Errors: in what it differs.
pub(super) fn again(views: &mut Views, entry: &Entry) -> Result<Again, String> {
    let decided = decide_again(views, entry, &|_, _| PasswordCheck::Matched);
    views.apply(entry);
    let Some(mut events) = decided.map_err(|not| not.to_string())? else { return Ok(Again::NothingToDecide) };
    for (again, recorded) in events.iter_mut().zip(&entry.events) {
        take_key_of_erased(&mut again.event, &recorded.event);
    }
    if events == entry.events {
        return Ok(Again::Decided);
    }
    let shown = difference(&shown(entry, &entry.events), &shown(entry, &events));
    Err(format!("it differs (- recorded, + decided):\n{shown}"))
}

/// A contact's key is that of its name. Where the name was erased before the entry was written out, only the entry says it.
fn take_key_of_erased(event: &mut Event, recorded: &Event) {
    if let Event::Contact(ContactEvent::ContactAdded { key, details, .. }) = event
        && let Event::Contact(ContactEvent::ContactAdded { key: told, .. }) = recorded
        && details.full_name == Change::Set(Sealed::erased())
    {
        *key = *told;
    }
}

fn shown(entry: &Entry, events: &[Recorded]) -> String {
    let entry = Entry { events: events.to_vec(), ..entry.clone() };
    let form = to_json(&entry, &Shown::bare("", Position::START));
    format!("{:#}\n", form.get("events").unwrap_or(&Value::Null))
}
