//! Random histories over a small world: few people, roles, groups, apps and objects, grants with ends, a clock that jumps,
//! sign-ins right and wrong, lists of commands, imported acts. They are driven through the decisions and the views alone.

use grantbook_decisions::command::{Command, CommandJson, Door, Lookup, PasswordShape, parse};
use grantbook_decisions::{
    Acting, Case, Catalogue, CodeCheck, NewTenant, Outside, PasswordCheck, Refusal, SignIn, SignInOutcome,
    create_tenant, decide, import_started, sign_in,
};
use grantbook_inquiries::fingerprint;
use grantbook_ledger::events::{
    AccountId, Actor, Client, CloudId, CommandName, CommandNote, CustomerName, Edition, Entry, Event, Instant,
    OperatorName, Position, Recorded, Sealed, SealedEmail, SecretVersion, SignInPlane, Ticket,
};
use grantbook_projections::{AsOf, Views};
use grantbook_rights::{Capability, On, Question, Standing, Who, may};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::drawn::{self, Draw};

pub(crate) const PEOPLE: [&str; 6] = ["manager", "bob", "ann", "cy", "pat", "con"];
pub(crate) const ROLES: [&str; 8] =
    ["SysAdmin", "RemoteService", "OnBehalfOf", "Auditor", "Everyone", "CompanyAdministrator", "helper", "Aide"];
pub(crate) const GROUPS: [&str; 4] = ["Reporting", "helpers", "SEGUSER", "regulars"];
pub(crate) const DYNAMIC: [&str; 3] = ["regulars", "helpers", "Actives"];
pub(crate) const PRODUCTS: [&str; 2] = ["guide", "pen"];
pub(crate) const COMMUNITIES: [&str; 2] = ["Gardeners", "cooks"];
pub(crate) const CONTENT_GROUPS: [&str; 2] = ["editors", "Masters"];
pub(crate) const QUERIES: [&str; 2] = ["/d/query", "Sales"];
pub(crate) const APPS: [&str; 2] = ["datastation", "portal"];
pub(crate) const OBJECTS: [&str; 4] = ["/a", "/a/b", "/a/b/c", "/d"];
pub(crate) const ORGANISATIONS: [&str; 4] = ["acme", "board", "north", "south"];
pub(crate) const MODULES: [&str; 3] = ["Customers", "System", "Events"];

/// Who acts in a step: mostly those who may do much, so that much happens.
const ACTORS: [&str; 12] =
    ["manager", "manager", "manager", "bob", "bob", "bob", "ann", "ann", "cy", "pat", "support", "import"];

/// One command, or one sign-in.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) what: u8,
    pub(crate) by: u8,
    pub(crate) on: u8,
    pub(crate) thing: u8,
    /// Minutes that a grant lasts; 0 for ever.
    pub(crate) lasts: u32,
    /// Minutes that pass before.
    pub(crate) passes: u32,
    /// Whether the next step belongs to the same list.
    pub(crate) goes_on: bool,
    /// A command drawn by its description in place of one of those below.
    pub(crate) drawn: Option<Draw>,
}

pub(crate) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let lasts = prop_oneof![3 => Just(0u32), 1 => 1u32..20, 1 => Just(2_000u32)];
    let passes = prop_oneof![40 => 0u32..3, 3 => Just(31u32), 3 => Just(800u32), 1 => Just(3_000_000u32)];
    let goes_on = prop_oneof![4 => Just(false), 1 => Just(true)];
    let draw = (any::<u16>(), any::<[u8; 8]>()).prop_map(|(which, numbers)| Draw { which, numbers });
    let drawn = prop::option::weighted(0.4, draw);
    let step = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), lasts, passes, goes_on, drawn);
    let step = step.prop_map(|(what, by, on, thing, lasts, passes, goes_on, drawn)| Step {
        what,
        by,
        on,
        thing,
        lasts,
        passes,
        goes_on,
        drawn,
    });
    prop::collection::vec(step, 1..most)
}

fn pick<'a>(from: &[&'a str], number: u8) -> &'a str {
    from[number as usize % from.len()]
}

