//! Decisions on the visibility of contacts (rule: V1). The sets are a setting of the system, and so for SysAdmins.

use grantbook_events::{Event, VisibilityEvent};
use grantbook_rights::{Capability, On};

use crate::case::{Case, Outcome};
use crate::command::VisibilityCommand;
use crate::refusal::Refusal;

pub(crate) fn decide(command: &VisibilityCommand, case: &Case<'_>) -> Outcome {
    let VisibilityCommand::DefineContactVisibility { audience, condition } = command;
    let authority = case.require(Capability::SettingsUpdate, On::Nothing)?;
    let until_now = case.views.visibility.set(*audience, case.now.position);
    if until_now.is_some_and(|(_, until_now)| until_now == condition) {
        return Err(Refusal::conflict("V1", format!("the set visible to {audience} is defined so already")));
    }
    let defined = VisibilityEvent::ContactVisibilityDefined { audience: *audience, condition: condition.clone() };
    Ok(vec![(authority, Event::Visibility(defined))])
}
