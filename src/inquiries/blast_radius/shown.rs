//! The answer as JSON.

use serde_json::{Map, Value, json};

use super::{Act, BlastRadius, Could, Left, Reached, Step};
use crate::shown::{Shown, as_of, cause, maybe_cause};
use grantbook_events::{AccountId, Position};
use grantbook_projections::Cause;

impl BlastRadius {
    /// The answer as JSON.
    pub fn json(&self, shown: &Shown<'_>) -> Value {
        let mut answer = Map::new();
        let mut put = |name: &str, value: Value| answer.insert(name.to_owned(), value);
        let since = shown.views.timeline.as_of(self.since);
        put("as_of", as_of(self.as_of));
        put("account", self.account.as_str().into());
        put("name", shown.called(&self.account).into());
        put("since", as_of(since));
        put("reached", self.reached.iter().map(|(account, reached)| of_reached(shown, account, reached)).collect());
        put("did_count", self.did_count.into());
        put("did", self.did.iter().map(of_act).collect());
        put("granted_count", self.granted_count.into());
        put("still_holding", self.still_holding.into());
        put("granted", self.granted.iter().map(of_act).collect());
        put("could", self.could.iter().map(of_could).collect());
        match &self.repair {
            Some(plan) => {
                let commands: Value = plan.steps.iter().map(|step| step.command.clone()).collect();
                put("repair", json!({"commands": commands}));
                put("steps", plan.steps.iter().map(of_step).collect());
                put("left", plan.left.iter().map(of_left).collect());
                put("later", plan.later.into());
            }
            None => {
                put("repair", Value::Null);
                put("steps", json!([]));
                put("left", json!([]));
                put("later", 0.into());
            }
        }
        Value::Object(answer)
    }
}

fn positions(positions: &[Position]) -> Value {
    positions.iter().map(|position| position.0).collect()
}

fn of_reached(shown: &Shown<'_>, account: &AccountId, reached: &Reached) -> Value {
    let how = if reached.by_email {
        format!("its email was set at position {}, and a reset mailed there", reached.opened)
    } else {
        format!("its password was set at position {}", reached.opened)
    };
    json!({
        "account": account.as_str(),
        "name": shown.called(account),
        "from": cause(Cause::Entry(reached.from)),
        "opened": cause(Cause::Entry(reached.opened)),
        "how": format!("{how}; signed in with it at position {}", reached.from),
    })
}

fn of_act(act: &Act) -> Value {
    let mut row = Map::new();
    let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
    put("position", act.position.0.into());
    put("at", act.at.to_string().into());
    put("by", act.by.as_ref().map(AccountId::as_str).into());
    put("event", act.event.into());
    put("sentence", act.sentence.as_str().into());
    put("command", act.command.as_deref().into());
    put("reason", act.reason.as_deref().into());
    put("authority", act.authority.map(|authority| authority.0).into());
    if let Some(holds) = act.holds {
        put("through", positions(&act.through));
        put("holds", holds.into());
    }
    Value::Object(row)
}

fn of_could(could: &Could) -> Value {
    let names: Vec<&str> = could.capabilities.iter().map(|capability| capability.name()).collect();
    json!({
        "account": could.account.as_str(),
        "from": cause(could.from),
        "to": maybe_cause(could.to),
        "capabilities": names,
    })
}

fn of_step(step: &Step) -> Value {
    json!({
        "command": step.command,
        "by": step.by.slug(),
        "for_example": step.for_example.as_ref().map(AccountId::as_str),
        "undoes": positions(&step.undoes),
        "secret": step.secret,
        "forces": step.forces,
    })
}

fn of_left(left: &Left) -> Value {
    json!({"undoes": positions(&left.undoes), "why": left.why, "rule": left.rule})
}
