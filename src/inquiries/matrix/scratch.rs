//! A scratch history: a tenant made in memory by real commands, as an import would bring them in.

use grantbook_decisions::command::{Command, CommandJson, Door, Lookup, PasswordShape, parse};
use grantbook_decisions::{
    Acting, Case, NewTenant, Outcome, Outside, PasswordCheck, create_tenant, decide, import_started,
};
use grantbook_events::{
    AccountId, BadName, CloudId, CommandName, CommandNote, CustomerName, Edition, Entry, Event, Instant, Position,
    Recorded, Sealed, SealedEmail, SecretVersion, Ticket,
};
use grantbook_projections::{AsOf, Views};
use serde_json::Value;

/// A tenant in memory.
pub(super) struct Scratch {
    pub(super) views: Views,
    /// What was refused, in words: nothing, where the examples are as the rules have it.
    pub(super) refused: Vec<String>,
    clock: Instant,
    secrets: u64,
}

/// Where the import stands that all of it is.
const STARTED: Position = Position(2);

impl Scratch {
    /// A tenant in which the commands were given, those with a `ticket` by support.
    pub(super) fn told(commands: &[Value]) -> Scratch {
        let clock = Instant::from_microseconds(1_767_603_600_000_000);
        let mut scratch = Scratch { views: Views::default(), refused: Vec::new(), clock, secrets: 1 };
        match opening() {
            Ok([first, second]) => {
                scratch.append(first.into_iter().map(|event| (None, event)).collect());
                scratch.append(second.into_iter().map(|event| (None, event)).collect());
            }
            Err(wrong) => scratch.refused.push(wrong.message),
        }
        for command in commands {
            scratch.tell(command);
        }
        scratch
    }

    /// Now.
    pub(super) fn now(&self) -> AsOf {
        AsOf { position: self.views.timeline.last(), clock: self.clock }
    }

    fn tell(&mut self, value: &Value) {
        let support = value.get("ticket").is_some();
        let acting = if support { Acting::Support } else { Acting::Imported { started: STARTED } };
        self.secrets += 1;
        match read(value).map(|command| self.decided(&command, acting)) {
            Ok(Ok(events)) => self.append(events),
            Ok(Err(refusal)) => self.refused.push(format!("{value}: {refusal}")),
            Err(wrong) => self.refused.push(format!("{value}: {wrong}")),
        }
    }

    fn decided(&self, command: &Command, acting: Acting) -> Outcome {
        let version = SecretVersion(self.secrets);
        let outside = Outside {
            new_password: Some((PasswordShape::ACCEPTED, version)),
            check: Some(PasswordCheck::Matched),
            token: Some(version),
            ..Outside::default()
        };
        let now = self.now();
        decide(command, &Case { views: &self.views, before: now, now, acting, outside })
    }

    fn append(&mut self, events: Vec<(Option<Position>, Event)>) {
        let events = events.into_iter().map(|(authority, event)| Recorded { authority, command: 0, event }).collect();
        let name = CommandName::new("example").into_iter();
        let entry = Entry {
            commands: name.map(|name| CommandNote { name, reason: None }).collect(),
            events,
            ..Entry::bare(self.clock)
        };
        self.views.apply(&entry);
        self.clock = self.clock.plus_minutes(1);
    }

    /// What comes of it when an account that signs in now gives a command.
    #[cfg(test)]
    pub(super) fn tries(&self, id: &str, value: &Value) -> Outcome {
        use grantbook_events::{Client, SignInPlane};
        let id = AccountId::new(id).unwrap();
        let mut scratch =
            Scratch { views: self.views.clone(), refused: Vec::new(), clock: self.clock, secrets: self.secrets + 1 };
        // Its own password is in force; the sign-in is to the plane that takes it.
        let who = self.views.account(&id).unwrap();
        if let Some((_, secret)) = self.views.credentials.secret(who, scratch.now().position)
            && secret.must_change
        {
            let secret = SecretVersion(scratch.secrets);
            let event = grantbook_events::CredentialsEvent::PasswordChanged { account: id.clone(), secret };
            scratch.append(vec![(None, Event::Credentials(event))]);
        }
        let signed_in = grantbook_events::SignInEvent::SignedIn {
            account: id,
            plane: SignInPlane::Platform,
            client: Client::Browser,
            browser: 0,
            token: SecretVersion(scratch.secrets),
            expires_at: Instant::LATEST,
            expiration: None,
        };
        scratch.append(vec![(None, Event::SignIn(signed_in))]);
        let session = scratch.views.timeline.last();
        scratch.decided(&read(value).unwrap(), Acting::Account { who, session })
    }
}

/// The first two entries: the tenant, and the import.
fn opening() -> Result<[Vec<Event>; 2], BadName> {
    let new = NewTenant {
        cloud_id: CloudId::new("example")?,
        edition: Edition::Cloud,
        customer: CustomerName::new("local")?,
        first_admin: None,
        manager_name: Sealed::clear("MANAGER"),
        manager_email: Some(SealedEmail { address: Sealed::clear("manager@example.org"), valid: true }),
        secret: SecretVersion(1),
        further: grantbook_decisions::Catalogue::default(),
    };
    Ok([create_tenant(&new), vec![import_started(Ticket::new("examples")?, None)]])
}

fn read(value: &Value) -> Result<Command, String> {
    let door = if value.get("ticket").is_some() { Door::Support } else { Door::Tenant };
    let nobody = |_: &grantbook_events::Username| None::<AccountId>;
    let lookup = Lookup { account_by_username: &nobody, seal: &|_, _, text| Sealed::clear(text) };
    parse(&CommandJson::from(value), door, &lookup).map(|given| given.command).map_err(|problem| problem.to_string())
}
