//! Properties of random histories. Each run prints its seed; `GRANTBOOK_MODEL_SEED` repeats one, and
//! `GRANTBOOK_MODEL_CASES` says how many histories each property is tried on.

use std::collections::BTreeSet;

use grantbook_decisions::command::{Command, CredentialsCommand, GroupCommand, descriptions};
use grantbook_decisions::{Outside, command_of};
use grantbook_inquiries::{Places, Shown, VIEWS, fingerprint, view};
use grantbook_ledger::events::{
    AccountId, Actor, AdminOrigin, ContactField, CredentialsEvent, DashboardEvent, Edition, Entry, Event, GroupEvent,
    GroupName, Instant, OrganisationEvent, Position, Recorded, RoleEvent, SignInEvent, SignInPlane, TenantEvent,
};
use grantbook_ledger::{LedgerError, Point, Terms};
use grantbook_projections::{AsOf, Views};
use grantbook_rights::{Capability, On, OnKind, Question, Standing, Verdict, Who, explain, may, opens_something};
use proptest::prelude::{ProptestConfig, Strategy};
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Value, json};

use crate::installation::{House, OWN};
use crate::invariants::{lasting, look_at_all};
use crate::world::{PEOPLE, Step, World, account, decide_list, steps};

/// Tries `property` on random histories of at most so many steps.
pub(crate) fn on_random_histories(cases: u32, most: usize, property: impl Fn(&[Step])) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let drawn = || grantbook_ledger::tokens::Token::draw(grantbook_ledger::tokens::TokenKind::Session).unwrap();
    let seed = number("GRANTBOOK_MODEL_SEED").unwrap_or_else(|| {
        let token = drawn();
        token.reveal().bytes().fold(0u64, |seed, byte| seed.wrapping_mul(131).wrapping_add(u64::from(byte)))
    });
    eprintln!("GRANTBOOK_MODEL_SEED={seed}");
    let cases = number("GRANTBOOK_MODEL_CASES").and_then(|cases| u32::try_from(cases).ok()).unwrap_or(cases);
    let config = ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 300,
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(&steps(most), |steps| {
        property(&steps);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("seed {seed}: {failure}"));
}

/// Lives through the steps; `after` is asked after each.
pub(crate) fn lived(edition: Edition, steps: &[Step], mut after: impl FnMut(&World)) -> World {
    let mut world = World::begun(edition);
    let mut rest = steps.iter().peekable();
    while let Some(step) = rest.next() {
        world.pass(step.passes);
        if let Some((who, by, unlock)) = step.locks_out() {
            (0..5).for_each(|_| world.enter(who, SignInPlane::Platform, false));
            after(&world);
            let _ = world.give(by, &[unlock]);
        } else if step.signs_in() && !["support", "import"].contains(&step.actor()) {
            world.enter(step.actor(), step.plane(), step.right());
        } else {
            let now = world.now().clock;
            let mut list = vec![step.command(now)];
            let mut goes_on = step.goes_on;
            while goes_on && step.actor() != "support" {
                let Some(next) = rest.next_if(|next| next.actor() != "support") else { break };
                list.push(next.command(now));
                goes_on = next.goes_on;
            }
            let _ = world.give(step.actor(), &list);
        }
        after(&world);
    }
    world
}

pub(crate) fn edition(steps: &[Step]) -> Edition {
    if steps[0].thing.is_multiple_of(4) { Edition::Edition2017 } else { Edition::Cloud }
}

pub(crate) fn shown<'a>(views: &'a Views, as_of: AsOf) -> Shown<'a> {
    Shown {
        views,
        as_of,
        open: &|_, _, sealed| sealed.as_clear().map(str::to_owned),
        entry: &|_| None,
        places: Places::REAL,
        eyes: None,
    }
}

// rule: U5
#[test]
fn an_answer_as_of_a_position_is_that_of_a_replay_up_to_it() {
    on_random_histories(100, 40, |steps| {
        let world = lived(edition(steps), steps, |_| {});
        let mut replayed = Views::default();
        for (position, entry) in (1..).map(Position).zip(&world.entries) {
            replayed.apply(entry);
            let as_of = replayed.timeline.as_of(position);
            for (name, _) in VIEWS {
                let then = view(name, &shown(&replayed, as_of)).unwrap();
                let now = view(name, &shown(&world.views, as_of)).unwrap();
                assert_eq!(then, now, "{name} as of {position}");
            }
            assert_eq!(fingerprint(&replayed, position), fingerprint(&world.views, position), "as of {position}");
        }
        // And by the clock of now.
        for (name, _) in VIEWS {
            let (now, rebuilt) = (shown(&world.views, world.now()), shown(&replayed, world.now()));
            assert_eq!(view(name, &now).unwrap(), view(name, &rebuilt).unwrap(), "{name} now");
        }
    });
}

