//! Mail: resets that are under way, and who is to be told of what (chapter P).

use std::collections::BTreeSet;

use grantbook_events::{
    AccountId, Addressee, Entry, Event, Instant, MailEvent, ObjectPath, OrganisationName, Position, SecretVersion,
};
use serde::{Deserialize, Serialize};

use crate::changes::{Change, change_of};
use crate::history::Facts;
use crate::names::Names;
use crate::{Accounts, Credentials, Organisations, Settings, Timeline};

/// How long somebody is still told of a change, in days: what could not be handed over by then is not worth telling.
const TELLING_DAYS: u32 = 7;

/// A password reset that is under way (rule: P4).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Reset {
    /// The entry that asked for it.
    pub requested: Position,
    /// The version of its token in the vault.
    pub token: SecretVersion,
    /// When its link stops working by itself.
    pub expires_at: Instant,
    /// The site that its link leads to.
    pub site: ObjectPath,
    /// The entry by which its mail was handed over.
    pub sent: Option<Position>,
}

/// Something that somebody is to be told of by mail (rule: P9).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize, Serialize)]
pub struct Telling {
    /// The entry that changed it.
    pub changed: Position,
    /// Whose.
    pub who: u32,
    /// What.
    pub change: Change,
    /// At which address.
    pub addressee: Addressee,
}

/// What goes on by mail. Resets are a history; who is still to be told is what is left to do, and known of now alone.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Mail {
    resets: Facts<Option<Reset>>,
    /// Whose reset may wait to be handed over; the resets say whether it does.
    unsent: BTreeSet<u32>,
    tellings: BTreeSet<Telling>,
    /// What the newest entry found too old to be told, should it be taken back.
    lapsed: Vec<Telling>,
    lapsed_at: Position,
}

