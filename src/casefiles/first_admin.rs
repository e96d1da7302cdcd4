//! The claim that every right in a tenant begins with: one account became an Admin User by signing in first, and no other ever
//! did (rules: F1, F2, F4).

use grantbook_events::{AdminOrigin, DashboardEvent, Entry, Event, SignInEvent};
use grantbook_inquiries::Shown;
use serde_json::{Value, json};

use crate::derive::History;

/// What the entries up to then say of first sign-ins: every entry in which the ledger made somebody an Admin User by rule F1,
/// and whether that was a sign-in of the same account, the first of any Admin User, and the only one.
pub(crate) fn first_admin(shown: &Shown<'_>, history: &History) -> Value {
    let upto = shown.as_of.position.0;
    let mut first = Vec::new();
    let mut others_before = 0u64;
    for (position, entry) in history.entries().filter(|(position, _)| *position <= upto) {
        for event in &entry.events {
            let Event::Dashboard(DashboardEvent::AdminAdded { account, origin, .. }) = &event.event else { continue };
            if *origin != AdminOrigin::FirstSignIn {
                others_before += u64::from(first.is_empty());
                continue;
            }
            first.push(json!({
                "account": account.as_str(),
                "position": position,
                "at": entry.at.to_string(),
                "with_own_sign_in": signs_in(entry, account),
                "by_the_ledger": event.authority.is_none(),
            }));
        }
    }
    let one = first.len() == 1 && others_before == 0;
    json!({
        "as_of": {"position": upto, "instant": shown.as_of.clock.to_string()},
        "rule": "F1",
        "one_and_first": one,
        "made_admin_by_signing_in": first,
        "admins_added_before": others_before,
    })
}

/// Whether the entry is a sign-in of the account.
fn signs_in(entry: &Entry, account: &grantbook_events::AccountId) -> bool {
    let is_it =
        |event: &Event| matches!(event, Event::SignIn(SignInEvent::SignedIn { account: who, .. }) if who == account);
    entry.events.iter().any(|recorded| is_it(&recorded.event))
}
