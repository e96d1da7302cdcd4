//! No password, token, seed or code lies anywhere but where it must: every file of the directory is searched, a backup, an
//! export, every answer of the views, and every line that was logged at the most talkative level (rule: C14).

use grantbook_ledger::events::{Position, SignInPlane};
use grantbook_ledger::{Origin, SignedIn, TenantRequest, Terms};
use serde_json::json;

use crate::logged::Lines;
use crate::support::{bytes_of, caller, cloud_id, give, open, operator, sign_in};

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The bytes behind text in base 32 (RFC 4648).
fn unbase32(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = if letter.is_ascii_uppercase() { letter - b'A' } else { letter - b'2' + 26 };
        (bits, held) = ((bits << 5) | u32::from(value), held + 5);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

fn contains(file: &[u8], wanted: &[u8]) -> bool {
    file.windows(wanted.len()).any(|window| window == wanted)
}

fn token_of(signed_in: &SignedIn) -> String {
    let SignedIn::Session { token, .. } = signed_in else { panic!("a session") };
    token.reveal().to_owned()
}

// rules: C14, M1, S6, U4
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_nowhere_but_in_its_place() {
    let lines = Lines::default();
    let writer = lines.clone();
    let own = tracing_subscriber::EnvFilter::new("off,grantbook=trace,grantbook_ledger=trace,grantbook_journal=trace");
    let subscriber = tracing_subscriber::fmt().with_env_filter(own).with_ansi(false);
    // For every thread of this process: what the tests beside this one say is searched as well.
    tracing::subscriber::set_global_default(subscriber.with_writer(move || writer.clone()).finish()).unwrap();
    let place = tempfile::tempdir().unwrap();
    let (dir, backup) = (place.path().join("data"), place.path().join("all.gbb"));
    let ledger = open(&dir).await;
    let created = ledger.create_tenant(&operator(), TenantRequest::new(cloud_id("abcimis"))).await.unwrap();
    let tenant = ledger.tenant_named(&cloud_id("abcimis")).unwrap();
    let signed_in = sign_in(&tenant, "MANAGER", &created.manager_password, SignInPlane::Platform).await.unwrap();
    let manager = caller(&ledger, &signed_in);
    let (first, own, later, wrong) = ("Handed-over-71-x", "My-very-own-82-y", "The-next-one-93-z", "Never-mine-64-w");
    give(&tenant, &manager, json!({"commands": [
        {"name": "add_contact", "account": "jeff", "full_name": "Jeff T.", "email": "jeff@example.org"},
        {"name": "create_credentials", "account": "jeff", "username": "jeff", "password": first, "user_class": "full"},
    ]}))
    .await;
    let origin = Origin::default();
    tenant.change_password("jeff", first, own, &origin).await.unwrap();
    let jeffs = sign_in(&tenant, "jeff", own, SignInPlane::Platform).await.unwrap();
    let jeff = caller(&ledger, &jeffs);
    let change = json!({"name": "change_own_password", "old": own, "new": later});
    give(&tenant, &jeff, change).await;
    let refused = sign_in(&tenant, "jeff", wrong, SignInPlane::Platform).await.err().unwrap();
    let enrolled = tenant.command(&jeff, &json!({"name": "enrol_second_factor"}), &Terms::default()).await.unwrap();
    let shown = enrolled.second_factor.unwrap();
    let malformed = json!({"name": "set_password", "account": "jeff", "password": wrong, "pasword": wrong});
    let malformed = tenant.command(&manager, &malformed, &Terms::default()).await.unwrap_err();
    let (support, _) = ledger.issue_support_token(&operator(), operator()).await.unwrap();
    ledger.backup(&operator(), &backup, |_, _| {}).await.unwrap();

    let mut secrets: Vec<(&str, Vec<u8>)> = [
        ("MANAGER's first password", created.manager_password.as_str()),
        ("a password handed over", first),
        ("one's own password", own),
        ("the password after it", later),
        ("a wrong password", wrong),
        ("a seed as text", &shown.secret),
    ]
    .map(|(what, text)| (what, text.as_bytes().to_vec()))
    .into();
    for (what, token) in [
        ("a session", token_of(&signed_in)),
        ("Jeff's session", token_of(&jeffs)),
        ("support's", support.reveal().to_owned()),
    ] {
        secrets.push((what, token.clone().into_bytes()));
        secrets.push((what, unhex(&token[4..])));
    }
    // What must be kept to be compared with lies in the vault, and in what is a copy of the vault.
    let kept = [("a seed", unbase32(&shown.secret)), ("a hash", b"$argon2id$".to_vec())];

    let exported: String = (1..=tenant.last().0)
        .map(|at| tenant.show(Some(Position(at)), &tenant.entry(Position(at)).unwrap()).to_string())
        .collect();
    let told = format!("{exported} {refused} {refused:?} {malformed} {malformed:?} {:?}", ledger.report());
    drop(tenant);
    ledger.close().await.unwrap();
    let files = bytes_of(place.path());
    assert!(files.len() > 5);
    for (what, secret) in &secrets {
        for (path, bytes) in &files {
            assert!(!contains(bytes, secret), "{what} lies in `{}`", path.display());
        }
        assert!(!contains(told.as_bytes(), secret), "{what} is told");
    }
    for (what, secret) in &kept {
        let holding: Vec<_> = files.iter().filter(|(_, bytes)| contains(bytes, secret)).map(|(path, _)| path).collect();
        assert_eq!(holding, [&backup, &dir.join("vault.db")], "{what}");
    }
    let logged = lines.bytes();
    assert!(logged.len() > 100, "something was logged");
    for (what, secret) in secrets.iter().chain(&kept) {
        assert!(!contains(&logged, secret), "{what} is logged");
    }
}
