//! What the clock did in a life: grants that came to their end, dates that were reached, locks that were over.

use grantbook_events::{AccountId, Instant, ObjectPath};
use grantbook_projections::{Cause, GrantHistory, Groups};

use super::{Happening, Life};
use crate::sentences::principal_words;
use crate::shown::Shown;

/// What the clock did in a life up to the point of `shown`, in no order.
pub(super) fn moments(shown: &Shown<'_>, life: &Life) -> Vec<Happening> {
    let mut told = Told { shown, happenings: Vec::new() };
    match life {
        Life::Account(id) => told.account(id),
        Life::Object(path) => told.object(path),
    }
    told.happenings
}

struct Told<'s, 'a> {
    shown: &'s Shown<'a>,
    happenings: Vec<Happening>,
}

impl Told<'_, '_> {
    fn put(&mut self, at: Instant, sentence: String) {
        let cause = Cause::Clock(at);
        self.happenings.push(Happening { cause, at, recorded_at: None, sentence, step: None, turn: None });
    }

    /// The ends that a grant came to: those that no later entry was before.
    fn ends(&mut self, history: &GrantHistory, words: &str) {
        let as_of = self.shown.as_of;
        let mut ends = Vec::new();
        for (given, holding) in history.changes_to(as_of.position) {
            let Some(until) = holding.until().filter(|until| holding.weight > 0 && *until <= as_of.clock) else {
                continue;
            };
            let then = self.shown.views.timeline.position_at(until.just_before());
            let stands = history.change_at(then).is_some_and(|(set, _)| set == given);
            ends.extend(stands.then_some(until));
        }
        for until in ends {
            self.put(until, format!("{words} came to its end"));
        }
    }

    fn account(&mut self, id: &AccountId) {
        let shown = self.shown;
        let views = shown.views;
        let Some(who) = views.account(id) else { return };
        let (name, position) = (shown.called(id), shown.position());
        for (role, history) in views.roles.roles_of(who) {
            let role = views.roles.name(role, position).unwrap_or("a role that is gone");
            self.ends(history, &format!("{name}'s role {role}"));
        }
        for (module, history) in views.levels.modules_of(who) {
            self.ends(history, &format!("{name}'s level for {}", views.names.modules.text(module)));
        }
        for (group, history) in views.groups.groups_of(who) {
            let custom = views.groups.custom(group, position).map(|(_, group)| group.name.as_str());
            let folded = views.names.groups.text(group);
            let group = custom.or_else(|| Groups::built_in(folded)).unwrap_or(folded);
            self.ends(history, &format!("{name}'s membership of {group}"));
        }
        for (app, history) in views.app_users.apps_of(who) {
            self.ends(history, &format!("{name}'s use of {}", views.names.apps.text(app)));
        }
        if let Some(history) = views.admins.history(who) {
            self.ends(history, &format!("{name}'s right of an Admin User"));
        }
        for (group, right, history) in views.content_authority.grants_of(who) {
            let group = views.content_authority.group(group, position).map_or("", |group| group.name.as_str());
            self.ends(history, &format!("{name}'s right to {right} by {group}"));
        }
        for (organisation, history) in views.organisations.administered_by(who) {
            let organisation = self.organisation(organisation);
            self.ends(history, &format!("{name}'s right to administer {organisation}"));
        }
        for organisation in views.organisations.organisations_of(who) {
            if let Some(history) = views.organisations.membership_history(who, organisation) {
                let organisation = self.organisation(organisation);
                self.ends(history, &format!("{name}'s membership of {organisation}"));
            }
        }
        self.dates(who, &name);
    }

    fn organisation(&self, number: u32) -> String {
        let known = self.shown.views.organisations.organisation(number, self.shown.position());
        known.map_or_else(String::new, |known| known.full_name.clone())
    }

