//! The blast radius against a search through all entries that knows nothing of how it is walked; and plans that are carried
//! out, after which nothing that was granted still holds, and nothing else changed but what rules force.

use std::collections::BTreeSet;

use grantbook_inquiries::blast_radius::{BlastRadius, By, Spread, blast_radius, states};
use grantbook_ledger::events::{
    AccountId, Actor, CredentialsEvent, Entry, Event, MailEvent, Position, SignInEvent, SignInPlane,
};

use crate::histories::{edition, lived, on_random_histories, shown};
use crate::world::{PEOPLE, Step, World};

/// Somebody who did something, and an entry of theirs.
fn drawn(world: &World, steps: &[Step]) -> Option<(AccountId, Position)> {
    let own = |(_, entry): &(Position, &Entry)| matches!(&entry.actor, Actor::Account { id, session: Some(_) } if PEOPLE.contains(&id.as_str()));
    let entries = (1..).map(Position).zip(&world.entries);
    let acts: Vec<(Position, &Entry)> =
        entries.filter(own).filter(|(position, _)| *position > world.started()).collect();
    let (position, entry) = acts.get(usize::from(steps[0].by) * acts.len() / 256)?;
    let Actor::Account { id, .. } = &entry.actor else { return None };
    Some((id.clone(), *position))
}

fn walked(world: &World, root: &AccountId, since: Position) -> Spread {
    let mut spread = Spread::new(root.clone(), since);
    (1..).map(Position).zip(&world.entries).for_each(|(position, entry)| spread.look(position, entry));
    spread
}

/// Whether an account was in those hands at an entry: the one from `since` on; any other from a sign-in on before which the
/// last to set its password was in them.
fn in_hands(entries: &[Entry], root: &AccountId, since: Position, who: &AccountId, at: Position) -> bool {
    if at < since {
        return false;
    }
    if who == root {
        return true;
    }
    let until = usize::try_from(at.0).unwrap();
    (0..until).any(|signed_in| {
        let enters = entries[signed_in].events.iter().any(|one| matches!(
            &one.event,
            Event::SignIn(SignInEvent::SignedIn { account, .. } | SignInEvent::EnrolmentOpened { account, .. }) if account == who
        ));
        enters && setter(entries, who, signed_in, &|entry, position| by_hands(entries, root, since, entry, position))
    })
}

fn by_hands(entries: &[Entry], root: &AccountId, since: Position, entry: &Entry, position: Position) -> bool {
    matches!(&entry.actor, Actor::Account { id, .. } if in_hands(entries, root, since, id, position))
}

/// Whether the last before index `before` to set a password, or the email to which one was mailed, is one of `whose`.
fn setter(entries: &[Entry], who: &AccountId, before: usize, whose: &dyn Fn(&Entry, Position) -> bool) -> bool {
    for index in (0..before).rev() {
        let entry = &entries[index];
        let position = Position(index as u64 + 1);
        let mailed =
            entry.events.iter().any(|one| matches!(one.event, Event::Mail(MailEvent::PasswordResetCompleted { .. })));
        for recorded in entry.events.iter().rev() {
            let Event::Credentials(event) = &recorded.event else { continue };
            if let CredentialsEvent::PasswordSet { account, .. } | CredentialsEvent::CredentialsCreated { account, .. } =
                event
                && account == who
            {
                return whose(entry, position);
            }
            if let CredentialsEvent::CredentialsDeleted { account }
            | CredentialsEvent::ManagerPasswordRotated { account, .. } = event
                && account == who
            {
                return false;
            }
            if let CredentialsEvent::PasswordChanged { account, .. } = event
                && account == who
                && mailed
            {
                return emailed(entries, who, index, whose);
            }
        }
    }
    false
}

fn emailed(entries: &[Entry], who: &AccountId, before: usize, whose: &dyn Fn(&Entry, Position) -> bool) -> bool {
    let set =
        |entry: &Entry| {
            entry.events.iter().any(|one| matches!(
            &one.event, Event::Credentials(CredentialsEvent::CredentialEmailSet { account, .. }) if account == who
        ))
        };
    (0..before)
        .rev()
        .find(|index| set(&entries[*index]))
        .is_some_and(|index| whose(&entries[index], Position(index as u64 + 1)))
}

