//! Who can, and who could when: each stretch of it, and among whom a question looks.

use grantbook_events::{
    AccessRight, Change, CommunityEvent, CommunityName, CommunityRight, ContactCondition, ContactDetails, ContactEvent,
    ContactField, ContentAuthorityEvent, ContentRight, CredentialsEvent, Event, GroupEvent, Instant, Label, Licence,
    ModuleName, ObjectEvent, ObjectKind, OrganisationEvent, OrganisationKind, OrganisationName, Position, Principal,
    QueryEvent, QueryName, RoleEvent, SecuritySet, TenantEvent, UserClass, VisibilityAudience, VisibilityEvent,
};
use grantbook_projections::Cause;
use grantbook_rights::{Capability, On, Standing, candidates_on};

use crate::history_for_tests::{History, account, group, path, role};
use crate::who_can::{Search, WhoAsked, who_asked, who_can};

fn created(object: &str) -> Event {
    let kind = ObjectKind::Content;
    Event::Object(ObjectEvent::ObjectCreated { object: path(object), kind, public: false, active: true })
}

fn set(object: &str, set: SecuritySet) -> Event {
    Event::Object(ObjectEvent::AccessSet { object: path(object), set })
}

fn granted(object: &str, principal: Principal, until: Option<Instant>) -> Event {
    let (object, right) = (path(object), AccessRight::Edit);
    Event::Object(ObjectEvent::AccessGranted { object, principal, right, until })
}

fn to_account(id: &str) -> Principal {
    Principal::Account(account(id))
}

/// What is asked of everybody, from a position on; of one point where there is none.
fn asked(history: &History, capability: &str, on: Option<&str>, from: Option<Position>) -> WhoAsked {
    let from = from.map(|from| history.views.timeline.as_of(from));
    who_asked(&history.shown(history.last()), capability, on, Standing::Fresh, from).unwrap()
}

/// The stretches of time from a position on in which Mia could.
fn stretches(history: &History, capability: &str, on: &str, from: Position) -> Vec<(Cause, Option<Cause>)> {
    let found = who_can(&history.shown(history.last()), &asked(history, capability, Some(on), Some(from)));
    let mia = found.accounts.into_iter().find(|able| able.account == "mia");
    let intervals = mia.into_iter().flat_map(|able| able.intervals);
    intervals.map(|interval| (interval.from.cause, interval.to.map(|to| to.cause))).collect()
}

/// The start, with Mia, who signs in and is not staff.
fn with_mia() -> History {
    let mut history = History::begun();
    let credentials = history.credentials("mia", "mia");
    let public = CredentialsEvent::UserClassSet { account: account("mia"), user_class: UserClass::Public };
    history.act("manager", vec![History::contact("mia", "Mia M."), credentials, Event::Credentials(public)]);
    history
}

// rules: N2, N3, G6, G10
#[test]
fn who_could_edit_an_object_follows_its_settings_and_those_above_it() {
    let mut history = with_mia();
    let renamed = |from: &str, to: &str| {
        let (role, new_name) = (role(from), Some(role(to)));
        Event::Role(RoleEvent::RoleEdited { role, new_name, description: None })
    };
    history.act("manager", vec![created("/site/news")]);
    let above = history.act("manager", vec![set("/site", SecuritySet::AuthenticatedFullControl)]);
    let own = history.act("manager", vec![granted("/site/news", to_account("manager"), None)]);
    let end = Instant::parse("2026-01-06T00:00:00Z").unwrap();
    let hers = history.act("manager", vec![granted("/site/news", to_account("mia"), Some(end))]);
    history.pass_to("2026-01-07T00:00:00Z");
    let cleared =
        history.act("manager", vec![Event::Object(ObjectEvent::AccessCleared { object: path("/site/news") })]);
    let closed = history.act("manager", vec![set("/site", SecuritySet::SysadminOnly)]);
    let helper = Event::Role(RoleEvent::RoleCreated { role: role("Helper"), description: String::new() });
    history.act("manager", vec![helper, History::assign("mia", "Helper")]);
    // Whoever holds the role that is called so then.
    let to_role = history.act("manager", vec![granted("/site", Principal::Role(role("Helper")), None)]);
    let away = history.act("manager", vec![renamed("Helper", "Aide")]);
    let back = history.act("manager", vec![renamed("Aide", "Helper")]);
    let entry = Cause::Entry;
    let all = [
        (entry(above), Some(entry(own))),
        (entry(hers), Some(Cause::Clock(end))),
        (entry(cleared), Some(entry(closed))),
        (entry(to_role), Some(entry(away))),
        (entry(back), None),
    ];
    assert_eq!(stretches(&history, "object.edit", "/site/news", Position(1)), all);
    assert_eq!(stretches(&history, "object.edit", "/site/news", closed), all[3..]);
    assert_eq!(stretches(&history, "object.delete", "/site/news", closed), []);
}