/// As kept views are written and read, without the file around them.
fn written_and_read(views: &Views) -> Views {
    let config = bincode::config::standard();
    let bytes = bincode::serde::encode_to_vec(views, config).unwrap();
    let (read, length): (Views, usize) = bincode::serde::decode_from_slice(&bytes, config).unwrap();
    assert_eq!(length, bytes.len());
    read
}

// rule: U5
#[test]
fn views_that_were_kept_go_on_as_those_that_were_folded() {
    on_random_histories(60, 40, |steps| {
        let world = lived(edition(steps), steps, |_| {});
        let mut views = Views::default();
        for (index, entry) in world.entries.iter().enumerate() {
            if (index + steps.len()).is_multiple_of(4) {
                views = written_and_read(&views);
            }
            // What somebody tries first after a start may be refused. Acts of imports are not tried.
            if matches!(entry.actor, Actor::Account { .. }) && entry.import.is_none() {
                views.apply(entry);
                views.retract();
            }
            views.apply(entry);
        }
        let last = world.views.timeline.last();
        assert_eq!(fingerprint(&views, last), fingerprint(&world.views, last));
        for (name, _) in VIEWS {
            let (kept, folded) = (shown(&views, world.now()), shown(&world.views, world.now()));
            assert_eq!(view(name, &kept).unwrap(), view(name, &folded).unwrap(), "{name}");
        }
        let to_be_told = |views: &Views| views.mail.tellings().copied().collect::<Vec<_>>();
        assert_eq!(to_be_told(&views), to_be_told(&world.views), "who is still to be told of what");
    });
}

/// Refused commands prove little of a property: most commands there are must be accepted somewhere. The rest are told; a
/// command that needs several others before it, in order, may want more histories than there is time for.
#[test]
fn most_commands_are_accepted_in_some_history() {
    let mut runner = TestRunner::new(ProptestConfig { rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() });
    let all = descriptions().count();
    let mut wanting: BTreeSet<&str> = descriptions().map(|description| description.name).collect();
    for _ in 0..600 {
        let steps = steps(60).new_tree(&mut runner).unwrap().current();
        for entry in lived(edition(&steps), &steps, |_| {}).entries {
            for (index, note) in (0u32..).zip(&entry.commands) {
                let own = entry.events.iter().filter(|recorded| recorded.command == index);
                let own: Vec<&Event> = own.map(|recorded| &recorded.event).collect();
                if command_of(note, &own).is_some() {
                    wanting.remove(note.name.as_str());
                }
            }
        }
        if wanting.is_empty() {
            break;
        }
    }
    eprintln!("never accepted: {wanting:?}");
    assert!(wanting.len() * 4 <= all, "{} of {all} commands were never accepted: {wanting:?}", wanting.len());
}

