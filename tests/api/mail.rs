//! Mail against a real SMTP server: good, refusing, down and up again; and what an attacker would try at the doors of
//! those who cannot sign in.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use grantbook_ledger::outbox::SmtpOptions;
use grantbook_ledger::{MailOptions, Options};
use serde_json::{Value, json};

use crate::installation::{Answered, Asked, Installation};
use crate::logged::Lines;

/// An SMTP server of Python's, with a folder for what it takes.
struct Server {
    child: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl Server {
    fn start() -> Server {
        Server::at(tempfile::tempdir().unwrap(), None)
    }

    fn at(dir: tempfile::TempDir, port: Option<u16>) -> Server {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/api/smtp_server.py");
        let mut command = Command::new("python3");
        command.arg(script).arg(dir.path()).args(port.map(|port| port.to_string())).stdout(Stdio::piped());
        let mut child = command.spawn().expect("python3");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("aiosmtpd is there: `tests/setup aiosmtpd` installs it");
        Server { child, port, dir }
    }

    fn options(&self) -> MailOptions {
        let smtp = SmtpOptions { url: format!("smtp://127.0.0.1:{}", self.port), credentials: None };
        let public_url = "https://members.example".to_owned();
        MailOptions { smtp: Some(smtp), from: "book@abc.example".to_owned(), public_url }
    }

    fn mails(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut mails: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "eml")).collect();
        mails.sort();
        mails
    }

    /// The server goes away; its folder stays.
    fn stop(mut self) -> tempfile::TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A tenant with sue, who administrates it, and ann, who forgets things.
struct Tenant {
    installation: Installation,
    sue: String,
}

impl Tenant {
    async fn new(options: Options) -> Tenant {
        let installation = Installation::open(options).await;
        let body = json!({"cloud_id": "abcimis", "manager_email": "it@abc.example"}).to_string();
        let asked =
            Asked { operator: true, method: "POST".into(), path: "/operator/tenants".into(), ..Asked::default() };
        let made = installation.must(&Asked { body: Some(body), ..asked }).await;
        let mut tenant = Tenant { installation, sue: String::new() };
        let manager = tenant.sign_in("MANAGER", made["manager_password"].as_str().unwrap()).await;
        let credentials = |id: &str, class: &str| {
            json!({"name": "create_credentials", "account": id, "username": format!("{id}.x"),
                "password": "Start-7-x", "user_class": class})
        };
        let contact = |id: &str| json!({"name": "add_contact", "account": id, "full_name": id, "email": format!("{id}@abc.example")});
        let commands = json!({"commands": [contact("sue"), credentials("sue", "full"),
            {"name": "make_system_administrator", "account": "sue"}, contact("ann"), credentials("ann", "public"),
            contact("con"),
            {"name": "create_object", "object": "/members", "kind": "site", "public": true},
            {"name": "set_access", "object": "/members", "set": "everyone-full-control"}]});
        assert_eq!(tenant.give(&manager, &commands).await.status, 201);
        for id in ["sue", "ann"] {
            let change = json!({"username": format!("{id}.x"), "old": "Start-7-x", "new": format!("Own-7-{id}")});
            assert_eq!(tenant.post("change-password", None, &change).await.status, 204);
        }
        tenant.sue = tenant.sign_in("sue.x", "Own-7-sue").await;
        tenant
    }

    async fn post(&self, door: &str, token: Option<&str>, body: &Value) -> Answered {
        let asked = Asked {
            method: "POST".to_owned(),
            path: format!("/v1/tenants/abcimis/{door}"),
            token: token.map(str::to_owned),
            body: Some(body.to_string()),
            ..Asked::default()
        };
        self.installation.ask(&asked).await
    }

    async fn give(&self, token: &str, body: &Value) -> Answered {
        self.post("commands", Some(token), body).await
    }

    async fn sign_in(&self, username: &str, password: &str) -> String {
        let body = json!({"username": username, "password": password, "plane": "platform"});
        let answered = self.post("sign-in", None, &body).await;
        answered.json()["token"].as_str().unwrap_or_else(|| panic!("{}", answered.text)).to_owned()
    }

    async fn get(&self, path: &str) -> Value {
        let path = format!("/v1/tenants/abcimis/{path}");
        let token = Some(self.sue.clone());
        self.installation.must(&Asked { method: "GET".to_owned(), path, token, ..Asked::default() }).await
    }