// rule: Q2
#[test]
fn who_could_run_a_query_over_the_api_follows_its_flag() {
    let mut history = with_mia();
    let query = || QueryName::new("members").unwrap();
    let query_created = QueryEvent::QueryCreated {
        query: query(),
        object: path("/queries/members"),
        out_of_box: false,
        via_api: false,
        personal_data: false,
        filtered_to_caller: false,
    };
    let flagged = |via_api| {
        let (personal_data, filtered_to_caller) = (None, None);
        Event::Query(QueryEvent::QueryEdited {
            query: query(),
            via_api: Some(via_api),
            personal_data,
            filtered_to_caller,
        })
    };
    let open = set("/queries/members", SecuritySet::AuthenticatedRead);
    history.act("manager", vec![created("/queries/members"), Event::Query(query_created), open]);
    let on = history.act("manager", vec![flagged(true)]);
    let off = history.act("manager", vec![flagged(false)]);
    let span = (Cause::Entry(on), Some(Cause::Entry(off)));
    assert_eq!(stretches(&history, "query.run_via_api", "members", Position(1)), [span]);
}

// rule: V1
#[test]
fn who_could_see_a_contact_follows_what_it_is_and_who_is_visible() {
    let mut history = with_mia();
    let status = |value: Option<&str>| {
        let status = value.map_or(Change::Cleared, |value| Change::Set(Label::new(value).unwrap()));
        let details = Box::new(ContactDetails { status, ..ContactDetails::KEPT });
        Event::Contact(ContactEvent::ContactUpdated { account: account("con"), details })
    };
    let visible = |condition| {
        let audience = VisibilityAudience::Everyone;
        Event::Visibility(VisibilityEvent::ContactVisibilityDefined { audience, condition })
    };
    let listed = ContactCondition::Is(ContactField::Status, Label::new("listed").unwrap());
    history.act("manager", vec![History::contact("con", "Con"), visible(listed)]);
    let shown = history.act("manager", vec![status(Some("listed"))]);
    let hidden = history.act("manager", vec![status(None)]);
    let all = history.act("manager", vec![visible(ContactCondition::All(Vec::new()))]);
    let nobody = history.act("manager", vec![visible(ContactCondition::Any(Vec::new()))]);
    let expected = [(shown, hidden), (all, nobody)].map(|(from, to)| (Cause::Entry(from), Some(Cause::Entry(to))));
    assert_eq!(stretches(&history, "contact.view", "con", Position(1)), expected);
}

// rules: O1, O19
#[test]
fn who_could_administer_a_chapter_follows_its_licence() {
    let mut history = with_mia();
    let organisation = || OrganisationName::new("north").unwrap();
    let licence = |until| Event::Tenant(TenantEvent::LicenceRecorded { licence: Licence::GroupAdminPlus, until });
    let chapter = OrganisationEvent::OrganisationCreated {
        organisation: organisation(),
        kind: OrganisationKind::ChapterNonFee,
        full_name: "North".to_owned(),
    };
    let (position, from, until) = (None, None, None);
    let member = OrganisationEvent::OrganisationMemberAdded {
        organisation: organisation(),
        account: account("mia"),
        position,
        from,
        until,
    };
    let assigned =
        OrganisationEvent::OrganisationAdminAssigned { organisation: organisation(), account: account("mia"), until };
    history.act("manager", [chapter, member, assigned].map(Event::Organisation).to_vec());
    let end = Instant::parse("2026-01-06T00:00:00Z").unwrap();
    let licensed = history.support(vec![licence(Some(end))]);
    history.pass_to("2026-01-07T00:00:00Z");
    let again = history.support(vec![licence(None)]);
    let expected = [(Cause::Entry(licensed), Some(Cause::Clock(end))), (Cause::Entry(again), None)];
    assert_eq!(stretches(&history, "organisation.edit_contact", "north", Position(1)), expected);
}

