//! Refusals (rules: U1, C11): who tried what and was refused by which rule, oldest first.

use grantbook_projections::Refused;
use serde_json::{Map, Value, json};

use crate::shown::Shown;

pub(super) fn refusals(shown: &Shown<'_>) -> Value {
    let recorded = shown.views.refusals.to(shown.position());
    let rows = recorded.iter().map(|refusal| {
        let mut row = Map::new();
        row.insert("position".to_owned(), shown.place(refusal.position));
        row.insert("at".to_owned(), shown.views.timeline.at(refusal.position).to_string().into());
        row.extend(shown.person(refusal.account));
        row.extend(match refused(shown, &refusal.refused) {
            Value::Object(fields) => fields,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
        });
        Value::Object(row)
    });
    shown.answer([("refusals", rows.collect())])
}

fn refused(shown: &Shown<'_>, refused: &Refused) -> Value {
    match refused {
        Refused::Command { command, subject, rule } => {
            let subject = subject.map(|subject| shown.id(subject));
            json!({"refused": "command", "command": command.as_str(), "subject": subject, "rule": rule.as_str()})
        }
        Refused::Commands { count, from } => {
            json!({"refused": "commands", "count": count, "from": from.to_string()})
        }
        Refused::SignIn { door, because } => {
            json!({"refused": "sign_in", "door": door.slug(), "because": because.slug()})
        }
        Refused::SignIns { count, from } => {
            json!({"refused": "sign_ins", "count": count, "from": from.to_string()})
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, account};
    use grantbook_events::{BookEvent, CommandName, Event, RuleId};
    use serde_json::json;

    // rule: U1
    #[test]
    fn a_refusal_is_shown_with_its_rule() {
        let mut history = History::example();
        let refused = BookEvent::CommandRefused {
            account: account("sarah"),
            command: CommandName::new("add_admin").unwrap(),
            subject: Some(account("sarah")),
            rule: RuleId::new("F9").unwrap(),
        };
        let position = history.act("sarah", vec![Event::Book(refused)]);
        let view = history.view("refusals");
        let row = &view["refusals"][0];
        assert_eq!((&row["position"], &row["rule"]), (&json!(position.0), &json!("F9")));
        assert_eq!((&row["account"], &row["subject"]), (&json!("sarah"), &json!("sarah")));
    }
}
