//! Organisations with their members and administrators (chapter O). A right to administer that rests is shown with why.

use grantbook_projections::{Cause, Membership, Organisation};
use grantbook_rights::{account_usable, primary_organisation, rests};
use serde_json::{Map, Value, json};

use super::slices::{Made, Opens, Part, Row};
use crate::shown::{Shown, instant};

pub(super) fn organisations(shown: &Shown<'_>) -> Made {
    let all = shown.views.organisations.all(shown.position()).into_iter();
    let opens = |number| -> Opens { Box::new(move |shown| of_organisation(shown, number)) };
    Made::Parts("organisations", all.map(|(number, _)| opens(number)).collect())
}

fn of_organisation(shown: &Shown<'_>, number: u32) -> Option<Part> {
    let known = shown.views.organisations.organisation(number, shown.position())?;
    let row = |who| -> Row {
        Box::new(move |shown| {
            let membership = shown.views.organisations.membership(who, number, shown.position());
            membership.map_or(Value::Null, |membership| member(shown, number, who, &membership))
        })
    };
    let rows = members(shown, number).into_iter().map(|(who, _)| row(who)).collect();
    let (name, state) = (known.name.as_str().to_owned(), state(shown, number, known));
    Some(Part { name, state, list: "members", rows })
}

/// Every organisation in the order of names, each with how many administer it and are members of it.
pub fn organisations_listed(shown: &Shown<'_>) -> Value {
    let (organisations, as_of) = (&shown.views.organisations, shown.as_of);
    let row = |(number, known): (u32, &Organisation)| {
        let administrators = shown.count_in_force(organisations.administrators(number, as_of.position));
        let members = organisations.members(number, as_of.position);
        let members = members.filter(|(_, membership)| membership.holding.in_force(as_of.clock)).count();
        json!({
            "name": known.name.as_str(), "kind": known.kind.slug(), "full_name": known.full_name,
            "administrators": administrators, "members": members,
        })
    };
    shown.answer([("names", organisations.all(as_of.position).into_iter().map(row).collect())])
}

/// The organisation named `name`, with `limit` of its members in the order of their ids, those after the id `after`. `next` is
/// what to give as `after` for the page that follows. `None` where there is no such organisation then.
pub fn organisation_held_by(shown: &Shown<'_>, name: &str, after: Option<&str>, limit: usize) -> Option<Value> {
    let wanted = name.to_lowercase();
    let all = shown.views.organisations.all(shown.position());
    let (number, known) = all.into_iter().find(|(_, known)| known.name.as_str().to_lowercase() == wanted)?;
    let members = members(shown, number);
    let count = members.len();
    let mut page = members;
    page.retain(|(who, _)| after.is_none_or(|after| shown.id(*who) > after));
    let further = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| further).map(|(who, _)| shown.id(*who));
    let rows = page.iter().map(|(who, held)| member(shown, number, *who, held)).collect();
    let mut answer = state(shown, number, known);
    answer.insert("name".to_owned(), known.name.as_str().into());
    answer.insert("count".to_owned(), count.into());
    answer.insert("members".to_owned(), rows);
    answer.insert("next".to_owned(), next.into());
    Some(Value::Object(answer))
}

/// What is known of an organisation, its members aside.
fn state(shown: &Shown<'_>, number: u32, known: &Organisation) -> Map<String, Value> {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut state = Map::new();
    state.insert("kind".to_owned(), known.kind.slug().into());
    state.insert("full_name".to_owned(), known.full_name.as_str().into());
    state.insert("description".to_owned(), known.description.as_str().into());
    state.insert("since".to_owned(), shown.cause(Cause::Entry(known.created)));
    shown.put_by(Some(known.created), &mut state);
    let recorded = views.organisations.administrators(number, as_of.position);
    let administrators = shown.in_force(recorded).into_iter().map(|(who, given, holding)| {
        let resting = rests(views, who, number, as_of);
        let mut row = shown.holder(who, given, holding, resting.is_none());
        if let Some((rule, since)) = resting {
            row.insert("rests".to_owned(), json!({"rule": rule, "since": shown.maybe_cause(since)}));
        }
        Value::Object(row)
    });
    state.insert("administrators".to_owned(), administrators.collect());
    state
}

