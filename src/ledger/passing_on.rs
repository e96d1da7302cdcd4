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
        if let Command::Support(SupportCommand::RecordSubscription { customer, .. }) = command {
            return customer.as_ref() == Some(&self.customer);
        }
        if let Command::Customer(CustomerCommand::CloseTenant { cloud_id }) = command {
            return cloud_id == self.cloud_id;
        }
        matches!(command, Command::Support(SupportCommand::AddApp { .. } | SupportCommand::AddModule { .. }))
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
            let read = crate::reading::entries(&self.shared.store, &installation.tenant, act).next();
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
                links: Vec::new(),
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

#[cfg(test)]
mod tests {
    use grantbook_decisions::STARTING_APPS;
    use grantbook_events::{
        AccountId, AppName, Audience, CustomerName, Date, InstallationEvent, ModuleName, OperatorName,
        SubscriptionStatus, TenantEvent, Ticket,
    };
    use grantbook_projections::Views;
    use serde_json::{Value, json};

    use super::*;
    use crate::job::Act;
    use crate::ledger::TenantRequest;
    use crate::options::Options;
    use crate::passwords::HashingCost;
    use crate::tenant::Point;
    use crate::writer::named;

    fn desk() -> OperatorName {
        OperatorName::new("desk").unwrap()
    }

    async fn opened(dir: &std::path::Path) -> Ledger {
        let options = Options { hashing: HashingCost::minimum(), ..Options::directory(dir) };
        Ledger::open(options).await.unwrap()
    }

    async fn made(ledger: &Ledger, cloud_id: &str) -> CloudId {
        let cloud_id = CloudId::new(cloud_id).unwrap();
        ledger.create_tenant(&desk(), TenantRequest::new(cloud_id.clone())).await.unwrap();
        cloud_id
    }

    /// An act as it is recorded in the installation's own ledger, and nothing of it passed on: the process died in between.
    async fn recorded_alone(ledger: &Ledger, name: &str, event: Event) -> Position {
        let act = Act {
            events: vec![event],
            ticket: Some(Ticket::new("T-7").unwrap()),
            ..Act::new(named(name).unwrap(), Actor::Support { operator: desk() })
        };
        ledger.record_in_installation(act).await.unwrap().position.unwrap()
    }

    /// The entries of a tenant that relay something: their causes and what happened.
    fn relayed(ledger: &Ledger, cloud_id: &CloudId) -> Vec<(u64, Vec<&'static str>)> {
        let tenant = ledger.tenant_named(cloud_id).unwrap();
        let entries = tenant.entries(Position(1)).map(|read| read.unwrap().1).filter(|entry| entry.cause.is_some());
        entries
            .map(|entry| {
                assert_eq!(
                    (&entry.actor, entry.ticket.unwrap().as_str()),
                    (&Actor::Support { operator: desk() }, "T-7")
                );
                (entry.cause.unwrap().0, entry.events.iter().map(|one| one.event.kind()).collect())
            })
            .collect()
    }

    async fn give(ledger: &Ledger, body: Value) -> crate::support::SupportDone {
        ledger.support_command(&desk(), &body, &Terms::default()).await.unwrap()
    }

    async fn at<R>(ledger: &Ledger, cloud_id: &CloudId, ask: impl FnOnce(&Views, Position) -> R) -> R {
        let tenant = ledger.tenant_named(cloud_id).unwrap();
        tenant.ask(Point::Now, |views, as_of| ask(views, as_of.position)).await.unwrap()
    }

    // rules: A1, L1, T7, U4
    #[tokio::test]
    async fn what_did_not_reach_every_tenant_before_the_process_died_does_at_the_next_start_and_once() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = opened(dir.path()).await;
        let (one, two) = (made(&ledger, "oneimis").await, made(&ledger, "twoimis").await);
        let app = |slug: &str| {
            let (app, audience) = (AppName::new(slug).unwrap(), Audience::Anyone);
            Event::Tenant(TenantEvent::AppAdded { app, title: "Surveys".to_owned(), audience })
        };
        let added = recorded_alone(&ledger, "add_app", app("surveys")).await;
        let module = Event::Tenant(TenantEvent::ModuleAdded { module: ModuleName::new("Events").unwrap() });
        let module = recorded_alone(&ledger, "add_module", module).await;
        let closed = Event::from(InstallationEvent::CloudIdClosed { cloud_id: two.clone() });
        let closed = recorded_alone(&ledger, "close_tenant", closed).await;
        assert!(relayed(&ledger, &one).is_empty() && relayed(&ledger, &two).is_empty());
        ledger.close().await.unwrap();

