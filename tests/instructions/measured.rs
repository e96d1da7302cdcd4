//! What is measured. Each function does its work as often as it has inputs, and nothing else: the preparation is the caller's.
//! None is inlined, since each is found by its name.

use std::hint::black_box;

use grantbook_decisions::command::Command;
use grantbook_decisions::{Case, decide};
use grantbook_events::{Entry, Recorded};
use grantbook_ledger::leaf_hash;
use grantbook_projections::{AsOf, RoleNumber, Views};
use grantbook_rights::{Capability, Question, allowed};

/// Decides on commands, encodes each outcome as an entry and hashes it as a leaf.
#[inline(never)]
pub(crate) fn decide_encode_hash(commands: &[Command], case: &Case<'_>, form: &Entry) {
    let mut bytes = Vec::with_capacity(256);
    for command in commands {
        let events = decide(black_box(command), case).unwrap();
        let recorded = events.into_iter().map(|(authority, event)| Recorded { authority, command: 0, event });
        let entry = Entry { events: recorded.collect(), ..form.clone() };
        bytes.clear();
        grantbook_encoding::encode(&entry, &mut bytes).unwrap();
        black_box(leaf_hash(&bytes));
    }
}

/// Folds entries into views.
#[inline(never)]
pub(crate) fn apply(views: &mut Views, entries: &[Entry]) {
    for entry in entries {
        views.apply(black_box(entry));
    }
}

/// Decodes entries.
#[inline(never)]
pub(crate) fn decode(entries: &[Vec<u8>]) {
    for bytes in entries {
        black_box(grantbook_encoding::decode(black_box(bytes)).unwrap());
    }
}

/// Asks whether somebody may do something.
#[inline(never)]
pub(crate) fn check(questions: &[(Question<'_>, Capability)]) {
    for (question, capability) in questions {
        black_box(allowed(black_box(question), *capability));
    }
}

/// Looks up whether somebody held a role as of some position.
#[inline(never)]
pub(crate) fn look_up_as_of(views: &Views, asked: &[(u32, RoleNumber, AsOf)]) {
    for (who, role, as_of) in asked {
        black_box(views.roles.held(*who, *role, black_box(*as_of)).is_some());
    }
}
