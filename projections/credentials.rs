//! Credentials: usernames, classes, dates, locks (chapter C). Passwords are not here, only their versions (rule: C14).

use grantbook_events::{
    CredentialsEvent, Date, Instant, Position, SealedEmail, SecretVersion, SignInEvent, UserClass, Username,
};
use serde::{Deserialize, Serialize};

use crate::accounts::Accounts;
use crate::history::{AsOf, Cause, Facts, History};
use crate::names::{FastMap, Names};

/// The password that is in force, by its version.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Secret {
    /// The version in the vault.
    pub version: SecretVersion,
    /// Whether it must be changed before anything else (rule: C16).
    pub must_change: bool,
    /// Whether its holder chose it.
    pub chosen_by_holder: bool,
}

/// A second factor (rule: S6): the version of its seed, and how far its codes are used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct SecondFactor {
    /// The seed's version in the vault.
    pub version: SecretVersion,
    /// Whether a code has confirmed it: before that no sign-in asks for it.
    pub confirmed: bool,
    /// The time step of the last code that was accepted; codes up to it are used up.
    pub used: u64,
}

/// A lock on credentials (rule: C6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Lock {
    /// When it ends by itself; none for never.
    pub until: Option<Instant>,
}

/// The credentials of a tenant, by account number.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Credentials {
    username: Facts<Option<Username>>,
    created: Facts<bool>,
    class: Facts<Option<UserClass>>,
    email: Facts<Option<SealedEmail>>,
    secret: Facts<Option<Secret>>,
    factor: Facts<Option<SecondFactor>>,
    disabled: Facts<bool>,
    /// Whether the account was disabled when its credentials were deleted, while it has no new ones.
    left_disabled: Facts<bool>,
    effective: Facts<Option<Date>>,
    expiration: Facts<Option<Date>>,
    failures: Facts<u32>,
    lock: Facts<Option<Lock>>,
    /// Who a username belongs to, by the number of the username.
    owner: Facts<Option<u32>>,
    /// Everyone a username ever belonged to.
    owners: FastMap<u32, Vec<u32>>,
}

impl Credentials {
    pub(crate) fn apply(&mut self, names: &mut Names, accounts: &Accounts, at: Position, event: &CredentialsEvent) {
        match event {
            CredentialsEvent::CredentialsCreated { account, username, user_class, email, secret, must_change } => {
                let who = names.accounts.intern(account.as_str());
                let email = email.as_ref().or_else(|| accounts.email(who, at)).cloned();
                self.created.set(who, at, true);
                self.name(names, who, at, Some(username));
                self.class.set(who, at, Some(*user_class));
                self.email.set(who, at, email);
                self.set_by_another(who, at, *secret, *must_change);
                self.left_disabled.clear(who, at);
                self.start_afresh(who, at);
            }
            CredentialsEvent::UsernameChanged { account, username } => {
                self.name(names, names.accounts.get(account.as_str()).unwrap_or(u32::MAX), at, Some(username));
            }
            CredentialsEvent::CredentialEmailSet { account, email } => {
                self.email.set(names.accounts.intern(account.as_str()), at, email.clone());
            }
            CredentialsEvent::CredentialsDeleted { account } => {
                let who = names.accounts.intern(account.as_str());
                self.created.set(who, at, false);
                self.name(names, who, at, None);
                self.class.set(who, at, None);
                self.email.set(who, at, None);
                self.secret.set(who, at, None);
                self.factor.set(who, at, None);
                if self.disabled.last(who) == Some(&true) {
                    self.left_disabled.set(who, at, true);
                }
                self.start_afresh(who, at);
            }
            CredentialsEvent::PasswordSet { account, secret, must_change } => {
                self.set_by_another(names.accounts.intern(account.as_str()), at, *secret, *must_change);
            }
            CredentialsEvent::PasswordChanged { account, secret } => {
                let who = names.accounts.intern(account.as_str());
                self.chosen_by_holder(who, at, *secret);
                // Whoever changes it has given the right one: a success (rule: C6).
                self.failures.clear(who, at);
            }
            CredentialsEvent::ManagerPasswordRotated { account, secret } => {
                // Whoever is handed it is its holder (rule: C16), so nothing waits to be changed.
                self.chosen_by_holder(names.accounts.intern(account.as_str()), at, *secret);
            }
            CredentialsEvent::CredentialsUnlocked { account } => {
                let who = names.accounts.intern(account.as_str());
                self.lock.set(who, at, None);
                self.failures.set(who, at, 0);
            }
            CredentialsEvent::UserClassSet { account, user_class } => {
                self.class.set(names.accounts.intern(account.as_str()), at, Some(*user_class));
            }
            CredentialsEvent::AccountDisabled { account } => {
                self.disabled.set(names.accounts.intern(account.as_str()), at, true);
            }
            CredentialsEvent::AccountEnabled { account } => {
                self.disabled.set(names.accounts.intern(account.as_str()), at, false);
            }
            CredentialsEvent::EffectiveDateSet { account, date } => {
                self.effective.set(names.accounts.intern(account.as_str()), at, *date);
            }
            CredentialsEvent::ExpirationDateSet { account, date } => {
                self.expiration.set(names.accounts.intern(account.as_str()), at, *date);
            }
            CredentialsEvent::SecondFactorEnrolled { account, secret } => {
                let factor = SecondFactor { version: *secret, confirmed: false, used: 0 };
                self.factor.set(names.accounts.intern(account.as_str()), at, Some(factor));
            }
            CredentialsEvent::SecondFactorConfirmed { account, step } => {
                self.code_used(names.accounts.intern(account.as_str()), at, *step);
            }
            CredentialsEvent::SecondFactorReset { account } => {
                self.factor.set(names.accounts.intern(account.as_str()), at, None);
            }
        }
    }