impl Step {
    pub(crate) fn actor(&self) -> &'static str {
        if let Some(draw) = self.drawn {
            return drawn::actor(draw);
        }
        let who = pick(&ACTORS, self.by);
        let at_home = !self.by.is_multiple_of(5);
        match (who, matches!(self.number(), 9..=15 | 41)) {
            ("manager", true) if at_home => "bob",
            ("bob", false) if at_home => "manager",
            (who, _) => who, // any other acts wherever it is
        }
    }

    /// Which command it is.
    fn number(&self) -> u8 {
        u8::try_from(u16::from(self.what) * 80 / 256).unwrap_or(0)
    }

    /// Somebody who is locked out, and how somebody tries to undo it, where the step is that.
    pub(crate) fn locks_out(&self) -> Option<(&'static str, &'static str, Value)> {
        let draw = self.drawn.filter(|draw| draw.which.is_multiple_of(40))?;
        let who = pick(&PEOPLE, draw.numbers[1]);
        Some(match who {
            "manager" => (who, "support", json!({"name": "unlock_manager", "cloud_id": "abcimis", "ticket": "T-1"})),
            who => (who, "manager", json!({"name": "unlock_credentials", "account": who})), // anybody else
        })
    }

    /// A sign-in, where the step is one.
    pub(crate) fn signs_in(&self) -> bool {
        self.drawn.is_none() && self.what.is_multiple_of(5)
    }

    pub(crate) fn plane(&self) -> SignInPlane {
        if self.thing.is_multiple_of(3) { SignInPlane::Platform } else { SignInPlane::Dashboard }
    }

    /// Whether the password given is the right one.
    pub(crate) fn right(&self) -> bool {
        !self.on.is_multiple_of(4)
    }

    /// The command as somebody would give it, at `now`.
    pub(crate) fn command(&self, now: Instant) -> Value {
        if let Some(draw) = self.drawn {
            return drawn::command(draw, now);
        }
        let id = pick(&PEOPLE, self.on);
        let (role, group) = (pick(&ROLES, self.thing), pick(&GROUPS, self.thing));
        let (app, object) = (pick(&APPS, self.thing), pick(&OBJECTS, self.thing));
        let module = pick(&MODULES, self.thing);
        let organisation = pick(&ORGANISATIONS, self.thing);
        let until = (self.lasts > 0).then(|| now.plus_minutes(self.lasts).to_string());
        let until = until.map_or(Value::Null, Value::String);
        let day = now.date().to_string();
        let principal = match self.on % 4 {
            0 => json!({"group": group}),
            1 => json!({"role": role}),
            2 => json!({"account": id}),
            _ => json!({"staff": true}), // any other number
        };
        let right = pick(&["read", "add", "edit", "delete", "full_control"], self.on);
        if self.actor() == "support" {
            return match self.what % 6 {
                0 => json!({"name": "restore_admin", "cloud_id": "abcimis", "account": id, "ticket": "T-1"}),
                1 => json!({"name": "record_subscription", "cloud_id": "abcimis", "app": app, "status":
                    pick(&["active", "ended", "trial", "demo"], self.on), "from": "2026-01-01", "ticket": "T-1"}),
                2 => {
                    json!({"name": "record_licence", "cloud_id": "abcimis", "licence": pick(&["api_connector", "group_admin_plus"], self.on), "until": until,
                    "ticket": "T-1"})
                }
                3 => json!({"name": "add_app", "cloud_id": "abcimis", "app": app, "title": "P", "audience": "anyone",
                    "ticket": "T-1"}),
                4 => json!({"name": "add_module", "cloud_id": "abcimis", "module": module, "ticket": "T-1"}),
                _ => json!({"name": "unlock_manager", "cloud_id": "abcimis", "ticket": "T-1"}), // any other number
            };
        }
        match self.number() {
            0..=2 => json!({"name": "assign_role", "account": id, "role": role, "until": until}),
            3 => json!({"name": "remove_role", "account": id, "role": role}),
            4 | 5 => {
                json!({"name": "set_level", "account": id, "module": module, "level": self.thing % 9, "until": until})
            }
            6 | 7 => json!({"name": "add_group_member", "account": id, "group": group, "until": until}),
            8 => json!({"name": "remove_group_member", "account": id, "group": group}),
            9..=11 => json!({"name": "add_admin", "account": id, "until": until}),
            12 => json!({"name": "remove_admin", "account": id}),
            13 | 14 => json!({"name": "assign_app_user", "account": id, "app": app, "until": until}),
            15 => json!({"name": "remove_app_user", "account": id, "app": app}),
            16 => {
                json!({"name": "set_user_class", "account": id, "user_class": pick(&["public", "casual", "full"], self.thing)})
            }
            17 => json!({"name": "set_user_class", "account": id, "user_class": "full"}),
            18 => json!({"name": "disable_account", "account": id}),
            19 => json!({"name": "enable_account", "account": id}),
            20 => {
                json!({"name": "set_expiration_date", "account": id, "date": if self.thing.is_multiple_of(2) { Value::Null } else { day.into() }})
            }
            21 => {
                json!({"name": "set_effective_date", "account": id, "date": if self.thing.is_multiple_of(2) { Value::Null } else { day.into() }})
            }
            22 => json!({"name": "unlock_credentials", "account": id}),
            23 => json!({"name": "set_password", "account": id, "password": "Other-7-word"}),
            24 => json!({"name": "change_own_password", "old": "x", "new": "Other-7-word"}),
            25 => json!({"name": "create_role", "role": role, "description": ""}),
            26 => json!({"name": "edit_role", "role": role, "new_name": pick(&ROLES, self.on)}),
            27 => json!({"name": "delete_role", "role": role}),
            28 => json!({"name": "create_group", "group": group}),
            29 => json!({"name": "delete_group", "group": group}),
            30 => json!({"name": "create_object", "object": object, "kind": "folder"}),
            31 => json!({"name": "delete_object", "object": object}),
            32 => json!({"name": "set_access", "object": object, "set":
                pick(&["everyone-read", "staff-read", "sysadmin-only", "members-read"], self.on)}),
            33 | 34 => {
                json!({"name": "grant_access", "object": object, "principal": principal, "rights": [right], "until": until})
            }
            35 => json!({"name": "revoke_access", "object": object, "principal": principal, "rights": [right]}),
            36 => json!({"name": "clear_access", "object": object}),
            37 => json!({"name": "make_system_administrator", "account": id}),
            38 => match self.thing % 4 {
                0 if self.on.is_multiple_of(2) => {
                    json!({"name": "erase_contact", "account": id, "ticket": "T-1"})
                }
                0 => json!({"name": "remove_account", "account": id}),
                1 => json!({"name": "delete_credentials", "account": id}),
                2 => {
                    json!({"name": "change_username", "account": id, "username": pick(&["Bob", "ANN", "new", "old"], self.on)})
                }
                _ => json!({"name": "end_session"}), // any other number
            },
            39 => {
                json!({"name": "create_credentials", "account": id, "username": pick(&["Bob", "ANN", "new", "old"], self.thing),
                "password": "Start-7-word", "user_class": pick(&["public", "full"], self.thing)})
            }
            40 if self.by.is_multiple_of(4) => {
                json!({"name": pick(&["place_legal_hold", "lift_legal_hold"], self.thing), "account": id})
            }
            40 => {
                json!({"name": "update_contact", "account": id, "member_type": pick(&["regular", "none"], self.thing)})
            }
            41 => json!({"name": "set_background_account", "account": id, "password": "x"}),
            42 if self.on.is_multiple_of(3) => {
                json!({"name": "set_setting", "setting": "staff_second_factor", "value": self.thing % 2})
            }
            43 => json!({"name": "enrol_second_factor"}),
            44 => json!({"name": "confirm_second_factor", "code": "000001"}),
            45 => json!({"name": "reset_second_factor", "account": id}),
            42 => json!({"name": "set_setting", "setting": "lockout_attempts", "value": u32::from(self.thing % 3) + 1}),
            46 => {
                json!({"name": "add_organisation_member", "organisation": organisation, "account": id, "until": until})
            }
            47 => {
                json!({"name": "record_chapter_payment", "organisation": organisation, "account": id, "until": until})
            }
            48 => {
                json!({"name": "assign_organisation_admin", "organisation": organisation, "account": id, "until": until})
            }
            49 => {
                json!({"name": pick(&["remove_organisation_admin", "remove_organisation_member"], self.on / 6),
                "organisation": organisation, "account": id})
            }
            50 => json!({"name": "edit_organisation_member", "organisation": organisation, "account": id,
                "position": pick(&["Chair", "Clerk"], self.on), "from": day, "until": until}),
            51 => json!({"name": "join_organisation", "organisation": organisation}),
            52 => {
                json!({"name": "edit_organisation", "organisation": organisation, "full_name": pick(&["A", "B"], self.on)})
            }
            53 => {
                json!({"name": "set_setting", "setting": "company_admins_all_organisations", "value": u32::from(self.on % 2)})
            }
            54..=61 => self.of_membership(until),
            70..=79 => self.of_review(now),
            62 => {
                json!({"name": "create_content_authority_group", "group": pick(&CONTENT_GROUPS, self.thing),
                    "master": self.on.is_multiple_of(2), "covers": [object]})
            }
            63 | 64 => {
                let rights = pick(&["read", "create", "edit", "publish", "delete"], self.lasts as u8);
                json!({"name": "add_content_authority_member", "group": pick(&CONTENT_GROUPS, self.thing),
                    "account": id, "rights": [rights], "until": until})
            }
            65 if self.by.is_multiple_of(2) => {
                json!({"name": "remove_content_authority_member", "group": pick(&CONTENT_GROUPS, self.thing),
                    "account": id})
            }
            66 => {
                json!({"name": "create_query", "query": pick(&QUERIES, self.thing), "out_of_box": self.on.is_multiple_of(3),
                    "via_api": self.by.is_multiple_of(2), "personal_data": true})
            }
            67 if self.by.is_multiple_of(2) => {
                json!({"name": "edit_query", "query": pick(&QUERIES, self.thing), "via_api": self.on.is_multiple_of(2)})
            }
            67 => json!({"name": "set_access", "object": pick(&QUERIES, 0), "set":
                pick(&["everyone-read", "staff-read"], self.on)}),
            68 => {
                json!({"name": "define_contact_visibility", "audience":
                    pick(&["everyone", "authenticated", "members"], self.thing),
                    "condition": {"member_type": pick(&["regular", "none"], self.on)}})
            }
            _ => json!({"name": "record_correction", "position": u32::from(self.thing) + 1}), // any other number
        }
    }

    /// A command on access reviews: of apps, of a role, of Admin Users.
    fn of_review(&self, now: Instant) -> Value {
        let (id, number) = (pick(&PEOPLE, self.on), self.thing % 3);
        let review = format!("review {number}{}", ["", " again"][usize::from(self.lasts == 2_000)]);
        let (scope, item) = match number {
            0 => (json!({"apps": true}), format!("{id}/{}", pick(&APPS, self.thing / 16))),
            1 => (json!({"role": "RemoteService"}), format!("{id}/RemoteService")),
            _ => (json!({"admins": true}), format!("{id}/admin")), // any other number
        };
        match self.number() {
            70..=72 => {
                let since = (self.lasts == 2_000).then(|| format!("review {number}"));
                json!({"name": "open_review", "review": review, "scope": scope, "reviewers": ["manager", "bob", "ann"],
                    "due": now.plus_minutes(self.lasts.max(5)).to_string(), "since_review": since})
            }
            79 => json!({"name": "close_review", "review": review}),
            // Any other number.
            _ => json!({"name": "decide_review_item", "review": review, "item": item, "reason": "looked at",
                "decision": pick(&["keep", "revoke"], self.by)}),
        }
    }

    /// A command on dynamic groups, products or communities.
    fn of_membership(&self, until: Value) -> Value {
        let (id, group, dynamic) = (pick(&PEOPLE, self.on), pick(&GROUPS, self.thing), pick(&DYNAMIC, self.thing));
        let (product, community) = (pick(&PRODUCTS, self.thing), pick(&COMMUNITIES, self.thing));
        let named = json!([{"account": id}, {"group": pick(&DYNAMIC, self.on)}]);
        match self.number() {
            54 => json!({"name": "define_dynamic_group", "group": dynamic, "condition": match self.on % 3 {
                0 => json!({"member_type": "Regular"}),
                1 => json!({"not": {"member_type": "regular"}}),
                _ => json!({"any": [{"status": "active"}, {"member_type": null}]}), // any other number
            }}),
            55 | 56 => json!({"name": "refresh_dynamic_group", "group": dynamic}),
            57 => json!({"name": "register_product", "product": product, "group": if self.on.is_multiple_of(3) {
                Value::Null
            } else {
                group.into()
            }}),
            58 => json!({"name": "record_purchase", "product": product, "account": id, "until": until}),
            59 => json!({"name": "create_community", "community": community, "group": dynamic}),
            60 => json!({"name": "set_community_security", "community": community, "group": group}),
            _ => json!({"name": "set_community_security", "community": community, "wiki_creators": named,
                "administrators": [id], "until": until}), // any other number
        }
    }
}

