//! How far a compromise goes: a walk over the entries since then, oldest first, each looked at once. What an account did
//! itself, whom it reached by a password, and what rests on an authority that it gave, directly or through others.

use std::collections::{BTreeMap, BTreeSet};

use grantbook_events::{AccountId, Actor, CredentialsEvent, Entry, Event, MailEvent, Position, SignInEvent};

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

/// An entry with the events of it that count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counted {
    /// The entry.
    pub entry: Entry,
    /// Of its events, by index and in order of it, why each counts.
    pub events: Vec<(usize, Because)>,
}

/// A walk over entries, and what it found so far.
#[derive(Clone, Debug)]
pub struct Spread {
    /// Whose hands: the account.
    pub(super) root: AccountId,
    /// From this entry on.
    pub(super) since: Position,
    pub(super) reached: BTreeMap<AccountId, Reached>,
    pub(super) counted: BTreeMap<Position, Counted>,
    /// What counted events set, each with every entry that set it since, and whether that one counts.
    pub(super) set: BTreeMap<Thing, Vec<(Position, bool)>>,
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
        Spread {
            // Whoever has the account has its password.
            set: BTreeMap::from([(Thing::Password(root.clone()), vec![(since.before(), true)])]),
            root,
            since,
            reached: BTreeMap::new(),
            counted: BTreeMap::new(),
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
        let mut events = Vec::new();
        for (index, recorded) in entry.events.iter().enumerate() {
            let counts = recorded.authority.filter(|authority| self.counted.contains_key(authority));
            if let Some(because) = if own { Some(Because::Own) } else { counts.map(Because::Authority) } {
                events.push((index, because));
            }
        }
        self.note_passwords(position, entry, own);
        for (index, recorded) in entry.events.iter().enumerate() {
            let counts = events.iter().any(|(counted, _)| *counted == index);
            for thing in things(&recorded.event) {
                match self.set.get_mut(&thing) {
                    Some(entries) => entries.push((position, counts)),
                    None if counts => _ = self.set.insert(thing, vec![(position, true)]),
                    None => {}
                }
            }
        }
        if !events.is_empty() {
            self.counted.insert(position, Counted { entry: entry.clone(), events });
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
        let entries = self.set.get(&Thing::Password(account.clone()));
        let last = entries.and_then(|entries| entries.last());
        !self.passwords.contains_key(account) && last.is_some_and(|(_, counts)| !counts)
    }
}