    /// A code was accepted: its second factor is one that works, and the code is used up.
    fn code_used(&mut self, who: u32, at: Position, step: u64) {
        if let Some(factor) = self.factor.last(who).copied().flatten() {
            self.factor.set(who, at, Some(SecondFactor { confirmed: true, used: step, ..factor }));
        }
    }

    pub(crate) fn apply_sign_in(&mut self, names: &mut Names, at: Position, event: &SignInEvent) {
        match event {
            SignInEvent::SignedIn { account, expiration, .. } => {
                let who = names.accounts.intern(account.as_str());
                self.failures.clear(who, at);
                self.lock.clear(who, at);
                if let Some(date) = expiration {
                    self.expiration.set(who, at, Some(*date));
                }
            }
            SignInEvent::SignInRefused { account, because, .. } if because.counts() => {
                let who = names.accounts.intern(account.as_str());
                let before = self.failures.last(who).copied().unwrap_or(0);
                // A lock that ended by the clock ended the row of failures with it.
                let lock_over = self.lock.last(who).is_some_and(Option::is_some);
                self.failures.set(who, at, if lock_over { 1 } else { before.saturating_add(1) });
                if lock_over {
                    self.lock.set(who, at, None);
                }
            }
            // Other causes say nothing of the password, and what is summed up counts towards no lock (rule: C6).
            SignInEvent::SignInRefused { .. } | SignInEvent::SignInsRefused { .. } => {}
            SignInEvent::CredentialsLocked { account, until } => {
                self.lock.set(names.accounts.intern(account.as_str()), at, Some(Lock { until: *until }));
            }
            SignInEvent::SecondFactorPassed { account, step } => {
                self.code_used(names.accounts.intern(account.as_str()), at, *step);
            }
            // A lock ends no session, and a session's end unlocks nothing. Coming in to enrol a second factor is no sign-in:
            // a row of failures goes on.
            SignInEvent::SessionEnded { .. } | SignInEvent::EnrolmentOpened { .. } => {}
        }
    }

    fn name(&mut self, names: &mut Names, who: u32, at: Position, username: Option<&Username>) {
        if let Some(Some(former)) = self.username.last(who) {
            self.owner.set(names.usernames.intern(former.as_str()), at, None);
        }
        if let Some(username) = username {
            let number = names.usernames.intern(username.as_str());
            self.owner.set(number, at, Some(who));
            let owners = self.owners.entry(number).or_default();
            if !owners.contains(&who) {
                owners.push(who);
            }
        }
        self.username.set(who, at, username.cloned());
    }

    /// A password that somebody else set; whether it opens but the door to change it is the event's to say (rule: C16).
    fn set_by_another(&mut self, who: u32, at: Position, version: SecretVersion, must_change: bool) {
        self.secret.set(who, at, Some(Secret { version, must_change, chosen_by_holder: false }));
    }

    fn chosen_by_holder(&mut self, who: u32, at: Position, version: SecretVersion) {
        self.secret.set(who, at, Some(Secret { version, must_change: false, chosen_by_holder: true }));
    }

    /// Fresh or deleted credentials carry nothing over from former ones.
    fn start_afresh(&mut self, who: u32, at: Position) {
        self.disabled.clear(who, at);
        self.effective.clear(who, at);
        self.expiration.clear(who, at);
        self.failures.clear(who, at);
        self.lock.clear(who, at);
    }