/// A tenant as decisions and views make it.
pub(crate) struct World {
    pub(crate) views: Views,
    pub(crate) entries: Vec<Entry>,
    clock: Instant,
    secrets: u64,
    started: Position,
}

/// What somebody who acts is to decisions, and in the entry.
pub(crate) fn acting(views: &Views, actor: &Actor, started: Position) -> Acting {
    match actor {
        Actor::Account { id, session: Some(session) } => {
            Acting::Account { who: views.account(id).unwrap(), session: *session }
        }
        Actor::Account { session: None, .. } => Acting::Imported { started },
        Actor::Support { .. } => Acting::Support,
        Actor::System | Actor::Guest => Acting::Guest,
    }
}

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

impl World {
    /// A tenant with people, an app that is licensed, an import that began, and whoever is of `staff` signed in.
    pub(crate) fn begun(edition: Edition) -> World {
        let clock = Instant::parse("2026-01-05T09:00:00Z").unwrap();
        let (views, entries) = (Views::default(), Vec::new());
        let mut world = World { views, entries, clock, secrets: 1, started: Position::START };
        let new = NewTenant {
            cloud_id: CloudId::new("abcimis").unwrap(),
            edition,
            customer: CustomerName::new("local").unwrap(),
            first_admin: None,
            manager_name: Sealed::clear("MANAGER"),
            manager_email: Some(SealedEmail { address: Sealed::clear("it@example.org"), valid: true }),
            secret: SecretVersion(1),
            further: Catalogue::default(),
        };
        let support = Actor::Support { operator: OperatorName::new("sal").unwrap() };
        let events = create_tenant(&new).into_iter().map(|event| (None, event)).collect();
        world.append(support.clone(), "create_tenant", events);
        world.append(support, "import_started", vec![(None, import_started(Ticket::new("T-9").unwrap(), None))]);
        world.started = world.views.timeline.last();
        world.enter("manager", SignInPlane::Platform, true);
        for id in &PEOPLE[1..] {
            let mut list = vec![
                json!({"name": "add_contact", "account": id, "full_name": id, "email": format!("{id}@example.org")}),
            ];
            if *id != "con" {
                let class = if *id == "pat" { "public" } else { "full" };
                list.push(
                    json!({"name": "create_credentials", "account": id, "username": id, "password": "Start-7-word",
                    "user_class": class}),
                );
                list.push(json!({"name": "assign_role", "account": id, "role": "RemoteService"}));
            }
            world.give("manager", &list).unwrap().unwrap();
        }
        for id in ["bob", "ann"] {
            let change = grantbook_decisions::change_password(&account(id), &world.case(Acting::Guest, true));
            world.append(Actor::Account { id: account(id), session: None }, "change_own_password", change.unwrap());
        }
        world
            .give("manager", &[json!({"name": "create_object", "object": "/a/b", "kind": "folder"})])
            .unwrap()
            .unwrap();
        let kinds = ["company", "committee", "chapter_fee", "company"];
        let organisations = ORGANISATIONS.iter().zip(kinds);
        let organisations: Vec<Value> = organisations
            .map(|(name, kind)| json!({"name": "create_organisation", "organisation": name, "kind": kind}))
            .collect();
        world.give("manager", &organisations).unwrap().unwrap();
        let subscribed = json!({"name": "record_subscription", "cloud_id": "abcimis", "app": "datastation", "status": "active",
            "from": "2026-01-01", "ticket": "T-1"});
        world.give("support", &[subscribed]).unwrap().unwrap();
        world.enter("bob", SignInPlane::Dashboard, true);
        world
    }

