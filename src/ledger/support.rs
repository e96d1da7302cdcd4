//! What support does in the installation's own ledger: customers, Cloud IDs, the catalogue of every tenant. One act is one entry
//! there; each tenant that it concerns gets an entry of its own, once (`passing_on.rs`).

use grantbook_decisions::command::{Command, CommandJson, CustomerCommand, Door, Given};
use grantbook_decisions::{Acting, Case, LOCAL_CUSTOMER, Readiness, decide};
use grantbook_events::{Actor, CloudId, Entry, OperatorName, Position, Sealed};
use grantbook_projections::{AsOf, KeyScope, Views};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::caller::{Caller, Terms};
use crate::committer::Done;
use crate::error::LedgerError;
use crate::founding::{Founded, Founding};
use crate::handle::{TenantHandle, put};
use crate::job::{Commands, Prepared, Work};
use crate::ledger::{Ledger, Open};
use crate::prepare::{PreparedFor, Read, Ready, prepare, read, source};
use crate::tenant::Point;
use crate::writer::named;

/// What came of an act of support's.
#[derive(Debug)]
pub struct SupportDone {
    /// Where it was recorded: of an act on one tenant there, else in the installation's own ledger. `None` for a dry run.
    pub position: Option<Position>,
    /// The entry there, in its public form.
    pub entry: Value,
    /// The one tenant that the act was on: made or closed by it.
    pub tenant: Option<CloudId>,
    /// The tenants that it reached, each with its own entry.
    pub reached: Vec<(CloudId, Position)>,
    /// MANAGER's first password, shown this once (rule: M1).
    pub manager_password: Option<Zeroizing<String>>,
}

/// What the installation's own ledger means, as of a point, for whoever shows it.
pub struct InstallationView<'a> {
    /// The views.
    pub views: &'a Views,
    /// The point.
    pub as_of: AsOf,
    /// What a sealed value says; `None` where its key is gone.
    pub open: &'a dyn Fn(&Sealed) -> Option<String>,
}

