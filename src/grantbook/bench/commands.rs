//! Durable commands: the real ledger on sled, cheap commands, as many in flight as asked for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use grantbook_ledger::events::{AccountId, Position, RoleName};
use grantbook_ledger::{Caller, Ledger, Point, TenantHandle, Terms};
use serde_json::{Value, json};

use super::founding::{CLOUD_ID, Founded, cloud_id};
use super::slice::Slice;

/// A ledger with one tenant, in which roles are given and taken.
pub struct Bed {
    /// The ledger.
    pub ledger: Ledger,
    tenant: TenantHandle,
    caller: Caller,
    /// The bearer token of who gives the commands.
    pub token: String,
    /// Who holds the role now.
    holds: Vec<AtomicBool>,
}

const ROLE: &str = "Bench";

/// Contacts added by one list of commands.
const LIST: usize = 256;

impl Bed {
    /// In a tenant that was founded, or that was used so before: accounts for as many commands as are to be in flight.
    ///
    /// Errors: the ledger refuses.
    pub async fn make(founded: Founded, accounts: usize) -> anyhow::Result<Bed> {
        let Founded { ledger, token } = founded;
        let tenant = ledger.tenant_named(&cloud_id()?)?;
        let caller = ledger.caller(&token).context("a token that was given")?;
        let role = json!({"name": "create_role", "role": ROLE, "description": "given and taken"});
        let (id, name) = (AccountId::new(&account(0))?, RoleName::new(ROLE)?);
        let filled = tenant.ask(Point::Now, |views, _| views.account(&id).is_some()).await?;
        if !filled {
            tenant.command(&caller, &role, &Terms::default()).await?;
            for first in (0..accounts).step_by(LIST) {
                let contact =
                    |number| json!({"name": "add_contact", "account": account(number), "full_name": "Somebody"});
                let contacts: Vec<Value> = (first..accounts.min(first + LIST)).map(contact).collect();
                tenant.command(&caller, &json!({"commands": contacts}), &Terms::default()).await?;
            }
        }
        let mut ids = Vec::with_capacity(accounts);
        for number in 0..accounts {
            ids.push(AccountId::new(&account(number))?);
        }
        let held = tenant.ask(Point::Now, |views, as_of| {
            let role = views.roles.number(&views.names, &name, as_of.position);
            let holds = |id| Some(views.roles.held(views.account(id)?, role?, as_of).is_some());
            ids.iter().map(|id| AtomicBool::new(holds(id).unwrap_or(false))).collect()
        });
        let holds = held.await?;
        Ok(Bed { ledger, tenant, caller, token, holds })
    }

    /// What the account numbered so is to do next.
    pub fn next_command(&self, number: usize) -> Value {
        let held = self.holds.get(number).is_some_and(|holds| holds.fetch_xor(true, Ordering::Relaxed));
        let name = if held { "remove_role" } else { "assign_role" };
        json!({"name": name, "account": account(number), "role": ROLE})
    }

    /// A list of commands, one for each of the accounts from `first` on.
    pub fn next_list(&self, first: usize, count: usize) -> Value {
        let commands: Vec<Value> = (first..first + count).map(|number| self.next_command(number)).collect();
        json!({"commands": commands})
    }

    /// Where commands are posted.
    pub fn path() -> String {
        format!("/v1/tenants/{CLOUD_ID}/commands")
    }

    /// Entries of these commands, as they are stored.
    ///
    /// Errors: the ledger refuses, or an entry is damaged.
    pub async fn entries(&self) -> anyhow::Result<Vec<Vec<u8>>> {
        let before = self.tenant.last();
        self.commands(16, Duration::from_millis(20)).await?;
        let volumes = self.ledger.volumes();
        let volume = volumes.iter().find(|volume| volume.cloud_id() == Some(self.tenant.cloud_id()));
        let mut entries = Vec::new();
        for read in volume.context("the tenant is open")?.stored(self.tenant.last()) {
            let (position, entry) = read?;
            if Position(position) > before {
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    /// How many bytes an entry of these commands has.
    ///
    /// Errors: as [`Bed::entries`].
    pub async fn entry_bytes(&self) -> anyhow::Result<usize> {
        let entries = self.entries().await?;
        Ok(entries.iter().map(Vec::len).sum::<usize>() / entries.len().max(1))
    }

    /// As many callers as are to be in flight, each giving its next command when the one before is answered.
    ///
    /// Errors: a command is refused.
    pub async fn commands(&self, in_flight: usize, slice: Duration) -> anyhow::Result<Slice> {
        let began = Instant::now();
        let mut callers = Vec::new();
        for number in 0..in_flight {
            callers.push(async move {
                let mut each = Vec::new();
                let mut given = began.elapsed();
                while given < slice {
                    self.tenant.command(&self.caller, &self.next_command(number), &Terms::default()).await?;
                    let answered = began.elapsed();
                    each.push(answered - given);
                    given = answered;
                }
                Ok::<_, grantbook_ledger::LedgerError>(each)
            });
        }
        let each = futures_util::future::try_join_all(callers).await?.concat();
        Ok(Slice { done: each.len() as u64, took: began.elapsed(), each })
    }

    /// How many entries there are.
    pub fn last(&self) -> Position {
        self.tenant.last()
    }

    /// Closes the ledger.
    ///
    /// Errors: it is still used elsewhere.
    pub async fn close(self) -> anyhow::Result<()> {
        let Bed { ledger, tenant, .. } = self;
        drop(tenant);
        Ok(ledger.close().await?)
    }
}

fn account(number: usize) -> String {
    format!("bench-{number}")
}
