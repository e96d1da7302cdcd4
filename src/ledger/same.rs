//! Whether a command given again under an idempotency key is the one that was recorded.

use grantbook_decisions::command::{Command, CredentialsCommand, OrganisationCommand};
use grantbook_events::{Actor, Sealed};
use serde_json::{Map, Value};

/// Fields that name what has no case; what is recorded is the thing's own spelling.
const NAMES: [&str; 8] = ["role", "group", "app", "module", "organisation", "query", "review", "since_review"];

/// Commands that give such a name, and in which field: there its spelling is part of what was asked.
const NAMING: [(&str, &str); 8] = [
    ("create_role", "role"),
    ("create_group", "group"),
    ("create_organisation", "organisation"),
    ("create_content_authority_group", "group"),
    ("create_query", "query"),
    ("add_app", "app"),
    ("add_module", "module"),
    ("open_review", "review"),
];

/// Whether `given` asks for what `recorded`, read back from an entry of `actor`, was the outcome of.
pub(crate) fn same_command(recorded: &Command, given: &Command, actor: &Actor) -> bool {
    // `end_session` without a session means the caller's own.
    if *given == Command::Credentials(CredentialsCommand::EndSession { session: None }) {
        let own = match actor {
            Actor::Account { session, .. } => *session,
            Actor::System | Actor::Guest | Actor::Support { .. } => None,
        };
        return *recorded == Command::Credentials(CredentialsCommand::EndSession { session: own });
    }
    // What an edited membership is recorded as is the whole of it; what was asked for is what was named.
    if let (Command::Organisation(whole), Command::Organisation(part)) = (recorded, given)
        && let (OrganisationCommand::EditOrganisationMember { .. }, OrganisationCommand::EditOrganisationMember { .. }) =
            (whole, part)
    {
        return asked_of(folded(given), &folded(recorded));
    }
    *recorded == *given || folded(recorded) == folded(given)
}

/// The same, where nothing is left to compare personal values with: whom they are about was erased.
pub(crate) fn same_but_for_personal(recorded: &Command, given: &Command) -> bool {
    recorded.to_json(&|_| None) == given.to_json(&|_| None)
}

/// A command as what it asks for: names of things without case, and no end of what is taken away.
fn folded(command: &Command) -> Value {
    // Equal values of one contact seal alike, and so need not be opened.
    let sealed = |value: &Sealed| Some(format!("{value:?}"));
    let mut value = command.to_json(&sealed);
    if let Value::Object(fields) = &mut value {
        let given = NAMING.iter().find(|(naming, _)| *naming == command.name());
        let kept = given.and_then(|(_, field)| Some((*field, fields.get(*field)?.clone())));
        fold(fields);
        fields.extend(kept.map(|(field, name)| (field.to_owned(), name)));
        if fields.get("level").is_some_and(|level| *level == 0) {
            fields.remove("until");
        }
    }
    value
}

/// Whether every field that was named is in what was recorded.
fn asked_of(given: Value, recorded: &Value) -> bool {
    let Value::Object(given) = given else { return false };
    given.iter().all(|(field, value)| recorded.get(field) == Some(value))
}

fn fold(fields: &mut Map<String, Value>) {
    for (field, value) in fields {
        match value {
            Value::String(name) if NAMES.contains(&field.as_str()) => *name = name.to_lowercase(),
            Value::Object(within) => fold(within),
            Value::Array(values) => values.iter_mut().filter_map(Value::as_object_mut).for_each(fold),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grantbook_decisions::command::{GroupCommand, RoleCommand};
    use grantbook_events::{AccountId, GroupName, RoleName};

    #[test]
    fn names_without_case_are_the_same_where_they_are_used_and_not_where_they_are_given() {
        let assign = |role: &str| {
            let role = RoleName::new(role).unwrap();
            Command::Role(RoleCommand::AssignRole { account: AccountId::manager(), role, until: None })
        };
        assert!(same_command(&assign("Helper"), &assign("HELPER"), &Actor::System));
        assert!(!same_command(&assign("Helper"), &assign("Helpers"), &Actor::System));
        let create = |group: &str| {
            let (group, description) = (GroupName::new(group).unwrap(), String::new());
            Command::Group(GroupCommand::CreateGroup { group, description })
        };
        assert!(same_command(&create("Helpers"), &create("Helpers"), &Actor::System));
        assert!(!same_command(&create("Helpers"), &create("HELPERS"), &Actor::System));
    }
}
