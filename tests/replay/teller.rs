//! Tells a story on a ledger in memory, by real commands and under a clock that stands until it is set, and writes down what
//! the book then holds. What is drawn at random (command ids, versions of secrets, keys) is numbered instead, so that the same
//! story gives the same bytes.

use std::collections::BTreeMap;

use grantbook_ledger::events::{Client, CloudId, Edition, Instant, OperatorName, Position, SignInPlane, Ticket};
use grantbook_ledger::passwords::{HashingCost, HashingPool};
use grantbook_ledger::{
    Caller, Clock, Credentials, ImportOrder, Ledger, LedgerError, Options, Origin, SignedIn, TenantHandle,
    TenantRequest, Terms,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// A story under way.
pub(crate) struct Teller {
    ledger: Ledger,
    clock: Clock,
    now: Instant,
    tenant: TenantHandle,
    operator: OperatorName,
    /// Who is signed in.
    callers: BTreeMap<String, Caller>,
    /// The usernames that are not the account's id.
    usernames: BTreeMap<String, String>,
    passwords: BTreeMap<String, String>,
    /// The seeds of second factors, as they were shown.
    seeds: BTreeMap<String, String>,
}

/// What a tenant is told of at its start.
pub(crate) struct Start {
    pub(crate) cloud_id: &'static str,
    pub(crate) at: &'static str,
    pub(crate) edition: Edition,
    pub(crate) manager_email: Option<&'static str>,
}

/// A ledger whose clock stands at `at`, and who supports it.
async fn opened(at: &str) -> (Ledger, OperatorName) {
    let options = Options {
        clock: Clock::standing_at(instant(at)),
        hashing: HashingCost::minimum(),
        pool: HashingPool { at_once: 1, waiting: 64 },
        ..Options::memory()
    };
    (Ledger::open(options).await.unwrap(), OperatorName::new("Sue Support").unwrap())
}

impl Teller {
    pub(crate) async fn begin(start: Start) -> Teller {
        let (ledger, operator) = opened(start.at).await;
        let cloud_id = CloudId::new(start.cloud_id).unwrap();
        let request = TenantRequest {
            edition: start.edition,
            manager_email: start.manager_email.map(str::to_owned),
            ..TenantRequest::new(cloud_id.clone())
        };
        let created = ledger.create_tenant(&operator, request).await.unwrap();
        Teller::of(ledger, operator, &cloud_id, start.at, &created.manager_password)
    }

    fn of(ledger: Ledger, operator: OperatorName, cloud_id: &CloudId, at: &str, manager_password: &str) -> Teller {
        Teller {
            clock: ledger.clock().clone(),
            now: instant(at),
            tenant: ledger.tenant_named(cloud_id).unwrap(),
            ledger,
            operator,
            callers: BTreeMap::new(),
            usernames: BTreeMap::new(),
            passwords: BTreeMap::from([("manager".to_owned(), manager_password.to_owned())]),
            seeds: BTreeMap::new(),
        }
    }

    /// A tenant that support makes for a customer, who asked for it and named who becomes the first Admin User.
    pub(crate) async fn begin_for_customer(customer: &str, cloud_id: &str, first_admin: &str, at: &str) -> Teller {
        let (ledger, operator) = opened(at).await;
        let url = site().await;
        let mut password = None;
        for command in [
            json!({"name": "register_customer", "customer": customer, "full_name": customer,
                "contact_email": "office@example.org"}),
            json!({"name": "record_subscription", "customer": customer, "app": "datastation", "status": "trial",
                "from": "2026-01-01", "until": "2026-06-30"}),
            json!({"name": "request_cloud_id", "customer": customer, "purpose": "production", "requester_name": "Rita R.",
                "requester_email": "rita@example.org", "organisation": customer, "url": url, "region": "europe"}),
            json!({"name": "check_readiness", "customer": customer, "url": url}),
            json!({"name": "assign_cloud_id", "customer": customer, "cloud_id": cloud_id, "purpose": "production",
                "edition": "cloud", "first_admin": first_admin, "reason": "as asked by Rita R."}),
        ] {
            let mut command = command;
            command["ticket"] = "T-800".into();
            let done = ledger.support_command(&operator, &command, &Terms::default()).await;
            password = done.unwrap_or_else(|error| panic!("{command}: {error}")).manager_password;
        }
        Teller::of(ledger, operator, &CloudId::new(cloud_id).unwrap(), at, &password.unwrap())
    }

    // --- Time --------------------------------------------------------------------------------------------------------

    /// Time passes to an instant; what was only counted until then is summed up.
    pub(crate) async fn pass_to(&mut self, at: &str) {
        self.set(instant(at));
        self.ledger.sum_up().await;
    }

    fn set(&mut self, now: Instant) {
        assert!(now >= self.now, "time never goes back");
        self.now = now;
        self.clock.set(now);
    }

    /// A minute later the next thing happens.
    fn a_minute_later(&mut self) {
        self.set(self.now.plus_minutes(1));
    }

    // --- Commands ----------------------------------------------------------------------------------------------------

    async fn give(&mut self, who: &str, body: &Value) -> Result<Position, LedgerError> {
        self.a_minute_later();
        let caller = self.callers[who].clone();
        self.tenant.command(&caller, body, &Terms::default()).await.map(|done| done.position.unwrap())
    }

    /// Somebody who is signed in gives a command.
    pub(crate) async fn gives(&mut self, who: &str, command: Value) -> Position {
        let done = self.give(who, &command).await;
        done.unwrap_or_else(|error| panic!("{who}: {command}: {error}"))
    }

    /// Somebody who is signed in gives a list of commands, all or nothing.
    pub(crate) async fn gives_all(&mut self, who: &str, commands: &[Value]) -> Position {
        self.gives(who, json!({"commands": commands})).await
    }

    /// Somebody who is signed in gives a command that a rule refuses.
    pub(crate) async fn is_refused(&mut self, who: &str, command: Value, rule: &str) {
        let refused = self.give(who, &command).await.unwrap_err();
        assert_eq!(rule_of(&refused), Some(rule), "{command}: {refused}");
    }

    fn on_ticket(&self, ticket: &str, mut command: Value) -> Value {
        command["cloud_id"] = self.tenant.cloud_id().as_str().into();
        command["ticket"] = ticket.into();
        command
    }

    /// Support gives a command from outside, on a ticket.
    pub(crate) async fn support(&mut self, ticket: &str, command: Value) -> Position {
        self.a_minute_later();
        let command = self.on_ticket(ticket, command);
        let done = self.tenant.support_command(&self.operator, &command, &Terms::default()).await;
        done.unwrap_or_else(|error| panic!("{command}: {error}")).position.unwrap()
    }

    /// Support does something that is not of this tenant alone, on a ticket.
    pub(crate) async fn support_at_large(&mut self, ticket: &str, mut command: Value) {
        self.a_minute_later();
        command["ticket"] = ticket.into();
        let done = self.ledger.support_command(&self.operator, &command, &Terms::default()).await;
        done.unwrap_or_else(|error| panic!("{command}: {error}"));
    }

    /// Support gives a command that a rule refuses.
    pub(crate) async fn support_is_refused(&mut self, ticket: &str, command: Value, rule: &str) {
        self.a_minute_later();
        let command = self.on_ticket(ticket, command);
        let refused = self.tenant.support_command(&self.operator, &command, &Terms::default()).await.unwrap_err();
        assert_eq!(rule_of(&refused), Some(rule), "{command}: {refused}");
    }

    /// Support imports history made elsewhere, on a ticket.
    pub(crate) async fn imports(&mut self, ticket: &str, lines: &[Value]) {
        self.a_minute_later();
        let order = ImportOrder {
            operator: self.operator.clone(),
            ticket: Ticket::new(ticket).unwrap(),
            origin: Origin::default(),
        };
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        self.tenant.import(&order, &lines, &mut |_| ()).await.unwrap();
    }

    // --- Doors -------------------------------------------------------------------------------------------------------

    async fn try_password(&mut self, who: &str, password: &str, plane: SignInPlane) -> Result<Position, LedgerError> {
        self.try_code(who, password, None, plane).await
    }

    async fn try_code(
        &mut self,
        who: &str,
        password: &str,
        code: Option<String>,
        plane: SignInPlane,
    ) -> Result<Position, LedgerError> {
        let credentials = Credentials {
            username: self.username(who),
            password: Zeroizing::new(password.to_owned()),
            plane,
            client: Client::Browser,
            code: code.map(Zeroizing::new),
            browser: format!("{who}'s browser"),
        };
        match self.tenant.sign_in(&credentials, &Origin::default()).await? {
            SignedIn::Session { token, done, account } => {
                let caller = self.ledger.caller(token.reveal()).unwrap();
                self.callers.insert(account.as_str().to_owned(), caller);
                Ok(done.position.unwrap())
            }
            SignedIn::MustChange { account } => panic!("{account} must change the password first"),
        }
    }

    fn username(&self, who: &str) -> String {
        self.usernames.get(who).cloned().unwrap_or_else(|| who.to_owned())
    }

    /// From now on this is the username of an account.
    pub(crate) fn is_called(&mut self, who: &str, username: &str) {
        self.usernames.insert(who.to_owned(), username.to_owned());
    }

    /// Somebody signs in with the right password.
    pub(crate) async fn signs_in(&mut self, who: &str, plane: SignInPlane) -> Position {
        self.a_minute_later();
        self.signs_in_at_once(who, plane).await
    }

    /// Somebody signs in while the clock stands.
    pub(crate) async fn signs_in_at_once(&mut self, who: &str, plane: SignInPlane) -> Position {
        let password = self.passwords[who].clone();
        let signed_in = self.try_password(who, &password, plane).await;
        signed_in.unwrap_or_else(|error| panic!("{who}: {error}"))
    }

    /// Somebody enrols a second factor, and confirms it a minute later.
    pub(crate) async fn enrols(&mut self, who: &str) {
        self.a_minute_later();
        let enrol = json!({"name": "enrol_second_factor"});
        let done = self.tenant.command(&self.callers[who], &enrol, &Terms::default()).await.unwrap();
        self.seeds.insert(who.to_owned(), done.second_factor.unwrap().secret.to_string());
        self.a_minute_later();
        let confirm = json!({"name": "confirm_second_factor", "code": self.code_of(who)});
        self.tenant.command(&self.callers[who], &confirm, &Terms::default()).await.unwrap();
    }

    /// The code that somebody's device shows now.
    fn code_of(&self, who: &str) -> String {
        let secret = totp_rs::Secret::try_from_base32(&self.seeds[who]).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
        totp.generate(u64::try_from(self.now.microseconds() / 1_000_000).unwrap()).to_string()
    }

    /// Somebody signs in with the right password and the code of now.
    pub(crate) async fn signs_in_with_code(&mut self, who: &str, plane: SignInPlane) -> Position {
        self.a_minute_later();
        let (password, code) = (self.passwords[who].clone(), self.code_of(who));
        let signed_in = self.try_code(who, &password, Some(code), plane).await;
        signed_in.unwrap_or_else(|error| panic!("{who}: {error}"))
    }

    /// Somebody tries the code that was used just now once more.
    pub(crate) async fn repeats_the_code(&mut self, who: &str, plane: SignInPlane) {
        let (password, code) = (self.passwords[who].clone(), self.code_of(who));
        let refused = self.try_code(who, &password, Some(code), plane).await.unwrap_err();
        assert_eq!(rule_of(&refused), Some("C11"), "{who}: {refused}");
    }

    /// Somebody is stopped at the door although the password is right.
    pub(crate) async fn is_stopped(&mut self, who: &str, plane: SignInPlane, rule: &str) {
        self.a_minute_later();
        let password = self.passwords[who].clone();
        let refused = self.try_password(who, &password, plane).await.unwrap_err();
        assert_eq!(rule_of(&refused), Some(rule), "{who}: {refused}");
    }

    /// Somebody tries a wrong password.
    pub(crate) async fn mistypes(&mut self, who: &str, plane: SignInPlane) {
        self.a_minute_later();
        let refused = self.try_password(who, "mistyped-1", plane).await.unwrap_err();
        assert_eq!(rule_of(&refused), Some("C11"), "{who}: {refused}");
    }

    /// Somebody changes the password at the guest door, from one that somebody else may know.
    pub(crate) async fn changes_password(&mut self, who: &str) {
        self.a_minute_later();
        let old = self.passwords.get(who).cloned().unwrap_or_else(|| given_password(who));
        let new = format!("{old}-own");
        let username = self.username(who);
        self.tenant.change_password(&username, &old, &new, &Origin::default()).await.unwrap();
        self.passwords.insert(who.to_owned(), new);
    }

    // --- By mail -----------------------------------------------------------------------------------------------------

    /// Somebody who cannot sign in asks for a reset of the password.
    pub(crate) async fn forgets_password(&mut self, who: &str) {
        self.a_minute_later();
        self.tenant.forgot_password(&self.username(who), &Origin::default());
        self.tenant.errands_done().await;
    }

    /// Somebody asks for the username that belongs to an address.
    pub(crate) async fn forgets_username(&mut self, email: &str) {
        self.a_minute_later();
        self.tenant.forgot_username(email, &Origin::default());
        self.tenant.errands_done().await;
    }

    /// What an administrator sent is handed over.
    pub(crate) async fn link_is_handed_over(&mut self) {
        self.tenant.errands_done().await;
    }

    /// The token of the link that was mailed last.
    fn last_link(&self) -> String {
        let mails = self.ledger.mails();
        let mail = mails.iter().rev().find(|mail| mail.body().contains("#token=")).unwrap();
        let after = mail.body().split("#token=").nth(1).unwrap();
        after.split_whitespace().next().unwrap().to_owned()
    }

    /// Somebody chooses a password by the link that was mailed last.
    pub(crate) async fn follows_link(&mut self, who: &str, new: &str) {
        self.a_minute_later();
        self.tenant.reset_password(&self.last_link(), new, &Origin::default()).await.unwrap();
        self.passwords.insert(who.to_owned(), new.to_owned());
    }

    /// The link that was mailed last does not work.
    pub(crate) async fn link_is_refused(&mut self, new: &str) {
        self.a_minute_later();
        let refused = self.tenant.reset_password(&self.last_link(), new, &Origin::default()).await.unwrap_err();
        assert_eq!(rule_of(&refused), Some("P4"), "{refused}");
    }

    /// What somebody's password is now.
    pub(crate) fn password_of(&self, who: &str) -> String {
        self.passwords[who].clone()
    }

    /// From now on this is the password of an account.
    pub(crate) fn password_is(&mut self, who: &str, password: &str) {
        self.passwords.insert(who.to_owned(), password.to_owned());
    }

    // --- People ------------------------------------------------------------------------------------------------------

    /// A contact with credentials of a class is made in one entry, with roles; `MANAGER` gives the commands. Then the person
    /// changes the password that was given.
    pub(crate) async fn hires(&mut self, id: &str, name: &str, class: &str, roles: &[&str]) -> Position {
        let mut commands = vec![
            json!({"name": "add_contact", "account": id, "full_name": name, "email": format!("{id}@example.org")}),
            json!({"name": "create_credentials", "account": id, "username": id, "user_class": class,
                "password": given_password(id)}),
        ];
        commands.extend(roles.iter().map(|role| match *role {
            "SysAdmin" => json!({"name": "make_system_administrator", "account": id}),
            role => json!({"name": "assign_role", "account": id, "role": role}),
        }));
        let hired = self.gives_all("manager", &commands).await;
        self.changes_password(id).await;
        hired
    }

    // --- The book ----------------------------------------------------------------------------------------------------

    /// What the book holds, in JSON lines as an export writes them.
    pub(crate) fn entries(&self) -> String {
        let mut numbered = Numbered::default();
        let mut lines = String::new();
        for read in self.tenant.entries(Position(1)) {
            let (position, entry) = read.unwrap();
            let mut form = self.tenant.show(Some(position), &entry);
            numbered.settle(position, &mut form);
            lines.push_str(&form.to_string());
            lines.push('\n');
        }
        lines
    }
}

/// A site on loopback that is ready.
async fn site() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().fallback(|| async { "ready" });
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/")
}

