//! Accounts: contact details and the state of their credentials (chapter C). No secrets (rule: C14).

use grantbook_projections::Cause;
use serde_json::{Map, Value, json};

use super::slices::{Made, Row};
use crate::shown::{Shown, instant};

pub(super) fn accounts(shown: &Shown<'_>) -> Made {
    let (views, position) = (shown.views, shown.position());
    let existing = views.names.accounts.in_order().filter(|who| views.accounts.exists(*who, position));
    let row = |who| -> Row { Box::new(move |shown| Value::Object(summary(shown, who))) };
    Made::Rows("accounts", existing.map(row).collect())
}

/// An account with its details and the state of its credentials.
pub(crate) fn summary(shown: &Shown<'_>, who: u32) -> Map<String, Value> {
    let (views, position) = (shown.views, shown.position());
    let mut account = shown.person(who);
    let existence = views.accounts.existence(who).and_then(|history| history.change_at(position));
    let since = existence.map(|(set, _)| set);
    account.insert("exists".to_owned(), existence.is_some_and(|(_, exists)| *exists).into());
    let keeping = &views.keeping;
    let kept = [("erased", keeping.erased(who, position)), ("legal_hold", keeping.held(who, position))];
    // Said of whom it is so, and of nobody else.
    for (name, since) in kept {
        account.extend(since.map(|since| (name.to_owned(), shown.cause(Cause::Entry(since)))));
    }
    account.insert("since".to_owned(), since.map_or(Value::Null, |set| shown.cause(Cause::Entry(set))));
    shown.put_by(since, &mut account);
    let email = views.accounts.email(who, position).map(|email| &email.address);
    account.insert("email".to_owned(), shown.opened(who, "email", email).into());
    let member_type = views.accounts.member_type(who, position).map(|(_, label)| label.as_str());
    account.insert("member_type".to_owned(), member_type.into());
    let status = views.accounts.status(who, position).map(|label| label.as_str());
    account.insert("status".to_owned(), status.into());
    let address = views.accounts.address(who, position).cloned().unwrap_or_default();
    let lines = [
        ("city", &address.city),
        ("state", &address.state),
        ("country", &address.country),
        ("phone", &address.phone),
        ("picture", &address.picture),
    ];
    for (field, sealed) in lines {
        account.insert(field.to_owned(), shown.opened(who, field, sealed.as_ref()).into());
    }
    account.insert("credentials".to_owned(), credentials(shown, who));
    account
}

/// The state of an account's credentials; null where it has none (rule: C1).
fn credentials(shown: &Shown<'_>, who: u32) -> Value {
    let (views, as_of) = (&shown.views.credentials, shown.as_of);
    let position = as_of.position;
    let Some(created) = views.created(who, position) else { return Value::Null };
    let mut state = Map::new();
    let mut put = |name: &str, value: Value| state.insert(name.to_owned(), value);
    put("username", views.username(who, position).map(|username| username.as_str()).into());
    put("user_class", views.class(who, position).map(|(_, class)| class.slug()).into());
    let email = views.email(who, position).map(|(_, email)| &email.address);
    put("email", shown.opened(who, "email", email).into());
    put("disabled", views.disabled(who, position).1.into());
    put("effective_date", views.effective_date(who, position).map(|(_, date)| date.to_string()).into());
    put("expiration_date", views.expiration_date(who, position).map(|(_, date)| date.to_string()).into());
    let locked = views.locked(who, as_of);
    let locked =
        locked.map(|(set, lock)| json!({"since": shown.cause(Cause::Entry(set)), "until": instant(lock.until)}));
    put("locked", locked.into());
    put("failed_attempts", views.failures(who, as_of).into());
    let must_change = views.secret(who, position).is_some_and(|(_, secret)| secret.must_change);
    put("must_change_password", must_change.into());
    let factor = views.second_factor(who, position).filter(|(_, factor)| factor.confirmed);
    put("second_factor", factor.is_some().into());
    put("usable", grantbook_rights::account_usable(shown.views, who, as_of).into());
    put("since", shown.cause(Cause::Entry(created)));
    shown.put_by(Some(created), &mut state);
    Value::Object(state)
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, account, ids};
    use grantbook_events::{CredentialsEvent, Event, Instant, SecretVersion, SignInEvent};
    use serde_json::json;

    // rule: C1
    // rule: C14
    #[test]
    fn accounts_show_their_credentials_and_no_secret() {
        let history = History::example();
        let view = history.view("accounts");
        assert_eq!(ids(&view["accounts"]), ["bob", "daemon", "jeff", "manager", "mia", "rebecca", "sarah", "veronica"]);
        let bob = &view["accounts"][0];
        assert_eq!((&bob["email"], &bob["credentials"]["username"]), (&json!("bob@example.org"), &json!("bob.s")));
        assert_eq!(bob["credentials"]["user_class"], json!("full"));
        assert_eq!(view["accounts"][4]["credentials"], json!(null), "Mia has none");
        assert!(!view.to_string().contains("secret"), "{view}");
    }

    // rule: C6
    // rule: C16
    #[test]
    fn a_lock_shows_until_it_is_over() {
        let mut history = History::example();
        let until = Instant::parse("2026-12-01T00:00:00Z").unwrap();
        let event = SignInEvent::CredentialsLocked { account: account("sarah"), until: Some(until) };
        let locked = history.guest(vec![Event::SignIn(event)]);
        let set =
            CredentialsEvent::PasswordSet { account: account("sarah"), secret: SecretVersion(7), must_change: true };
        history.act("manager", vec![Event::Credentials(set)]);
        let sarah = |view: serde_json::Value| view["accounts"][6]["credentials"].clone();
        let now = sarah(history.view("accounts"));
        assert_eq!(now["locked"], json!({"since": {"position": locked.0}, "until": "2026-12-01T00:00:00.000000Z"}));
        assert_eq!(now["must_change_password"], json!(true));
        let later = sarah(history.view_on("accounts", "2026-12-01T00:00:00Z"));
        assert_eq!(later["locked"], json!(null));
    }
}