impl Ledger {
    /// Gives a command of support's, or a list of them as one entry, in the installation's own ledger (rule: U4). The answer
    /// comes when the entry is durable and every tenant was told that can be.
    ///
    /// Errors: see [`LedgerError`].
    pub async fn support_command<'a>(
        &self,
        operator: &OperatorName,
        body: impl Into<CommandJson<'a>>,
        terms: &Terms,
    ) -> Result<SupportDone, LedgerError> {
        let body = &body.into();
        let open = self.installation()?;
        let caller = Caller::Support { operator: operator.clone() };
        let told_before = self.given_before(operator, terms).is_some();
        // What takes its time comes before the others must wait.
        let seen = match told_before || terms.dry_run {
            true => Vec::new(),
            false => self.look_at_sites(&open, &read(&open.tenant, body, Door::Support)?).await,
        };
        let _one = self.shared.acts.lock().await;
        let Read { given, sealing } = read(&open.tenant, body, Door::Support)?;
        let assigned = assigned(&given)?;
        let now = self.shared.clock.now();
        let by = PreparedFor { caller: Some(&caller), dry_run: terms.dry_run, now };
        let tools = self.shared.tools();
        let Ready { mut commands, mut secrets, shown: _, webhook_secrets: _ } =
            prepare(&open.tenant, &by, given, &tools).await?;
        let mut seen = seen.into_iter();
        for prepared in &mut commands {
            if let Command::Customer(CustomerCommand::CheckReadiness { .. }) = prepared.command {
                // A dry run looks at nothing and takes every site to be ready.
                prepared.outside.readiness = Some(seen.next().flatten().unwrap_or_default());
            }
        }
        let mut founded = match assigned {
            Some(command) if !told_before => Some(self.get_ready(&open, &caller, &commands, command, terms).await?),
            Some(_) | None => None,
        };
        secrets.extend(founded.as_mut().map(|founded| std::mem::take(&mut founded.secrets)).unwrap_or_default());
        let on_tenant = commands.first().filter(|_| commands.len() == 1).and_then(|one| tenant_of(&one.command));
        let job = Commands {
            source: source(&open.tenant, &caller, &terms.origin),
            caller,
            terms: terms.clone(),
            commands,
            sealing,
            secrets,
            cause: None,
            beside: founded.as_mut().and_then(Founded::run),
            links: Vec::new(),
        };
        let done = put(&open.jobs, Work::Commands(Box::new(job))).await?;
        if done.position.is_none() {
            return self.would_be(&open, &done, founded);
        }
        let manager_password = founded.map(|founded| {
            let password = founded.password.clone();
            self.begin(founded);
            password
        });
        self.pass_on().await;
        self.told(&open, &done, on_tenant, manager_password)
    }

    /// The entry that a command with this key led to before.
    fn given_before(&self, operator: &OperatorName, terms: &Terms) -> Option<Position> {
        let open = self.installation().ok()?;
        open.tenant.views.read().book.keyed(&KeyScope::Support(operator.clone()), terms.key?)
    }

    /// Looks at the sites of readiness checks, in order. One that would be refused anyway is not looked at.
    async fn look_at_sites(&self, open: &Open, read: &Read) -> Vec<Option<Readiness>> {
        let mut seen = Vec::new();
        for (given, _) in &read.given {
            if let Command::Customer(CustomerCommand::CheckReadiness { url, .. }) = &given.command {
                let alone = read.given.len() == 1;
                let refused = alone && would_refuse(open, &given.command, self.shared.clock.now()).is_some();
                let limit = self.shared.readiness_limit;
                seen.push(if refused { None } else { Some(crate::readiness::look(url, limit).await) });
            }
        }
        seen
    }

    /// The tenant that an assignment makes. Errors: the assignment would be refused.
    async fn get_ready(
        &self,
        open: &Open,
        caller: &Caller,
        commands: &[Prepared],
        command: CustomerCommand,
        terms: &Terms,
    ) -> Result<Founded, LedgerError> {
        let CustomerCommand::AssignCloudId { customer, cloud_id, edition, first_admin, .. } = &command else {
            return Err(LedgerError::Storage);
        };
        // Before any work is put into it.
        if let Some(refusal) = would_refuse(open, &Command::Customer(command.clone()), self.shared.clock.now()) {
            return Err(LedgerError::Refused(refusal));
        }
        let (customer, manager_email) = {
            let views = open.tenant.views.read();
            let known = views.customers.number(customer).and_then(|number| {
                let (_, known) = views.customers.customer(number, views.timeline.last())?;
                Some((known.name.clone(), open.tenant.open(&known.contact_email.address)))
            });
            known.unwrap_or_else(|| (local(customer), None))
        };
        let Caller::Support { operator } = caller else { return Err(LedgerError::NotSignedIn) };
        let first = commands.first();
        self.found(Founding {
            cloud_id: cloud_id.clone(),
            edition: *edition,
            customer,
            first_admin: first_admin.clone(),
            manager_email,
            at: None,
            actor: Actor::Support { operator: operator.clone() },
            name: named("assign_cloud_id")?,
            reason: first.and_then(|prepared| prepared.reason.clone()),
            ticket: first.and_then(|prepared| prepared.ticket.clone()),
            source: source(&open.tenant, caller, &terms.origin),
        })
        .await
    }

    /// What is told of a dry run: the entry as it would be, of a new tenant its first.
    fn would_be(&self, open: &Open, done: &Done, founded: Option<Founded>) -> Result<SupportDone, LedgerError> {
        let entry = match &founded {
            Some(founded) => {
                let first = founded.first.entry.as_deref().ok_or(LedgerError::Storage)?;
                crate::show::show_alone(&founded.open().tenant, None, first)
            }
            None => done.entry.as_deref().map_or(Value::Null, |entry| shown_here(open, None, entry)),
        };
        Ok(SupportDone { position: None, entry, tenant: None, reached: Vec::new(), manager_password: None })
    }

    /// What is told of an act that is recorded.
    fn told(
        &self,
        open: &Open,
        done: &Done,
        on_tenant: Option<CloudId>,
        manager_password: Option<Zeroizing<String>>,
    ) -> Result<SupportDone, LedgerError> {
        let (Some(act), Some(entry)) = (done.position, done.entry.as_deref()) else {
            return Err(LedgerError::Storage);
        };
        let mut reached = Vec::new();
        for (cloud_id, tenant) in self.shared.tenants() {
            let arrived = tenant.tenant.views.read().relays.arrived(act);
            reached.extend(arrived.map(|position| (cloud_id, position)));
        }
        let mut told = SupportDone {
            position: Some(act),
            entry: shown_here(open, Some(act), entry),
            tenant: None,
            reached,
            manager_password,
        };
        if let Some(tenant) = on_tenant.and_then(|cloud_id| self.tenant_named(&cloud_id).ok()) {
            // Made by it with its first entry, or closed by the entry that relays it, once history is no longer imported.
            let makes = entry.commands.iter().any(|note| note.name.as_str() == "assign_cloud_id");
            let relayed = told.reached.iter().find(|(reached, _)| reached == tenant.cloud_id()).map(|(_, at)| *at);
            if let Some(position) = relayed.or(makes.then_some(Position(1))) {
                told.entry = tenant.show(Some(position), &tenant.entry(position)?);
                told.position = Some(position);
                told.tenant = Some(tenant.cloud_id().clone());
            }
        }
        Ok(told)
    }

    /// What came of a command that was given with an idempotency key; `None` where nothing was recorded under it.
    pub fn support_outcome(
        &self,
        operator: &OperatorName,
        key: [u8; 16],
    ) -> Result<Option<(Position, Value)>, LedgerError> {
        let open = self.installation()?;
        let terms = Terms { key: Some(key), ..Terms::default() };
        let Some(position) = self.given_before(operator, &terms).filter(|at| *at <= open.tenant.durable()) else {
            return Ok(None);
        };
        let read = crate::reading::entries(&self.shared.store, &open.tenant, position).next();
        let (_, entry) = read.unwrap_or(Err(LedgerError::Storage))?;
        Ok(Some((position, shown_here(&open, Some(position), &entry))))
    }

    /// Asks the installation's own ledger from a point.
    pub async fn ask_installation<R>(
        &self,
        point: Point,
        question: impl FnOnce(&InstallationView<'_>) -> R,
    ) -> Result<R, LedgerError> {
        let open = self.installation()?;
        let tenant = open.tenant.clone();
        let answer =
            |views: &Views, as_of| question(&InstallationView { views, as_of, open: &|sealed| tenant.open(sealed) });
        open.tenant.ask(point, &self.shared.clock, answer).await
    }

    /// An entry of the installation's own ledger in its public form.
    pub fn show_of_installation(&self, position: Position, entry: &Entry) -> Result<Value, LedgerError> {
        Ok(shown_here(&self.installation()?, Some(position), entry))
    }
}

