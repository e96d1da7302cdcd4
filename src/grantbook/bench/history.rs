//! A long history to read: accounts that are given ten roles each and lose them again.

use super::founding::CLOUD_ID;
use grantbook_decisions::{Catalogue, NewTenant, create_tenant};
use grantbook_events::{
    AccessRight, AccountId, Actor, Change, CloudId, CommandName, CommandNote, ContactDetails, ContactEvent,
    CredentialsEvent, CustomerName, Edition, Entry, Event, Instant, KeyId, ObjectEvent, ObjectKind, ObjectPath,
    OperatorName, Position, Principal, Recorded, RoleEvent, RoleName, Sealed, SecretVersion, Source, UserClass,
    Username,
};

/// Transitions of one fact, where a history has as many facts as it can.
pub const CHANGES: u32 = 10;
/// Roles of one account.
pub const ROLES: u32 = 10;

/// Makes the history's entries one after the other.
pub struct Making {
    /// The instant of the entry before.
    clock: Instant,
    next: u64,
    random: u64,
}

impl Default for Making {
    /// From a tenant's start on.
    fn default() -> Making {
        Making { clock: Instant::from_microseconds(1_700_000_000_000_000), next: 1, random: 1 }
    }
}

impl Making {
    /// From after the entry at this position and instant on.
    pub fn after(last: Position, at: Instant) -> Making {
        Making { clock: at, next: last.0 + 1, random: last.0 }
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
    ///
    /// Errors: none; no name here is too long.
    pub fn genesis(&mut self) -> anyhow::Result<Entry> {
        let new = NewTenant {
            cloud_id: CloudId::new(CLOUD_ID)?,
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
    ///
    /// Errors: as [`Making::genesis`].
    pub fn roles(&mut self) -> anyhow::Result<Vec<Entry>> {
        let one = |number| {
            let role = role(number)?;
            self.by_manager("create_role", Event::Role(RoleEvent::RoleCreated { role, description: String::new() }))
        };
        (0..ROLES).map(one).collect()
    }

    /// An account that can sign in.
    ///
    /// Errors: as [`Making::genesis`].
    pub fn account(&mut self, number: u32) -> anyhow::Result<[Entry; 2]> {
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

    /// An object, which the roles that `reads` and `edits` say so of may read and edit, and nobody else.
    ///
    /// Errors: as [`Making::genesis`].
    pub fn object(
        &mut self,
        number: u32,
        reads: impl Fn(u32) -> bool,
        edits: impl Fn(u32) -> bool,
    ) -> anyhow::Result<Vec<Entry>> {
        let object = object(number)?;
        let created = ObjectEvent::ObjectCreated {
            object: object.clone(),
            kind: ObjectKind::Content,
            public: false,
            active: true,
        };
        let mut entries = vec![self.by_manager("create_object", Event::Object(created))?];
        for number in 0..ROLES {
            let rights = [(AccessRight::Read, reads(number)), (AccessRight::Edit, edits(number))];
            for (right, _) in rights.into_iter().filter(|(_, given)| *given) {
                let (object, principal) = (object.clone(), Principal::Role(role(number)?));
                let granted = ObjectEvent::AccessGranted { object, principal, right, until: None };
                entries.push(self.by_manager("grant_access", Event::Object(granted))?);
            }
        }
        Ok(entries)
    }

    /// One change of the long history, by its number from 0: account after account, role after role, turn after turn.
    ///
    /// Errors: as [`Making::genesis`].
    pub fn transition(&mut self, number: u64, accounts: u32) -> anyhow::Result<Entry> {
        let accounts = u64::from(accounts.max(1));
        let (who, rest) = (number % accounts, number / accounts);
        let (one, turn) = (rest % u64::from(ROLES), rest / u64::from(ROLES));
        self.turn(u32::try_from(who)?, role(u32::try_from(one)?)?, u32::try_from(turn)?)
    }

    /// A role is given in even turns and taken away in odd ones.
    ///
    /// Errors: as [`Making::genesis`].
    pub fn turn(&mut self, who: u32, role: RoleName, turn: u32) -> anyhow::Result<Entry> {
        let account = account(who)?;
        if turn.is_multiple_of(2) {
            return self.by_manager("assign_role", Event::Role(RoleEvent::RoleAssigned { account, role, until: None }));
        }
        self.by_manager("remove_role", Event::Role(RoleEvent::RoleRemoved { account, role }))
    }
}

/// The account numbered so.
///
/// Errors: none; the name is not too long.
pub fn account(number: u32) -> anyhow::Result<AccountId> {
    Ok(AccountId::new(&format!("account-{number}"))?)
}

/// The role numbered so.
///
/// Errors: none; the name is not too long.
pub fn role(number: u32) -> anyhow::Result<RoleName> {
    Ok(RoleName::new(&format!("Role {number}"))?)
}

/// The object numbered so.
///
/// Errors: none; the path is not too long.
pub fn object(number: u32) -> anyhow::Result<ObjectPath> {
    Ok(ObjectPath::new(&format!("/object {number}"))?)
}
