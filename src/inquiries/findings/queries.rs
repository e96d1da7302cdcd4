//! Findings of queries.

use grantbook_events::ObjectPath;
use grantbook_projections::{AsOf, Cause, History, Moments, Query, turning_points};
use grantbook_rights::open_beyond_staff;

use super::{Find, FindingRule, Met, Tense};
use crate::shown::Shown;

pub(super) const RULES: &[FindingRule] = &[FindingRule {
    code: "personal-data-over-api",
    rule: Some("Q3"),
    words: "a query of personal data, not filtered to the caller and open beyond staff, is available over the API",
    find: Find::All(personal_data_over_api),
}];

/// A query of personal data that others than staff may run over the API (rule: Q3), by whatever made it so.
fn personal_data_over_api(shown: &Shown<'_>) -> Vec<Met> {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut met = Vec::new();
    for history in views.queries.ever() {
        let exposed = |query: &Query| query.via_api && query.personal_data && !query.filtered_to_caller;
        let ever: Option<&Query> = history.changes_to(as_of.position).filter_map(|(_, query)| query.as_ref()).next();
        let any = history.changes_to(as_of.position).any(|(_, query)| query.as_ref().is_some_and(exposed));
        let Some(first) = ever.filter(|_| any) else { continue };
        let open = |point: AsOf| {
            let query = history.at(point.position).and_then(Option::as_ref);
            query.is_some_and(|query| exposed(query) && open_beyond_staff(views, query.object, point))
        };
        let points = points(shown, history);
        for (opened, closed) in Moments::new(&views.timeline, points, as_of).stretches(&open) {
            met.push(Met {
                subject: first.name.as_str().to_owned(),
                opened,
                closed,
                detail: format!(
                    "the query {} of personal data {} available over the API, not filtered to the caller and open beyond \
                     staff",
                    first.name,
                    Tense::of(closed).pick("is", "was")
                ),
            });
        }
    }
    met
}

/// When it may have changed who may run a query: the query's own changes, those of the access settings of its object and
/// of what lies above it, and those of the class of accounts that were granted a right there.
fn points(shown: &Shown<'_>, history: &History<Option<Query>>) -> Vec<Cause> {
    let (views, as_of) = (shown.views, shown.as_of);
    let changes = history.changes_to(as_of.position);
    let mut points: Vec<Cause> = changes.map(|(set, _)| Cause::Entry(set)).collect();
    let mut objects: Vec<u32> = history.changes().filter_map(|(_, query)| Some(query.as_ref()?.object)).collect();
    objects.dedup();
    for object in objects {
        let mut path = ObjectPath::new(views.names.objects.text(object)).ok();
        while let Some(here) = path {
            if let Some(number) = views.names.objects.get(here.as_str()) {
                let settings = views.objects.setting_history(number).into_iter();
                points
                    .extend(settings.flat_map(|all| all.changes_to(as_of.position)).map(|(set, _)| Cause::Entry(set)));
                for (principal, _, grants) in views.objects.grants_on(number) {
                    turning_points(grants, as_of, &mut points);
                    if let grantbook_events::Principal::Account(account) = principal {
                        let classes = views.account(account).and_then(|who| views.credentials.classes(who));
                        let changes = classes.into_iter().flat_map(|classes| classes.changes_to(as_of.position));
                        points.extend(changes.map(|(set, _)| Cause::Entry(set)));
                    }
                }
            }
            path = here.parent();
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use crate::findings::for_tests::of;
    use crate::history_for_tests as h;
    use crate::history_for_tests::History as Told;
    use grantbook_events::{Event, ObjectEvent, ObjectKind, QueryEvent, QueryName, SecuritySet};
    use grantbook_projections::Cause;

    // rule: Q3
    #[test]
    fn personal_data_over_the_api_is_found_by_whatever_opens_it_and_closed_by_whatever_mends_it() {
        let mut history = Told::example();
        let (query, object) = (QueryName::new("members").unwrap(), h::path("/queries/members"));
        let created = QueryEvent::QueryCreated {
            query: query.clone(),
            object: object.clone(),
            out_of_box: false,
            via_api: true,
            personal_data: true,
            filtered_to_caller: false,
        };
        let kind = ObjectKind::Query;
        let access = |set| Event::Object(ObjectEvent::AccessSet { object: object.clone(), set });
        let object =
            Event::Object(ObjectEvent::ObjectCreated { object: object.clone(), kind, public: false, active: true });
        history.act("manager", vec![object, access(SecuritySet::StaffFullControl), Event::Query(created)]);
        assert_eq!(of(&history, "personal-data-over-api"), [], "open to staff alone");
        let edited = |via_api, personal_data, filtered_to_caller| {
            Event::Query(QueryEvent::QueryEdited { query: query.clone(), via_api, personal_data, filtered_to_caller })
        };
        let mut expected = Vec::new();
        let mut stretch = |open: Event, close: Event| {
            let opened = Cause::Entry(history.act("manager", vec![open]));
            let closed = Cause::Entry(history.act("manager", vec![close]));
            expected.push((opened, Some(closed)));
        };
        // Whichever of the four it is.
        stretch(access(SecuritySet::MembersRead), edited(None, None, Some(true)));
        stretch(edited(None, None, Some(false)), edited(None, Some(false), None));
        stretch(edited(None, Some(true), None), edited(Some(false), None, None));
        stretch(edited(Some(true), None, None), access(SecuritySet::StaffRead));
        let found = of(&history, "personal-data-over-api");
        assert_eq!(found.iter().map(|found| (found.opened, found.closed)).collect::<Vec<_>>(), expected);
        assert!(found.iter().all(|found| found.subject == "members"));
    }
}
