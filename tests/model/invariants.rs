//! What always holds, whatever was accepted. `docs/invariants.md` says each in words; here each is a function that looks.

use std::collections::BTreeSet;

use grantbook_ledger::events::{
    AccountId, Actor, AdminOrigin, DashboardEvent, Edition, Entry, Event, Position, ReviewDecision, ReviewEvent,
};
use grantbook_projections::{AsOf, By, RoleNumber, SystemRole, Views, review_items};
use grantbook_rights::{admin_effective, effective_admins};

/// A look at a history as of its newest entry. It panics where the invariant is broken.
pub(crate) type Look = fn(&Views, AsOf, &[Entry]);

/// Every invariant: the name that `docs/invariants.md` gives it, and the function that looks.
// rules: M1, M2, G2, G3, G4, C2, C12, C15, F1, F2, F3, F4, F8, B4, L1, S5, T5, U3
pub(crate) const INVARIANTS: &[(&str, Look)] = &[
    ("manager-is-whole", manager_is_whole),
    ("computed-roles-are-not-given", computed_roles_are_not_given),
    ("only-full-has-what-only-full-has", only_full_has_what_only_full_has),
    ("sysadmins-have-an-email", sysadmins_have_an_email),
    ("usernames-are-unique", usernames_are_unique),
    ("one-first-admin", one_first_admin),
    ("who-is-gone-is-out", who_is_gone_is_out),
    ("who-is-erased-is-gone", who_is_erased_is_gone),
    ("manager-is-no-background-account", manager_is_no_background_account),
    ("staff-have-one-browser-session", staff_have_one_browser_session),
    ("authorities-lie-before", authorities_lie_before),
    ("time-goes-on", time_goes_on),
    ("nobody-reviews-their-own", nobody_reviews_their_own),
    ("a-closed-review-stays", a_closed_review_stays),
    ("what-was-revoked-is-gone", what_was_revoked_is_gone),
];

/// Looks at everything that always holds.
pub(crate) fn look_at_all(views: &Views, now: AsOf, entries: &[Entry]) {
    for (_, look) in INVARIANTS {
        look(views, now, entries);
    }
}

fn manager_of(views: &Views) -> u32 {
    views.account(&AccountId::manager()).unwrap()
}

fn manager_is_whole(views: &Views, now: AsOf, _: &[Entry]) {
    let manager = manager_of(views);
    let sysadmin = views.roles.held(manager, RoleNumber::from(SystemRole::SysAdmin), now);
    assert!(sysadmin.is_some_and(|(_, held)| held.until().is_none()));
    for (module, name) in views.tenant.modules(now.position) {
        let level = views.levels.level(manager, module, now);
        assert!(level.is_some_and(|(_, level)| level.weight == 8 && level.until().is_none()), "MANAGER's {name}");
    }
    assert!(views.accounts.exists(manager, now.position));
    assert!(!views.credentials.disabled(manager, now.position).1);
    assert_eq!(views.credentials.full(manager, now.position).map(|(_, full)| full), Some(true));
    assert_eq!(views.credentials.expiration_date(manager, now.position), None);
    assert_eq!(views.credentials.effective_date(manager, now.position), None);
    assert_eq!(views.credentials.username(manager, now.position).map(|name| name.as_str()), Some("MANAGER"));
}

fn computed_roles_are_not_given(views: &Views, now: AsOf, _: &[Entry]) {
    for (who, id) in views.accounts.in_order(&views.names.accounts, now.position) {
        for computed in [SystemRole::Everyone, SystemRole::ContentAdministrator] {
            let given = views.roles.history(who, RoleNumber::from(computed));
            assert!(given.is_none(), "{id} was given {}", computed.name());
        }
    }
}

