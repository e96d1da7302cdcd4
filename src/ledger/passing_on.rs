//! Passing on what was done once for several tenants. An act of the installation's own ledger reaches each tenant that it
//! concerns by one entry, with the act as its cause: what the installation has and a tenant has not is on its way. Live and at
//! start-up the same function finds it, so that a process that dies in between leaves nothing undone and does nothing twice.

use grantbook_decisions::command::{Command, CustomerCommand, SupportCommand};
use grantbook_decisions::{Outside, command_of};
use grantbook_events::{Actor, CloudId, CommandNote, CustomerName, Entry, Event, Position};
use grantbook_projections::Concerns;

use crate::caller::{Caller, Terms};
use crate::error::LedgerError;
use crate::handle::put;
use crate::job::{Commands, Prepared, Work};
use crate::ledger::{Ledger, Open};
use crate::personal::Sealing;

/// A tenant as far as acts may concern it.
struct Addressee<'a> {
    cloud_id: &'a CloudId,
    customer: CustomerName,
}

impl Addressee<'_> {
    fn is_meant(&self, concerns: &Concerns) -> bool {
        match concerns {
            Concerns::Everyone => true,
            Concerns::Customer(customer) => *customer == self.customer,
            Concerns::Tenant(cloud_id) => cloud_id == self.cloud_id,
        }
    }

    /// Whether a command of an act concerns the tenant.
    fn is_told(&self, command: &Command) -> bool {
        match command {
            Command::Support(SupportCommand::AddApp { .. } | SupportCommand::AddModule { .. }) => true,
            Command::Support(SupportCommand::RecordSubscription { customer, .. }) => {
                customer.as_ref() == Some(&self.customer)
            }
            Command::Customer(CustomerCommand::CloseTenant { cloud_id }) => cloud_id == self.cloud_id,
            Command::Contact(_)
            | Command::Credentials(_)
            | Command::Dashboard(_)
            | Command::Role(_)
            | Command::Group(_)
            | Command::Object(_)
            | Command::Book(_)
            | Command::Support(_)
            | Command::Customer(_) => false,
        }
    }
}

impl Ledger {
    /// Passes on what did not reach every tenant yet, in order. A tenant that cannot take it now (history is being imported)
    /// gets it the next time.
    ///
    /// Two at once do no harm to each other: a tenant's writer takes an act once.
    pub(crate) async fn pass_on(&self) {
        let Ok(installation) = self.installation() else { return };
        for (cloud_id, open) in self.shared.tenants() {
            if let Err(error) = self.pass_on_to(&installation, &cloud_id, &open).await {
                tracing::warn!(tenant = %cloud_id, %error, "what support did for every tenant did not arrive yet");
            }
        }
    }

    async fn pass_on_to(&self, installation: &Open, cloud_id: &CloudId, open: &Open) -> Result<(), LedgerError> {
        let (addressee, pending) = {
            let views = installation.tenant.views.read();
            let Some(assigned) = views.installation.cloud_id(cloud_id) else { return Ok(()) };
            let addressee = Addressee { cloud_id, customer: assigned.customer.clone() };
            // What was done before the tenant began is in its first entry.
            let acts = views.relays.acts(assigned.position, installation.tenant.durable());
            let meant = acts.filter(|(_, concerns)| addressee.is_meant(concerns)).map(|(position, _)| position);
            let mut pending: Vec<Position> = meant.collect();
            pending.dedup();
            (addressee, pending)
        };
        let pending: Vec<Position> = {
            let views = open.tenant.views.read();
            let closed = views.tenant.closed(views.timeline.last()).is_some();
            pending.into_iter().filter(|act| !closed && views.relays.arrived(*act).is_none()).collect()
        };
        for act in pending {
            let read = crate::handle::entries(&self.shared.store, &installation.tenant, act).next();
            let (_, entry) = read.unwrap_or(Err(LedgerError::Storage))?;
            let Actor::Support { operator } = &entry.actor else { continue };
            let job = Commands {
                caller: Caller::Support { operator: operator.clone() },
                terms: Terms::default(),
                source: entry.source.clone(),
                commands: told(&entry, &addressee),
                sealing: Sealing::default(),
                secrets: Vec::new(),
                cause: Some(act),
                beside: None,
            };
            put(&open.jobs, Work::Commands(Box::new(job))).await?;
        }
        Ok(())
    }
}

/// The commands of an act that concern a tenant.
fn told(act: &Entry, addressee: &Addressee<'_>) -> Vec<Prepared> {
    let one = |(index, note): (usize, &CommandNote)| {
        let of_command = act.events.iter().filter(|recorded| recorded.command as usize == index);
        let events: Vec<&Event> = of_command.map(|recorded| &recorded.event).collect();
        let (command, _) = command_of(note, &events)?;
        addressee.is_told(&command).then(|| Prepared {
            command,
            name: note.name.clone(),
            reason: note.reason.clone(),
            ticket: act.ticket.clone(),
            outside: Outside::default(),
            looked_at: None,
            unknown: None,
        })
    };
    act.commands.iter().enumerate().filter_map(one).collect()
}
