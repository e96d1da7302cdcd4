//! Organisations with their members and administrators (chapter O). A right to administer that rests is shown with why.

use grantbook_projections::{Cause, Membership};
use grantbook_rights::{account_usable, primary_organisation, rests};
use serde_json::{Map, Value, json};

use super::slices::{Made, Opens, Part, Row};
use crate::shown::{Shown, cause, instant, maybe_cause};

pub(super) fn organisations(shown: &Shown<'_>) -> Made {
    let all = shown.views.organisations.all(shown.position()).into_iter();
    let opens = |number| -> Opens { Box::new(move |shown| of_organisation(shown, number)) };
    Made::Parts("organisations", all.map(|(number, _)| opens(number)).collect())
}

fn of_organisation(shown: &Shown<'_>, number: u32) -> Option<Part> {
    let (views, as_of) = (shown.views, shown.as_of);
    let known = views.organisations.organisation(number, as_of.position)?;
    let mut state = Map::new();
    state.insert("kind".to_owned(), known.kind.slug().into());
    state.insert("full_name".to_owned(), known.full_name.as_str().into());
    state.insert("description".to_owned(), known.description.as_str().into());
    state.insert("since".to_owned(), cause(Cause::Entry(known.created)));
    shown.put_by(Some(known.created), &mut state);
    let recorded = views.organisations.administrators(number, as_of.position);
    let administrators = shown.in_force(recorded).into_iter().map(|(who, given, holding)| {
        let resting = rests(views, who, number, as_of);
        let mut row = shown.holder(who, given, holding, resting.is_none());
        if let Some((rule, since)) = resting {
            row.insert("rests".to_owned(), json!({"rule": rule, "since": maybe_cause(since)}));
        }
        Value::Object(row)
    });
    state.insert("administrators".to_owned(), administrators.collect());
    let members = views.organisations.members(number, as_of.position);
    let members = members.filter(|(_, membership)| membership.holding.in_force(as_of.clock));
    let mut members: Vec<u32> = members.map(|(who, _)| who).collect();
    members.sort_unstable_by_key(|who| shown.id(*who));
    let row = |who| -> Row {
        Box::new(move |shown| {
            let membership = shown.views.organisations.membership(who, number, shown.position());
            membership.map_or(Value::Null, |membership| member(shown, number, who, &membership))
        })
    };
    let rows = members.into_iter().map(row).collect();
    Some(Part { name: known.name.as_str().to_owned(), state, list: "members", rows })
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
        let mut paid = Map::from_iter([("since".to_owned(), cause(Cause::Entry(recorded)))]);
        shown.put_by(Some(recorded), &mut paid);
        paid.insert("until".to_owned(), instant(until));
        row.insert("paid".to_owned(), Value::Object(paid));
    }
    row.insert("can_sign_in".to_owned(), account_usable(views, who, as_of).into());
    Value::Object(row)
}