    pub(crate) fn retract(&mut self, at: Position) {
        let Credentials {
            username,
            created,
            class,
            email,
            secret,
            factor,
            disabled,
            left_disabled,
            effective,
            expiration,
            failures,
            lock,
            owner,
            owners,
        } = self;
        username.retract(at);
        created.retract(at);
        class.retract(at);
        email.retract(at);
        secret.retract(at);
        factor.retract(at);
        disabled.retract(at);
        left_disabled.retract(at);
        effective.retract(at);
        expiration.retract(at);
        failures.retract(at);
        lock.retract(at);
        owner.retract(at);
        // Owners are only candidates; the histories say who really had a username.
        let _ = owners;
    }

    /// The username; `None` without credentials.
    pub fn username(&self, who: u32, position: Position) -> Option<&Username> {
        self.username.at(who, position)?.as_ref()
    }

    /// Whose a username is.
    pub fn owner(&self, username: u32, position: Position) -> Option<u32> {
        *self.owner.at(username, position)?
    }

    /// Everyone who had a username at any time up to `position`.
    pub fn owners(&self, username: u32, position: Position) -> impl Iterator<Item = u32> {
        let owners = self.owners.get(&username).map_or(&[][..], Vec::as_slice);
        let had = move |who: &u32| {
            let mut ever = self.owner.history(username).into_iter().flat_map(|history| history.changes_to(position));
            ever.any(|(_, owner)| *owner == Some(*who))
        };
        owners.iter().copied().filter(had)
    }

    /// Whether everyone who had a username is known to have had it (rule: C15).
    pub fn owners_agree(&self, username: u32) -> bool {
        let owners = self.owners.get(&username).map_or(&[][..], Vec::as_slice);
        let mut ever =
            self.owner.history(username).into_iter().flat_map(History::changes).filter_map(|(_, owner)| *owner);
        ever.all(|owner| owners.contains(&owner))
    }

    /// The entry that created the credentials in force.
    pub fn created(&self, who: u32, position: Position) -> Option<Position> {
        let (set, there) = self.created.change_at(who, position)?;
        there.then_some(set)
    }

    /// When the credentials were created and deleted.
    pub fn creation(&self, who: u32) -> Option<&History<bool>> {
        self.created.history(who)
    }

    /// The user class and the entry that set it.
    pub fn class(&self, who: u32, position: Position) -> Option<(Position, UserClass)> {
        let (set, class) = self.class.change_at(who, position)?;
        Some((set, (*class)?))
    }

    /// The history of the user class.
    pub fn classes(&self, who: u32) -> Option<&History<Option<UserClass>>> {
        self.class.history(who)
    }

    /// Whether the class is Full, and by which entry it is what it is.
    pub fn full(&self, who: u32, position: Position) -> Option<(Position, bool)> {
        self.class.change_at(who, position).map(|(set, class)| (set, *class == Some(UserClass::Full)))
    }

    /// The emails that the credentials ever had, sealed.
    pub fn email_history(&self, who: u32) -> Option<&History<Option<SealedEmail>>> {
        self.email.history(who)
    }

    /// The email of the credentials.
    pub fn email(&self, who: u32, position: Position) -> Option<(Position, &SealedEmail)> {
        let (set, email) = self.email.change_at(who, position)?;
        Some((set, email.as_ref()?))
    }

    /// Whether the newest entry set the password or the second factor of anybody.
    pub fn secrets_set_by(&self, newest: Position) -> bool {
        self.secret.set_by(newest) || self.factor.set_by(newest)
    }

    /// The password in force, and the entry that set it.
    pub fn secret(&self, who: u32, position: Position) -> Option<(Position, Secret)> {
        let (set, secret) = self.secret.change_at(who, position)?;
        Some((set, (*secret)?))
    }

    /// The history of the password.
    pub fn secrets(&self, who: u32) -> Option<&History<Option<Secret>>> {
        self.secret.history(who)
    }

    /// The second factor, confirmed or not, and the entry that last changed it (rule: S6).
    pub fn second_factor(&self, who: u32, position: Position) -> Option<(Position, SecondFactor)> {
        let (set, factor) = self.factor.change_at(who, position)?;
        Some((set, (*factor)?))
    }

    /// Whether the account is disabled, and by which entry that was last said.
    pub fn disabled(&self, who: u32, position: Position) -> (Option<Position>, bool) {
        self.disabled.change_at(who, position).map_or((None, false), |(set, disabled)| (Some(set), *disabled))
    }

    /// The entry that deleted the credentials of an account that was disabled, while it has no new ones (rule: C8).
    pub fn left_disabled(&self, who: u32, position: Position) -> Option<Position> {
        let (set, left) = self.left_disabled.change_at(who, position)?;
        left.then_some(set)
    }

