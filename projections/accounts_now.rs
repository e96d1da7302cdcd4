//! What an account is now, in eight bytes. Nearly every check is of now, and whether an account can be used is in seven
//! histories, each in lines of memory of its own: of a million accounts none of these is in a processor's cache.
//!
//! Invariant: what is said of an account is what the histories say as of every position since its last change. They are what
//! is true, and are asked for whatever was before.

use grantbook_events::{Event, Position};
use serde::{Deserialize, Serialize};

use crate::accounts::Accounts;
use crate::credentials::Credentials;
use crate::names::Names;

/// What an account is now: since which entry in the upper bits, and below them what is so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, Serialize)]
pub struct AccountNow(u64);

impl AccountNow {
    const EXISTS: u64 = 1;
    const HAS_CREDENTIALS: u64 = 1 << 1;
    const FULL: u64 = 1 << 2;
    const FREE: u64 = 1 << 3;
    const FLAGS: u32 = u8::BITS;

    fn of(accounts: &Accounts, credentials: &Credentials, who: u32) -> AccountNow {
        let last = Position::GREATEST;
        let flag = |so: bool, flag| if so { flag } else { 0 };
        let flags = flag(accounts.exists(who, last), AccountNow::EXISTS)
            | flag(credentials.created(who, last).is_some(), AccountNow::HAS_CREDENTIALS)
            | flag(credentials.full(who, last).is_some_and(|(_, full)| full), AccountNow::FULL)
            | flag(credentials.free(who), AccountNow::FREE);
        let existence = accounts.existence(who).and_then(|history| history.change_at(last)).map(|(set, _)| set);
        let since = existence.max(credentials.changed(who)).unwrap_or(Position::START);
        AccountNow(since.0 << AccountNow::FLAGS | flags)
    }

    fn is(self, flag: u64) -> bool {
        self.0 & flag > 0
    }

    /// Whether the account exists (rule: C1).
    pub fn exists(self) -> bool {
        self.is(AccountNow::EXISTS)
    }

    /// Whether it has credentials.
    pub fn has_credentials(self) -> bool {
        self.is(AccountNow::HAS_CREDENTIALS)
    }

    /// Whether its user class is Full.
    pub fn full(self) -> bool {
        self.is(AccountNow::FULL)
    }

    /// Whether its credentials are neither disabled nor locked nor bound to dates, so that nothing about them depends on the
    /// clock.
    pub fn free(self) -> bool {
        self.is(AccountNow::FREE)
    }
}

/// What the accounts of a tenant are now, by number.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct AccountsNow {
    accounts: Vec<AccountNow>,
    /// Whom the newest entry changed.
    #[serde(skip)]
    touched: Vec<u32>,
}

impl AccountsNow {
    pub(crate) fn begin(&mut self) {
        self.touched.clear();
    }

    /// Looks again at whom an event names that may have changed what they are, after the histories took it in.
    pub(crate) fn apply(&mut self, names: &Names, accounts: &Accounts, credentials: &Credentials, event: &Event) {
        for account in event.accounts().into_iter().flatten() {
            let Some(who) = names.accounts.get(account.as_str()) else { continue };
            self.look_at(accounts, credentials, who);
            self.touched.push(who);
        }
    }

    /// Takes back what the newest entry changed, after the histories did.
    pub(crate) fn retract(&mut self, accounts: &Accounts, credentials: &Credentials) {
        for who in std::mem::take(&mut self.touched) {
            self.look_at(accounts, credentials, who);
        }
    }

    fn look_at(&mut self, accounts: &Accounts, credentials: &Credentials, who: u32) {
        let index = who as usize;
        if index >= self.accounts.len() {
            self.accounts.resize_with(index + 1, AccountNow::default);
        }
        if let Some(account) = self.accounts.get_mut(index) {
            *account = AccountNow::of(accounts, credentials, who);
        }
    }

    /// Whether what is said of an account is what the histories say of it now.
    pub fn agrees(&self, accounts: &Accounts, credentials: &Credentials, who: u32) -> bool {
        let said = self.accounts.get(who as usize).filter(|account| account.0 > 0);
        said.is_none_or(|account| *account == AccountNow::of(accounts, credentials, who))
    }