/// What the rule of a command asks for: the capability, and what it is on. `None` for support's.
fn asked(command: &Command, views: &Views, who: u32) -> Option<(Capability, On)> {
    let on = |account: &AccountId| On::Account(views.account(account));
    let nothing = |capability| Some((capability, On::Nothing));
    match command.name() {
        "add_contact" => nothing(Capability::ContactsAccess),
        "update_contact" => match command.subject() {
            Some(account) if *account == AccountId::manager() => Some((Capability::CredentialsSetEmail, on(account))),
            _ => nothing(Capability::ContactsAccess), // any other contact
        },
        "remove_account" => command.subject().map(|account| (Capability::AccountRemove, on(account))),
        "erase_contact" => command.subject().map(|account| (Capability::AccountErase, on(account))),
        "place_legal_hold" | "lift_legal_hold" => {
            command.subject().map(|account| (Capability::AccountHold, on(account)))
        }
        "create_credentials" => command.subject().map(|account| (Capability::CredentialsCreate, on(account))),
        "change_username" => command.subject().map(|account| (Capability::CredentialsRename, on(account))),
        "delete_credentials" => command.subject().map(|account| (Capability::CredentialsDelete, on(account))),
        "set_password" => command.subject().map(|account| (Capability::CredentialsSetPassword, on(account))),
        "change_own_password" => Some((Capability::CredentialsChangeOwnPassword, On::Account(Some(who)))),
        "unlock_credentials" => command.subject().map(|account| (Capability::CredentialsUnlock, on(account))),
        "set_user_class" => command.subject().map(|account| (Capability::AccountSetClass, on(account))),
        "disable_account" | "enable_account" => {
            command.subject().map(|account| (Capability::AccountDisable, on(account)))
        }
        "set_effective_date" => command.subject().map(|account| (Capability::AccountSetEffectiveDate, on(account))),
        "set_expiration_date" => command.subject().map(|account| (Capability::AccountSetDates, on(account))),
        "enrol_second_factor" | "confirm_second_factor" => {
            Some((Capability::CredentialsEnrolSecondFactor, On::Account(Some(who))))
        }
        "reset_second_factor" => {
            command.subject().map(|account| (Capability::CredentialsResetSecondFactor, on(account)))
        }
        "end_session" => Some((Capability::AccountEndSession, whose_session(command, views, who))),
        "add_admin" | "remove_admin" => nothing(Capability::DashboardManageAdmins),
        "assign_app_user" | "remove_app_user" => nothing(Capability::DashboardManageAppUsers),
        "set_background_account" => nothing(Capability::DashboardUpdateBackgroundAccount),
        "create_role" | "edit_role" | "delete_role" => nothing(Capability::RolesManage),
        "assign_role" | "remove_role" => nothing(Capability::RolesAssign),
        "set_level" => nothing(Capability::LevelsAssign),
        "make_system_administrator" => nothing(Capability::SysadminMake),
        "create_group" | "delete_group" => nothing(Capability::GroupsManage),
        "add_group_member" | "remove_group_member" => nothing(Capability::GroupsAssign),
        "define_dynamic_group" | "refresh_dynamic_group" => nothing(Capability::GroupsDefine),
        "register_product" => nothing(Capability::ProductsManage),
        "record_purchase" => command.subject().map(|account| (Capability::PurchasesRecord, on(account))),
        "create_community" | "set_community_security" => nothing(Capability::CommunitiesManage),
        "create_object" | "delete_object" | "set_access" | "grant_access" | "revoke_access" | "clear_access" => {
            nothing(Capability::ObjectsManage)
        }
        "create_organisation" => nothing(Capability::OrganisationsManage),
        "edit_organisation" => on_organisation(command, views, Capability::OrganisationEdit),
        "add_organisation_member" => on_organisation(command, views, Capability::OrganisationAddExistingContact),
        "edit_organisation_member" => on_organisation(command, views, Capability::OrganisationEditRole),
        "remove_organisation_member" => on_organisation(command, views, Capability::OrganisationRemoveMember),
        "join_organisation" => on_organisation(command, views, Capability::OrganisationJoin),
        "assign_organisation_admin" => on_organisation(command, views, Capability::OrganisationAssignAdmin),
        "remove_organisation_admin" => on_organisation(command, views, Capability::OrganisationDeleteRole),
        "record_chapter_payment" => on_organisation(command, views, Capability::OrganisationPay),
        "create_content_authority_group" | "add_content_authority_member" | "remove_content_authority_member" => {
            nothing(Capability::ContentAuthorityManage)
        }
        "send_password_reset" => command.subject().map(|account| (Capability::CredentialsSendReset, on(account))),
        "create_query" | "edit_query" => nothing(Capability::IqaUse),
        "set_setting" | "define_contact_visibility" => nothing(Capability::SettingsUpdate),
        "record_correction" => nothing(Capability::LedgerCorrect),
        // Any other is held to less below.
        _ => None,
    }
}

/// Whose session a command ends: that of the named account or of the named sign-in, or the giver's own.
fn whose_session(command: &Command, views: &Views, who: u32) -> On {
    let Command::Credentials(CredentialsCommand::EndSession { session, account }) = command else {
        unreachable!("only sessions are ended")
    };
    match (session, account) {
        (Some(session), _) => On::Account(views.sessions.session(*session).map(|session| session.account)),
        (None, Some(account)) => On::Account(views.account(account)),
        (None, None) => On::Account(Some(who)),
    }
}