impl Mail {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &MailEvent) {
        match event {
            MailEvent::PasswordResetRequested { account, site, token, expires_at } => {
                let who = names.accounts.intern(account.as_str());
                let (token, expires_at, site) = (*token, *expires_at, site.clone());
                self.resets.set(who, at, Some(Reset { requested: at, token, expires_at, site, sent: None }));
                self.unsent.insert(who);
            }
            MailEvent::PasswordResetSent { account, requested } => {
                let who = names.accounts.intern(account.as_str());
                let reset =
                    self.resets.last(who).and_then(Option::as_ref).filter(|reset| reset.requested == *requested);
                if let Some(reset) = reset.cloned() {
                    self.resets.set(who, at, Some(Reset { sent: Some(at), ..reset }));
                    self.unsent.remove(&who);
                }
            }
            MailEvent::PasswordResetCompleted { account, .. } | MailEvent::PasswordResetFailed { account, .. } => {
                let who = names.accounts.intern(account.as_str());
                self.resets.set(who, at, None);
            }
            MailEvent::ChangesTold { account, through, addressee } => {
                self.told(names, account.as_str(), *through, Some(*addressee));
            }
            MailEvent::MailNotHandedOver { account, owed, given_up: true, .. } => {
                self.told(names, account.as_str(), *owed, None);
            }
            // What is tried again is still to be told; what was withheld was never begun.
            MailEvent::MailNotHandedOver { given_up: false, .. } | MailEvent::PasswordResetsWithheld { .. } => {}
        }
    }

    fn told(&mut self, names: &Names, account: &str, through: Position, addressee: Option<Addressee>) {
        let Some(who) = names.accounts.get(account) else { return };
        self.tellings.retain(|telling| {
            let other = addressee.is_some_and(|addressee| addressee != telling.addressee);
            telling.who != who || telling.changed > through || other
        });
    }

    /// Notes whom an event concerns that is to be told of it, where there is an address and the tenant wants it told
    /// (rule: P9). Of the tenant's beginning and of history made elsewhere nobody is told.
    pub(crate) fn note(
        &mut self,
        names: &Names,
        (timeline, settings): (&Timeline, &Settings),
        (accounts, credentials, organisations): (&Accounts, &Credentials, &Organisations),
        (entry, event): (&Entry, &Event),
    ) {
        let at = timeline.last();
        let had_position = |organisation: &OrganisationName, account: &AccountId| {
            let organisation = names.organisations.get(organisation.as_str());
            let member = names.accounts.get(account.as_str()).zip(organisation);
            let before = member.and_then(|(who, number)| organisations.membership(who, number, at.before()));
            before.is_some_and(|membership| membership.term.position.is_some())
        };
        let changed = change_of(event, &had_position);
        let Some((account, change)) = changed.filter(|_| entry.import.is_none() && at > Position(1)) else {
            return;
        };
        let Some(who) = names.accounts.get(account.as_str()) else { return };
        let on = settings.is_on(grantbook_events::Setting::NotifyByMail, at);
        let address =
            |position| credentials.email(who, position).map(|(_, email)| email).or(accounts.email(who, position));
        if !on || !accounts.exists(who, at) {
            return;
        }
        self.lapse(timeline, at, entry.at);
        if address(at).is_some() {
            self.tellings.insert(Telling { changed: at, who, change, addressee: Addressee::Current });
        }
        let former = address(at.before()).filter(|_| change == Change::Email);
        if former.is_some_and(|former| Some(former) != address(at)) {
            self.tellings.insert(Telling { changed: at, who, change, addressee: Addressee::Former });
        }
    }

    /// Forgets what is too old to be told.
    fn lapse(&mut self, timeline: &Timeline, at: Position, now: Instant) {
        if self.lapsed_at != at {
            self.lapsed_at = at;
            self.lapsed.clear();
        }
        let lapsed = |telling: &Telling| timeline.at(telling.changed).plus_days(TELLING_DAYS) < now;
        while let Some(telling) = self.tellings.first().copied().filter(lapsed) {
            self.tellings.remove(&telling);
            self.lapsed.push(telling);
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        self.resets.retract(at);
        while self.tellings.last().is_some_and(|telling| telling.changed >= at) {
            self.tellings.pop_last();
        }
        if self.lapsed_at == at {
            self.tellings.extend(self.lapsed.drain(..));
        }
    }

    /// The reset of an account that is under way as of a position, whether or not its link has expired since.
    pub fn reset(&self, who: u32, position: Position) -> Option<&Reset> {
        self.resets.at(who, position)?.as_ref()
    }

    /// The version of the newest link's token of an account other than `new`, whatever became of it.
    pub fn token_before(&self, who: u32, new: Option<SecretVersion>) -> Option<SecretVersion> {
        let tokens = self.resets.history(who)?.changes().rev().filter_map(|(_, reset)| Some(reset.as_ref()?.token));
        tokens.into_iter().find(|token| Some(*token) != new)
    }

    /// The resets under way, each by account.
    pub fn resets(&self, position: Position) -> impl Iterator<Item = (u32, &Reset)> {
        self.resets.keys().filter_map(move |who| Some((who, self.reset(who, position)?)))
    }

    /// The accounts whose reset is under way and not handed over yet, as of now.
    pub fn unsent(&self) -> impl Iterator<Item = (u32, &Reset)> {
        let waiting = self.unsent.iter().filter_map(|who| Some((*who, self.resets.last(*who)?.as_ref()?)));
        waiting.filter(|(_, reset)| reset.sent.is_none())
    }

    /// What is still to be told as of now, oldest first.
    pub fn tellings(&self) -> impl Iterator<Item = &Telling> {
        self.tellings.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::Telling;
    use crate::Views;
    use crate::told_for_tests::{account, contact, goes_on};
    use grantbook_events::{
        Addressee, Event, Label, MailEvent, OrganisationEvent, OrganisationName, Position, RoleEvent, RoleName,
    };

    fn gains(id: &str) -> Event {
        let role = RoleName::new("RemoteService").unwrap();
        Event::Role(RoleEvent::RoleAssigned { account: account(id), role, until: None })
    }

    fn told(id: &str, through: Position) -> Event {
        let (account, addressee) = (account(id), Addressee::Current);
        Event::Mail(MailEvent::ChangesTold { account, through, addressee })
    }

    /// Whom of two, and of what, is still to be told.
    fn left(views: &Views) -> Vec<(String, Position)> {
        let named = |telling: &Telling| (views.names.accounts.text(telling.who).to_owned(), telling.changed);
        views.mail.tellings().map(named).collect()
    }

    // rule: P9
    #[test]
    fn who_was_told_of_a_change_is_told_no_more_of_it_and_of_earlier_ones_and_nobody_else_is() {
        let mut views = Views::default();
        goes_on(&mut views, "2026-01-05T09:00:00Z", None, vec![contact("ann"), contact("cy")]);
        let first = goes_on(&mut views, "2026-01-05T09:01:00Z", None, vec![gains("ann"), gains("cy")]);
        let second = goes_on(&mut views, "2026-01-05T09:02:00Z", None, vec![gains("ann")]);
        let third = goes_on(&mut views, "2026-01-05T09:03:00Z", None, vec![gains("ann")]);
        goes_on(&mut views, "2026-01-05T09:04:00Z", None, vec![told("ann", second)]);
        assert_eq!(left(&views), [("cy".to_owned(), first), ("ann".to_owned(), third)]);
        // The former address is told apart from the current one.
        let (account, addressee) = (account("cy"), Addressee::Former);
        let of_former = Event::Mail(MailEvent::ChangesTold { account, through: third, addressee });
        goes_on(&mut views, "2026-01-05T09:05:00Z", None, vec![of_former]);
        assert_eq!(left(&views), [("cy".to_owned(), first), ("ann".to_owned(), third)]);
    }

    // rules: O20, P9
    #[test]
    fn a_position_is_told_when_it_is_given_changed_and_taken_and_a_membership_is_not() {
        let mut views = Views::default();
        let (organisation, named) = (OrganisationName::new("board").unwrap(), |label| Label::new(label).ok());
        let (from, until) = (None, None);
        let added = |position| {
            let (organisation, account) = (organisation.clone(), account("ann"));
            Event::Organisation(OrganisationEvent::OrganisationMemberAdded {
                organisation,
                account,
                position,
                from,
                until,
            })
        };
        let edited = |position| {
            let (organisation, account) = (organisation.clone(), account("ann"));
            Event::Organisation(OrganisationEvent::OrganisationMemberEdited {
                organisation,
                account,
                position,
                from,
                until,
            })
        };
        let removed = || {
            let (organisation, account) = (organisation.clone(), account("ann"));
            Event::Organisation(OrganisationEvent::OrganisationMemberRemoved { organisation, account })
        };
        let mut happens = |event| goes_on(&mut views, "2026-01-05T09:00:00Z", None, vec![event]);
        happens(contact("ann"));
        happens(added(None));
        let given = happens(edited(named("Chair")));
        let changed = happens(edited(named("Clerk")));
        let taken = happens(edited(None));
        happens(edited(None));
        happens(removed());
        let again = happens(added(named("Chair")));
        let gone = happens(removed());
        let told: Vec<Position> = left(&views).into_iter().map(|(_, changed)| changed).collect();
        assert_eq!(told, [given, changed, taken, again, gone]);
    }

    // rule: P9
    #[test]
    fn a_week_old_change_is_still_told_and_an_older_one_is_not() {
        let begun = || {
            let mut views = Views::default();
            goes_on(&mut views, "2026-01-05T09:00:00Z", None, vec![contact("ann"), contact("cy")]);
            goes_on(&mut views, "2026-01-05T09:00:00Z", None, vec![gains("ann")]);
            views
        };
        for (at, both) in [("2026-01-12T09:00:00Z", true), ("2026-01-12T09:00:00.000001Z", false)] {
            let mut views = begun();
            goes_on(&mut views, at, None, vec![gains("cy")]);
            let who: Vec<String> = left(&views).into_iter().map(|(who, _)| who).collect();
            let expected: &[&str] = if both { &["ann", "cy"] } else { &["cy"] };
            assert_eq!(who, expected, "{at}");
        }
    }

    // rule: P9
    #[test]
    fn what_an_entry_finds_too_old_is_there_again_when_the_entry_is_taken_back() {
        let mut views = Views::default();
        goes_on(&mut views, "2026-01-05T09:00:00Z", None, vec![contact("ann"), contact("cy")]);
        goes_on(&mut views, "2026-01-05T09:00:00Z", None, vec![gains("ann")]);
        let before = left(&views);
        goes_on(&mut views, "2026-03-01T09:00:00Z", None, vec![gains("cy")]);
        views.retract();
        assert_eq!(left(&views), before);
    }
}
