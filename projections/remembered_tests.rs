//! That a view remembers what it was told, each value with its entry, and finds all of it again.

use grantbook_events::{
    Actor, BookEvent, Change, Client, CommandName, CommunityEvent, CommunityName, ContactDetails, ContactEvent, Entry,
    Event, Instant, Label, MailEvent, ModuleName, ObjectPath, OrganisationEvent, OrganisationKind, OrganisationName,
    Position, QueryEvent, QueryName, ReadScope, Recorded, RoleEvent, RuleId, Sealed, SealedEmail, SecretVersion,
    SignInEvent, SignInPlane,
};

use crate::told_for_tests::{account, contact, goes_on};
use crate::{AsOf, KeyScope, Views};

const THEN: &str = "2026-01-05T09:00:00Z";

fn happens(views: &mut Views, event: Event) -> Position {
    goes_on(views, THEN, None, vec![event])
}

#[test]
fn every_address_that_a_contact_had_is_remembered() {
    let mut views = Views::default();
    let added = happens(&mut views, contact("ann"));
    let other = SealedEmail { address: Sealed::clear("other@example.org"), valid: true };
    let details = Box::new(ContactDetails { email: Change::Set(other), ..ContactDetails::KEPT });
    let changed =
        happens(&mut views, Event::Contact(ContactEvent::ContactUpdated { account: account("ann"), details }));
    let who = views.account(&account("ann")).unwrap();
    let known = views.accounts.email_history(who).unwrap().changes();
    let known: Vec<_> = known.map(|(at, email)| (at, email.as_ref().unwrap().address.as_clear().unwrap())).collect();
    assert_eq!(known, [(added, "ann@example.org"), (changed, "other@example.org")]);
}

// rule: U3
#[test]
fn a_read_is_remembered_by_its_reader_session_and_scope() {
    let mut views = Views::default();
    let session = happens(&mut views, contact("ann"));
    let read = Event::Book(BookEvent::HistoryRead { account: Some(account("ann")), scope: ReadScope::Events });
    views.apply(&Entry {
        actor: Actor::Account { id: account("ann"), session: Some(session) },
        events: vec![Recorded { authority: None, command: 0, event: read }],
        ..Entry::bare(Instant::parse(THEN).unwrap())
    });
    let (ann, at) = (KeyScope::Account(account("ann")), views.timeline.last());
    assert_eq!(views.book.read_recorded(&ann, session, ReadScope::Events), Some(at));
    assert_eq!(views.book.read_recorded(&ann, session, ReadScope::Views), None);
    assert_eq!(views.book.read_recorded(&ann, session.next(), ReadScope::Events), None);
}

#[test]
fn whoever_acts_stands_in_the_entry() {
    let mut views = Views::default();
    happens(&mut views, contact("ann"));
    let actor = Actor::Account { id: account("ann"), session: None };
    views.apply(&Entry { actor, ..Entry::bare(Instant::parse(THEN).unwrap()) });
    let who = views.account(&account("ann")).unwrap();
    assert_eq!(views.mentions.of_account(who).collect::<Vec<_>>(), [Position(1), Position(2)]);
}

// rule: P2
#[test]
fn a_reset_that_was_sent_is_remembered_as_sent() {
    let mut views = Views::default();
    happens(&mut views, contact("ann"));
    let asked = MailEvent::PasswordResetRequested {
        account: account("ann"),
        site: ObjectPath::new("/portal").unwrap(),
        token: SecretVersion(7),
        expires_at: Instant::parse("2026-01-06T09:00:00Z").unwrap(),
    };
    let requested = happens(&mut views, Event::Mail(asked));
    let sent = MailEvent::PasswordResetSent { account: account("ann"), requested };
    let sent = happens(&mut views, Event::Mail(sent));
    let who = views.account(&account("ann")).unwrap();
    let when = |at| views.mail.reset(who, at).map(|reset| (reset.requested, reset.sent));
    assert_eq!(when(requested), Some((requested, None)));
    assert_eq!(when(sent), Some((requested, Some(sent))));
}

