//! How far a compromise goes: a walk over the entries since then, oldest first, each looked at once. What an account did
//! itself, whom it reached by a password, and what rests on an authority that it gave, directly or through others.

use std::collections::{BTreeMap, BTreeSet};

use grantbook_events::{
    AccessRight, AccountId, Actor, CredentialsEvent, Entry, Event, MailEvent, ObjectEvent, ObjectPath, Position,
    Principal, SignInEvent,
};
use grantbook_projections::FastMap;

use super::gives;
use super::thing::{Thing, things};

/// How an account came to be in the hands of whoever has the first one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reached {
    /// From which sign-in on.
    pub from: Position,
    /// The entry that put its password, or its email, into those hands.
    pub opened: Position,
    /// Whether by its email, to which a reset was then mailed, rather than by its password.
    pub by_email: bool,
}

/// Why an event is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Because {
    /// An account in those hands did it.
    Own,
    /// It was done on the authority of this entry, which is counted.
    Authority(Position),
}

/// An event that counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counted {
    /// Its entry.
    pub position: Position,
    /// Which of that entry's events it is, from 0.
    pub index: u32,
    /// Why it counts.
    pub because: Because,
    /// What it gave; none where it gave nobody anything.
    pub(super) gave: Option<Gave>,
}

/// What an event gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gave {
    /// The state of the thing that is numbered so.
    Thing(u32),
    /// The right on an object that is numbered so.
    Access(u32),
}

/// A right on an object, as it is granted.
pub(super) type Access = (ObjectPath, Principal, AccessRight);

/// Who set a thing since something that counts did first: by number, since what gave it names it so.
#[derive(Clone, Debug)]
pub(super) struct Touched {
    number: u32,
    /// Every entry that set it, oldest first, and whether that one counts.
    pub(super) entries: Vec<(Position, bool)>,
}

/// What counted events gave, by number.
pub(super) struct Given<'a> {
    pub(super) things: Vec<(&'a Thing, &'a Touched)>,
    pub(super) access: Vec<&'a Access>,
}

/// A walk over entries, and what it found so far.
#[derive(Clone, Debug)]
pub struct Spread {
    /// Whose hands: the account.
    pub(super) root: AccountId,
    /// From this entry on.
    pub(super) since: Position,
    pub(super) reached: BTreeMap<AccountId, Reached>,
    /// In their order.
    pub(super) counted: Vec<Counted>,
    /// What counted events set.
    pub(super) set: FastMap<Thing, Touched>,
    /// The rights on objects that they granted, with their numbers.
    granted: FastMap<Access, u32>,
    /// Passwords in those hands, by whose they are.
    passwords: BTreeMap<AccountId, Position>,
    /// Emails of credentials that those hands set, by whose they are.
    emails: BTreeMap<AccountId, Position>,
    /// Passwords that came by a mail to such an email.
    by_email: BTreeSet<AccountId>,
}

impl Spread {
    /// The account was in other hands from the entry at `since` on, that one included.
    pub fn new(root: AccountId, since: Position) -> Spread {
        // Whoever has the account has its password.
        let password = Touched { number: 0, entries: vec![(since.before(), true)] };
        Spread {
            set: std::iter::once((Thing::Password(root.clone()), password)).collect(),
            granted: FastMap::default(),
            root,
            since,
            reached: BTreeMap::new(),
            counted: Vec::new(),
            passwords: BTreeMap::new(),
            emails: BTreeMap::new(),
            by_email: BTreeSet::new(),
        }
    }

    /// The account.
    pub fn root(&self) -> &AccountId {
        &self.root
    }

    /// From which entry on.
    pub fn since(&self) -> Position {
        self.since
    }

    /// Looks at the next entry. Those before `since` need not be looked at.
    pub fn look(&mut self, position: Position, entry: &Entry) {
        if position < self.since {
            return;
        }
        self.reach(position, entry);
        let own = matches!(&entry.actor, Actor::Account { id, .. } if self.has(id));
        self.note_passwords(position, entry, own);
        for (index, recorded) in (0..).zip(&entry.events) {
            let rests = recorded.authority.filter(|authority| *authority < position && self.counts(*authority));
            let because = if own { Some(Because::Own) } else { rests.map(Because::Authority) };
            let mut first = None;
            for thing in things(&recorded.event) {
                let number = self.touch(position, thing, because.is_some());
                first = first.or(number);
            }
            let Some(because) = because else { continue };
            let gave = if gives(&recorded.event) { self.gave(&recorded.event, first) } else { None };
            self.counted.push(Counted { position, index, because, gave });
        }
    }

    /// An entry sets a thing: its number, where anything that counts has set it.
    fn touch(&mut self, position: Position, thing: Thing, counts: bool) -> Option<u32> {
        let number = u32::try_from(self.set.len()).ok()?;
        let touched = match (self.set.get_mut(&thing), counts) {
            (Some(touched), _) => touched,
            (None, true) => self.set.entry(thing).or_insert(Touched { number, entries: Vec::new() }),
            (None, false) => return None,
        };
        touched.entries.push((position, counts));
        Some(touched.number)
    }

