//! Views in which what follows from other facts is wrong, as a file of kept views would have it: written and read by serde
//! and bincode, with one thing changed in between.

use std::collections::{BTreeSet, HashMap};

use grantbook_events::{
    AccessRight, Actor, AppName, BookEvent, CapabilityName, CommunityEvent, CommunityName, CommunityRight,
    ContentAuthorityEvent, ContentRight, CredentialsEvent, CustomerName, Date, Event, GroupEvent, GroupName,
    InstallationEvent, Instant, KeyId, ModuleName, ObjectEvent, ObjectKind, OrganisationEvent, OrganisationKind,
    OrganisationName, Position, Principal, ProductName, QueryEvent, QueryName, ReviewDecision, ReviewEvent, ReviewItem,
    ReviewName, ReviewScope, RoleEvent, Sealed, SealedEmail, SeparationEvent, SeparationName, SessionEnd, Setting,
    SignInPlane, SubscriptionStatus, UserClass, Username,
};
use grantbook_projections::{
    AccessSetting, App, Closing, CloudIdRequest, Community, ContentGroup, Customer, Genesis, Group, Lock, Meant,
    Object, Organisation, Product, Query, ReadinessCheck, Review, Role, SecondFactor, Secret, Separation, Session,
    Subscription, SystemRole, Term, Views, Withheld,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{fingerprint, fingerprint_parts, part_fingerprint, parts};
use crate::history_for_tests::{History, account, app, group, path, role};

/// Facts of one kind as they are written: of each its changes.
type Facts<T> = Vec<Vec<(u64, T)>>;
/// Holder or thing, and the number of the grant.
type Lists = Vec<Vec<(u32, u32)>>;
/// Grants, things by holder, holders by thing, the grants of those who hold many, those that ever had an end.
type Held = (Vec<Vec<u64>>, Lists, Lists, HashMap<(u32, u32), u32>, BTreeSet<(u32, u32)>);
/// Texts, and their order.
type Names = (Vec<String>, Vec<u32>);
/// The same without case, and other spellings.
type Folded = (Names, HashMap<String, u32>);

type Roles = (Facts<Option<Role>>, Facts<Option<u32>>, Held, u32);
type Granted<H> = (Held, Vec<H>, Vec<(Option<Meant>, AccessRight)>, HashMap<H, u32>);
type Objects = (Facts<Option<Object>>, Facts<AccessSetting>, Granted<(Principal, AccessRight)>);
type CommunityHolder = (CommunityRight, Principal);
type Communities = (Facts<Community>, Held, Vec<CommunityHolder>, HashMap<CommunityHolder, u32>);
type Queries = (Facts<Option<Query>>, Facts<Option<u32>>);
type Sessions = (Vec<Session>, Facts<SessionEnd>, HashMap<u32, Vec<u32>>, Vec<(u64, Instant, u32)>);
type Dates = (Facts<bool>, Facts<bool>, Facts<Option<Date>>, Facts<Option<Date>>);
type Doors = (Facts<Option<Secret>>, Facts<Option<SecondFactor>>, Dates, Facts<u32>, Facts<Option<Lock>>);
type Owners = (Facts<Option<u32>>, HashMap<u32, Vec<u32>>);
type Named = (Facts<Option<Username>>, Facts<bool>, Facts<Option<UserClass>>, Facts<Option<SealedEmail>>);
type Credentials = (Named, Doors, Owners);
type Slots<K> = HashMap<K, u32>;
type Organisations = (Facts<Organisation>, Held, Slots<(u32, u32)>, Facts<Term>, Held, Facts<Option<Instant>>);
type Said = (Facts<ReviewDecision>, Facts<Withheld>);
type Reviews = (Folded, Facts<Review>, Facts<Closing>, Slots<(u32, ReviewItem)>, Said);
type Tenant = (Facts<Genesis>, Facts<Option<Instant>>, Facts<App>, Facts<ModuleName>, Facts<()>);
type OfCustomers = (Facts<(u32, AppName, Subscription)>, Vec<CloudIdRequest>, Vec<ReadinessCheck>);
type Customers = (Folded, Facts<Customer>, Names, OfCustomers);

fn written(view: &impl Serialize) -> Vec<u8> {
    bincode::serde::encode_to_vec(view, bincode::config::standard()).unwrap()
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> T {
    let (view, length) = bincode::serde::decode_from_slice(bytes, bincode::config::standard()).unwrap();
    assert_eq!(length, bytes.len());
    view
}

/// A view as it would be read had it been written so.
fn forge<V, M>(view: &mut V, change: impl FnOnce(&mut M))
where
    V: Serialize + DeserializeOwned,
    M: Serialize + DeserializeOwned,
{
    let mut kept: M = read(&written(view));
    change(&mut kept);
    *view = read(&written(&kept));
}

fn group_name(number: u32) -> GroupName {
    group(&format!("Team {number}"))
}

fn community(name: &str) -> CommunityName {
    CommunityName::new(name).unwrap()
}

fn company(name: &str) -> OrganisationName {
    OrganisationName::new(name).unwrap()
}

fn customer(name: &str) -> CustomerName {
    CustomerName::new(name).unwrap()
}

/// The organisation example, and of everything that is said twice something.
fn history() -> History {
    let mut history = History::example();
    let until = Some(Instant::parse("2031-01-01T00:00:00Z").unwrap());
    roles_and_groups(&mut history, until);
    objects_and_content(&mut history, until);
    organisations_and_communities(&mut history, until);
    let timeout = |value| Event::Book(BookEvent::SettingChanged { setting: Setting::SessionTimeoutMinutes, value });
    history.sign_in("sarah", SignInPlane::Dashboard);
    history.act("manager", vec![timeout(600), timeout(300)]);
    history.sign_in("sarah", SignInPlane::Platform);
    history.sign_in("jeff", SignInPlane::Dashboard);
    history.act("manager", vec![timeout(0)]);
    let named = |username: &str| {
        let username = Username::new(username).unwrap();
        vec![Event::Credentials(CredentialsEvent::UsernameChanged { account: account("sarah"), username })]
    };
    history.act("manager", named("Sarah.E"));
    reviews_and_customers(&mut history);
    history
}

fn roles_and_groups(history: &mut History, until: Option<Instant>) {
    let created = |name| Event::Role(RoleEvent::RoleCreated { role: role(name), description: String::new() });
    history.act("manager", vec![created("Editors"), created("Writers"), created("Passing")]);
    let edited = |name, new_name: Option<&str>, description: &str| {
        let (new_name, description) = (new_name.map(role), Some(description.to_owned()));
        Event::Role(RoleEvent::RoleEdited { role: role(name), new_name, description })
    };
    // Called anew by another, by its own with other letters, and by what another was called before.
    history.act("manager", vec![edited("Writers", Some("Authors"), "write")]);
    history.act("manager", vec![edited("authors", Some("AUTHORS"), "write more"), edited("Editors", None, "edit")]);
    history.act("manager", vec![Event::Role(RoleEvent::RoleDeleted { role: role("Passing") }), created("passing")]);
    history.act("manager", vec![edited("passing", Some("Writers"), ""), created("Passing")]);
    let assigned = |id, name| RoleEvent::RoleAssigned { account: account(id), role: role(name), until };
    history.act("manager", vec![Event::Role(assigned("sarah", "Editors")), Event::Role(assigned("jeff", "AUTHORS"))]);
    let groups = (0..20)
        .map(|number| Event::Group(GroupEvent::GroupCreated { group: group_name(number), description: String::new() }));
    history.act("manager", groups.collect());
    let added = |id, number| {
        Event::Group(GroupEvent::GroupMemberAdded { group: group_name(number), account: account(id), until })
    };
    history.act("manager", (0..18).map(|number| added("sarah", number)).chain([added("jeff", 0)]).collect());
    let product = ProductName::new("Handbook").unwrap();
    let registered = GroupEvent::ProductRegistered { product: product.clone(), group: Some(group_name(3)) };
    let bought = GroupEvent::PurchaseRecorded { product, account: account("jeff"), until: None };
    history.act("manager", vec![Event::Group(registered), Event::Group(bought)]);
}

fn objects_and_content(history: &mut History, until: Option<Instant>) {
    let created =
        |object, kind| Event::Object(ObjectEvent::ObjectCreated { object, kind, public: false, active: true });
    let granted = |object, principal, right| {
        Event::Object(ObjectEvent::AccessGranted { object: path(object), principal, right, until })
    };
    let events = vec![
        created(path("/site"), ObjectKind::Site),
        granted("/site", Principal::Role(role("Editors")), AccessRight::Edit),
        granted("/site", Principal::Role(role("authors")), AccessRight::Read),
        granted("/site", Principal::Role(role("SysAdmin")), AccessRight::FullControl),
        granted("/site", Principal::Group(group_name(0)), AccessRight::Read),
        granted("/site/pages", Principal::Account(account("sarah")), AccessRight::Delete),
        granted("/site/pages", Principal::Staff, AccessRight::Read),
    ];
    history.act("manager", events);
    for (name, object) in [("Members", "/queries/members"), ("Payments", "/queries/payments")] {
        let query = QueryEvent::QueryCreated {
            query: QueryName::new(name).unwrap(),
            object: path(object),
            out_of_box: false,
            via_api: false,
            personal_data: name == "Members",
            filtered_to_caller: false,
        };
        history.act("manager", vec![created(path(object), ObjectKind::Query), Event::Query(query)]);
    }
    for (name, covered) in [("Web", "/site"), ("News", "/site/pages")] {
        let (group, covers) = (group(name), vec![path(covered)]);
        let group_created =
            ContentAuthorityEvent::ContentAuthorityGroupCreated { group: group.clone(), master: false, covers };
        let member = ContentAuthorityEvent::ContentAuthorityMemberAdded {
            group,
            account: account(if name == "Web" { "sarah" } else { "jeff" }),
            rights: vec![ContentRight::Edit],
            until,
        };
        history.act("manager", vec![Event::ContentAuthority(group_created), Event::ContentAuthority(member)]);
    }
}

fn organisations_and_communities(history: &mut History, until: Option<Instant>) {
    for name in ["Acme", "Bolts"] {
        let created = OrganisationEvent::OrganisationCreated {
            organisation: company(name),
            kind: OrganisationKind::Company,
            full_name: String::new(),
        };
        history.act("manager", vec![Event::Organisation(created)]);
    }
    let member = |id| OrganisationEvent::OrganisationMemberAdded {
        organisation: company("acme"),
        account: account(id),
        position: None,
        from: None,
        until: None,
    };
    let administers = OrganisationEvent::OrganisationAdminAssigned {
        organisation: company("Acme"),
        account: account("sarah"),
        until,
    };
    history.act("manager", [member("sarah"), member("jeff"), administers].map(Event::Organisation).to_vec());
    for name in ["Gardeners", "Cooks"] {
        let created = CommunityEvent::CommunityCreated { community: community(name), group: None };
        history.act("manager", vec![Event::Community(created)]);
    }
    let granted = |id, right| CommunityEvent::CommunityRightGranted {
        community: community("gardeners"),
        right,
        principal: Principal::Account(account(id)),
        until,
    };
    let rights = [granted("sarah", CommunityRight::Administer), granted("jeff", CommunityRight::CreateWiki)];
    history.act("manager", rights.map(Event::Community).to_vec());
}

fn reviews_and_customers(history: &mut History) {
    let review = || ReviewName::new("Spring").unwrap();
    let opened = ReviewEvent::ReviewOpened {
        review: review(),
        scope: ReviewScope::Group(group_name(0)),
        reviewers: vec![account("bob")],
        due: Instant::parse("2026-06-01T00:00:00Z").unwrap(),
        since_review: None,
    };
    let decided = ReviewEvent::ReviewItemDecided {
        review: review(),
        item: ReviewItem::new("sarah/Team 0").unwrap(),
        account: Some(account("sarah")),
        decision: ReviewDecision::Keep,
    };
    history.act("manager", vec![opened.into(), decided.into()]);
    let capability = |name| CapabilityName::new(name).unwrap();
    let separation = SeparationEvent::SeparationDefined {
        separation: SeparationName::new("Money").unwrap(),
        one: capability("roles.assign"),
        other: capability("roles.manage"),
    };
    history.act("manager", vec![Event::Separation(separation)]);
    let sealed = || SealedEmail { address: Sealed::clear("a@example.org"), valid: true };
    for name in ["Acme", "Bolts"] {
        let registered = InstallationEvent::CustomerRegistered {
            customer: customer(name),
            key: KeyId(1),
            full_name: Sealed::clear("somebody"),
            contact_email: sealed(),
        };
        let subscribed = InstallationEvent::CustomerSubscriptionRecorded {
            customer: customer(name),
            app: app("datastation"),
            status: SubscriptionStatus::Active,
            from: Date::parse("2026-01-01").unwrap(),
            until: None,
        };
        history.add(Actor::System, None, "", vec![registered.into(), subscribed.into()]);
    }
}

/// Whatever is changed shows in the whole and in a part, however parts are cut.
fn shows(what: &str, forge: impl FnOnce(&mut Views)) -> Views {
    let views = history().views;
    let (last, mut forged) = (views.timeline.last(), views.clone());
    forge(&mut forged);
    assert_ne!(fingerprint(&forged, last), fingerprint(&views, last), "{what}");
    for cut in [fingerprint_parts(&views, last), parts(&views, last, 3)] {
        let differs =
            cut.iter().any(|part| part_fingerprint(&forged, last, *part) != part_fingerprint(&views, last, *part));
        assert!(differs, "{what}, in parts");
    }
    forged
}

fn number(views: &Views, id: &str) -> u32 {
    views.account(&account(id)).unwrap()
}

#[test]
fn views_that_are_as_they_should_be_have_the_fingerprint_that_they_always_had() {
    let hex = |views: &Views| blake3::Hash::from(fingerprint(views, views.timeline.last())).to_hex().to_string();
    assert_eq!(hex(&History::example().views), "43d7ba241bd3013c497ce5d515b2b80e85bd975e57f987f6012b1ab8c04203e8");
    let history = history();
    assert_eq!(hex(&history.views), "208a6d16b107dc0a1635aeaa202b5360695fbf3bc684157536bd681ae2e70365");
    // Also those that were kept, and those in which something was only tried.
    let mut kept: Views = read(&written(&history.views));
    assert_eq!(hex(&kept), hex(&history.views));
    let before = hex(&kept);
    for entry in history.entries.iter().rev().take(40).rev() {
        kept.apply(entry);
        kept.retract();
        assert_eq!(hex(&kept), before);
    }
}

#[test]
fn whom_a_principal_is_said_to_mean_shows_where_it_names_somebody_else() {
    let forged = shows("meant", |views| {
        let jeff = number(views, "jeff");
        forge(&mut views.objects, |(_, _, (_, holders, meant, _)): &mut Objects| {
            let sarah = (Principal::Account(account("sarah")), AccessRight::Delete);
            let index = holders.iter().position(|holder| *holder == sarah).unwrap();
            meant[index].0 = Some(Meant::Account(jeff));
        });
    });
    // What the answer is decided by is another.
    let (jeff, last) = (number(&forged, "jeff"), forged.timeline.last());
    let pages = forged.names.objects.get("/site/pages").unwrap();
    let of_jeff = forged
        .objects
        .rights_on(pages, forged.timeline.as_of(last), |_, to_whom| to_whom.meant == Some(Meant::Account(jeff)));
    assert!(of_jeff.map(|access| access.right).eq([AccessRight::Delete]));

    let change = |what: &str, change: fn(&mut Granted<(Principal, AccessRight)>)| {
        shows(what, |views| forge(&mut views.objects, |(_, _, granted): &mut Objects| change(granted)));
    };
    change("a role that means everyone", |(_, _, meant, _)| meant[0].0 = Some(Meant::System(SystemRole::Everyone)));
    change("a right that is another", |(_, _, meant, _)| meant[0].1 = AccessRight::FullControl);
    change("nobody", |(_, _, meant, _)| meant[1].0 = None);
    change("a right that is not found", |(_, holders, _, numbers)| _ = numbers.remove(&holders[4]));
    change("a right under another's number", |(_, holders, _, numbers)| _ = numbers.insert(holders[4].clone(), 1));
    change("a right that nobody was granted", |(_, _, _, numbers)| {
        numbers.insert((Principal::Staff, AccessRight::FullControl), 2);
    });
}

#[test]
fn grants_of_those_who_hold_many_show_where_they_are_others_than_what_they_hold() {
    let forged = shows("a grant of many", |views| {
        let (sarah, group) = (number(views, "sarah"), views.names.groups.get("Team 19").unwrap());
        assert!(views.groups.member(sarah, group, views.timeline.as_of(views.timeline.last())).is_none());
        forge(&mut views.groups, |(_, (_, _, _, many, _)): &mut (Facts<Option<Group>>, Held)| {
            let any = *many.values().next().unwrap();
            many.insert((sarah, group), any);
        });
    });
    let (sarah, group) = (number(&forged, "sarah"), forged.names.groups.get("Team 19").unwrap());
    assert!(forged.groups.member(sarah, group, forged.timeline.as_of(forged.timeline.last())).is_some());

    let change = |what: &str, change: fn(&mut Held, u32)| {
        shows(what, |views| {
            let sarah = number(views, "sarah");
            forge(&mut views.groups, |(_, held): &mut (Facts<Option<Group>>, Held)| change(held, sarah));
        });
    };
    change("one that is not found", |(_, things, _, many, _), sarah| {
        many.remove(&(sarah, things[sarah as usize][3].0));
    });
    change("one that is another's", |(grants, things, _, many, _), sarah| {
        many.insert((sarah, things[sarah as usize][3].0), grants.len() as u32 - 1);
    });
    change("a thing for another", |(_, things, _, many, _), sarah| {
        let any = many.remove(&(sarah, things[sarah as usize][3].0)).unwrap();
        many.insert((sarah, u32::MAX), any);
    });
    change("one who is not among the holders", |(_, things, holders, _, _), sarah| {
        let (thing, number) = things[sarah as usize][3];
        holders[thing as usize].retain(|(_, held)| *held != number);
    });
    change("another among the holders", |(_, things, holders, _, _), sarah| {
        let (thing, number) = things[sarah as usize][3];
        holders[thing as usize].push((0, number + 1));
    });
    change("another in somebody's place", |(_, things, holders, _, _), sarah| {
        let (thing, _) = things[sarah as usize][3];
        holders[thing as usize][0].0 += 1;
    });
    change("a holder whom nobody named", |(grants, things, holders, _, _), _| {
        let number = grants.len() as u32;
        grants.push(vec![1 << 8 | 1]);
        things.resize_with(1_000, Vec::new);
        things.push(vec![(0, number)]);
        holders[0].push((1_000, number));
    });
    change("an end that is not known of", |(_, _, _, _, ending), _| _ = ending.pop_first());
}

#[test]
fn every_kind_of_grant_is_looked_at_whether_its_holders_are_those_who_hold_it() {
    fn emptied(held: &mut Held) {
        held.2.iter_mut().find(|holders| !holders.is_empty()).unwrap().pop();
    }
    // Those who were ever made Admin Users are why nobody else is by signing in first (rules: F2, F3).
    let forged = shows("admins", |views| {
        forge(&mut views.admins, |(held, _): &mut (Held, Facts<u32>)| held.2.clear());
    });
    assert!(!forged.admins.any_ever(forged.timeline.last()));
    shows("roles", |views| forge(&mut views.roles, |(_, _, held, _): &mut Roles| emptied(held)));
    shows("levels", |views| forge(&mut views.levels, emptied));
    shows("apps", |views| {
        type Users = (Held, Facts<Instant>, HashMap<(u32, u32), u32>, Facts<Position>);
        forge(&mut views.app_users, |(held, ..): &mut Users| emptied(held));
    });
    shows("content", |views| {
        forge(&mut views.content_authority, |(_, held): &mut (Facts<Option<ContentGroup>>, Held)| emptied(held));
    });
    shows("members", |views| forge(&mut views.organisations, |all: &mut Organisations| emptied(&mut all.1)));
    shows("administrators", |views| forge(&mut views.organisations, |all: &mut Organisations| emptied(&mut all.4)));
    shows("buyers", |views| {
        // Buyers are listed by the product, and looked for by the account.
        forge(&mut views.products, |(_, held): &mut (Facts<Product>, Held)| {
            let buyer = held.1.iter_mut().find(|things| !things.is_empty()).unwrap();
            buyer.clear();
        });
    });
    shows("communities", |views| {
        forge(&mut views.communities, |(_, held, _, _): &mut Communities| {
            held.1.iter_mut().find(|things| !things.is_empty()).unwrap().clear();
        });
    });
    shows("objects", |views| forge(&mut views.objects, |(_, _, granted): &mut Objects| granted.0.1[0].clear()));
    shows("a right in a community under another's number", |views| {
        forge(&mut views.communities, |(_, _, holders, numbers): &mut Communities| {
            numbers.insert(holders[0].clone(), 1);
        });
    });
}

#[test]
fn what_roles_are_called_shows_where_it_is_not_their_names() {
    let forged = shows("a role that is another", |views| {
        let (editors, authors) = (views.names.roles.get("Editors").unwrap(), views.names.roles.get("Authors").unwrap());
        forge(&mut views.roles, |(_, called, _, _): &mut Roles| {
            called[editors as usize] = called[authors as usize].clone();
        });
    });
    let last = forged.timeline.last();
    let of = |name| forged.roles.number(&forged.names, &role(name), last).unwrap();
    assert_eq!(of("Editors"), of("Authors"));

    let change = |what: &str, change: fn(&mut Facts<Option<u32>>, usize)| {
        for name in ["Editors", "Authors", "Writers", "Passing"] {
            shows(what, |views| {
                let name = views.names.roles.get(name).unwrap() as usize;
                forge(&mut views.roles, |(_, called, _, _): &mut Roles| change(called, name));
            });
        }
    };
    change("a role that is not found", |called, name| called[name].clear());
    change("a role that was not found at first", |called, name| called[name][0].1 = None);
    change("a role that was another at first", |called, name| called[name][0].1 = Some(10));
    change("a role that was found sooner", |called, name| called[name][0].0 -= 1);
    change("a role that was found later", |called, name| called[name][0].0 += 1);
    change("a name that nothing has any more", |called, name| {
        let last = called[name].last().unwrap().0;
        called[name].push((last + 1, None));
    });
    shows("a name that stands for a role that is called otherwise", |views| {
        let (spare, at) = (views.names.roles.intern("Spare") as usize, views.timeline.last().0);
        forge(&mut views.roles, |(_, called, _, _): &mut Roles| {
            called.resize_with(spare + 1, Vec::new);
            called[spare].push((at, Some(7)));
        });
    });
    let next = |what: &str, to: fn(u32) -> u32| {
        shows(what, |views| forge(&mut views.roles, |(_, _, _, next): &mut Roles| *next = to(*next)));
    };
    next("a number that a role has already", |next| next - 1);
    next("the number of a system role", |_| 0);
}

#[test]
fn what_is_kept_under_the_number_of_another_name_shows() {
    shows("groups", |views| {
        forge(&mut views.groups, |(custom, _): &mut (Facts<Option<Group>>, Held)| {
            let last = custom.len() - 1;
            custom.swap(last - 1, last);
        });
    });
    shows("content authority groups", |views| {
        forge(&mut views.content_authority, |(groups, _): &mut (Facts<Option<ContentGroup>>, Held)| groups.swap(0, 1));
    });
    shows("communities", |views| {
        forge(&mut views.communities, |(communities, ..): &mut Communities| communities.insert(1, Vec::new()));
    });
    shows("organisations", |views| {
        forge(&mut views.organisations, |all: &mut Organisations| all.0.insert(1, Vec::new()))
    });
    shows("products", |views| {
        forge(&mut views.products, |(products, _): &mut (Facts<Product>, Held)| products.insert(0, Vec::new()));
    });
    shows("queries", |views| forge(&mut views.queries, |(queries, _): &mut Queries| queries.swap(0, 1)));
    shows("modules", |views| forge(&mut views.tenant, |all: &mut Tenant| all.3.swap(0, 1)));
    shows("reviews", |views| forge(&mut views.reviews, |all: &mut Reviews| all.0.0.0[0] = "autumn".to_owned()));
    shows("separations", |views| {
        type Separations = (Folded, Facts<Option<Separation>>);
        forge(&mut views.separations, |(names, _): &mut Separations| names.0.0[0] = "time".to_owned());
    });
    shows("customers", |views| forge(&mut views.customers, |all: &mut Customers| all.0.0.0[1] = "cars".to_owned()));
    shows("subscriptions of customers", |views| {
        forge(&mut views.customers, |(_, _, (pairs, _), _): &mut Customers| pairs.swap(0, 1));
    });
}

#[test]
fn names_that_lead_to_somebody_else_or_to_nobody_show() {
    let forged = shows("a spelling of a role", |views| {
        let authors = views.names.roles.get("Authors").unwrap();
        forge(&mut views.names.roles, |(_, spelt): &mut Folded| _ = spelt.insert("Editors".to_owned(), authors));
    });
    assert_eq!(forged.names.roles.get("Editors"), forged.names.roles.get("Authors"));
    let forged = shows("a spelling of a username", |views| {
        let jeff = views.names.usernames.get("jeff").unwrap();
        forge(&mut views.names.usernames, |(_, spelt): &mut Folded| _ = spelt.insert("SARAH".to_owned(), jeff));
    });
    assert_eq!(forged.names.usernames.get("SARAH"), forged.names.usernames.get("jeff"));
    shows("a name that is not folded", |views| {
        forge(&mut views.names.groups, |((texts, order), _): &mut Folded| {
            order.push(texts.len() as u32);
            texts.push("Team 0".to_owned());
        });
    });
    shows("an object that is not in order", |views| {
        forge(&mut views.names.objects, |(_, order): &mut Names| _ = order.pop());
    });
    shows("an account that is not in order", |views| {
        forge(&mut views.names.accounts, |(_, order): &mut Names| _ = order.pop());
    });
}

#[test]
fn which_query_an_object_is_shows_where_the_query_is_of_another() {
    let forged = shows("queries that are each other", |views| {
        forge(&mut views.queries, |(_, of_object): &mut Queries| {
            let last = of_object.len() - 1;
            let other = of_object[..last].iter().rposition(|history| !history.is_empty()).unwrap();
            let (first, second) = (of_object[other][0].1, of_object[last][0].1);
            (of_object[other][0].1, of_object[last][0].1) = (second, first);
        });
    });
    let payments = forged.names.objects.get("/queries/payments").unwrap();
    assert_ne!(
        forged.queries.of_object(payments, forged.timeline.last()).map(|(_, query)| query.object),
        Some(payments)
    );
    shows("an object that is no query", |views| {
        forge(&mut views.queries, |(_, of_object): &mut Queries| _ = of_object.pop());
    });
}

#[test]
fn sessions_show_where_they_are_not_among_their_accounts_or_last_longer() {
    let change = |what: &str, change: fn(&mut Sessions, u32)| {
        shows(what, |views| {
            let sarah = number(views, "sarah");
            forge(&mut views.sessions, |sessions: &mut Sessions| change(sessions, sarah));
        })
    };
    let hours = |session: &mut Session| session.begun = session.begun.plus_minutes(60);
    // A session of another would be ended in the place of one's own, or one's own would not be (rule: S5).
    change("a session that is not found", |(_, _, own, _), sarah| _ = own.get_mut(&sarah).unwrap().remove(0));
    change("a session of another", |(_, _, own, _), sarah| own.get_mut(&sarah).unwrap().insert(0, 0));
    change("a session of nobody who had one", |(_, _, own, _), _| _ = own.insert(u32::MAX, vec![0]));
    let forged = shows("a session that began later", |views| {
        forge(&mut views.sessions, |(sessions, ..): &mut Sessions| hours(&mut sessions[1]));
    });
    let (sound, last) = (history().views, forged.timeline.last());
    let ends = |views: &Views| {
        let session = *views.sessions.all(last).nth(1).unwrap();
        views.sessions.ends_at(&session, last)
    };
    assert!(ends(&forged) > ends(&sound));
    change("a timeout that was never required", |(_, _, _, timeouts), _| timeouts.truncate(2));
    change("a timeout that is longer", |(_, _, _, timeouts), _| timeouts[1].2 = 600);
    change("a timeout that was required sooner", |(_, _, _, timeouts), _| timeouts[0].0 -= 1);
    change("a timeout from later on", |(_, _, _, timeouts), _| timeouts[1].1 = timeouts[1].1.plus_minutes(60));
    change("one more timeout", |(_, _, _, timeouts), _| timeouts.push((timeouts[2].0 + 1, timeouts[2].1, 1)));
}

// rule: C15
#[test]
fn who_had_a_username_and_what_has_a_place_of_its_own_shows_where_it_is_forgotten() {
    shows("who had a username", |views| {
        let name = views.names.usernames.get("sarah").unwrap();
        forge(&mut views.credentials, |(_, _, (_, owners)): &mut Credentials| _ = owners.remove(&name));
    });
    shows("a place of a member", |views| {
        let jeff = number(views, "jeff");
        forge(&mut views.organisations, |all: &mut Organisations| _ = all.2.insert((jeff, 1), 2));
    });
    shows("a place of a review's item", |views| {
        forge(&mut views.reviews, |all: &mut Reviews| all.3.clear());
    });
}