    /// The first day on which the credentials work.
    pub fn effective_date(&self, who: u32, position: Position) -> Option<(Position, Date)> {
        let (set, date) = self.effective.change_at(who, position)?;
        Some((set, (*date)?))
    }

    /// The last day on which the credentials work.
    pub fn expiration_date(&self, who: u32, position: Position) -> Option<(Position, Date)> {
        let (set, date) = self.expiration.change_at(who, position)?;
        Some((set, (*date)?))
    }

    /// Failed attempts in a row.
    pub fn failures(&self, who: u32, as_of: AsOf) -> u32 {
        let lock_over =
            self.lock.at(who, as_of.position).is_some_and(Option::is_some) && self.locked(who, as_of).is_none();
        if lock_over { 0 } else { self.failures.at(who, as_of.position).copied().unwrap_or(0) }
    }

    /// The entry that locked the credentials, where the lock stands as of then, with its end.
    pub fn locked(&self, who: u32, as_of: AsOf) -> Option<(Position, Lock)> {
        let (set, lock) = self.lock.change_at(who, as_of.position)?;
        let lock = (*lock)?;
        lock.until.is_none_or(|until| as_of.clock < until).then_some((set, lock))
    }

    /// Whether nothing stands in the way of the credentials as the newest entry left them: neither disabled nor locked, with
    /// no first and no last day.
    pub(crate) fn free(&self, who: u32) -> bool {
        let stands = |fact: Option<bool>| fact.unwrap_or(false);
        !stands(self.disabled.last(who).copied())
            && !stands(self.effective.last(who).map(Option::is_some))
            && !stands(self.expiration.last(who).map(Option::is_some))
            && !stands(self.lock.last(who).map(Option::is_some))
    }

    /// The last entry that changed whether the credentials are there, of which class they are, or what stands in their way.
    pub(crate) fn changed(&self, who: u32) -> Option<Position> {
        fn last<T>(facts: &Facts<T>, who: u32) -> Option<Position> {
            facts.change_at(who, Position::GREATEST).map(|(set, _)| set)
        }
        let there = last(&self.created, who).max(last(&self.class, who));
        let stops = last(&self.disabled, who).max(last(&self.lock, who));
        let dates = last(&self.effective, who).max(last(&self.expiration, who));
        there.max(stops).max(dates)
    }

    /// When it may have changed whether the account is usable: credentials, class, disabling, dates.
    pub fn turning_points(&self, who: u32, as_of: AsOf, into: &mut Vec<Cause>) {
        fn entries<T>(facts: &Facts<T>, who: u32, as_of: AsOf, into: &mut Vec<Cause>) {
            let history = facts.history(who).into_iter();
            into.extend(
                history.flat_map(|history| history.changes_to(as_of.position)).map(|(set, _)| Cause::Entry(set)),
            );
        }
        entries(&self.created, who, as_of, into);
        entries(&self.class, who, as_of, into);
        entries(&self.disabled, who, as_of, into);
        entries(&self.effective, who, as_of, into);
        entries(&self.expiration, who, as_of, into);
        let past = |moment: &Instant| *moment <= as_of.clock;
        let dates = |facts: &Facts<Option<Date>>, moment: fn(Date) -> Instant, into: &mut Vec<Cause>| {
            let changes = facts.history(who).into_iter().flat_map(|history| history.changes_to(as_of.position));
            into.extend(changes.filter_map(|(_, date)| date.map(moment)).filter(past).map(Cause::Clock));
        };
        dates(&self.effective, Date::start, into);
        dates(&self.expiration, Date::end, into);
    }

    /// When it may have changed whether the credentials are locked (rule: C6).
    pub fn lock_points(&self, who: u32, as_of: AsOf, into: &mut Vec<Cause>) {
        for (set, lock) in self.lock.history(who).into_iter().flat_map(|history| history.changes_to(as_of.position)) {
            into.push(Cause::Entry(set));
            let end = lock.and_then(|lock| lock.until);
            into.extend(end.filter(|end| *end <= as_of.clock).map(Cause::Clock));
        }
    }

    /// When the username or the password changed.
    pub fn secret_points(&self, who: u32, as_of: AsOf, into: &mut Vec<Cause>) {
        let secrets = self.secret.history(who).into_iter().flat_map(|history| history.changes_to(as_of.position));
        into.extend(secrets.map(|(set, _)| Cause::Entry(set)));
        let usernames = self.username.history(who).into_iter().flat_map(|history| history.changes_to(as_of.position));
        into.extend(usernames.map(|(set, _)| Cause::Entry(set)));
    }
}