    pub(crate) fn last(&self) -> Position {
        self.views.timeline.last()
    }

    pub(crate) fn started(&self) -> Position {
        self.started
    }

    pub(crate) fn now(&self) -> AsOf {
        AsOf { position: self.last(), clock: self.clock }
    }

    fn outside(&mut self, right: bool) -> Outside {
        self.secrets += 1;
        let version = SecretVersion(self.secrets);
        Outside {
            new_password: Some((PasswordShape::ACCEPTED, version)),
            same_password: false,
            check: Some(if right { PasswordCheck::Matched } else { PasswordCheck::Wrong }),
            token: Some(version),
            seed: Some(version),
            webhook: Some(version),
            // Each code is of a later step than the ones before it.
            code: Some(if right { CodeCheck::Matched { step: self.secrets } } else { CodeCheck::Wrong }),
            ..Outside::default()
        }
    }

    fn case(&mut self, acting: Acting, right: bool) -> Case<'_> {
        let outside = self.outside(right);
        let now = self.now();
        Case { views: &self.views, before: now, now, acting, outside }
    }

    pub(crate) fn pass(&mut self, minutes: u32) {
        self.clock = self.clock.plus_minutes(minutes);
    }

    fn tick(&mut self) {
        self.clock = self.clock.just_after();
    }

    /// Somebody signs in, with the right password or a wrong one.
    pub(crate) fn enter(&mut self, id: &str, plane: SignInPlane, right: bool) {
        let attempt = SignIn { account: account(id), plane, client: Client::Browser, browser: 0 };
        let outcome = sign_in(&attempt, &self.case(Acting::Guest, right));
        match outcome {
            SignInOutcome::SignedIn { events, .. } => {
                self.append(Actor::Account { id: account(id), session: None }, "sign_in", events);
            }
            SignInOutcome::MustChange => {}
            SignInOutcome::Refused(refusal) => {
                if !refusal.recorded.events.is_empty() {
                    self.append(Actor::Guest, "sign_in", refusal.recorded.events);
                }
            }
        }
    }

    fn append(&mut self, actor: Actor, name: &str, events: Vec<(Option<Position>, Event)>) {
        let events = events.into_iter().map(|(authority, event)| Recorded { authority, command: 0, event }).collect();
        let entry = Entry { commands: vec![note(name)], events, ..self.entry(actor) };
        self.views.apply(&entry);
        self.entries.push(entry);
        self.tick();
    }

    fn entry(&self, actor: Actor) -> Entry {
        Entry { actor, ..Entry::bare(self.clock) }
    }

    /// Who acts: an account in its latest session that is alive; `None` where it has none.
    fn actor(&self, who: &str) -> Option<Actor> {
        match who {
            "support" => return Some(Actor::Support { operator: OperatorName::new("sal").unwrap() }),
            "import" => return Some(Actor::Account { id: account("elsewhere"), session: None }),
            _ => {} // any other is an account
        }
        let number = self.views.account(&account(who))?;
        let mut sessions = self.views.sessions.of_account(number).map(|session| session.position).rev();
        let alive = |session: &Position| {
            let question = Question {
                views: &self.views,
                who: Who::Account(number),
                standing: Standing::Session { signed_in: *session },
                on: On::Account(Some(number)),
                as_of: self.now(),
            };
            self.views.sessions.open(*session, self.now()) && may(&question, Capability::AccountEndSession).allowed()
        };
        let session = sessions.find(alive)?;
        Some(Actor::Account { id: account(who), session: Some(session) })
    }

    /// Somebody without a session comes in, where they can: changes the password first that another set, tries both planes.
    fn come_in(&mut self, who: &str) {
        let Some(number) = self.views.account(&account(who)).filter(|_| self.actor(who).is_none()) else { return };
        let pending = self.views.credentials.secret(number, self.last()).is_some_and(|(_, secret)| secret.must_change);
        if pending
            && let Ok(changed) = grantbook_decisions::change_password(&account(who), &self.case(Acting::Guest, true))
        {
            self.append(Actor::Account { id: account(who), session: None }, "change_own_password", changed);
        }
        for plane in [SignInPlane::Dashboard, SignInPlane::Platform] {
            if self.actor(who).is_none() {
                self.enter(who, plane, true);
            }
        }
    }

    /// Gives a list of commands as one entry. `None` where the actor has no session or a command is malformed.
    pub(crate) fn give(&mut self, who: &str, list: &[Value]) -> Option<Result<(), Refusal>> {
        self.come_in(who);
        let actor = self.actor(who)?;
        let door = if who == "support" { Door::Support } else { Door::Tenant };
        let nobody = |_: &grantbook_ledger::events::Username| None;
        let lookup = Lookup { account_by_username: &nobody, seal: &|_, _, text| Sealed::clear(text) };
        let commands: Option<Vec<Command>> = list
            .iter()
            .map(|value| parse(&CommandJson::from(value), door, &lookup).ok().map(|given| given.command))
            .collect();
        let commands = commands?;
        let outside: Vec<Outside> = commands.iter().map(|_| self.outside(!self.secrets.is_multiple_of(3))).collect();
        let commands: Vec<(Command, Outside)> = commands.into_iter().zip(outside).collect();
        let before = fingerprint(&self.views, self.last());
        let entry = self.entry(actor.clone());
        let outcome = decide_list(&mut self.views, self.started, entry, &commands);
        assert_eq!(fingerprint(&self.views, self.last()), before, "deciding leaves no trace");
        Some(match outcome {
            Ok(entry) => {
                self.views.apply(&entry);
                self.entries.push(entry);
                self.tick();
                Ok(())
            }
            Err(refusal) => {
                if !refusal.recorded.events.is_empty() {
                    let name = commands[0].0.name();
                    self.append(actor, name, refusal.recorded.events.clone());
                }
                Err(refusal)
            }
        })
    }
}