fn on_organisation(command: &Command, views: &Views, capability: Capability) -> Option<(Capability, On)> {
    let Command::Organisation(command) = command else { return None };
    Some((capability, On::Organisation(views.names.organisations.get(command.organisation().as_str())?)))
}

/// Whether an event gives `id` a right that others may rest on, or makes MANAGER what it is.
fn gives(event: &Event, id: &AccountId) -> bool {
    if let Event::Role(RoleEvent::RoleAssigned { account, .. } | RoleEvent::LevelSet { account, .. })
    | Event::Credentials(
        CredentialsEvent::CredentialsCreated { account, .. } | CredentialsEvent::UserClassSet { account, .. },
    )
    | Event::Dashboard(
        DashboardEvent::AdminAdded { account, .. } | DashboardEvent::BackgroundAccountSet { account, .. },
    )
    | Event::Organisation(OrganisationEvent::OrganisationAdminAssigned { account, .. }) = event
    {
        return account == id;
    }
    let begins_2017 = matches!(event, Event::Tenant(TenantEvent::TenantCreated { edition: Edition::Edition2017, .. }));
    begins_2017 && *id == AccountId::manager()
}

/// The grants that an entry gave to `id`, each without its end.
fn given_things(entry: &Entry, id: &AccountId) -> BTreeSet<(&'static str, String)> {
    let thing = |event: &Event| {
        let named = if let Event::Role(RoleEvent::RoleAssigned { role, .. }) = event {
            role.as_str()
        } else if let Event::Role(RoleEvent::LevelSet { module, .. }) = event {
            module.as_str()
        } else if let Event::Organisation(OrganisationEvent::OrganisationAdminAssigned { organisation, .. }) = event {
            organisation.as_str()
        } else {
            // What else is given is one thing of its kind.
            ""
        };
        named.to_lowercase()
    };
    let given = entry.events.iter().map(|recorded| &recorded.event).filter(|event| gives(event, id));
    given.map(|event| (event.kind(), thing(event))).collect()
}

/// The history with what the entry at `position` gave to `id` left out.
fn without(entries: &[Entry], position: Position, id: &AccountId) -> Views {
    let mut views = Views::default();
    for (at, entry) in (1..).map(Position).zip(entries) {
        let mut entry = entry.clone();
        if at == position {
            entry.events.retain(|recorded| !gives(&recorded.event, id));
        }
        views.apply(&entry);
    }
    views
}

// rules: G9, F9, C3, U4
#[test]
fn each_event_rests_on_an_entry_that_gave_the_right_and_without_it_is_refused_unless_another_would_do() {
    on_random_histories(300, 40, |steps| {
        let world = lived(edition(steps), steps, |_| {});
        let mut views = Views::default();
        for (position, entry) in (1..).map(Position).zip(&world.entries) {
            rests(&world, &views, position, entry);
            views.apply(entry);
        }
    });
}

/// The dynamic group that a command defines.
fn redefined(command: &Command) -> Option<&GroupName> {
    if let Command::Group(GroupCommand::DefineDynamicGroup { group, .. }) = command { Some(group) } else { None }
}

/// Whether a group opens something just before an entry.
fn opens(views: &Views, group: &GroupName, position: Position, entry: &Entry) -> bool {
    let own = views.names.groups.get(group.as_str()).and_then(|number| views.groups.custom(number, position.before()));
    let just_before = AsOf { position: position.before(), clock: entry.at };
    own.is_some_and(|(_, own)| opens_something(views, &own.name, just_before))
}

// rule: X4
#[test]
fn after_a_refresh_members_are_those_of_whom_the_condition_holds() {
    on_random_histories(200, 60, |steps| {
        let world = lived(edition(steps), steps, |_| {});
        let views = &world.views;
        for (position, entry) in (1..).map(Position).zip(&world.entries).filter(|(_, entry)| entry.commands.len() == 1)
        {
            for Recorded { event, .. } in &entry.events {
                let Event::Group(GroupEvent::DynamicGroupRefreshed { group, remaining: 0, .. }) = event else {
                    continue;
                };
                let number = views.names.groups.get(group.as_str()).unwrap();
                let condition = views.groups.custom(number, position).unwrap().1.condition.as_ref().unwrap();
                let contacts = &views.accounts;
                let meant: BTreeSet<u32> = contacts
                    .in_order(&views.names.accounts, position)
                    .map(|(who, _)| who)
                    .filter(|who| {
                        condition.holds(&|field| match field {
                            ContactField::MemberType => contacts.member_type(*who, position).map(|(_, label)| label),
                            ContactField::Status => contacts.status(*who, position),
                        })
                    })
                    .collect();
                let members: BTreeSet<u32> = views.groups.members(number, position).map(|(who, ..)| who).collect();
                assert_eq!(members, meant, "{group} at {position}");
            }
        }
    });
}