    /// Dates of credentials that were reached, and locks that were over by themselves.
    fn dates(&mut self, who: u32, name: &str) {
        let (views, as_of) = (self.shown.views, self.shown.as_of);
        let credentials = &views.credentials;
        let mut causes = Vec::new();
        credentials.turning_points(who, as_of, &mut causes);
        credentials.lock_points(who, as_of, &mut causes);
        let mut moments: Vec<Instant> = causes
            .into_iter()
            .filter_map(|cause| match cause {
                Cause::Clock(moment) => Some(moment),
                Cause::Entry(_) => None,
            })
            .collect();
        moments.sort_unstable();
        moments.dedup();
        for moment in moments {
            let then = views.timeline.position_at(moment.just_before()).min(as_of.position);
            let before = grantbook_projections::AsOf { position: then, clock: moment.just_before() };
            if credentials.effective_date(who, then).is_some_and(|(_, date)| date.start() == moment) {
                self.put(moment, format!("{name}'s effective date was reached"));
            }
            if credentials.expiration_date(who, then).is_some_and(|(_, date)| date.end() == moment) {
                self.put(moment, format!("{name}'s credentials expired"));
            }
            if credentials.locked(who, before).is_some_and(|(_, lock)| lock.until == Some(moment)) {
                self.put(moment, format!("{name}'s lock was over"));
            }
        }
    }

    /// The ends of what was granted on an object and above it.
    fn object(&mut self, path: &ObjectPath) {
        let views = self.shown.views;
        let mut above = Some(path.clone());
        while let Some(here) = above {
            if let Some(number) = views.names.objects.get(here.as_str()) {
                for (principal, right, history) in views.objects.grants_on(number) {
                    let whose = principal_words(self.shown, principal);
                    self.ends(history, &format!("{right} on {here} of {whose}"));
                }
            }
            above = here.parent();
        }
    }
}

#[cfg(test)]
mod tests {
    use grantbook_events::{CredentialsEvent, Date, Event, GroupEvent, Position};

    use crate::history_for_tests::{History, account, group};
    use crate::story::{Life, Place, story};

    fn told(history: &History, id: &str, instant: &str) -> Vec<String> {
        let life = Life::Account(account(id));
        let entries = (1..).map(Position).zip(&history.entries);
        let places = entries.flat_map(|(position, entry)| {
            life.events(entry, false).into_iter().map(move |index| Place { position, index })
        });
        let places: Vec<Place> = places.collect();
        let clock = grantbook_events::Instant::parse(instant).unwrap();
        let shown = history.shown_as_of(grantbook_projections::AsOf { position: history.last(), clock });
        let story = story(&shown, &life, &places, Position(0), None);
        story.happenings.into_iter().map(|happening| happening.sentence).collect()
    }

    fn joins(history: &mut History, until: &str) {
        let until = Some(grantbook_events::Instant::parse(until).unwrap());
        let joined = GroupEvent::GroupMemberAdded { group: group("Reporting"), account: account("mia"), until };
        history.act("manager", vec![Event::Group(joined)]);
    }

    // rule: G10
    #[test]
    fn a_grant_that_came_to_its_end_is_told_between_entries_and_one_that_was_renewed_is_not() {
        let mut history = History::begun();
        history.act("manager", vec![History::contact("mia", "Mia M.")]);
        joins(&mut history, "2026-02-01T00:00:00Z");
        joins(&mut history, "2026-03-01T00:00:00Z");
        history.pass_to("2026-04-01T00:00:00Z");
        history.act("manager", vec![History::assign("mia", "Auditor")]);
        let sentences = told(&history, "mia", "2026-05-01T00:00:00Z");
        assert_eq!(sentences.len(), 5, "{sentences:#?}");
        assert_eq!(sentences[3], "Mia M.'s membership of Reporting came to its end");
        assert!(sentences[4].contains("Auditor"));
        assert_eq!(told(&history, "mia", "2026-02-15T00:00:00Z").len(), 4, "what is yet to come is not told");
    }

    // rules: C9, C10
    #[test]
    fn dates_are_told_when_they_are_reached() {
        let mut history = History::begun();
        let credentials = history.credentials("bob", "bob");
        history.act("manager", vec![History::contact("bob", "Bob S."), credentials]);
        let set = |day: &str| {
            let date = Some(Date::parse(day).unwrap());
            Event::Credentials(CredentialsEvent::ExpirationDateSet { account: account("bob"), date })
        };
        history.act("manager", vec![set("2026-02-01")]);
        history.act("manager", vec![set("2026-03-01")]);
        let sentences = told(&history, "bob", "2026-06-01T00:00:00Z");
        let expired: Vec<&String> = sentences.iter().filter(|told| told.contains("expired")).collect();
        assert_eq!(expired, ["Bob S.'s credentials expired"]);
    }
}
