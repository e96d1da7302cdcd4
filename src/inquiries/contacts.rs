//! Contacts as others see them: those that a viewer may see, and of each the same few fields (chapter V).

use grantbook_projections::AsOf;
use grantbook_rights::{Capability, On, Question, Standing, Who, allowed};
use serde_json::{Map, Value};

use crate::shown::Shown;

/// Whoever looks at contacts. What they may see is looked at as of a point of its own: that of now, wherever the answer
/// looks from.
#[derive(Clone, Copy, Debug)]
pub struct Viewer {
    /// Who.
    pub who: Who,
    /// In what standing.
    pub standing: Standing,
    /// From where to look at what they may see.
    pub as_of: AsOf,
    /// The organisation that they act for, by number (rule: O21).
    pub acting_for: Option<u32>,
}

/// A page of the contacts that the viewer may see, in the order of their ids: those whose name or id holds `search`, without
/// case, or all where it is empty; at most `limit`, those after the id `after`. `next` is what to give as `after` for the
/// page that follows.
pub fn contacts_page(shown: &Shown<'_>, viewer: &Viewer, search: &str, after: Option<&str>, limit: usize) -> Value {
    let search = search.to_lowercase();
    let matches = |target: u32| {
        let holds = |text: &str| text.to_lowercase().contains(&search);
        search.is_empty() || holds(shown.id(target)) || shown.name(target).is_some_and(|name| holds(&name))
    };
    let later = shown.views.names.accounts.later(after);
    let there = later.filter(|(target, _)| shown.views.accounts.exists(*target, shown.position()));
    let seen = there.filter(|(target, _)| sees(shown, viewer, *target) && matches(*target));
    // One more than fits, to know whether another page follows.
    let mut found: Vec<(u32, &str)> = seen.take(limit.saturating_add(1)).collect();
    let further = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| further).map(|(_, id)| *id);
    let contacts: Vec<Value> = found.iter().map(|(target, _)| Value::Object(fields(shown, *target))).collect();
    shown.answer([("contacts", contacts.into()), ("next", next.into())])
}

/// One contact; `None` where there is none that the viewer may see, which is all that is told of it.
pub fn contact(shown: &Shown<'_>, viewer: &Viewer, id: &str) -> Option<Value> {
    let target = shown.views.names.accounts.get(id)?;
    let there = shown.views.accounts.exists(target, shown.position()) && sees(shown, viewer, target);
    let mut answer = shown.answer([]);
    answer.as_object_mut().filter(|_| there)?.extend(fields(shown, target));
    Some(answer)
}

fn sees(shown: &Shown<'_>, viewer: &Viewer, target: u32) -> bool {
    let Viewer { who, standing, as_of, acting_for } = *viewer;
    let on = acting_for.map_or(On::Account(Some(target)), |acting_for| On::Contact { contact: target, acting_for });
    let question = Question { views: shown.views, who, standing, on, as_of };
    allowed(&question, Capability::ContactView)
}

/// All that a contact shows, and nothing else (rule: V2). What is not known is null, and so is what was erased.
fn fields(shown: &Shown<'_>, target: u32) -> Map<String, Value> {
    let (views, position) = (shown.views, shown.position());
    let address = views.accounts.address(target, position).cloned().unwrap_or_default();
    let email = views.accounts.email(target, position).map(|email| &email.address);
    let mut fields = Map::new();
    fields.insert("id".to_owned(), shown.id(target).into());
    for (field, sealed) in [
        ("full_name", views.accounts.full_name(target, position)),
        ("picture", address.picture.as_ref()),
        ("city", address.city.as_ref()),
        ("state", address.state.as_ref()),
        ("country", address.country.as_ref()),
        ("email", email),
        ("phone", address.phone.as_ref()),
    ] {
        fields.insert(field.to_owned(), shown.opened(target, field, sealed).into());
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history_for_tests::History;
    use grantbook_events::{ContactCondition, Event, VisibilityAudience, VisibilityEvent};

    // rules: V1, V2
    #[test]
    fn a_viewer_sees_those_that_are_for_it_and_of_each_exactly_the_fields_that_show() {
        let mut history = History::example();
        let guest = |history: &History| {
            let as_of = history.views.timeline.as_of(history.last());
            Viewer { who: Who::Guest, standing: Standing::Fresh, as_of, acting_for: None }
        };
        let page = |history: &History| {
            let shown = history.shown(history.last());
            contacts_page(&shown, &guest(history), "", None, 100)
        };
        let ids = |page: &Value| -> Vec<String> {
            page["contacts"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids(&page(&history)), Vec::<String>::new());
        let condition = ContactCondition::All(Vec::new());
        let audience = VisibilityAudience::Everyone;
        let defined = VisibilityEvent::ContactVisibilityDefined { audience, condition };
        history.act("manager", vec![Event::Visibility(defined)]);
        let seen = page(&history);
        assert!(ids(&seen).contains(&"bob".to_owned()), "{seen}");
        // Whatever the condition, it is never MANAGER's (rule: M3).
        assert!(!ids(&seen).contains(&"manager".to_owned()), "{seen}");
        let row = seen["contacts"].as_array().unwrap().iter().find(|row| row["id"] == "bob").unwrap();
        let mut fields: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["city", "country", "email", "full_name", "id", "phone", "picture", "state"]);
        let shown = history.shown(history.last());
        let found = contacts_page(&shown, &guest(&history), "BOB", None, 100);
        assert_eq!(ids(&found), ["bob"]);
        let first = contacts_page(&shown, &guest(&history), "", None, 1);
        let next = first["next"].as_str().unwrap();
        let second = contacts_page(&shown, &guest(&history), "", Some(next), 1);
        assert!(ids(&first)[0] < ids(&second)[0]);
        assert!(contact(&shown, &guest(&history), "bob").is_some());
        assert!(contact(&shown, &guest(&history), "nobody").is_none());
    }
}