/// Every event that counts, found by going over all of them until nothing more is found.
fn searched(entries: &[Entry], root: &AccountId, since: Position) -> BTreeSet<(Position, usize)> {
    let mut found = BTreeSet::new();
    loop {
        let before = found.len();
        for (position, entry) in (1..).map(Position).zip(entries) {
            let own = by_hands(entries, root, since, entry, position);
            for (index, recorded) in entry.events.iter().enumerate() {
                let rests =
                    recorded.authority.is_some_and(|on| on < position && found.iter().any(|(other, _)| *other == on));
                if position >= since && (own || rests) {
                    found.insert((position, index));
                }
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

// rules: C16, U1
#[test]
fn the_blast_radius_is_that_of_a_search_through_all_entries() {
    on_random_histories(60, 40, |steps| {
        let world = lived(edition(steps), steps, |_| {});
        let Some((root, since)) = drawn(&world, steps) else { return };
        let walked = walked(&world, &root, since);
        let counted: BTreeSet<(Position, usize)> = walked
            .counted()
            .flat_map(|(position, events)| events.into_iter().map(move |index| (position, index)))
            .collect();
        assert_eq!(counted, searched(&world.entries, &root, since), "{root} since {since}");
    });
}

fn asked(world: &World, spread: &Spread) -> BlastRadius {
    blast_radius(&shown(&world.views, world.now()), spread, usize::MAX, Some(usize::MAX))
}

/// Whoever gives a step of the plan comes in anew, as somebody who has just read it does.
fn carried_out(world: &mut World, radius: &BlastRadius) -> Result<(), String> {
    for step in &radius.repair.as_ref().unwrap().steps {
        let who = match (step.by, &step.for_example) {
            (By::Support, _) | (_, None) => "support".to_owned(),
            (_, Some(account)) => account.as_str().to_owned(),
        };
        let mut command = step.command.clone();
        if let Some(field) = step.secret {
            command[field] = "Repaired-7-word".into();
        }
        if who != "support" {
            world.enter(&who, SignInPlane::Platform, true);
        }
        // A password that is looked at is now and then taken to be wrong.
        let tries = if step.command["name"] == "set_background_account" { 3 } else { 1 };
        let given = (0..tries)
            .map(|_| world.give(&who, std::slice::from_ref(&command)))
            .find(|given| matches!(given, Some(Ok(()))));
        if given.is_none() {
            return Err(format!("{who} {command}"));
        }
    }
    Ok(())
}

// rules: F9, G7, N3, U5
#[test]
fn after_a_repair_nothing_granted_still_holds_and_nothing_else_changed_but_what_rules_force() {
    on_random_histories(60, 60, |steps| {
        let mut world = lived(edition(steps), steps, |_| {});
        let Some((root, since)) = drawn(&world, steps) else { return };
        let before = walked(&world, &root, since);
        let radius = asked(&world, &before);
        let plan = radius.repair.clone().unwrap();
        let clock = world.now().clock;
        let was = states(world.entries.iter(), &world.views, world.now());
        // Staff who must have a second factor and have none do not come in: a plan is not for them.
        let entries = world.entries.clone();
        if let Err(step) = carried_out(&mut world, &radius) {
            let asks = entries.iter().flat_map(|entry| &entry.events).any(|one| {
                one.event.kind().starts_with("second_factor")
                    || one.event.kind() == "enrolment_opened"
                    || one.event.kind() == "setting_changed"
            });
            assert!(asks, "{root} since {since}: {step}");
            return;
        }
        let left: BTreeSet<Position> = plan.left.iter().flat_map(|left| left.undoes.clone()).collect();
        let after = asked(&world, &before);
        for act in after.granted.iter().filter(|act| act.holds == Some(true)) {
            assert!(
                left.contains(&act.position),
                "{root} since {since}: {} {} still holds",
                act.position,
                act.sentence
            );
        }
        let as_of = grantbook_projections::AsOf { clock, ..world.now() };
        let touched = plan.touches();
        for (thing, state) in states(entries.iter(), &world.views, as_of) {
            // Whoever carries it out signs in, which moves the expiration (rule: C10).
            let by_signing_in = ["Session", "Password", "Expiration"].iter().any(|kind| thing.starts_with(kind));
            let may_change = by_signing_in || touched.contains(&thing);
            assert!(
                may_change || was[&thing] == state,
                "{root} since {since}: {thing} was {} and is {state}",
                was[&thing]
            );
        }
    });
}
