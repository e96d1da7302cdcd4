//! What a request may weigh, and what the log says of it.

use serde_json::json;

use crate::installation::{Asked, Installation};
use crate::logged::Lines;

fn post(path: &str, body: String) -> Asked {
    Asked { method: "POST".to_owned(), path: path.to_owned(), body: Some(body), ..Asked::default() }
}

#[tokio::test]
async fn a_body_beyond_a_mebibyte_is_too_large() {
    let installation = Installation::in_memory().await;
    let filled = |bytes: usize| {
        let empty = json!({"username": "a", "password": ""}).to_string();
        json!({"username": "a", "password": "x".repeat(bytes - empty.len())}).to_string()
    };
    let just = installation.ask(&post("/v1/tenants/abcimis/sign-in", filled(1 << 20))).await;
    assert_eq!((just.status, just.json()["field"].as_str()), (422, Some("password")), "{}", just.text);
    let beyond = installation.ask(&post("/v1/tenants/abcimis/sign-in", filled((1 << 20) + 1))).await;
    assert_eq!((beyond.status, beyond.json()["type"].as_str()), (413, Some("too-large")));
    assert_eq!(beyond.headers["cache-control"], "no-store");
}

// rule: C14
#[tokio::test]
async fn a_request_is_one_line_without_secrets_names_or_queries() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // For every thread, and so for the tests beside this one too: what is said of this one names its tenant.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let installation = Installation::in_memory().await;
    let create = Asked { operator: true, ..post("/operator/tenants", json!({"cloud_id": "loggedimis"}).to_string()) };
    let password = installation.must(&create).await["manager_password"].as_str().unwrap().to_owned();
    let credentials = json!({"username": "MANAGER", "password": password, "plane": "platform"});
    let signed_in = installation.must(&post("/v1/tenants/loggedimis/sign-in", credentials.to_string())).await;
    let token = signed_in["token"].as_str().unwrap().to_owned();
    let found = Asked {
        method: "GET".to_owned(),
        path: "/v1/tenants/loggedimis/accounts?username_prefix=searched-for".to_owned(),
        token: Some(token.clone()),
        ..Asked::default()
    };
    installation.must(&found).await;
    let text = String::from_utf8(lines.bytes()).unwrap();
    let requests: Vec<&str> =
        text.lines().filter(|line| line.contains(" request ") && line.contains("loggedimis")).collect();
    assert_eq!(requests.len(), 2, "{text}");
    for part in [
        "method=\"GET\"",
        "route=\"/v1/tenants/{cloud_id}/accounts\"",
        "status=200",
        "tenant=\"loggedimis\"",
        "account",
    ] {
        assert!(requests[1].contains(part), "{part}: {}", requests[1]);
    }
    for secret in [&password, &token, "MANAGER", "searched-for"] {
        assert!(!text.contains(secret), "the log says `{secret}`:\n{text}");
    }
}

// rules: C6, C11
#[tokio::test]
async fn a_source_that_guesses_too_often_waits_and_nobody_else_does() {
    use grantbook_ledger::events::{Client, CloudId, SignInPlane};
    use grantbook_ledger::{Credentials, LedgerError, Origin, TenantRequest};
    let installation = Installation::in_memory().await;
    let ledger = installation.ledger();
    let (operator, cloud_id) = (grantbook_events::OperatorName::new("olga").unwrap(), CloudId::new("abcimis").unwrap());
    let created = ledger.create_tenant(&operator, TenantRequest::new(cloud_id.clone())).await.unwrap();
    let tenant = ledger.tenant_named(&cloud_id).unwrap();
    let credentials = |username: &str, password: &str| Credentials {
        username: username.to_owned(),
        password: zeroize::Zeroizing::new(password.to_owned()),
        plane: SignInPlane::Platform,
        client: Client::Browser,
        code: None,
        browser: String::new(),
    };
    let from = |address: &str| Origin { address: address.to_owned(), user_agent: String::new() };
    let (guesser, other) = (from("192.0.2.66"), from("192.0.2.67"));
    let mut told = Vec::new();
    for number in 0..400 {
        let guess = match number % 4 {
            0 => tenant.sign_in(&credentials("nobody", "Guess-1"), &guesser).await.map(|_| ()),
            1 => tenant.change_password("MANAGER", "Guess-1", "Other-7-word", &guesser).await,
            2 => Err(ledger.sign_in_nowhere("Guess-1", &guesser).await),
            _ => tenant.sign_in(&credentials("MANAGER", "Guess-1"), &guesser).await.map(|_| ()), // any other number
        };
        told.push(guess.unwrap_err());
    }
    let waits =
        told.iter().filter(|error| matches!(error, LedgerError::TooManyGuesses { retry_after_seconds: 1.. })).count();
    assert_eq!(waits, 200, "the first 200 were looked at");
    // A flood fills nothing: five attempts and the lock, the first that was stopped by it, and the rest as one sum.
    let last = tenant.last().0;
    assert_eq!(last, 1 + 5 + 1);
    installation.set_clock(installation.now().plus_minutes(31));
    ledger.sum_up().await;
    assert_eq!(tenant.last().0, last + 1);
    // Whoever comes from elsewhere is let in, and the guesser too, after a while.
    assert!(tenant.sign_in(&credentials("MANAGER", &created.manager_password), &other).await.is_ok());
    assert!(tenant.sign_in(&credentials("MANAGER", &created.manager_password), &guesser).await.is_ok());
}
