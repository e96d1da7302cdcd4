//! Durable commands: the real ledger on sled, cheap commands, as many in flight as asked for.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use grantbook_ledger::events::{Client, CloudId, OperatorName, Position, SignInPlane};
use grantbook_ledger::{Caller, Credentials, Ledger, Options, Origin, SignedIn, TenantHandle, TenantRequest, Terms};
use serde_json::{Value, json};

use super::IN_FLIGHT;
use super::disk::Slice;

/// A ledger with one tenant, in which roles are given and taken: one account for each command that may be in flight.
pub(crate) struct Bed {
    pub(crate) ledger: Ledger,
    tenant: TenantHandle,
    caller: Caller,
    pub(crate) token: String,
    /// Who holds the role now.
    holds: Vec<AtomicBool>,
}

pub(crate) const CLOUD_ID: &str = "benchimis";
const ROLE: &str = "Bench";

impl Bed {
    pub(crate) async fn make(dir: &Path) -> anyhow::Result<Bed> {
        let ledger = Ledger::open(Options::directory(dir)).await?;
        let (operator, cloud_id) = (OperatorName::new("bench")?, CloudId::new(CLOUD_ID)?);
        let created = ledger.create_tenant(&operator, TenantRequest::new(cloud_id.clone())).await?;
        let tenant = ledger.tenant_named(&cloud_id)?;
        let manager = Credentials {
            username: "MANAGER".to_owned(),
            password: created.manager_password,
            plane: SignInPlane::Platform,
            client: Client::Browser,
            code: None,
            browser: String::new(),
        };
        let SignedIn::Session { token, .. } = tenant.sign_in(&manager, &Origin::default()).await? else {
            anyhow::bail!("MANAGER of a new tenant signs in");
        };
        let token = token.reveal().to_owned();
        let caller = ledger.caller(&token).context("a token that was just given")?;
        let count = IN_FLIGHT.iter().copied().max().unwrap_or(1);
        let holds = (0..count).map(|_| AtomicBool::new(false)).collect();
        let bed = Bed { ledger, tenant, caller, token, holds };
        bed.fill(count).await?;
        Ok(bed)
    }

    async fn fill(&self, count: usize) -> anyhow::Result<()> {
        let role = json!({"name": "create_role", "role": ROLE, "description": "given and taken"});
        self.tenant.command(&self.caller, &role, &Terms::default()).await?;
        let contact =
            |number: usize| json!({"name": "add_contact", "account": account(number), "full_name": account(number)});
        let contacts: Vec<Value> = (0..count).map(contact).collect();
        self.tenant.command(&self.caller, &json!({"commands": contacts}), &Terms::default()).await?;
        Ok(())
    }

    /// What the account numbered so is to do next.
    pub(crate) fn next_command(&self, number: usize) -> Value {
        let held = self.holds.get(number).is_some_and(|holds| holds.fetch_xor(true, Ordering::Relaxed));
        let name = if held { "remove_role" } else { "assign_role" };
        json!({"name": name, "account": account(number), "role": ROLE})
    }

    /// How many bytes an entry of these commands has.
    pub(crate) async fn entry_bytes(&self) -> anyhow::Result<usize> {
        let before = self.tenant.last();
        self.commands(16, Duration::from_millis(20)).await?;
        let volumes = self.ledger.volumes();
        let volume = volumes.iter().find(|volume| volume.cloud_id() == Some(self.tenant.cloud_id()));
        let stored = volume.context("the tenant is open")?.stored(self.tenant.last());
        let (mut count, mut bytes) = (0, 0);
        for read in stored {
            let (position, entry) = read?;
            if Position(position) > before {
                (count, bytes) = (count + 1, bytes + entry.len());
            }
        }
        Ok(bytes / count.max(1))
    }

    /// As many callers as are to be in flight, each giving its next command when the one before is answered.
    pub(crate) async fn commands(&self, in_flight: usize, slice: Duration) -> anyhow::Result<Slice> {
        let began = Instant::now();
        let mut callers = Vec::new();
        for number in 0..in_flight {
            callers.push(async move {
                let mut done = 0_u64;
                while began.elapsed() < slice {
                    self.tenant.command(&self.caller, &self.next_command(number), &Terms::default()).await?;
                    done += 1;
                }
                Ok::<u64, grantbook_ledger::LedgerError>(done)
            });
        }
        let done = futures_util::future::try_join_all(callers).await?;
        Ok(Slice { done: done.iter().sum(), took: began.elapsed(), each: Vec::new() })
    }

    /// How many events were recorded in all; each of these commands has one.
    pub(crate) fn events(&self) -> f64 {
        self.tenant.last().0 as f64
    }

    pub(crate) async fn close(self) -> anyhow::Result<()> {
        let Bed { ledger, tenant, .. } = self;
        drop(tenant);
        Ok(ledger.close().await?)
    }
}

fn account(number: usize) -> String {
    format!("bench-{number}")
}