fn rests(world: &World, views: &Views, position: Position, entry: &Entry) {
    let Actor::Account { id, session } = &entry.actor else {
        let started = entry.events.iter().all(|recorded| recorded.authority.is_none());
        assert!(started, "{position}: support, guests and the system act by no entry");
        return;
    };
    if *id == account("elsewhere") {
        let rests = entry.events.iter().all(|recorded| recorded.authority == Some(world.started()));
        assert!(rests, "{position}: imported");
        return;
    }
    let who = views.account(id).unwrap();
    let Some(session) = *session else {
        // A sign-in, or one's own password at the door: on the credentials, and the first admin on nobody's right.
        let created = views.credentials.created(who, position.before());
        for Recorded { authority, event, .. } in &entry.events {
            let by_system =
                matches!(event, Event::Dashboard(DashboardEvent::AdminAdded { origin: AdminOrigin::FirstSignIn, .. }));
            assert_eq!(*authority, created.filter(|_| !by_system), "{position}: {event:?}");
        }
        return;
    };
    for (index, note) in (0u32..).zip(&entry.commands) {
        let own: Vec<&Recorded> = entry.events.iter().filter(|recorded| recorded.command == index).collect();
        let events: Vec<&Event> = own.iter().map(|recorded| &recorded.event).collect();
        // What a refused attempt left is no outcome of a command.
        let Some((command, _)) = command_of(note, &events) else {
            assert!(
                own.iter().all(|recorded| matches!(recorded.event, Event::SignIn(_)) && recorded.authority.is_none())
            );
            continue;
        };
        let (mut capability, mut on) = match redefined(&command) {
            // What the group opens decides which right it takes (rule: X4); a list may change that on the way.
            Some(_) if entry.commands.len() > 1 => continue,
            Some(group) if opens(views, group, position, entry) => (Capability::GroupsOpen, On::Nothing),
            Some(_) | None => match asked(&command, views, who) {
                Some(asked) => asked,
                None => continue,
            },
        };
        let authorities: BTreeSet<Option<Position>> = own.iter().map(|recorded| recorded.authority).collect();
        let [Some(authority)] = authorities.into_iter().collect::<Vec<_>>()[..] else {
            panic!("{position}: {command:?} rests on one entry")
        };
        assert!(authority < position, "{position}: {command:?} rests on {authority}");
        let given = &world.entries[usize::try_from(authority.0).unwrap() - 1];
        assert!(
            given.events.iter().any(|recorded| gives(&recorded.event, id)),
            "{position}: {command:?} of {id} rests on {authority}, which gave {id} nothing: {given:?}"
        );
        let just_before = AsOf { position: position.before(), clock: entry.at };
        let standing = Standing::Session { signed_in: session };
        // Who is no staff edits contacts as an administrator of an organisation.
        if capability == Capability::ContactsAccess {
            let may = |capability, on| {
                let question = Question { views, who: Who::Account(who), standing, on, as_of: just_before };
                may(&question, capability) == Verdict::Allowed { authority }
            };
            let organisations = views.organisations.all(position.before());
            let all = organisations.iter().map(|(number, _)| On::Organisation(*number));
            let editing = all.clone().find(|on| may(Capability::OrganisationEditContact, *on));
            if let (false, Some(organisation)) = (may(capability, on), editing) {
                (capability, on) = (Capability::OrganisationEditContact, organisation);
            }
        }
        let ask = |views: &Views| {
            let question = Question { views, who: Who::Account(who), standing, on, as_of: just_before };
            may(&question, capability)
        };
        assert_eq!(ask(views), Verdict::Allowed { authority }, "{position}: {command:?}");
        let before = &world.entries[..usize::try_from(position.0).unwrap() - 1];
        match ask(&without(before, authority, id)) {
            Verdict::Refused(_) => {}
            Verdict::Allowed { authority: other } => {
                // An older one would do only where the newer replaced it (rule: G10).
                let gave = &world.entries[usize::try_from(other.0).unwrap() - 1];
                let replaced = !given_things(gave, id).is_disjoint(&given_things(given, id));
                assert!(
                    other > authority || replaced,
                    "{position}: {command:?} rests on {authority}, though {other} is older"
                );
                assert!(gave.events.iter().any(|recorded| gives(&recorded.event, id)), "{position}: {other}");
            }
        }
    }
}