/// Decides a list as the writer does, on views that are left as they were.
pub(crate) fn decide_list(
    views: &mut Views,
    started: Position,
    mut entry: Entry,
    commands: &[(Command, Outside)],
) -> Result<Entry, Refusal> {
    let before = AsOf { position: views.timeline.last(), clock: entry.at };
    let by = acting(views, &entry.actor, started);
    entry.commands = commands.iter().map(|(command, _)| note(command.name())).collect();
    entry.events.clear();
    views.begin(&entry);
    let mut refused = None;
    for (index, (command, outside)) in (0u32..).zip(commands) {
        let position = if index == 0 { before.position } else { views.timeline.last() };
        let case = Case { views, before, now: AsOf { position, ..before }, acting: by, outside: *outside };
        match decide(command, &case) {
            Ok(events) => {
                let from = entry.events.len();
                let recorded =
                    events.into_iter().map(|(authority, event)| Recorded { authority, command: index, event });
                entry.events.extend(recorded);
                views.go_on(&entry, from);
            }
            Err(refusal) => {
                refused = Some(refusal);
                break;
            }
        }
    }
    views.retract();
    refused.map_or(Ok(entry), Err)
}

fn note(name: &str) -> CommandNote {
    CommandNote { name: CommandName::new(name).unwrap(), reason: None }
}
