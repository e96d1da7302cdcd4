//! Objects with the access settings of their own (chapter N); what they inherit is not repeated.

use grantbook_projections::Cause;
use serde_json::{Map, Value};

use crate::shown::Shown;

pub(super) fn objects(shown: &Shown<'_>) -> Value {
    objects_under(shown, "", usize::MAX).0
}

/// The view of those objects alone whose path begins with `prefix`, the first `most` in the order of paths; and how many there
/// are of them.
pub fn objects_under(shown: &Shown<'_>, prefix: &str, most: usize) -> (Value, usize) {
    let (views, as_of) = (shown.views, shown.as_of);
    let mut objects = Map::new();
    let mut count = 0;
    for number in views.objects.in_order(&views.names.objects, as_of.position) {
        let Some((_, object)) = views.objects.object(number, as_of.position) else { continue };
        if !views.names.objects.text(number).starts_with(prefix) {
            continue;
        }
        count += 1;
        if count > most {
            continue;
        }
        let (set_by, setting) = views.objects.setting(number, as_of.position);
        let mut state = Map::new();
        state.insert("kind".to_owned(), object.kind.slug().into());
        state.insert("public".to_owned(), object.public.into());
        state.insert("active".to_owned(), object.active.into());
        state.insert("set".to_owned(), setting.slug().into());
        state.insert("since".to_owned(), shown.maybe_cause(set_by.map(Cause::Entry)));
        shown.put_by(set_by, &mut state);
        let access = views.objects.access(number, as_of).into_iter().map(|access| {
            let mut row = Map::new();
            row.insert("principal".to_owned(), serde_json::to_value(access.principal).unwrap_or(Value::Null));
            row.insert("right".to_owned(), access.right.slug().into());
            shown.put_grant(access.given, access.holding, &mut row);
            Value::Object(row)
        });
        state.insert("access".to_owned(), access.collect());
        objects.insert(views.names.objects.text(number).to_owned(), Value::Object(state));
    }
    (shown.answer([("objects", Value::Object(objects))]), count)
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, group, path};
    use grantbook_events::{AccessRight, Event, ObjectEvent, ObjectKind, Principal, SecuritySet};
    use serde_json::json;

    // rule: N2
    // rule: N3
    #[test]
    fn an_object_shows_its_own_setting_and_its_ancestors_exist() {
        let mut history = History::example();
        let object = path("/permissions/crates-io");
        let create = ObjectEvent::ObjectCreated {
            object: object.clone(),
            kind: ObjectKind::Document,
            public: false,
            active: true,
        };
        history.act("manager", vec![Event::Object(create)]);
        let view = history.view("objects");
        assert_eq!(view["objects"]["/permissions"]["kind"], json!("folder"));
        assert_eq!(view["objects"]["/permissions/crates-io"]["set"], json!("inherited"));
        let grant = ObjectEvent::AccessGranted {
            object: object.clone(),
            principal: Principal::Group(group("Reporting")),
            right: AccessRight::Edit,
            until: None,
        };
        let given = history.act("manager", vec![Event::Object(grant)]);
        let view = history.view("objects");
        let own = &view["objects"]["/permissions/crates-io"];
        assert_eq!(own["set"], json!("custom"));
        assert_eq!(
            own["access"],
            json!([{"principal": {"group": "Reporting"}, "right": "edit", "since": {"position": given.0},
                "by": "manager", "until": null}])
        );
        let set = ObjectEvent::AccessSet { object, set: SecuritySet::StaffRead };
        history.act("manager", vec![Event::Object(set)]);
        let view = history.view("objects");
        let own = &view["objects"]["/permissions/crates-io"];
        assert_eq!((&own["set"], &own["access"]), (&json!("staff-read"), &json!([])));
        // Some of them alone, and how many there are.
        let shown = history.shown(history.last());
        let (some, count) = super::objects_under(&shown, "/permissions", 1);
        let paths: Vec<&str> = some["objects"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!((paths, count), (vec!["/permissions"], 2));
        assert_eq!(super::objects_under(&shown, "/elsewhere", 1).1, 0);
    }
}