    /// What an account is as of `position`, where that is what it is now; `None` where it was changed since, or never told of.
    pub fn at(&self, who: u32, position: Position) -> Option<AccountNow> {
        let account = *self.accounts.get(who as usize)?;
        (account.0 > 0 && account.0 >> AccountNow::FLAGS <= position.0).then_some(account)
    }
}

#[cfg(test)]
mod tests {
    use grantbook_events::{
        ContactEvent, CredentialsEvent, Date, Entry, Instant, Recorded, SecretVersion, SignInEvent, UserClass, Username,
    };

    use super::*;
    use crate::Views;
    use crate::told_for_tests::{account, contact};

    fn entry(events: Vec<Event>) -> Entry {
        let recorded = |event| Recorded { authority: None, command: 0, event };
        Entry { events: events.into_iter().map(recorded).collect(), ..Entry::bare(Instant::EARLIEST) }
    }

    /// Everything that changes what an account is, one after the other.
    fn told() -> Vec<Event> {
        let ann = || account("ann");
        let day = Some(Date::parse("2024-02-03").unwrap());
        let created = CredentialsEvent::CredentialsCreated {
            account: ann(),
            username: Username::new("ann").unwrap(),
            user_class: UserClass::Full,
            email: None,
            secret: SecretVersion(1),
            must_change: false,
        };
        let credentials = [
            created.clone(),
            CredentialsEvent::UserClassSet { account: ann(), user_class: UserClass::Casual },
            CredentialsEvent::AccountDisabled { account: ann() },
            CredentialsEvent::AccountEnabled { account: ann() },
            CredentialsEvent::EffectiveDateSet { account: ann(), date: day },
            CredentialsEvent::EffectiveDateSet { account: ann(), date: None },
            CredentialsEvent::ExpirationDateSet { account: ann(), date: day },
            CredentialsEvent::ExpirationDateSet { account: ann(), date: None },
        ];
        let locked = SignInEvent::CredentialsLocked { account: ann(), until: None };
        let later = [
            CredentialsEvent::CredentialsUnlocked { account: ann() },
            CredentialsEvent::CredentialsDeleted { account: ann() },
            created,
        ];
        let told = credentials.map(Event::Credentials).into_iter();
        let told = told.chain([Event::SignIn(locked)]).chain(later.map(Event::Credentials));
        let removed = Event::Contact(ContactEvent::AccountRemoved { account: ann() });
        [contact("ann")].into_iter().chain(told).chain([removed]).collect()
    }

    /// What is said of the account, where it exists.
    fn existing(views: &Views) -> Option<AccountNow> {
        let now = views.accounts_now.at(views.account(&account("ann"))?, views.timeline.last())?;
        now.exists().then_some(now)
    }

    // rule: C1
    // rule: C8
    #[test]
    fn an_account_is_what_its_histories_say_and_no_sooner_and_is_again_what_it_was_when_an_entry_is_taken_back() {
        let mut views = Views::default();
        views.apply(&entry(Vec::new()));
        for event in told() {
            let before = existing(&views);
            views.apply(&entry(vec![event.clone()]));
            views.retract();
            assert_eq!(existing(&views), before, "{event:?}");
            views.apply(&entry(vec![event.clone()]));
            let (who, last) = (views.account(&account("ann")).unwrap(), views.timeline.last());
            assert_eq!(views.accounts_now.at(who, last.before()), None, "{event:?}");
            let now = views.accounts_now.at(who, last).unwrap();
            let said = (now.exists(), now.has_credentials(), now.full());
            let full = views.credentials.full(who, last).is_some_and(|(_, full)| full);
            let there = (views.accounts.exists(who, last), views.credentials.created(who, last).is_some(), full);
            assert_eq!(said, there, "{event:?}");
            let as_of = views.timeline.as_of(last);
            let stopped = views.credentials.disabled(who, last).1
                || views.credentials.effective_date(who, last).is_some()
                || views.credentials.expiration_date(who, last).is_some()
                || views.credentials.locked(who, as_of).is_some();
            assert_eq!(now.free(), !stopped, "{event:?}");
        }
    }
}
