//! Organisations with their members and administrators (chapter O). A right to administer that rests is shown with why.

use grantbook_projections::{Cause, Membership};
use grantbook_rights::{account_usable, primary_organisation, rests};
use serde_json::{Map, Value, json};

use crate::shown::{Shown, cause, instant, maybe_cause};

pub(super) fn organisations(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut organisations = Map::new();
    for (number, known) in views.organisations.all(as_of.position) {
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
        let mut members: Vec<(u32, Membership<'_>)> =
            members.filter(|(_, membership)| membership.holding.in_force(as_of.clock)).collect();
        members.sort_unstable_by_key(|(who, _)| shown.id(*who));
        let members = members.into_iter().map(|(who, membership)| member(shown, number, who, &membership));
        state.insert("members".to_owned(), members.collect());
        organisations.insert(known.name.as_str().to_owned(), Value::Object(state));
    }
    shown.answer([("organisations", Value::Object(organisations))])
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