// rule: U5
#[test]
fn an_entry_decided_again_at_its_position_gives_the_same_events() {
    on_random_histories(300, 40, |steps| {
        let world = lived(edition(steps), steps, |_| {});
        let mut views = Views::default();
        for (position, entry) in (1..).map(Position).zip(&world.entries) {
            let again: Option<Vec<(Command, Outside)>> = (0u32..)
                .zip(&entry.commands)
                .map(|(index, note)| {
                    let own = entry.events.iter().filter(|recorded| recorded.command == index);
                    command_of(note, &own.map(|recorded| &recorded.event).collect::<Vec<_>>())
                })
                .collect();
            let at_the_door = |(command, _): &(Command, Outside)| {
                *command == Command::Credentials(CredentialsCommand::ChangeOwnPassword)
                    && matches!(entry.actor, Actor::Account { session: None, .. })
            };
            if let Some(again) = again.filter(|again| !again.iter().any(at_the_door)) {
                let decided = decide_list(&mut views, world.started(), entry.clone(), &again);
                assert_eq!(decided.map(|decided| decided.events).as_ref(), Ok(&entry.events), "{position}");
            }
            views.apply(entry);
        }
    });
}

// rules: F12, A7
#[test]
fn the_two_walks_over_a_condition_agree_in_every_standing() {
    on_random_histories(100, 30, |steps| {
        let world = lived(edition(steps), steps, |_| {});
        let views = &world.views;
        for id in PEOPLE {
            let who = views.account(&account(id)).unwrap();
            let mut standings = vec![Standing::Fresh, Standing::Given];
            standings.extend(
                views.sessions.of_account(who).map(|session| Standing::Session { signed_in: session.position }),
            );
            for standing in standings {
                for capability in Capability::ALL {
                    let on = match capability.on() {
                        OnKind::Nothing => On::Nothing,
                        OnKind::Account => On::Account(views.account(&account("ann"))),
                        OnKind::App => On::App(views.names.apps.get("datastation").unwrap()),
                        OnKind::Object | OnKind::Query => On::Object(views.names.objects.get("/a/b").unwrap()),
                        OnKind::Organisation => On::Organisation(views.names.organisations.get("acme").unwrap()),
                        // It may be there or not.
                        OnKind::Community => On::Community(views.names.communities.get("Gardeners").unwrap_or(0)),
                    };
                    let question = Question { views, who: Who::Account(who), standing, on, as_of: world.now() };
                    let allowed = may(&question, *capability).allowed();
                    assert_eq!(allowed, explain(&question, *capability).holds, "{id} {}", capability.name());
                    let fresh = Question { standing: Standing::Given, ..question };
                    let more =
                        matches!(standing, Standing::Session { .. }) && allowed && !may(&fresh, *capability).allowed();
                    assert!(!more, "{id} {}: a session gives what a new one would not", capability.name());
                    assert!(!allowed || *capability != Capability::AccountImpersonate);
                }
            }
        }
    });
}

// rules: M1, M2, G3, C12, L1, G2, G4, F9, C2, C15
#[test]
fn no_history_that_was_accepted_breaks_what_always_holds() {
    on_random_histories(400, 60, |steps| {
        let mut lasting_before = None;
        let mut seen = 0;
        lived(edition(steps), steps, |world| {
            let (views, now) = (&world.views, world.now());
            look_at_all(views, AsOf { position: world.last(), ..now }, &world.entries);
            // An effective Admin User without an end remains after whatever the dashboard does.
            let newest = &world.entries[world.entries.len() - 1];
            let on_dashboard = newest.commands.iter().all(|note| {
                ["add_admin", "remove_admin", "assign_app_user", "remove_app_user", "set_background_account"]
                    .contains(&note.name.as_str())
            });
            let lasts = lasting(views, now);
            if on_dashboard && world.entries.len() > seen && lasting_before == Some(true) {
                // The clock may have taken it before the command came.
                let before = AsOf { position: now.position.before(), clock: newest.at };
                assert!(lasts || !lasting(views, before), "{newest:?}");
            }
            seen = world.entries.len();
            lasting_before = Some(lasts);
        });
    });
}