fn only_full_has_what_only_full_has(views: &Views, now: AsOf, _: &[Entry]) {
    for (who, id) in views.accounts.in_order(&views.names.accounts, now.position) {
        if views.credentials.full(who, now.position).is_some_and(|(_, full)| full) {
            continue;
        }
        for role in [SystemRole::SysAdmin, SystemRole::OnBehalfOf] {
            assert!(views.roles.held(who, RoleNumber::from(role), now).is_none(), "{id} holds {}", role.name());
        }
        for (module, name) in views.tenant.modules(now.position) {
            assert!(views.levels.level(who, module, now).is_none(), "{id} has {name}");
        }
        assert!(!admin_effective(views, who, now), "{id} is an effective Admin User");
    }
}

fn sysadmins_have_an_email(views: &Views, now: AsOf, _: &[Entry]) {
    for (who, id) in views.accounts.in_order(&views.names.accounts, now.position) {
        let email = views.credentials.email(who, now.position).is_some_and(|(_, email)| email.valid);
        let sysadmin = views.roles.held(who, RoleNumber::from(SystemRole::SysAdmin), now).is_some();
        assert!(!sysadmin || email || id == AccountId::manager(), "{id} is a SysAdmin without an email");
    }
}

fn usernames_are_unique(views: &Views, now: AsOf, _: &[Entry]) {
    let mut names = BTreeSet::new();
    for (who, _) in views.accounts.in_order(&views.names.accounts, now.position) {
        if let Some(username) = views.credentials.username(who, now.position) {
            assert!(names.insert(username.as_str().to_lowercase()), "`{username}` belongs to two");
        }
    }
}

fn one_first_admin(views: &Views, _: AsOf, entries: &[Entry]) {
    let first = |event: &Event| {
        matches!(event, Event::Dashboard(DashboardEvent::AdminAdded { origin: AdminOrigin::FirstSignIn, .. }))
    };
    let times = entries.iter().flat_map(|entry| &entry.events).filter(|recorded| first(&recorded.event)).count();
    assert!(times <= 1, "{times} accounts became the first Admin User");
    assert!(times == 0 || views.tenant.edition(Position::GREATEST) == Edition::Cloud);
}

fn who_is_gone_is_out(views: &Views, now: AsOf, _: &[Entry]) {
    for session in views.sessions.all(now.position).filter(|session| views.sessions.open(session.position, now)) {
        let there = views.accounts.exists(session.account, now.position);
        let credentials = views.credentials.created(session.account, now.position).is_some();
        assert!(there && credentials, "a session of {} is open", views.names.accounts.text(session.account));
    }
}

fn who_is_erased_is_gone(views: &Views, now: AsOf, _: &[Entry]) {
    for (who, erased) in views.keeping.all_erased(now.position) {
        let id = views.names.accounts.text(who);
        assert!(!views.accounts.exists(who, now.position), "{id} was erased and is there");
        assert!(views.keeping.held(who, erased).is_none(), "{id} was erased under a legal hold");
        assert!(id != "manager", "MANAGER was erased");
    }
}

fn manager_is_no_background_account(views: &Views, now: AsOf, _: &[Entry]) {
    let background = views.background.set(now.position).map(|(_, background)| background.account);
    assert_ne!(background, Some(manager_of(views)));
}

fn staff_have_one_browser_session(views: &Views, now: AsOf, _: &[Entry]) {
    use grantbook_ledger::events::Client;
    for (who, id) in views.accounts.in_order(&views.names.accounts, now.position) {
        let staff = views.credentials.full(who, now.position).is_some_and(|(_, full)| full);
        let open = |session: &&grantbook_projections::Session| {
            session.client == Client::Browser
                && session.position <= now.position
                && views.sessions.open(session.position, now)
                // Sessions of somebody who became staff later were of somebody who may have several.
                && views.credentials.full(who, session.position).is_some_and(|(_, full)| full)
        };
        let browsers: BTreeSet<u64> = views.sessions.of_account(who).filter(open).map(|open| open.browser).collect();
        assert!(!staff || browsers.len() <= 1, "{id} is in from {browsers:?}");
    }
}

