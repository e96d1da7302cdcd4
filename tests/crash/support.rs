//! What the tests share: ledgers at the least hashing cost, people, random numbers with a seed, files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use grantbook_ledger::events::{Client, CloudId, OperatorName, SignInPlane};
use grantbook_ledger::passwords::{HashingCost, HashingPool};
use grantbook_ledger::{
    Caller, Credentials, Ledger, LedgerError, Options, Origin, SignedIn, TenantHandle, TenantRequest, Terms,
};
use serde_json::{Value, json};

/// A number from the environment, or what is usual in CI.
pub(crate) fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |text| text.parse().expect("a number"))
}

/// As usual, but that views are kept of small ledgers too: whatever a test does, the next start folds on from them.
pub(crate) fn options(dir: &Path) -> Options {
    Options {
        keep_views_every: 64,
        hashing: HashingCost::minimum(),
        pool: HashingPool { waiting: 1 << 20, ..HashingPool::default() },
        ..Options::directory(dir)
    }
}

pub(crate) async fn open(dir: &Path) -> Ledger {
    Ledger::open(options(dir)).await.unwrap()
}

pub(crate) fn cloud_id(name: &str) -> CloudId {
    CloudId::new(name).unwrap()
}

pub(crate) fn operator() -> OperatorName {
    OperatorName::new("ops").unwrap()
}

/// A new tenant, and MANAGER signed in to it.
pub(crate) async fn tenant(ledger: &Ledger, name: &str) -> (TenantHandle, Caller) {
    let created = ledger.create_tenant(&operator(), TenantRequest::new(cloud_id(name))).await.unwrap();
    let tenant = ledger.tenant_named(&cloud_id(name)).unwrap();
    let manager = sign_in(&tenant, "MANAGER", &created.manager_password, SignInPlane::Platform).await.unwrap();
    let caller = caller(ledger, &manager);
    (tenant, caller)
}

pub(crate) fn caller(ledger: &Ledger, signed_in: &SignedIn) -> Caller {
    let SignedIn::Session { token, .. } = signed_in else { panic!("a session") };
    ledger.caller(token.reveal()).expect("a token just given")
}

pub(crate) async fn sign_in(
    tenant: &TenantHandle,
    username: &str,
    password: &str,
    plane: SignInPlane,
) -> Result<SignedIn, LedgerError> {
    let who = Credentials {
        username: username.to_owned(),
        password: password.to_owned().into(),
        plane,
        client: Client::Browser,
        code: None,
        browser: String::new(),
    };
    tenant.sign_in(&who, &Origin::default()).await
}

pub(crate) async fn give(tenant: &TenantHandle, caller: &Caller, command: Value) {
    if let Err(error) = tenant.command(caller, &command, &Terms::default()).await {
        panic!("{command}: {error}");
    }
}

pub(crate) const FIRST_PASSWORD: &str = "first password 1";
pub(crate) const OWN_PASSWORD: &str = "own password 2";

/// Staff with credentials and their own password; with RemoteService where `remote`.
pub(crate) async fn staff(tenant: &TenantHandle, manager: &Caller, people: &[String], remote: impl Fn(usize) -> bool) {
    for (first, some) in people.chunks(200).enumerate() {
        let mut commands = Vec::new();
        for (index, person) in some.iter().enumerate() {
            commands.push(json!({"name": "add_contact", "account": person, "full_name": person}));
            commands.push(json!({"name": "create_credentials", "account": person, "username": person,
                "password": FIRST_PASSWORD, "user_class": "full"}));
            if remote(first * 200 + index) {
                commands.push(json!({"name": "assign_role", "account": person, "role": "RemoteService"}));
            }
        }
        give(tenant, manager, json!({"commands": commands})).await;
    }
    let origin = Origin::default();
    let changes = people.iter().map(|person| tenant.change_password(person, FIRST_PASSWORD, OWN_PASSWORD, &origin));
    futures_util::future::try_join_all(changes).await.unwrap();
}

/// Random numbers (xorshift64*), from a seed that is printed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn seeded(what: &str) -> Random {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let seed = number("GRANTBOOK_SEED", now.as_nanos() as u64).max(1);
        println!("{what}: GRANTBOOK_SEED={seed}");
        Random(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) % bound
    }
}

/// Every file below a directory with its bytes, lock files left out: they hold nothing.
pub(crate) fn bytes_of(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(next) = waiting.pop() {
        for file in fs::read_dir(&next).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if !path.to_string_lossy().ends_with("lock") {
                found.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    found
}

pub(crate) fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let path = file.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_dir(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