    /// The types of the events about mail, oldest first.
    async fn told(&self) -> Vec<String> {
        let entries = self.get("events?limit=1000").await;
        let events =
            entries["entries"].as_array().unwrap().iter().flat_map(|entry| entry["events"].as_array().unwrap());
        let kinds = events.map(|event| event["type"].as_str().unwrap().to_owned());
        kinds
            .filter(|kind| kind.starts_with("password_reset") || kind.contains("told") || kind.contains("handed"))
            .collect()
    }

    /// Waits until what guests asked for is done, and hands over what is owed.
    async fn settle(&self) {
        self.handle().errands_done().await;
        self.installation.ledger().settle_mail().await;
    }

    fn handle(&self) -> grantbook_ledger::TenantHandle {
        let cloud_id = grantbook_events::CloudId::new("abcimis").unwrap();
        self.installation.ledger().tenant_named(&cloud_id).unwrap()
    }

    fn later(&self, minutes: u32) {
        self.installation.set_clock(self.installation.now().plus_minutes(minutes));
    }

    /// No notices of changes: they are told apart elsewhere.
    async fn quiet(&self) {
        let off = json!({"name": "set_setting", "setting": "notify_by_mail", "value": false});
        assert_eq!(self.give(&self.sue, &off).await.status, 201);
        self.later(1);
        self.settle().await;
    }
}