fn authorities_lie_before(views: &Views, now: AsOf, entries: &[Entry]) {
    let Some(newest) = entries.last() else { return };
    for recorded in &newest.events {
        let before = recorded.authority.is_none_or(|authority| authority < now.position);
        assert!(before, "{:?} rests on {:?}", recorded.event, recorded.authority);
    }
    if views.timeline.by(now.position) == By::System {
        assert!(newest.events.iter().all(|recorded| recorded.authority.is_none()));
    }
}

fn time_goes_on(_: &Views, _: AsOf, entries: &[Entry]) {
    if let [.., before, newest] = entries {
        assert!(before.at <= newest.at, "{} comes after {}", newest.at, before.at);
    }
}

fn nobody_reviews_their_own(views: &Views, now: AsOf, entries: &[Entry]) {
    let Some(newest) = entries.last() else { return };
    // Imported history, which no session made, was authorised elsewhere (rule: U6).
    let Actor::Account { id, session: Some(_) } = &newest.actor else { return };
    for recorded in &newest.events {
        let Event::Review(event) = &recorded.event else { continue };
        if let ReviewEvent::ReviewItemDecided { review, item, account, .. } = &**event {
            assert_ne!(account.as_ref(), Some(id), "{id} decided on {item}");
            let number = views.reviews.number(review, now.position).unwrap();
            assert!(views.reviews.is_reviewer(number, id, now.position), "{id} is no reviewer of {review}");
        }
    }
}

fn a_closed_review_stays(_: &Views, _: AsOf, entries: &[Entry]) {
    let mut closed = BTreeSet::new();
    for recorded in entries.iter().flat_map(|entry| &entry.events) {
        let Event::Review(event) = &recorded.event else { continue };
        let (ReviewEvent::ReviewOpened { review, .. }
        | ReviewEvent::ReviewItemDecided { review, .. }
        | ReviewEvent::ReviewRevocationWithheld { review, .. }
        | ReviewEvent::ReviewClosed { review, .. }) = &**event;
        let folded = review.as_str().to_lowercase();
        assert!(!closed.contains(&folded), "{review} goes on after its closing: {event:?}");
        if let ReviewEvent::ReviewClosed { .. } = &**event {
            closed.insert(folded);
        }
    }
}

fn what_was_revoked_is_gone(views: &Views, now: AsOf, _: &[Entry]) {
    for (number, opened, review) in views.reviews.all(now.position) {
        let Some((closed, closing)) = views.reviews.closed(number, now.position) else { continue };
        if closed != now.position {
            continue;
        }
        let items = review_items(views, opened, review);
        let told = [closing.kept, closing.revoked, closing.withheld, closing.undecided];
        assert_eq!(items.len(), told.iter().sum::<u32>() as usize, "{}", review.name);
        for item in items {
            let revoked = views.reviews.decided(number, &item.id, closed).map(|(_, decision)| decision)
                == Some(ReviewDecision::Revoke)
                && views.reviews.withheld(number, &item.id, closed).is_none();
            // A later command of the same list may have given it anew.
            let held = item.grant.in_force(views, opened, now).filter(|(given, _)| *given != closed);
            assert!(!revoked || held.is_none(), "{} was revoked by {} and is held", item.id, review.name);
        }
    }
}

/// Whether an effective Admin User without an end is there: what the dashboard can never take away by itself (rule: F9).
pub(crate) fn lasting(views: &Views, as_of: AsOf) -> bool {
    let endless = |who: &u32| views.admins.listed(*who, as_of).is_some_and(|(_, holding)| holding.until().is_none());
    let listed = views.admins.ever(as_of.position).filter(endless).any(|who| admin_effective(views, who, as_of));
    listed || effective_admins(views, as_of).contains(&manager_of(views))
}

#[test]
fn every_invariant_stands_in_the_documentation_and_the_other_way_round() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/invariants.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name);
    let documented: BTreeSet<&str> = rows.collect();
    for (name, _) in INVARIANTS {
        assert!(documented.contains(name), "docs/invariants.md does not tell of {name}");
    }
}