    /// What an event that counts gave, where `first` is the number of the first thing that it set.
    fn gave(&mut self, event: &Event, first: Option<u32>) -> Option<Gave> {
        if let Event::Object(ObjectEvent::AccessGranted { object, principal, right, .. }) = event {
            let number = u32::try_from(self.granted.len()).ok()?;
            let access = (object.clone(), principal.clone(), *right);
            return Some(Gave::Access(*self.granted.entry(access).or_insert(number)));
        }
        first.map(Gave::Thing)
    }

    /// The events of an entry that count.
    pub(super) fn counted_at(&self, position: Position) -> &[Counted] {
        let first = self.counted.partition_point(|counted| counted.position < position);
        let from = self.counted.get(first..).unwrap_or_default();
        let count = from.iter().take_while(|counted| counted.position == position).count();
        from.get(..count).unwrap_or_default()
    }

    /// Whether anything of an entry counts.
    pub(super) fn counts(&self, position: Position) -> bool {
        self.counted.binary_search_by_key(&position, |counted| counted.position).is_ok()
    }

    /// What was given, by number.
    pub(super) fn given(&self) -> Given<'_> {
        let mut things: Vec<(u32, (&Thing, &Touched))> =
            self.set.iter().map(|(thing, touched)| (touched.number, (thing, touched))).collect();
        let mut access: Vec<(u32, &Access)> = self.granted.iter().map(|(access, number)| (*number, access)).collect();
        things.sort_unstable_by_key(|(number, _)| *number);
        access.sort_unstable_by_key(|(number, _)| *number);
        Given {
            things: things.into_iter().map(|(_, thing)| thing).collect(),
            access: access.into_iter().map(|(_, access)| access).collect(),
        }
    }

    /// Whether an account is in those hands.
    pub(super) fn has(&self, account: &AccountId) -> bool {
        *account == self.root || self.reached.contains_key(account)
    }

    /// Whoever signs in with a password that is in those hands is in them from that sign-in on.
    fn reach(&mut self, position: Position, entry: &Entry) {
        for recorded in &entry.events {
            let Event::SignIn(SignInEvent::SignedIn { account, .. } | SignInEvent::EnrolmentOpened { account, .. }) =
                &recorded.event
            else {
                continue;
            };
            if let Some(opened) = self.passwords.get(account).filter(|_| !self.has(account)) {
                let by_email = self.by_email.contains(account);
                self.reached.insert(account.clone(), Reached { from: position, opened: *opened, by_email });
            }
        }
    }

    /// Which passwords are in those hands after the entry.
    fn note_passwords(&mut self, position: Position, entry: &Entry, own: bool) {
        let mailed =
            entry.events.iter().any(|one| matches!(one.event, Event::Mail(MailEvent::PasswordResetCompleted { .. })));
        for recorded in &entry.events {
            // No other chapter sets a password.
            let Event::Credentials(event) = &recorded.event else { continue };
            match event {
                CredentialsEvent::PasswordSet { account, .. }
                | CredentialsEvent::CredentialsCreated { account, .. } => {
                    self.password(account, own.then_some(position), false);
                }
                // Whoever has the email has the link.
                CredentialsEvent::PasswordChanged { account, .. } if mailed => {
                    let by_email = self.emails.get(account).copied();
                    self.password(account, by_email, true);
                }
                CredentialsEvent::CredentialEmailSet { account, .. } if own => {
                    self.emails.insert(account.clone(), position);
                }
                CredentialsEvent::CredentialEmailSet { account, .. } => {
                    self.emails.remove(account);
                }
                CredentialsEvent::ManagerPasswordRotated { account, .. }
                | CredentialsEvent::CredentialsDeleted { account } => self.password(account, None, false),
                // Whoever changes their own password had to know it: it stays in the hands that it was in.
                CredentialsEvent::PasswordChanged { .. }
                | CredentialsEvent::UsernameChanged { .. }
                | CredentialsEvent::CredentialsUnlocked { .. }
                | CredentialsEvent::UserClassSet { .. }
                | CredentialsEvent::AccountDisabled { .. }
                | CredentialsEvent::AccountEnabled { .. }
                | CredentialsEvent::EffectiveDateSet { .. }
                | CredentialsEvent::ExpirationDateSet { .. }
                | CredentialsEvent::SecondFactorEnrolled { .. }
                | CredentialsEvent::SecondFactorConfirmed { .. }
                | CredentialsEvent::SecondFactorReset { .. } => {}
            }
        }
    }

    fn password(&mut self, account: &AccountId, opened: Option<Position>, by_email: bool) {
        match opened {
            Some(opened) => _ = self.passwords.insert(account.clone(), opened),
            None => _ = self.passwords.remove(account),
        }
        if by_email && opened.is_some() {
            self.by_email.insert(account.clone());
        } else {
            self.by_email.remove(account);
        }
    }

    /// The accounts whose password those hands know: their own, those of whom they reached, and those that they set.
    pub(super) fn known_passwords(&self) -> BTreeSet<AccountId> {
        let reached = self.reached.keys();
        std::iter::once(&self.root).chain(reached).chain(self.passwords.keys()).cloned().collect()
    }
}

impl Spread {
    /// Whether somebody else gave an account another password since, so that the hands know none.
    pub(super) fn password_was_taken_back(&self, account: &AccountId) -> bool {
        let touched = self.set.get(&Thing::Password(account.clone()));
        let last = touched.and_then(|touched| touched.entries.last());
        !self.passwords.contains_key(account) && last.is_some_and(|(_, counts)| !counts)
    }
}