/// The password that somebody is given with the credentials.
fn given_password(who: &str) -> String {
    format!("given-2-{who}")
}

pub(crate) fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn rule_of(error: &LedgerError) -> Option<&'static str> {
    match error {
        LedgerError::Refused(refusal) => refusal.rule,
        LedgerError::NotHandedOver => Some("P8"),
        LedgerError::Malformed { .. }
        | LedgerError::NotSignedIn
        | LedgerError::KeyReused(_)
        | LedgerError::MovedOn(_)
        | LedgerError::Importing
        | LedgerError::TooLarge
        | LedgerError::Busy
        | LedgerError::Overtaken
        | LedgerError::TooManyGuesses { .. }
        | LedgerError::NoSuchTenant(_)
        | LedgerError::CloudIdTaken(_)
        | LedgerError::Beyond { .. }
        | LedgerError::InTheFuture(_)
        | LedgerError::NoEvidence(_)
        | LedgerError::Storage => None,
    }
}

/// Random numbers in the order in which they come up.
#[derive(Default)]
struct Numbered(Vec<String>);

impl Numbered {
    fn settle(&mut self, position: Position, form: &mut Value) {
        form["command_id"] = uuid::Uuid::from_u128(u128::from(position.0)).hyphenated().to_string().into();
        for event in form["events"].as_array_mut().unwrap() {
            for name in ["secret", "token"] {
                if let Some(random) = event.get(name).and_then(Value::as_str).map(str::to_owned) {
                    event[name] = self.number(random).into();
                }
            }
            if event.get("key").is_some() {
                event["key"] = "0000000000000000".into();
            }
        }
    }

    fn number(&mut self, random: String) -> String {
        let known = self.0.iter().position(|known| *known == random);
        let index = known.unwrap_or_else(|| {
            self.0.push(random);
            self.0.len() - 1
        });
        format!("{:016x}", index + 1)
    }
}