impl TenantHandle {
    /// A tenant that is closed answers questions, and nothing else (rule: T7).
    pub fn closed(&self) -> Option<Position> {
        let tenant = &self.open.tenant;
        tenant.views.read().tenant.closed(tenant.durable())
    }
}

/// An entry of the installation's own ledger, which belongs to no tenant.
fn shown_here(open: &Open, position: Option<Position>, entry: &Entry) -> Value {
    let mut shown = crate::show::show_alone(&open.tenant, position, entry);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("tenant".to_owned(), Value::Null);
    }
    shown
}

/// The assignment of a Cloud ID, where the request is one. Errors: it stands in a list.
fn assigned(given: &[(Given, Option<String>)]) -> Result<Option<CustomerCommand>, LedgerError> {
    let of = |given: &Given| {
        if let Command::Customer(command @ CustomerCommand::AssignCloudId { .. }) = &given.command {
            return Some(command.clone());
        }
        None
    };
    let found = given.iter().find_map(|(given, _)| of(given));
    if found.is_some() && given.len() > 1 {
        let message = "`assign_cloud_id` is given alone: it makes a tenant with entries of its own".to_owned();
        return Err(LedgerError::Malformed { field: "commands".to_owned(), message });
    }
    Ok(found)
}

/// The one tenant that a command makes or closes.
fn tenant_of(command: &Command) -> Option<CloudId> {
    if let Command::Customer(
        CustomerCommand::AssignCloudId { cloud_id, .. } | CustomerCommand::CloseTenant { cloud_id },
    ) = command
    {
        return Some(cloud_id.clone());
    }
    None
}

/// Why a command would be refused as things are, whatever a look at a site would show.
fn would_refuse(
    open: &Open,
    command: &Command,
    now: grantbook_events::Instant,
) -> Option<grantbook_decisions::Refusal> {
    let views = open.tenant.views.read();
    let as_of = AsOf { position: views.timeline.last(), clock: now.max(views.timeline.last_at()) };
    let outside = grantbook_decisions::Outside { readiness: Some(Readiness::default()), ..Default::default() };
    decide(command, &Case { views: &views, before: as_of, now: as_of, acting: Acting::Support, outside }).err()
}

fn local(given: &grantbook_events::CustomerName) -> grantbook_events::CustomerName {
    grantbook_events::CustomerName::new(LOCAL_CUSTOMER).unwrap_or_else(|_| given.clone())
}
