//! A long history to read: accounts that are given ten roles each and lose them again.

use grantbook_decisions::{Catalogue, NewTenant, create_tenant};
use grantbook_events::{
    AccountId, Actor, Change, CloudId, CommandName, CommandNote, ContactDetails, ContactEvent, CredentialsEvent,
    CustomerName, Edition, Entry, Event, Instant, KeyId, OperatorName, Position, Recorded, RoleEvent, RoleName, Sealed,
    SecretVersion, Source, UserClass, Username,
};
use grantbook_journal::{Append, Store, StoreOptions, StreamName};

/// Transitions of one fact.
const CHANGES: u32 = 10;
/// Roles of one account.
pub(crate) const ROLES: u32 = 10;
/// Entries appended at once.
const BATCH: usize = 4_096;

/// What was written.
pub(crate) struct Book {
    pub(crate) stream: StreamName,
    pub(crate) accounts: u32,
    /// Events in all.
    pub(crate) events: u64,
    pub(crate) last: Position,
}

/// Makes the history's entries one after the other.
pub(crate) struct Making {
    clock: Instant,
    next: u64,
    random: u64,
}

impl Making {
    pub(crate) fn new() -> Making {
        Making { clock: Instant::from_microseconds(1_700_000_000_000_000), next: 1, random: 1 }
    }

    fn entry(&mut self, name: &str, actor: Actor, events: Vec<Event>) -> anyhow::Result<Entry> {
        self.clock = self.clock.just_after();
        self.random = self.random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let authority = (self.next > 1).then_some(Position(1));
        self.next += 1;
        let events = events.into_iter().map(|event| Recorded { authority, command: 0, event }).collect();
        Ok(Entry {
            at: self.clock,
            recorded_at: None,
            actor,
            commands: vec![CommandNote { name: CommandName::new(name)?, reason: None }],
            command_id: u128::from(self.random).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834).to_be_bytes(),
            keyed: false,
            cause: None,
            ticket: None,
            source: Source::Inherited,
            import: None,
            events,
        })
    }

    fn by_manager(&mut self, name: &str, event: Event) -> anyhow::Result<Entry> {
        let actor = Actor::Account { id: AccountId::manager(), session: Some(Position(1)) };
        self.entry(name, actor, vec![event])
    }

    /// The tenant's first entry.
    pub(crate) fn genesis(&mut self) -> anyhow::Result<Entry> {
        let new = NewTenant {
            cloud_id: CloudId::new("benchimis")?,
            edition: Edition::Cloud,
            customer: CustomerName::new("local")?,
            first_admin: None,
            manager_name: Sealed::clear("MANAGER"),
            manager_email: None,
            secret: SecretVersion(1),
            further: Catalogue::default(),
        };
        self.entry("create_tenant", Actor::Support { operator: OperatorName::new("bench")? }, create_tenant(&new))
    }

    /// The roles that there are to give.
    pub(crate) fn roles(&mut self) -> anyhow::Result<Vec<Entry>> {
        let one = |number| {
            let role = role(number)?;
            self.by_manager("create_role", Event::Role(RoleEvent::RoleCreated { role, description: String::new() }))
        };
        (0..ROLES).map(one).collect()
    }

    /// An account that can sign in.
    pub(crate) fn account(&mut self, number: u32) -> anyhow::Result<[Entry; 2]> {
        let id = account(number)?;
        let details = ContactDetails { full_name: Change::Set(Sealed::clear("Somebody")), ..ContactDetails::KEPT };
        let (key, details) = (KeyId(u64::from(number) + 1), Box::new(details));
        let added = Event::Contact(ContactEvent::ContactAdded { account: id.clone(), key, details });
        let created = Event::Credentials(CredentialsEvent::CredentialsCreated {
            username: Username::new(id.as_str())?,
            account: id,
            user_class: UserClass::Full,
            email: None,
            secret: SecretVersion(u64::from(number) + 2),
            must_change: false,
        });
        Ok([self.by_manager("add_contact", added)?, self.by_manager("create_credentials", created)?])
    }

    /// A role is given in even turns and taken away in odd ones.
    pub(crate) fn turn(&mut self, who: u32, role: RoleName, turn: u32) -> anyhow::Result<Entry> {
        let account = account(who)?;
        if turn.is_multiple_of(2) {
            return self.by_manager("assign_role", Event::Role(RoleEvent::RoleAssigned { account, role, until: None }));
        }
        self.by_manager("remove_role", Event::Role(RoleEvent::RoleRemoved { account, role }))
    }
}

pub(crate) fn account(number: u32) -> anyhow::Result<AccountId> {
    Ok(AccountId::new(&format!("account-{number}"))?)
}

pub(crate) fn role(number: u32) -> anyhow::Result<RoleName> {
    Ok(RoleName::new(&format!("Role {number}"))?)
}

/// Writes a history of so many transitions, ten for each fact, into a new store, and closes it.
pub(crate) fn write(options: &StoreOptions, transitions: u32) -> anyhow::Result<Book> {
    let accounts = (transitions / CHANGES / ROLES).max(1);
    let (store, _) = Store::open(options)?;
    let mut writing = Writing { store, stream: StreamName::new("benchimis")?, next: 1, waiting: Vec::new(), events: 0 };
    let mut making = Making::new();
    writing.put(making.genesis()?)?;
    for entry in making.roles()? {
        writing.put(entry)?;
    }
    for number in 0..accounts {
        for entry in making.account(number)? {
            writing.put(entry)?;
        }
    }
    for turn in 0..CHANGES {
        for number in 0..ROLES {
            for who in 0..accounts {
                writing.put(making.turn(who, role(number)?, turn)?)?;
            }
        }
    }
    writing.commit()?;
    let Writing { store, stream, next, events, .. } = writing;
    store.close()?;
    Ok(Book { stream, accounts, events, last: Position(next - 1) })
}

struct Writing {
    store: Store,
    stream: StreamName,
    next: u64,
    waiting: Vec<Vec<u8>>,
    events: u64,
}

impl Writing {
    fn put(&mut self, entry: Entry) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        grantbook_encoding::encode(&entry, &mut bytes)?;
        self.events += entry.events.len() as u64;
        self.waiting.push(bytes);
        if self.waiting.len() < BATCH { Ok(()) } else { self.commit() }
    }

    fn commit(&mut self) -> anyhow::Result<()> {
        let entries = std::mem::take(&mut self.waiting);
        // The root is the ledger's, opaque here.
        self.store.append(&[Append { stream: &self.stream, first: self.next, entries: &entries, root: [0; 32] }])?;
        self.next += entries.len() as u64;
        Ok(())
    }
}
