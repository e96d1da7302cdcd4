//! What holds for every history: both walks over a condition agree, and an answer as of a position is the same whether or
//! not the history goes on after it.

use grantbook_events::{
    AccessRight, Actor, AdminOrigin, CommunityEvent, CommunityName, CommunityRight, ContactEvent, CredentialsEvent,
    DashboardEvent, Event, GroupEvent, Instant, ObjectEvent, ObjectKind, Position, Principal, RoleEvent, SecuritySet,
    SignInEvent, SignInPlane, UserClass,
};
use grantbook_projections::{AsOf, Views};
use grantbook_rights::{Capability, On, OnKind, Question, Standing, Who, explain, may};
use proptest::prelude::*;

use crate::ask::Asked;
use crate::history_for_tests::{History, account, app, group, path, role};
use crate::{VIEWS, fingerprint, view, why};

const PEOPLE: [&str; 4] = ["manager", "bob", "jeff", "mia"];

/// One step: which, on whom, by whom, for how many minutes a grant lasts (0 for ever), and how many minutes pass after it.
type Step = (u8, usize, usize, u32, u32);

fn events(history: &mut History, (what, on, _, minutes, _): Step, now: Instant) -> Vec<Event> {
    let id = PEOPLE[on % PEOPLE.len()];
    let who = || account(id);
    let until = (minutes > 0).then(|| now.plus_minutes(minutes));
    let credentials = |event| vec![Event::Credentials(event)];
    match what {
        0 => vec![Event::Role(RoleEvent::RoleAssigned { account: who(), role: role("SysAdmin"), until })],
        1 => vec![Event::Role(RoleEvent::RoleAssigned { account: who(), role: role("RemoteService"), until })],
        2 => vec![Event::Role(RoleEvent::RoleRemoved { account: who(), role: role("RemoteService") })],
        3 => vec![Event::Role(RoleEvent::RoleRemoved { account: who(), role: role("SysAdmin") })],
        4 => vec![Event::Group(GroupEvent::GroupMemberAdded { group: group("Reporting"), account: who(), until })],
        5 => vec![Event::Group(GroupEvent::GroupMemberRemoved { group: group("Reporting"), account: who() })],
        6 => {
            let origin = AdminOrigin::AdminUser;
            vec![Event::Dashboard(DashboardEvent::AdminAdded { account: who(), until, origin })]
        }
        7 => vec![Event::Dashboard(DashboardEvent::AdminRemoved { account: who() })],
        8 => {
            vec![Event::Dashboard(DashboardEvent::AppUserAssigned { account: who(), app: app("datastation"), until })]
        }
        9 => vec![Event::Dashboard(DashboardEvent::AppUserRemoved { account: who(), app: app("datastation") })],
        10 => credentials(CredentialsEvent::UserClassSet { account: who(), user_class: UserClass::Casual }),
        11 => credentials(CredentialsEvent::UserClassSet { account: who(), user_class: UserClass::Full }),
        12 => credentials(CredentialsEvent::AccountDisabled { account: who() }),
        13 => credentials(CredentialsEvent::AccountEnabled { account: who() }),
        14 => credentials(CredentialsEvent::ExpirationDateSet { account: who(), date: Some(now.date()) }),
        15 => vec![Event::Object(ObjectEvent::AccessGranted {
            object: path("/site"),
            principal: if minutes % 2 == 0 { Principal::Group(group("Reporting")) } else { Principal::Account(who()) },
            right: AccessRight::Edit,
            until,
        })],
        16 => vec![Event::Object(ObjectEvent::AccessSet {
            object: path("/site"),
            set: SecuritySet::ALL[on % SecuritySet::ALL.len()],
        })],
        17 => {
            let (right, principal) = (CommunityRight::ALL[on % 2], Principal::Account(who()));
            vec![Event::Community(match minutes % 2 {
                0 => CommunityEvent::CommunityRightGranted { community: gardeners(), right, principal, until },
                _ => CommunityEvent::CommunityRightRevoked { community: gardeners(), right, principal },
            })]
        }
        18 => vec![Event::Community(CommunityEvent::CommunityOpened {
            community: gardeners(),
            group: (on % 2 == 0).then(|| group("Reporting")),
        })],
        19 => vec![Event::SignIn(SignInEvent::CredentialsLocked { account: who(), until })],
        20 => credentials(CredentialsEvent::CredentialsUnlocked { account: who() }),
        21 => credentials(CredentialsEvent::CredentialsDeleted { account: who() }),
        22 => vec![history.credentials(id, id)],
        23 => credentials(CredentialsEvent::EffectiveDateSet { account: who(), date: Some(now.date()) }),
        24 => vec![Event::Contact(ContactEvent::AccountRemoved { account: who() })],
        25 => vec![History::contact(id, id)],
        _ => vec![history.signed_in(id, SignInPlane::Dashboard)], // any other step is this one
    }
}

