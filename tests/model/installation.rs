//! A ledger in memory with a clock that stands, and a tenant with people in it.

use std::collections::HashMap;

use grantbook_inquiries::{Places, Shown, VIEWS, fingerprint, view};
use grantbook_ledger::events::{Client, CloudId, Instant, OperatorName, Position, SignInPlane};
use grantbook_ledger::passwords::HashingCost;
use grantbook_ledger::{
    Caller, Clock, Credentials, Ledger, LedgerError, Options, Origin, Point, SignedIn, TenantHandle, TenantRequest,
    Terms,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

pub(crate) const START: &str = "2026-01-05T09:00:00Z";
pub(crate) const OWN: &str = "Own-7-word";

/// A tenant, and who is signed in there.
pub(crate) struct House {
    pub(crate) ledger: Ledger,
    pub(crate) tenant: TenantHandle,
    pub(crate) callers: HashMap<String, Caller>,
    pub(crate) tokens: Vec<String>,
    pub(crate) manager_password: String,
}

pub(crate) fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub(crate) fn operator() -> OperatorName {
    OperatorName::new("sal").unwrap()
}

pub(crate) fn options() -> Options {
    let clock = Clock::standing_at(instant(START));
    Options { hashing: HashingCost::minimum(), clock, ..Options::memory() }
}

pub(crate) fn credentials(username: &str, password: &str, plane: SignInPlane) -> Credentials {
    Credentials {
        username: username.to_owned(),
        password: Zeroizing::new(password.to_owned()),
        plane,
        client: Client::Browser,
        code: None,
        browser: String::new(),
    }
}

impl House {
    /// MANAGER is signed in.
    pub(crate) async fn founded(ledger: &Ledger, cloud_id: &str) -> House {
        let cloud_id = CloudId::new(cloud_id).unwrap();
        let request =
            TenantRequest { manager_email: Some("it@example.org".to_owned()), ..TenantRequest::new(cloud_id.clone()) };
        let created = ledger.create_tenant(&operator(), request).await.unwrap();
        let tenant = ledger.tenant_named(&cloud_id).unwrap();
        let manager_password = created.manager_password.to_string();
        let (callers, tokens) = (HashMap::new(), Vec::new());
        let mut house = House { ledger: ledger.clone(), tenant, callers, tokens, manager_password };
        let password = house.manager_password.clone();
        house.enter("manager", "MANAGER", &password, SignInPlane::Platform).await.unwrap();
        house
    }

    /// A tenant of its own installation, with bob, its Admin User, sue, a SysAdmin, and ann, plain staff.
    pub(crate) async fn furnished() -> House {
        let mut house = House::founded(&Ledger::open(options()).await.unwrap(), "abcimis").await;
        house.furnish().await;
        house
    }

    pub(crate) async fn furnish(&mut self) {
        for id in ["bob", "sue", "ann"] {
            self.hire(id, "full").await;
        }
        self.hire("pat", "public").await;
        self.done("manager", json!({"name": "make_system_administrator", "account": "sue"})).await;
        for id in ["bob", "ann"] {
            self.done("manager", json!({"name": "assign_role", "account": id, "role": "RemoteService"})).await;
        }
        self.enter("bob", "bob", OWN, SignInPlane::Dashboard).await.unwrap();
        for id in ["sue", "ann", "pat"] {
            self.enter(id, id, OWN, SignInPlane::Platform).await.unwrap();
        }
    }

    pub(crate) async fn hire(&self, id: &str, class: &str) {
        let (name, email) = (format!("Nomen {id} Nescio"), format!("{id}.nescio@example.org"));
        self.done("manager", json!({"name": "add_contact", "account": id, "full_name": name, "email": email})).await;
        let create = json!({"name": "create_credentials", "account": id, "username": id, "password": "Start-7-word",
            "user_class": class});
        self.done("manager", create).await;
        self.tenant.change_password(id, "Start-7-word", OWN, &Origin::default()).await.unwrap();
    }

    /// Somebody signs in and is known by `id` from then on.
    pub(crate) async fn enter(
        &mut self,
        id: &str,
        username: &str,
        password: &str,
        plane: SignInPlane,
    ) -> Result<Position, LedgerError> {
        let origin = Origin { address: "192.0.2.77".to_owned(), user_agent: "Teapot/9".to_owned() };
        match self.tenant.sign_in(&credentials(username, password, plane), &origin).await? {
            SignedIn::Session { token, done, .. } => {
                self.callers.insert(id.to_owned(), self.ledger.caller(token.reveal()).unwrap());
                self.tokens.push(token.reveal().to_owned());
                Ok(done.position.unwrap())
            }
            SignedIn::MustChange { .. } => panic!("{id} must change the password first"),
        }
    }

    pub(crate) async fn give(&self, who: &str, body: Value, terms: &Terms) -> Result<Position, LedgerError> {
        let done = self.tenant.command(&self.callers[who], &body, terms).await?;
        Ok(done.position.unwrap_or(Position::START))
    }

    pub(crate) async fn give_plain(&self, who: &str, body: Value) -> Result<Position, LedgerError> {
        self.give(who, body, &Terms::default()).await
    }

    pub(crate) async fn done(&self, who: &str, body: Value) -> Position {
        self.give_plain(who, body.clone()).await.unwrap_or_else(|error| panic!("{body}: {error}"))
    }

    /// A refusal: its rule.
    pub(crate) async fn refused(&self, who: &str, body: Value) -> String {
        match self.give_plain(who, body.clone()).await {
            Err(LedgerError::Refused(refusal)) => refusal.rule.unwrap_or("404").to_owned(),
            other => panic!("{body}: {other:?}"),
        }
    }

    pub(crate) async fn support(&self, body: Value) -> Result<Position, LedgerError> {
        let done = self.tenant.support_command(&operator(), &body, &Terms::default()).await?;
        Ok(done.position.unwrap())
    }

    pub(crate) fn set_clock(&self, text: &str) {
        self.ledger.clock().set(instant(text));
    }

    /// Every view but that of refusals.
    pub(crate) async fn views(&self) -> Vec<Value> {
        self.tenant
            .ask(Point::Now, |views, as_of| {
                let shown = Shown {
                    views,
                    as_of,
                    open: &|_, _, sealed| self.tenant.open(sealed),
                    entry: &|_| None,
                    places: Places::REAL,
                    eyes: None,
                };
                let names = VIEWS.iter().map(|(name, _)| *name).filter(|name| *name != "refusals");
                names
                    .map(|name| {
                        let mut shown = view(name, &shown).unwrap();
                        shown.as_object_mut().unwrap().remove("as_of");
                        shown
                    })
                    .collect()
            })
            .await
            .unwrap()
    }

    pub(crate) async fn refusals(&self) -> Value {
        self.tenant
            .ask(Point::Now, |views, as_of| {
                let shown =
                    Shown { views, as_of, open: &|_, _, _| None, entry: &|_| None, places: Places::REAL, eyes: None };
                view("refusals", &shown).unwrap()["refusals"].clone()
            })
            .await
            .unwrap()
    }

    /// What the whole history means, in one value: live views and rebuilt ones must have the same.
    pub(crate) async fn fingerprint(&self) -> [u8; 32] {
        let mut rebuilt = grantbook_projections::Views::default();
        for read in self.tenant.entries(Position(1)) {
            rebuilt.apply(&read.unwrap().1);
        }
        let last = self.tenant.last();
        let live = self.tenant.ask(Point::Now, |views, _| fingerprint(views, last)).await.unwrap();
        assert_eq!(live, fingerprint(&rebuilt, last), "live views are rebuilt ones");
        live
    }

    /// The journal's bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for read in self.tenant.entries(Position(1)) {
            grantbook_encoding::encode(&read.unwrap().1, &mut bytes).unwrap();
        }
        bytes
    }
}

pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
