//! Decisions on separations of duties. They forbid nothing: who holds both sides is a finding, so that what somebody needs
//! today is not refused for a rule that somebody wrote last year.

use grantbook_events::{CapabilityName, Event, SeparationEvent, SeparationName};
use grantbook_rights::{Capability, On};

use crate::case::{Case, Outcome};
use crate::command::SeparationCommand;
use crate::refusal::Refusal;

pub(crate) fn decide(command: &SeparationCommand, case: &Case<'_>) -> Outcome {
    match command {
        SeparationCommand::DefineSeparation { separation, one, other } => define(separation, one, other, case),
        SeparationCommand::RemoveSeparation { separation } => remove(separation, case),
    }
}

fn define(separation: &SeparationName, one: &CapabilityName, other: &CapabilityName, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::SeparationsDefine, On::Nothing)?;
    if let Some((defined, known)) = case.views.separations.named(separation, case.now.position) {
        let names = (separation.as_str(), known.name.as_str());
        return Err(Refusal::name_taken("S2", "a separation", names, Some(defined)));
    }
    let (separation, one, other) = (separation.clone(), one.clone(), other.clone());
    Ok(vec![(authority, Event::Separation(SeparationEvent::SeparationDefined { separation, one, other }))])
}

fn remove(separation: &SeparationName, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::SeparationsDefine, On::Nothing)?;
    let Some((_, defined)) = case.views.separations.named(separation, case.now.position) else {
        return Err(Refusal::not_found(format!("there is no separation `{separation}`")));
    };
    let separation = defined.name.clone();
    Ok(vec![(authority, Event::Separation(SeparationEvent::SeparationRemoved { separation }))])
}