/// The standings in turn; in a session of any age.
fn standing(position: Position, person: usize) -> Standing {
    let number = position.0 + person as u64;
    let session = Standing::Session { signed_in: Position(number * 7 % (position.0 + 1)) };
    [Standing::Fresh, session, Standing::Given, Standing::Granted][number as usize % 4]
}

fn gardeners() -> CommunityName {
    CommunityName::new("Gardeners").unwrap()
}

fn told(steps: &[Step]) -> History {
    let mut history = History::begun();
    for (id, name) in [("bob", "Bob S."), ("jeff", "Jeff T.")] {
        let credentials = history.credentials(id, id);
        history.act("manager", vec![History::contact(id, name), credentials, History::assign(id, "RemoteService")]);
    }
    let site = ObjectEvent::ObjectCreated { object: path("/site"), kind: ObjectKind::Site, public: true, active: true };
    let gardeners = CommunityEvent::CommunityCreated { community: gardeners(), group: Some(group("Reporting")) };
    history.act("manager", vec![History::contact("mia", "Mia M."), Event::Object(site), Event::Community(gardeners)]);
    for step in steps {
        let now = history.views.timeline.last_at();
        // Several entries may happen at one and the same instant.
        history.pass_to(&now.plus_minutes(step.4).to_string());
        let told = events(&mut history, *step, now);
        let actor = Actor::Account { id: account(PEOPLE[step.2 % PEOPLE.len()]), session: None };
        history.add(actor, Some(Position(1)), "", told);
    }
    history
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let minutes = prop_oneof![Just(0u32), 1u32..6, Just(900u32)];
    prop::collection::vec((0u8..28, 0usize..9, 0usize..4, minutes, 0u32..4), 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_walks_over_a_condition_agree(steps in steps()) {
        let history = told(&steps);
        let views = &history.views;
        let objects = views.names.objects.get("/site").unwrap();
        let datastation = views.names.apps.get("datastation").unwrap();
        let gardeners = views.names.communities.get("gardeners").unwrap();
        for position in (0..=history.last().0).map(Position) {
            let as_of = views.timeline.as_of(position);
            for (person, name) in PEOPLE.into_iter().enumerate() {
                let who = Who::Account(views.account(&account(name)).unwrap());
                let last = position == history.last();
                let standing = if last { Standing::Fresh } else { standing(position, person) };
                for capability in Capability::ALL {
                    let on = match capability.on() {
                        OnKind::Nothing => On::Nothing,
                        OnKind::Account => On::Account(views.account(&account("bob"))),
                        OnKind::App => On::App(datastation),
                        OnKind::Object | OnKind::Query => On::Object(objects),
                        OnKind::Organisation => On::Organisation(0),
                        OnKind::Community => On::Community(gardeners),
                    };
                    let question = Question { views, who, standing, on, as_of };
                    let allowed = grantbook_rights::allowed(&question, *capability);
                    prop_assert_eq!(allowed, may(&question, *capability).allowed());
                    prop_assert_eq!(allowed, explain(&question, *capability).holds, "{} {}", name, capability.name());
                    if last {
                        let reasons = why(&history.shown(position), &Asked { question, capability: *capability });
                        prop_assert_eq!(reasons.allowed, allowed);
                        prop_assert!(!allowed || reasons.would_do.is_empty());
                        prop_assert!(!reasons.lines().is_empty());
                    }
                }
            }
        }
    }

    #[test]
    fn an_answer_as_of_a_position_does_not_depend_on_what_came_after(steps in steps()) {
        as_told_then(&told(&steps));
    }
}

/// Every view as of every position is what it was when that was the last one.
fn as_told_then(history: &History) {
    let mut replayed = History::new();
    for entry in &history.entries {
        let position = replayed.push(entry.clone());
        let as_of: AsOf = replayed.views.timeline.as_of(position);
        for (name, _) in VIEWS {
            let then = view(name, &replayed.shown_as_of(as_of)).unwrap();
            let now = view(name, &history.shown_as_of(as_of)).unwrap();
            assert_eq!(then, now, "{name} as of {position}");
        }
        assert_eq!(fingerprint(&replayed.views, position), fingerprint(&history.views, position));
    }
    let mut rebuilt = Views::default();
    history.entries.iter().for_each(|entry| rebuilt.apply(entry));
    assert_eq!(fingerprint(&rebuilt, history.last()), fingerprint(&history.views, history.last()));
}

// rule: M4
#[test]
fn a_later_system_administrator_does_not_change_when_manager_was_in_use() {
    as_told_then(&told(&[(0, 2, 0, 3, 2), (4, 0, 0, 0, 0), (24, 5, 0, 0, 1), (0, 5, 0, 0, 0)]));
}