// rules: O14, O16
#[test]
fn an_organisation_remembers_its_terms_and_its_administrators() {
    let mut views = Views::default();
    let organisation = || OrganisationName::new("Board").unwrap();
    let label = |text| Some(Label::new(text).unwrap());
    happens(
        &mut views,
        Event::Organisation(OrganisationEvent::OrganisationCreated {
            organisation: organisation(),
            kind: OrganisationKind::Committee,
            full_name: "The Board".to_owned(),
        }),
    );
    happens(&mut views, contact("ann"));
    let joined = OrganisationEvent::OrganisationMemberAdded {
        organisation: organisation(),
        account: account("ann"),
        position: label("Treasurer"),
        from: None,
        until: None,
    };
    let joined = happens(&mut views, Event::Organisation(joined));
    let moved = OrganisationEvent::OrganisationMemberEdited {
        organisation: organisation(),
        account: account("ann"),
        position: label("Chair"),
        from: None,
        until: None,
    };
    let moved = happens(&mut views, Event::Organisation(moved));
    let assigned = OrganisationEvent::OrganisationAdminAssigned {
        organisation: organisation(),
        account: account("ann"),
        until: None,
    };
    let assigned = happens(&mut views, Event::Organisation(assigned));
    let (who, board) = (views.account(&account("ann")).unwrap(), views.names.organisations.get("board").unwrap());
    let held = views.organisations.terms(who, board, assigned);
    let held: Vec<_> = held.map(|(at, term)| (at, term.position.as_ref().unwrap().as_str().to_owned())).collect();
    assert_eq!(held, [(joined, "Treasurer".to_owned()), (moved, "Chair".to_owned())]);
    let rights: Vec<_> = views.organisations.ever_administered().map(|(who, of, _)| (who, of)).collect();
    assert_eq!(rights, [(who, board)]);
}

// rule: L1
#[test]
fn whoever_had_a_level_is_remembered_when_it_is_gone() {
    let mut views = Views::default();
    happens(&mut views, contact("ann"));
    for level in [4, 0] {
        let module = ModuleName::new("Customers").unwrap();
        happens(&mut views, Event::Role(RoleEvent::LevelSet { account: account("ann"), module, level, until: None }));
    }
    let (who, module) = (views.account(&account("ann")).unwrap(), views.names.modules.get("customers").unwrap());
    let ever: Vec<u32> = views.levels.ever_holders(module).map(|(who, _)| who).collect();
    assert_eq!(ever, [who]);
}

#[test]
fn communities_remember_whom_they_were_open_to() {
    let mut views = Views::default();
    let community = CommunityName::new("Forum").unwrap();
    let opened = happens(&mut views, Event::Community(CommunityEvent::CommunityOpened { community, group: None }));
    let number = views.names.communities.get("forum").unwrap();
    let changes: Vec<Position> = views.communities.history(number).unwrap().changes().map(|(at, _)| at).collect();
    assert_eq!(changes, [opened]);
}

// rule: Q1
#[test]
fn queries_are_listed_by_name_as_of_any_position() {
    let mut views = Views::default();
    let created = |name: &str| {
        Event::Query(QueryEvent::QueryCreated {
            query: QueryName::new(name).unwrap(),
            object: ObjectPath::new("/queries/one").unwrap(),
            out_of_box: false,
            via_api: false,
            personal_data: false,
            filtered_to_caller: false,
        })
    };
    let first = happens(&mut views, created("Unpaid"));
    let second = happens(&mut views, created("Members"));
    let listed = |at| views.queries.all(at).into_iter().map(|query| query.name.as_str()).collect::<Vec<_>>();
    assert_eq!((listed(first), listed(second)), (vec!["Unpaid"], vec!["Members", "Unpaid"]));
}

// rule: S4
#[test]
fn a_session_is_open_until_the_moment_of_its_end() {
    let mut views = Views::default();
    happens(&mut views, contact("ann"));
    let ends = Instant::parse("2026-01-05T10:00:00Z").unwrap();
    let signed_in = SignInEvent::SignedIn {
        account: account("ann"),
        plane: SignInPlane::Platform,
        client: Client::Browser,
        browser: 0,
        token: SecretVersion(7),
        expires_at: ends,
        expiration: None,
    };
    let session = happens(&mut views, Event::SignIn(signed_in));
    let open = |clock| views.sessions.open(session, AsOf { position: session, clock });
    assert_eq!((open(ends.just_before()), open(ends)), (true, false));
    let before = AsOf { position: session.before(), clock: ends.just_before() };
    assert!(!views.sessions.open(session, before), "not before it began");
}

// rule: U1
#[test]
fn a_refusal_that_was_never_recorded_is_forgotten() {
    let mut views = Views::default();
    happens(&mut views, contact("ann"));
    let refused = || {
        Event::Book(BookEvent::CommandRefused {
            account: account("ann"),
            command: CommandName::new("add_admin").unwrap(),
            subject: None,
            rule: RuleId::new("F9").unwrap(),
        })
    };
    let kept = happens(&mut views, refused());
    happens(&mut views, refused());
    views.retract();
    let known: Vec<Position> = views.refusals.to(Position::GREATEST).iter().map(|refusal| refusal.position).collect();
    assert_eq!(known, [kept]);
}