/// The members of an organisation in the order of their ids, also those whose first day is yet to come.
fn members<'a>(shown: &Shown<'a>, number: u32) -> Vec<(u32, Membership<'a>)> {
    let as_of = shown.as_of;
    let members = shown.views.organisations.members(number, as_of.position);
    let mut members: Vec<(u32, Membership<'a>)> =
        members.filter(|(_, membership)| membership.holding.in_force(as_of.clock)).collect();
    members.sort_unstable_by_key(|(who, _)| shown.id(*who));
    members
}

/// A membership is effective where its first day has come and the account exists: members need not sign in.
fn member(shown: &Shown<'_>, organisation: u32, who: u32, membership: &Membership<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let effective = membership.in_force(as_of.clock) && views.accounts.exists(who, as_of.position);
    let mut row = shown.holder(who, membership.given, membership.holding, effective);
    row.insert("position".to_owned(), membership.term.position.as_ref().map(|position| position.as_str()).into());
    row.insert("from".to_owned(), membership.term.from.map(|from| from.to_string()).into());
    row.insert("primary".to_owned(), (primary_organisation(views, who, as_of) == Some(organisation)).into());
    if let Some((recorded, until)) = views.organisations.paid(who, organisation, as_of.position) {
        let mut paid = Map::from_iter([("since".to_owned(), shown.cause(Cause::Entry(recorded)))]);
        shown.put_by(Some(recorded), &mut paid);
        paid.insert("until".to_owned(), instant(until));
        row.insert("paid".to_owned(), Value::Object(paid));
    }
    row.insert("can_sign_in".to_owned(), account_usable(views, who, as_of).into());
    Value::Object(row)
}

#[cfg(test)]
mod tests {
    use grantbook_events::{
        CredentialsEvent, Event, Instant, Licence, OrganisationEvent, OrganisationKind, OrganisationName, TenantEvent,
        UserClass,
    };
    use serde_json::json;

    use super::*;
    use crate::history_for_tests::{History, account, ids};

    // rule: O1
    #[test]
    fn members_come_in_pages_and_agree_with_the_whole_view() {
        let mut history = History::example();
        let organisation = OrganisationName::new("Acme").unwrap();
        let created = OrganisationEvent::OrganisationCreated {
            organisation: organisation.clone(),
            kind: OrganisationKind::Company,
            full_name: "Acme Ltd".to_owned(),
        };
        history.act("manager", vec![Event::Organisation(created)]);
        for id in ["bob", "jeff", "mia"] {
            let added = OrganisationEvent::OrganisationMemberAdded {
                organisation: organisation.clone(),
                account: account(id),
                position: None,
                from: None,
                until: None,
            };
            history.act("manager", vec![Event::Organisation(added)]);
        }
        let (shown, whole) = (history.shown(history.last()), history.view("organisations"));
        let listed = organisations_listed(&shown);
        assert_eq!((&listed["names"][0]["name"], &listed["names"][0]["members"]), (&json!("Acme"), &json!(3)));
        let first = organisation_held_by(&shown, "acme", None, 2).unwrap();
        let second = organisation_held_by(&shown, "Acme", first["next"].as_str(), 2).unwrap();
        assert_eq!((first["count"].clone(), second["next"].clone()), (json!(3), json!(null)));
        let found = [ids(&first["members"]), ids(&second["members"])].concat();
        assert_eq!(found, ids(&whole["organisations"]["Acme"]["members"]));
        assert_eq!(second["kind"], whole["organisations"]["Acme"]["kind"]);
        assert_eq!(organisation_held_by(&shown, "Nobody's", None, 2), None);
    }

    fn created(name: &str, kind: OrganisationKind) -> Event {
        let organisation = OrganisationName::new(name).unwrap();
        Event::Organisation(OrganisationEvent::OrganisationCreated { organisation, kind, full_name: name.to_owned() })
    }

    /// `id` is a member of an organisation up to a moment, and administers it.
    fn appointed(id: &str, name: &str, until: Option<Instant>) -> Vec<Event> {
        let organisation = OrganisationName::new(name).unwrap();
        let (account, position, from) = (account(id), None, None);
        vec![
            Event::Organisation(OrganisationEvent::OrganisationMemberAdded {
                organisation: organisation.clone(),
                account: account.clone(),
                position,
                from,
                until,
            }),
            Event::Organisation(OrganisationEvent::OrganisationAdminAssigned { organisation, account, until: None }),
        ]
    }

    // rules: O14, O19, C8
    #[test]
    fn a_right_to_administer_that_rests_says_by_which_rule_and_since_when() {
        let mut history = History::begun();
        let lapses = Instant::parse("2026-03-01T00:00:00Z").unwrap();
        let licence = TenantEvent::LicenceRecorded { licence: Licence::GroupAdminPlus, until: Some(lapses) };
        history.support(vec![Event::Tenant(licence)]);
        let credentials = ["ann", "bob"].map(|id| history.credentials(id, id));
        let public = CredentialsEvent::UserClassSet { account: account("ann"), user_class: UserClass::Public };
        let public = Event::Credentials(public);
        history.act("manager", ["ann", "bob"].map(|id| History::contact(id, id)).to_vec());
        let full = history.act("manager", [credentials.to_vec(), vec![public]].concat());
        let kinds = [OrganisationKind::Company, OrganisationKind::Committee, OrganisationKind::ChapterNonFee];
        let names = ["acme", "board", "north"];
        history.act("manager", names.into_iter().zip(kinds).map(|(name, kind)| created(name, kind)).collect());
        history.act("manager", [appointed("ann", "acme", None), appointed("ann", "north", None)].concat());
        let ends = Instant::parse("2026-02-01T00:00:00Z").unwrap();
        history.act("manager", appointed("ann", "board", Some(ends)));
        let before = history.act("manager", appointed("bob", "north", None));
        history.pass_to("2026-03-02T00:00:00Z");
        let disabled = CredentialsEvent::AccountDisabled { account: account("bob") };
        let after = history.act("manager", vec![Event::Credentials(disabled)]);
        for (as_of, name, id, expected) in [
            (before, "acme", "ann", None),
            (before, "board", "ann", None),
            (before, "north", "ann", None),
            (before, "north", "bob", Some(("O14", Cause::Entry(full)))),
            (after, "acme", "ann", None),
            (after, "board", "ann", Some(("O14", Cause::Clock(ends)))),
            (after, "north", "ann", Some(("O19", Cause::Clock(lapses)))),
            (after, "north", "bob", Some(("C8", Cause::Entry(after)))),
        ] {
            let expected = expected.map(|(rule, since)| json!({"rule": rule, "since": crate::shown::cause(since)}));
            let view = history.view_at("organisations", as_of);
            let administrators = view["organisations"][name]["administrators"].as_array().unwrap();
            let row = administrators.iter().find(|row| row["account"] == id).unwrap();
            assert_eq!(row.get("rests"), expected.as_ref(), "{id} of {name} as of {as_of}");
            assert_eq!(row["effective"], expected.is_none(), "{id} of {name} as of {as_of}");
        }
    }
}
