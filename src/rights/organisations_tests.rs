//! Which organisations one sees, and what a right on one rests on.

use grantbook_events::{
    AccountId, Change, CommandName, CommandNote, ContactCondition, ContactDetails, ContactEvent, CredentialsEvent,
    Entry, Event, Instant, KeyId, OrganisationEvent, OrganisationKind, OrganisationName, Position, Recorded, Sealed,
    SecretVersion, UserClass, Username, VisibilityAudience, VisibilityEvent,
};
use grantbook_projections::{AsOf, Cause, Views};

use crate::condition::{Node, NodeKind};
use crate::{
    Capability, Fact, On, Question, Standing, Verdict, Who, explain, may, primary_organisation, seen_organisations,
};

fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

fn organisation(name: &str) -> OrganisationName {
    OrganisationName::new(name).unwrap()
}

/// A book that goes on by an entry a minute.
#[derive(Default)]
struct Book {
    views: Views,
}

impl Book {
    fn goes_on(&mut self, event: Event) -> Position {
        let minutes = u32::try_from(self.views.timeline.last().0).unwrap();
        let entry = Entry {
            commands: vec![CommandNote { name: CommandName::new("command").unwrap(), reason: None }],
            events: vec![Recorded { authority: None, command: 0, event }],
            ..Entry::bare(Instant::parse("2026-01-05T09:00:00Z").unwrap().plus_minutes(minutes))
        };
        self.views.apply(&entry);
        self.views.timeline.last()
    }

    fn contact(&mut self, id: &str) {
        let details = ContactDetails { full_name: Change::Set(Sealed::clear(id)), ..ContactDetails::KEPT };
        let (account, details) = (account(id), Box::new(details));
        self.goes_on(Event::Contact(ContactEvent::ContactAdded { account, key: KeyId(0), details }));
        self.goes_on(Event::Credentials(CredentialsEvent::CredentialsCreated {
            account: self::account(id),
            username: Username::new(id).unwrap(),
            user_class: UserClass::Public,
            email: None,
            secret: SecretVersion(1),
            must_change: false,
        }));
    }

    fn created(&mut self, name: &str, kind: OrganisationKind) -> Position {
        let (organisation, full_name) = (organisation(name), name.to_owned());
        self.goes_on(Event::Organisation(OrganisationEvent::OrganisationCreated { organisation, kind, full_name }))
    }

    fn joins(&mut self, id: &str, name: &str) -> Position {
        let (organisation, account) = (organisation(name), account(id));
        let (position, from, until) = (None, None, None);
        let added = OrganisationEvent::OrganisationMemberAdded { organisation, account, position, from, until };
        self.goes_on(Event::Organisation(added))
    }

    fn administers(&mut self, id: &str, name: &str) -> Position {
        let (organisation, account) = (organisation(name), account(id));
        let assigned = OrganisationEvent::OrganisationAdminAssigned { organisation, account, until: None };
        self.goes_on(Event::Organisation(assigned))
    }

    fn now(&self) -> AsOf {
        self.views.timeline.as_of(self.views.timeline.last())
    }

    fn number(&self, name: &str) -> u32 {
        self.views.names.organisations.get(name).unwrap()
    }

    fn seen_by(&self, id: &str) -> Vec<&str> {
        let who = self.views.account(&account(id)).unwrap();
        let seen = seen_organisations(&self.views, who, self.now());
        seen.into_iter().map(|number| self.views.names.organisations.text(number)).collect()
    }
}

// rule: O17
// rule: O20
#[test]
fn one_sees_the_primary_company_and_every_chapter_and_whoever_administers_a_company_sees_all_of_theirs() {
    let mut book = Book::default();
    book.contact("ann");
    for (name, kind) in [
        ("acme", OrganisationKind::Company),
        ("brick", OrganisationKind::Company),
        ("cork", OrganisationKind::Company),
        ("north", OrganisationKind::ChapterNonFee),
    ] {
        book.created(name, kind);
    }
    book.joins("ann", "brick");
    book.joins("ann", "north");
    book.joins("ann", "acme");
    assert_eq!(book.seen_by("ann"), ["brick", "north"]);
    let who = book.views.account(&account("ann")).unwrap();
    assert_eq!(primary_organisation(&book.views, who, book.now()), Some(book.number("brick")));
    // A company of which she is no member (rule: O14).
    book.administers("ann", "cork");
    assert_eq!(book.seen_by("ann"), ["acme", "brick", "cork", "north"]);
    // Disabled, she administers nothing.
    book.goes_on(Event::Credentials(CredentialsEvent::AccountDisabled { account: account("ann") }));
    assert_eq!(book.seen_by("ann"), ["brick", "north"]);
}