/// The example, with something of every kind that bounds whom a question concerns. Veronica was in Reporting once.
fn with_something_of_every_kind() -> History {
    let mut history = History::example();
    let reporting = || Principal::Group(group("Reporting"));
    let (organisation, gardeners) = (OrganisationName::new("acme").unwrap(), CommunityName::new("Gardeners").unwrap());
    let level = RoleEvent::LevelSet {
        account: account("jeff"),
        module: ModuleName::new("Customers").unwrap(),
        level: 4,
        until: None,
    };
    let in_community = |right, principal| {
        let community = gardeners.clone();
        Event::Community(CommunityEvent::CommunityRightGranted { community, right, principal, until: None })
    };
    let veronica = || account("veronica");
    history.act(
        "manager",
        vec![
            Event::Role(level),
            Event::Group(GroupEvent::GroupMemberAdded { group: group("Reporting"), account: veronica(), until: None }),
            Event::Organisation(OrganisationEvent::OrganisationCreated {
                organisation: organisation.clone(),
                kind: OrganisationKind::Company,
                full_name: "Acme".to_owned(),
            }),
            Event::Organisation(OrganisationEvent::OrganisationAdminAssigned {
                organisation,
                account: account("sarah"),
                until: None,
            }),
            Event::Community(CommunityEvent::CommunityCreated { community: gardeners.clone(), group: None }),
            in_community(CommunityRight::CreateWiki, reporting()),
            in_community(CommunityRight::Administer, to_account("rebecca")),
        ],
    );
    let editors = ContentAuthorityEvent::ContentAuthorityGroupCreated {
        group: group("editors"),
        master: false,
        covers: vec![path("/own")],
    };
    let editor = ContentAuthorityEvent::ContentAuthorityMemberAdded {
        group: group("editors"),
        account: veronica(),
        rights: vec![ContentRight::Edit],
        until: None,
    };
    let objects = ["/open", "/closed", "/reports", "/own/below", "/staff", "/elsewhere", "/was"].map(created);
    history.act("manager", [objects.to_vec(), [editors, editor].map(Event::ContentAuthority).to_vec()].concat());
    history.act(
        "manager",
        vec![
            set("/open", SecuritySet::EveryoneFullControl),
            set("/closed", SecuritySet::SysadminOnly),
            set("/reports", SecuritySet::ReportingFullControl),
            granted("/own", to_account("sarah"), None),
            granted("/own", reporting(), None),
            granted("/staff", Principal::Staff, None),
            set("/was", SecuritySet::AuthenticatedFullControl),
        ],
    );
    let left = GroupEvent::GroupMemberRemoved { group: group("Reporting"), account: veronica() };
    history.act("manager", vec![set("/was", SecuritySet::SysadminOnly), Event::Group(left)]);
    history
}

/// Whom a question can concern from a position on, by id; `None` where it may be anybody.
fn concerned(history: &History, capability: Capability, on: On, from: Position) -> Option<Vec<&str>> {
    let found = candidates_on(&history.views, capability, on, from, history.last())?;
    let mut ids: Vec<&str> = found.into_iter().map(|who| history.views.names.accounts.text(who)).collect();
    ids.sort_unstable();
    Some(ids)
}

#[test]
fn only_those_are_looked_at_who_can_ever_have_been_given_it() {
    let history = with_something_of_every_kind();
    let (start, last) = (Position(1), history.last());
    let anybody = "anybody";
    for (capability, on, from, expected) in [
        ("app.use", Some("datastation"), start, "jeff"),
        ("app.report_use", None, start, "daemon"),
        ("dashboard.manage_admins", None, start, "bob jeff manager"),
        ("roles.assign", None, start, "daemon manager"),
        ("credentials.create", Some("mia"), start, "daemon jeff manager"),
        ("credentials.change_own_password", Some("mia"), start, "mia"),
        ("account.impersonate", Some("mia"), start, ""),
        ("reports.area", None, start, "daemon manager veronica"),
        ("organisation.edit", Some("acme"), start, "daemon manager sarah"),
        ("community.create_wiki", Some("Gardeners"), start, "daemon manager rebecca veronica"),
        ("community.administer", Some("Gardeners"), start, "daemon manager rebecca"),
        ("content.edit", Some("/own/below"), start, "daemon manager veronica"),
        ("contacts.access", None, start, anybody),
        ("dashboard.sign_in", None, start, anybody),
        // Of an object, whom its setting and those that it inherits let in at any time of the span.
        ("object.edit", Some("/closed"), last, "daemon manager"),
        ("object.edit", Some("/reports"), last, "daemon manager veronica"),
        ("object.edit", Some("/own"), last, "daemon manager sarah veronica"),
        ("object.edit", Some("/own/below"), last, "daemon manager sarah veronica"),
        ("object.edit", Some("/open"), last, anybody),
        ("object.edit", Some("/staff"), last, anybody),
        ("object.edit", Some("/elsewhere"), last, anybody),
        ("object.edit", Some("/was"), last, "daemon manager"),
        ("object.edit", Some("/was"), last.before(), anybody),
        ("object.edit", Some("/closed"), start, anybody),
    ] {
        let asked = asked(&history, capability, on, Some(from));
        let concerned = concerned(&history, asked.capability, asked.on, from);
        let told = concerned.map_or_else(|| anybody.to_owned(), |ids| ids.join(" "));
        assert_eq!(told, expected, "{capability} on {on:?} from {from}");
        // It is everybody of whom it is so, each asked alone.
        let shown = history.shown(last);
        let found = who_can(&shown, &asked).accounts;
        let alone = |(who, _): (u32, &str)| {
            let mut search = Search::of_one(&shown, &asked, who);
            while search.goes_on(&shown, 1) {}
            search.found().accounts
        };
        let each: Vec<_> = history.views.names.accounts.later(None).flat_map(alone).collect();
        assert_eq!(found, each, "{capability} on {on:?} from {from}");
    }
    // Acting for an organisation, one looks at the contact.
    let contact = history.views.account(&account("mia")).unwrap();
    let on = On::Contact { contact, acting_for: history.views.names.organisations.get("acme").unwrap() };
    assert_eq!(concerned(&history, Capability::CredentialsChangeOwnPassword, on, last), Some(vec!["mia"]));
}
