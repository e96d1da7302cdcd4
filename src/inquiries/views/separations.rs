//! Separations of duties that are defined, with who breaks each as of then.

use grantbook_projections::Cause;
use serde_json::{Map, Value, json};

use crate::findings::breaks;
use crate::shown::Shown;

pub(super) fn separations(shown: &Shown<'_>) -> Value {
    let defined = shown.views.separations.all(shown.position()).into_iter();
    let separations = defined.map(|(defined, separation)| {
        let mut state = Map::new();
        state.insert("separation".to_owned(), separation.name.as_str().into());
        state.insert("one".to_owned(), separation.one.as_str().into());
        state.insert("other".to_owned(), separation.other.as_str().into());
        state.insert("since".to_owned(), shown.cause(Cause::Entry(defined)));
        shown.put_by(Some(defined), &mut state);
        let broken_by: Vec<&str> = breaks(shown, separation);
        state.insert("broken_by".to_owned(), json!(broken_by));
        Value::Object(state)
    });
    shown.answer([("separations", separations.collect())])
}

#[cfg(test)]
mod tests {
    use crate::findings::for_tests::role;
    use crate::history_for_tests::History;
    use grantbook_events::{CapabilityName, Event, SeparationEvent, SeparationName};
    use serde_json::json;

    #[test]
    fn separations_are_listed_by_name_with_who_breaks_them() {
        let mut history = History::example();
        let capability = |name| CapabilityName::new(name).unwrap();
        let define = |name: &str| {
            let separation = SeparationName::new(name).unwrap();
            let (one, other) = (capability("roles.assign"), capability("dashboard.manage_admins"));
            Event::Separation(SeparationEvent::SeparationDefined { separation, one, other })
        };
        let defined = history.act("manager", vec![define("keys"), define("Doors")]);
        history.act("manager", vec![role(true, "bob", "SysAdmin")]);
        let view = history.view("separations");
        let names: Vec<_> =
            view["separations"].as_array().unwrap().iter().map(|row| row["separation"].clone()).collect();
        assert_eq!(names, [json!("Doors"), json!("keys")]);
        let keys = &view["separations"][1];
        assert_eq!((&keys["since"], &keys["by"]), (&json!({"position": defined.0}), &json!("manager")));
        assert_eq!(keys["broken_by"], json!(["bob"]));
        assert_eq!(history.view_at("separations", defined)["separations"][1]["broken_by"], json!([]));
    }
}