fn cause_of(node: &Node, wanted: Fact) -> Option<Cause> {
    match &node.kind {
        NodeKind::Fact { fact, cause, .. } => cause.filter(|_| *fact == wanted),
        NodeKind::All(nodes) | NodeKind::Any(nodes) => nodes.iter().find_map(|node| cause_of(node, wanted)),
    }
}

// rule: O1
#[test]
fn that_a_company_needs_no_licence_rests_on_its_being_one() {
    let mut book = Book::default();
    book.contact("ann");
    let created = book.created("acme", OrganisationKind::Company);
    let assigned = book.administers("ann", "acme");
    let question = Question {
        views: &book.views,
        who: Who::Account(book.views.account(&account("ann")).unwrap()),
        standing: Standing::Given,
        on: On::Organisation(book.number("acme")),
        as_of: book.now(),
    };
    let node = explain(&question, Capability::OrganisationEditContact);
    assert_eq!(cause_of(&node, Fact::OrganisationAdmin), Some(Cause::Entry(assigned)));
    assert_eq!(cause_of(&node, Fact::LicensedAsChapter), Some(Cause::Entry(created)));
}

// rule: O21
#[test]
fn whoever_acts_for_one_company_sees_nobody_of_another_of_theirs() {
    let mut book = Book::default();
    for id in ["ann", "both", "mine", "other", "nobodys"] {
        book.contact(id);
    }
    for name in ["acme", "brick", "cork"] {
        book.created(name, OrganisationKind::Company);
    }
    for (id, name) in [("mine", "acme"), ("both", "acme"), ("both", "brick"), ("other", "brick"), ("nobodys", "cork")] {
        book.joins(id, name);
    }
    let everybody = VisibilityEvent::ContactVisibilityDefined {
        audience: VisibilityAudience::Everyone,
        condition: ContactCondition::All(Vec::new()),
    };
    book.goes_on(Event::Visibility(everybody));
    book.administers("ann", "acme");
    let may_see = |book: &Book, who: &str, contact: &str, acting_for: Option<&str>| {
        let number = |id: &str| book.views.account(&account(id)).unwrap();
        let contact = number(contact);
        let on = acting_for
            .map_or(On::Account(Some(contact)), |name| On::Contact { contact, acting_for: book.number(name) });
        let (who, standing) = (Who::Account(number(who)), Standing::Fresh);
        match may(&Question { views: &book.views, who, standing, on, as_of: book.now() }, Capability::ContactView) {
            Verdict::Allowed { .. } => "yes",
            Verdict::Refused(refused) => refused.rule,
        }
    };
    // Who administers one company has no other to keep out of sight.
    assert_eq!(may_see(&book, "ann", "other", Some("acme")), "yes");
    let both = book.administers("ann", "brick");
    for (contact, acting_for, expected) in [
        ("mine", Some("acme"), "yes"),
        ("both", Some("acme"), "yes"),
        ("other", Some("acme"), "O21"),
        ("nobodys", Some("acme"), "yes"),
        ("ann", Some("acme"), "yes"),
        ("other", Some("brick"), "yes"),
        ("mine", Some("brick"), "O21"),
        ("other", None, "yes"),
        ("mine", Some("cork"), "O14"),
    ] {
        assert_eq!(may_see(&book, "ann", contact, acting_for), expected, "{contact} for {acting_for:?}");
    }
    assert_eq!(may_see(&book, "mine", "both", Some("acme")), "O14", "a member acts for nobody");
    let number = |id: &str| book.views.account(&account(id)).unwrap();
    let question = Question {
        views: &book.views,
        who: Who::Account(number("ann")),
        standing: Standing::Fresh,
        on: On::Contact { contact: number("other"), acting_for: book.number("acme") },
        as_of: book.now(),
    };
    let node = explain(&question, Capability::ContactView);
    assert!(!node.holds);
    // It hangs on the membership there, which is one since before she administered it.
    assert!(cause_of(&node, Fact::OfNoOtherCompany).is_some_and(|cause| cause < Cause::Entry(both)));
}