        let ledger = opened(dir.path()).await;
        let both = [(added.0, vec!["app_added"]), (module.0, vec!["module_added", "level_set"])];
        assert_eq!(relayed(&ledger, &one), both);
        assert_eq!(relayed(&ledger, &two), [&both[..], &[(closed.0, vec!["tenant_closed"])]].concat());
        assert!(at(&ledger, &two, |views, position| views.tenant.closed(position)).await.is_some());
        let before = relayed(&ledger, &one);
        // However often it is looked for, and by whom.
        tokio::join!(ledger.pass_on(), ledger.pass_on(), ledger.pass_on());
        ledger.sum_up().await;
        ledger.close().await.unwrap();
        let ledger = opened(dir.path()).await;
        assert_eq!(relayed(&ledger, &one), before);

        // A tenant made later has it from its first entry, and nothing is passed on to it.
        let three = made(&ledger, "threeimis").await;
        let apps = at(&ledger, &three, |views, position| views.tenant.apps(position).count()).await;
        assert_eq!(apps, STARTING_APPS.len() + 1);
        let manager = AccountId::manager();
        let level = at(&ledger, &three, |views, position| {
            let module = views.names.modules.get("Events").unwrap();
            let who = views.account(&manager).unwrap();
            views.levels.level(who, module, views.timeline.as_of(position)).map(|(_, level)| level.weight)
        });
        assert_eq!(level.await, Some(8));
        ledger.pass_on().await;
        assert!(relayed(&ledger, &three).is_empty());
    }

    /// A customer with a tenant of its own, by the whole way.
    async fn customer(ledger: &Ledger, name: &str, url: &str) -> CloudId {
        let cloud_id = format!("{}imis", name.to_lowercase());
        for body in [
            json!({"name": "register_customer", "customer": name, "full_name": name, "contact_email": "it@abc.example"}),
            json!({"name": "record_subscription", "customer": name, "app": "datastation", "status": "demo",
                "from": "2020-01-01"}),
            json!({"name": "request_cloud_id", "customer": name, "purpose": "test", "requester_name": "R.",
                "requester_email": "r@abc.example", "organisation": name, "url": url, "region": "europe"}),
            json!({"name": "check_readiness", "customer": name, "url": url}),
            json!({"name": "assign_cloud_id", "customer": name, "cloud_id": cloud_id, "purpose": "test",
                "edition": "cloud"}),
        ] {
            let mut body = body;
            body["ticket"] = "T-7".into();
            give(ledger, body).await;
        }
        CloudId::new(&cloud_id).unwrap()
    }

    // rules: A1, A2, T2, T5
    #[tokio::test]
    async fn a_customers_subscriptions_reach_their_tenants_in_order_and_nobody_elses() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = opened(dir.path()).await;
        let local = made(&ledger, "localimis").await;
        // One that has an app of its own by that name keeps it.
        let own = json!({"name": "add_app", "cloud_id": "localimis", "app": "surveys", "title": "Own", "audience": "staff",
            "ticket": "T-7"});
        ledger.tenant_named(&local).unwrap().support_command(&desk(), &own, &Terms::default()).await.unwrap();
        let all = json!({"name": "add_app", "app": "surveys", "title": "All", "audience": "anyone", "ticket": "T-7"});
        assert!(give(&ledger, all).await.reached.is_empty());
        let url = crate::readiness::tests::ready_site().await;
        let (abc, xyz) = (customer(&ledger, "ABC", &url).await, customer(&ledger, "XYZ", &url).await);
        let subscribed = |status| {
            let (app, customer) = (AppName::new("surveys").unwrap(), CustomerName::new("ABC").unwrap());
            let from = Date::parse("2026-01-01").unwrap();
            Event::from(InstallationEvent::CustomerSubscriptionRecorded { customer, app, status, from, until: None })
        };
        // Two that died on their way, and a third that finds them before it.
        for status in [SubscriptionStatus::Trial, SubscriptionStatus::Active] {
            recorded_alone(&ledger, "record_subscription", subscribed(status)).await;
        }
        let ended = json!({"name": "record_subscription", "customer": "abc", "app": "surveys", "status": "ended",
            "from": "2026-02-01", "ticket": "T-7"});
        assert_eq!(give(&ledger, ended).await.reached.len(), 1);
        assert_eq!(relayed(&ledger, &abc).len(), 3);
        assert!(relayed(&ledger, &xyz).is_empty() && relayed(&ledger, &local).is_empty());
        let status = at(&ledger, &abc, |views, position| {
            let app = views.names.apps.get("surveys").unwrap();
            views.subscriptions.recorded(app, position).map(|(_, subscription)| subscription.status)
        });
        assert_eq!(status.await, Some(SubscriptionStatus::Ended));
    }
}