// rules: U1, T5, C11
#[test]
fn what_the_ledger_makes_of_random_requests_is_what_a_replay_makes_of_its_entries() {
    on_random_histories(12, 60, |steps| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(through_the_ledger(steps));
    });
}

async fn through_the_ledger(steps: &[Step]) {
    let mut house = House::furnished().await;
    house.hire("cy", "full").await;
    house
        .support(json!({"name": "record_subscription", "cloud_id": "abcimis", "app": "datastation", "status": "active",
        "from": "2026-01-01", "ticket": "T-1"}))
        .await
        .unwrap();
    let mut clock = house.ledger.clock().now();
    for step in steps {
        clock = clock.plus_minutes(step.passes);
        house.ledger.clock().set(clock);
        let actor = step.actor();
        if step.signs_in() {
            let password = if actor == "manager" { house.manager_password.clone() } else { OWN.to_owned() };
            let password = if step.right() { password } else { "Wrong-7-word".to_owned() };
            let name = if actor == "manager" { "MANAGER" } else { actor };
            match house
                .tenant
                .sign_in(&crate::installation::credentials(name, &password, step.plane()), &Default::default())
                .await
            {
                Ok(grantbook_ledger::SignedIn::Session { token, .. }) => {
                    house.callers.insert(actor.to_owned(), house.ledger.caller(token.reveal()).unwrap());
                }
                Ok(grantbook_ledger::SignedIn::MustChange { .. }) | Err(LedgerError::Refused(_)) => {}
                Err(other) => panic!("{other}"),
            }
            continue;
        }
        let before = house.views().await;
        let body = step.command(clock);
        let body =
            if step.goes_on { json!({"commands": [{"name": "create_group", "group": "passing"}, body]}) } else { body };
        let outcome = match actor {
            "support" => house.support(body.clone()).await,
            "import" => continue,
            _ if house.callers.contains_key(actor) => house.give(actor, body.clone(), &Terms::default()).await, // any other is an account
            _ => continue, // any other has never signed in
        };
        match outcome {
            Ok(_) => {}
            Err(LedgerError::Refused(refusal)) => {
                // A refused attempt on a password may lock; nothing else may change but the refusals.
                let attempts = !refusal.recorded.events.is_empty();
                assert!(attempts || house.views().await == before, "{body}: {refusal}");
            }
            Err(LedgerError::NotSignedIn | LedgerError::Malformed { .. }) => assert_eq!(house.views().await, before),
            Err(other) => panic!("{body}: {other}"),
        }
    }
    house.ledger.sum_up().await;
    house.fingerprint().await;
    as_of_every_position(&house).await;
}

async fn as_of_every_position(house: &House) {
    let mut replayed = Views::default();
    let mut last = Instant::EARLIEST;
    for read in house.tenant.entries(Position(1)) {
        let (position, entry) = read.unwrap();
        assert!(entry.at > last, "{position}: an entry is later than the one before");
        last = entry.at;
        let locks =
            |recorded: &Recorded| matches!(recorded.event, Event::SignIn(SignInEvent::CredentialsLocked { .. }));
        assert!(!entry.events.is_empty() && !locks(&entry.events[0]), "{position}: a lock follows from an attempt");
        replayed.apply(&entry);
        let answers: Vec<Value> = house
            .tenant
            .ask(Point::At(position), |views, as_of| {
                let shown =
                    Shown { views, as_of, open: &|_, _, _| None, entry: &|_| None, places: Places::REAL, eyes: None };
                VIEWS.iter().map(|(name, _)| view(name, &shown).unwrap()).collect()
            })
            .await
            .unwrap();
        let as_of = replayed.timeline.as_of(position);
        let shown = Shown {
            views: &replayed,
            as_of,
            open: &|_, _, _| None,
            entry: &|_| None,
            places: Places::REAL,
            eyes: None,
        };
        let naive: Vec<Value> = VIEWS.iter().map(|(name, _)| view(name, &shown).unwrap()).collect();
        assert_eq!(answers, naive, "as of {position}");
    }
}