fn token_in(mail: &str) -> String {
    let after = mail.split("#token=").nth(1).unwrap_or_else(|| panic!("no link in\n{mail}"));
    after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

fn holds(path: &Path, text: &str) -> bool {
    if path.is_dir() {
        return std::fs::read_dir(path).unwrap().any(|entry| holds(&entry.unwrap().path(), text));
    }
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

// rules: C14, P1, P4, P5, P7, P8
#[tokio::test]
async fn a_forgotten_password_is_set_by_a_link_that_a_real_server_received() {
    let lines = Lines::default();
    let writer = lines.clone();
    let logging = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_writer(move || writer.clone());
    // Of this thread, which all runs on but hashing, syncing and handing over.
    let _logging = tracing::subscriber::set_default(logging.finish());
    let (server, data) = (Server::start(), tempfile::tempdir().unwrap());
    let options = Options { mail: server.options(), ..Options::directory(data.path().join("data")) };
    let mut tenant = Tenant::new(options).await;
    tenant.quiet().await;
    let body =
        json!({"name": "set_setting", "setting": "reset_email_body", "value": "Dear {name}, {minutes} min:\n{link}\n"});
    assert_eq!(tenant.give(&tenant.sue, &body).await.status, 201);
    let before = server.mails().len();

    let session = tenant.sign_in("ann.x", "Own-7-ann").await;
    let forgot = tenant.post("forgot-password", None, &json!({"username": "ANN.x"})).await;
    let nobody = tenant.post("forgot-password", None, &json!({"username": "nobody"})).await;
    assert_eq!((forgot.status, &forgot.text), (202, &nobody.text));
    assert_eq!(forgot.status, nobody.status);
    tenant.settle().await;
    let mails = server.mails();
    assert_eq!(mails.len(), before + 1);
    let mail = std::fs::read_to_string(mails.last().unwrap()).unwrap();
    assert!(mail.contains("To: ann@abc.example") && mail.contains("Dear ann, 60 min:"), "{mail}");
    assert!(
        mail.contains("https://members.example/v1/tenants/abcimis/reset-password?site=/members#token=gbr_"),
        "{mail}"
    );
    let token = token_in(&mail);

    let set = json!({"token": token, "new": "Fresh-7-ann"});
    assert_eq!(tenant.post("reset-password", None, &set).await.status, 204);
    let dead = Asked { method: "GET".into(), path: "/v1/tenants/abcimis/views/roles".into(), ..Asked::default() };
    let dead = tenant.installation.ask(&Asked { token: Some(session), ..dead }).await;
    assert_eq!(dead.status, 401);
    let again = tenant.post("reset-password", None, &set).await;
    assert_eq!((again.status, again.json()["rule"].as_str()), (403, Some("P4")));
    tenant.sign_in("ann.x", "Fresh-7-ann").await;

    let told = tenant.told().await;
    assert_eq!(
        told.iter().filter(|kind| kind.starts_with("password_reset")).collect::<Vec<_>>(),
        ["password_reset_requested", "password_reset_sent", "password_reset_completed"]
    );
    let entries = tenant.get("events?limit=1000").await.to_string();
    tenant.installation.restart().await;
    let log = String::from_utf8(lines.bytes()).unwrap();
    assert!(!log.is_empty(), "something is logged");
    for secret in [token.as_str(), token.trim_start_matches("gbr_"), "Fresh-7-ann"] {
        assert!(!entries.contains(secret) && !log.contains(secret) && !holds(data.path(), secret));
    }
    let again = tenant.post("reset-password", None, &set).await;
    assert_eq!(again.status, 403, "nor after a restart");
}

// rules: P4, P8
#[tokio::test]
async fn a_server_that_is_down_or_refuses_is_tried_again_and_nothing_is_claimed() {
    let (server, data) = (Server::start(), tempfile::tempdir().unwrap());
    let port = server.port;
    let options = Options { mail: server.options(), ..Options::directory(data.path().join("data")) };
    let mut tenant = Tenant::new(options).await;
    tenant.quiet().await;
    // Refusing.
    std::fs::write(server.dir.path().join("refuse"), "").unwrap();
    let reset = json!({"name": "send_password_reset", "account": "ann", "site": "/members"});
    assert_eq!(tenant.give(&tenant.sue, &reset).await.status, 201);
    tenant.settle().await;
    assert_eq!(tenant.told().await.last().unwrap(), "mail_not_handed_over");
    std::fs::remove_file(server.dir.path().join("refuse")).unwrap();
    tenant.settle().await;
    assert_eq!(tenant.told().await.last().unwrap(), "mail_not_handed_over", "not before its time");
    tenant.later(1);
    tenant.settle().await;
    assert_eq!(tenant.told().await.last().unwrap(), "password_reset_sent");

    // Down; meanwhile the ledger is opened anew, and the link with it.
    let dir = server.stop();
    let before = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(tenant.give(&tenant.sue, &reset).await.status, 201);
    tenant.settle().await;
    assert_eq!(tenant.told().await.last().unwrap(), "mail_not_handed_over");
    let attempts = tenant.told().await.len();
    for _ in 0..6 {
        tenant.settle().await;
    }
    assert_eq!(tenant.told().await.len(), attempts, "a server that is down fills no journal");
    tenant.installation.restart().await;
    assert!(!tenant.told().await.ends_with(&["password_reset_sent".to_owned()]));
    let server = Server::at(dir, Some(port));
    for _ in 0..3 {
        tenant.later(2);
        tenant.settle().await;
    }
    assert_eq!(tenant.told().await.last().unwrap(), "password_reset_sent");
    let mails = server.mails();
    assert_eq!(mails.len(), before + 1);
    let token = token_in(&std::fs::read_to_string(mails.last().unwrap()).unwrap());
    let set = json!({"token": token, "new": "Fresh-7-ann"});
    assert_eq!(tenant.post("reset-password", None, &set).await.status, 204);
}

// rules: P1, P8
#[tokio::test]
#[allow(clippy::await_holding_lock, reason = "the committer waits for it, in a thread of its own")]
async fn asking_does_the_same_whether_the_account_exists_or_not() {
    let tenant = Tenant::new(Options::memory()).await;
    tenant.quiet().await;
    // Nothing that tells them apart is done before the answer: both are answered while the vault can be used by nobody.
    let handle = tenant.handle();
    let waiting = handle.hold_vault();
    let before = tenant.installation.ledger().mails().len();
    let mut answers = Vec::new();
    for username in ["ann.x", "nobody", "con", "MANAGER", "ann@abc.example"] {
        let began = Instant::now();
        let answered = tenant.post("forgot-password", None, &json!({"username": username})).await;
        assert!(began.elapsed() < Duration::from_secs(5));
        answers.push((answered.status, answered.text));
    }
    for email in ["ann@abc.example", "nobody@abc.example", "con@abc.example"] {
        let answered = tenant.post("forgot-username", None, &json!({"email": email})).await;
        answers.push((answered.status, answered.text));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    drop(waiting);
    tenant.settle().await;
    let mails = tenant.installation.ledger().mails();
    let to: Vec<&str> = mails[before..].iter().map(|mail| mail.to()).collect();
    assert_eq!(to, ["ann@abc.example", "ann@abc.example"]);
}

// rules: C11, P1
#[tokio::test]
async fn a_flood_of_resets_fills_neither_the_journal_nor_a_letterbox() {
    let tenant = Tenant::new(Options::memory()).await;
    tenant.quiet().await;
    let (before, mails) = (tenant.handle().last(), tenant.installation.ledger().mails().len());
    for _ in 0..40 {
        for username in ["ann.x", "My-password-7"] {
            tenant.handle().forgot_password(username, &grantbook_ledger::Origin::default());
        }
    }
    tenant.settle().await;
    let sent = tenant.installation.ledger().mails().len() - mails;
    assert!((1..=5).contains(&sent), "{sent} mails");
    assert!(tenant.handle().last().0 - before.0 <= 10, "{} to {}", before, tenant.handle().last());
    // What was withheld is one entry once the time is over, and nobody's mistyped password is in it.
    tenant.later(20);
    tenant.installation.ledger().sum_up().await;
    assert_eq!(tenant.told().await.last().unwrap(), "password_resets_withheld");
    assert!(!tenant.get("events?limit=1000").await.to_string().contains("My-password-7"));
}

// rules: C13, C17, P6
#[tokio::test]
async fn neither_a_changed_email_nor_a_forgotten_username_leads_into_anothers_account() {
    let tenant = Tenant::new(Options::memory()).await;
    tenant.quiet().await;
    let mails = |to: &str| {
        let all = tenant.installation.ledger().mails();
        all.into_iter().filter(|mail| mail.to() == to).map(|mail| mail.body().to_owned()).collect::<Vec<String>>()
    };
    // A link that went out before the email was changed opens nothing any more.
    tenant.post("forgot-password", None, &json!({"username": "ann.x"})).await;
    tenant.settle().await;
    let token = token_in(mails("ann@abc.example").last().unwrap());
    let email = json!({"name": "set_credential_email", "account": "ann", "email": "eve@evil.example"});
    assert_eq!(tenant.give(&tenant.sue, &email).await.status, 201);
    let set = json!({"token": token, "new": "Fresh-7-ann"});
    assert_eq!(tenant.post("reset-password", None, &set).await.status, 403);
    assert!(mails("eve@evil.example").is_empty());

    // Credentials are made for a contact that holds nothing, and for no other.
    let on = json!({"commands": [
        {"name": "set_setting", "setting": "forgot_username_creates_credentials", "value": true},
        {"name": "add_group_member", "group": "Reporting", "account": "con"}]});
    assert_eq!(tenant.give(&tenant.sue, &on).await.status, 201);
    tenant.post("forgot-username", None, &json!({"email": "con@abc.example"})).await;
    tenant.settle().await;
    assert!(mails("con@abc.example").is_empty());
    let off = json!({"name": "remove_group_member", "group": "Reporting", "account": "con"});
    assert_eq!(tenant.give(&tenant.sue, &off).await.status, 201);
    tenant.post("forgot-username", None, &json!({"email": "Con@abc.example"})).await;
    tenant.settle().await;
    let token = token_in(mails("con@abc.example").last().unwrap());
    assert_eq!(tenant.post("reset-password", None, &json!({"token": token, "new": "Mine-7-con"})).await.status, 204);
    tenant.sign_in("con", "Mine-7-con").await;
    // Whoever has credentials is told their name, and given no others.
    tenant.post("forgot-username", None, &json!({"email": "con@abc.example"})).await;
    tenant.settle().await;
    assert!(mails("con@abc.example").last().unwrap().contains("It is: con\n"));
}

// rules: C13, P9
#[tokio::test]
async fn people_are_told_what_changed_and_the_former_address_too() {
    let tenant = Tenant::new(Options::memory()).await;
    tenant.later(1);
    tenant.settle().await;
    let mails = || {
        let all = tenant.installation.ledger().mails();
        all.into_iter().map(|mail| (mail.to().to_owned(), mail.body().to_owned())).collect::<Vec<_>>()
    };
    let before = mails().len();
    let changes = json!({"commands": [
        {"name": "set_credential_email", "account": "ann", "email": "ann@new.example"},
        {"name": "assign_role", "account": "ann", "role": "Auditor"},
        {"name": "add_group_member", "account": "ann", "group": "Reporting"}]});
    assert_eq!(tenant.give(&tenant.sue, &changes).await.status, 201);
    tenant.settle().await;
    assert_eq!(mails().len(), before, "changes are gathered for a moment");
    tenant.later(1);
    tenant.settle().await;
    tenant.settle().await;
    let new = mails()[before..].to_vec();
    let to: Vec<&str> = new.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(to, ["ann@new.example", "ann@abc.example"]);
    assert!(new[0].1.contains("the email address") && new[0].1.contains("what you may do"), "{}", new[0].1);
    assert!(!new[1].1.contains("ann@new.example"), "the former address does not learn the new one");
    assert!(tenant.told().await.ends_with(&["changes_told".to_owned(), "changes_told".to_owned()]));
    // Credentials without an email, of a contact that has one: told there, though no link would go there.
    let before = mails().len();
    let cleared = json!({"name": "set_credential_email", "account": "ann", "email": null});
    assert_eq!(tenant.give(&tenant.sue, &cleared).await.status, 201);
    tenant.later(1);
    tenant.settle().await;
    tenant.settle().await;
    let to: Vec<String> = mails()[before..].iter().map(|(to, _)| to.clone()).collect();
    assert_eq!(to, ["ann@abc.example", "ann@new.example"]);
    // Mail that goes out moves nothing that a client may wait for.
    tenant.quiet().await;
    let set = json!({"name": "set_password", "account": "ann", "password": "Given-7-ann"});
    assert_eq!(tenant.give(&tenant.sue, &set).await.status, 201);
    let before = mails().len();
    tenant.later(1);
    tenant.settle().await;
    assert_eq!(mails().len(), before, "and nobody is told where the tenant spares them");
}

// rules: C4, F6
#[tokio::test]
async fn a_former_admin_is_told_at_the_email_of_the_credentials() {
    use grantbook_ledger::Terms;
    use grantbook_ledger::events::OperatorName;
    let tenant = Tenant::new(Options::memory()).await;
    tenant.quiet().await;
    let remote = |id: &str| json!({"name": "assign_role", "account": id, "role": "RemoteService"});
    let staff = json!({"commands": [{"name": "set_user_class", "account": "ann", "user_class": "full"},
        remote("ann"), remote("sue"), {"name": "set_credential_email", "account": "ann", "email": "ann@own.example"}]});
    assert_eq!(tenant.give(&tenant.sue, &staff).await.status, 201);
    let first = json!({"username": "ann.x", "password": "Own-7-ann", "plane": "dashboard"});
    assert!(tenant.post("sign-in", None, &first).await.json()["token"].is_string());
    let gone = json!({"name": "disable_account", "account": "ann"});
    assert_eq!(tenant.give(&tenant.sue, &gone).await.status, 201);
    let before = tenant.installation.ledger().mails().len();
    let restore = json!({"name": "restore_admin", "cloud_id": "abcimis", "account": "sue", "ticket": "T-1"});
    tenant.handle().support_command(&OperatorName::new("sal").unwrap(), &restore, &Terms::default()).await.unwrap();
    tenant.settle().await;
    let mut to: Vec<String> =
        tenant.installation.ledger().mails()[before..].iter().map(|mail| mail.to().to_owned()).collect();
    to.sort();
    assert_eq!(to, ["ann@own.example", "it@abc.example"]);
}

// rule: P4
// rule: P6
#[tokio::test]
async fn a_link_that_nobody_used_is_forgotten_when_it_expires_and_moves_nothing() {
    let tenant = Tenant::new(Options::memory()).await;
    let ledger = tenant.installation.ledger().clone();
    tenant.quiet().await;
    let kept = ledger.tokens_kept();
    let seen = tenant.get("views/settings").await["as_of"]["position"].as_u64().unwrap();
    tenant.post("forgot-password", None, &json!({"username": "ann.x"})).await;
    tenant.post("forgot-username", None, &json!({"email": "ann@abc.example"})).await;
    tenant.handle().errands_done().await;
    assert_eq!(ledger.tokens_kept(), kept + 1);
    // What a stranger asked for is no reason to refuse what somebody saw before it.
    let group = Asked {
        method: "POST".to_owned(),
        path: "/v1/tenants/abcimis/commands".to_owned(),
        token: Some(tenant.sue.clone()),
        headers: vec![("If-Match".to_owned(), format!("\"{seen}\""))],
        body: Some(json!({"name": "create_group", "group": "readers"}).to_string()),
        ..Asked::default()
    };
    let given = tenant.installation.ask(&group).await;
    assert_eq!(given.status, 201, "{}", given.text);
    ledger.sum_up().await;
    assert_eq!(ledger.tokens_kept(), kept + 1, "the link works still");
    // Whoever comes late is recorded as late; a day later nobody is expected any more.
    tenant.installation.set_clock(tenant.installation.now().plus_minutes(61));
    ledger.sum_up().await;
    assert_eq!(ledger.tokens_kept(), kept + 1);
    tenant.installation.set_clock(tenant.installation.now().plus_minutes(24 * 60));
    ledger.sum_up().await;
    assert_eq!(ledger.tokens_kept(), 0, "sessions are over by then, too");
}
