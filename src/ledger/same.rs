//! Whether a command given again under an idempotency key is the one that was recorded.

use grantbook_decisions::command::{Command, CredentialsCommand, OrganisationCommand};
use grantbook_events::{Actor, Sealed};
use serde_json::{Map, Value};

/// Fields that name what has no case; what is recorded is the thing's own spelling.
const NAMES: [&str; 13] = [
    "role",
    "group",
    "app",
    "module",
    "organisation",
    "query",
    "review",
    "since_review",
    "product",
    "community",
    "separation",
    "webhook",
    "customer",
];

/// Commands that give such a name, and in which field: there its spelling is part of what was asked.
const NAMING: [(&str, &str); 13] = [
    ("create_role", "role"),
    ("create_group", "group"),
    ("create_organisation", "organisation"),
    ("create_content_authority_group", "group"),
    ("create_query", "query"),
    ("add_app", "app"),
    ("add_module", "module"),
    ("open_review", "review"),
    ("create_community", "community"),
    ("define_separation", "separation"),
    ("add_webhook", "webhook"),
    ("register_customer", "customer"),
    // What people call it, which no thing is named by.
    ("request_cloud_id", "organisation"),
];

/// Whether `given` asks for what `recorded`, read back from an entry of `actor`, was the outcome of.
pub(crate) fn same_command(recorded: &Command, given: &Command, actor: &Actor) -> bool {
    // `end_session` without a session means the caller's own, or all that an account had, which may have been one.
    if let (
        Command::Credentials(CredentialsCommand::EndSession { session: ended, .. }),
        Command::Credentials(CredentialsCommand::EndSession { session: None, account }),
    ) = (recorded, given)
    {
        let own = match actor {
            Actor::Account { session, .. } => *session,
            Actor::System | Actor::Guest | Actor::Support { .. } => None,
        };
        return recorded == given || *ended == own || (account.is_some() && ended.is_some());
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
    recorded == given || folded_with(recorded, &|_| None) == folded_with(given, &|_| None)
}

/// A command as what it asks for: names of things without case, and no end of what is taken away.
fn folded(command: &Command) -> Value {
    // Equal values of one contact seal alike, and so need not be opened.
    folded_with(command, &|value| Some(format!("{value:?}")))
}

fn folded_with(command: &Command, open: &dyn Fn(&Sealed) -> Option<String>) -> Value {
    let mut value = command.to_json(open);
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
    use grantbook_decisions::command::{CommunityCommand, FieldKind, GroupCommand, RoleCommand, descriptions};
    use grantbook_events::{AccountId, CommunityName, GroupName, ProductName, RoleName};

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
        let buy = |product: &str| {
            let (product, account) = (ProductName::new(product).unwrap(), AccountId::manager());
            Command::Group(GroupCommand::RecordPurchase { product, account, until: None })
        };
        assert!(same_command(&buy("Pass"), &buy("PASS"), &Actor::System));
        assert!(same_but_for_personal(&buy("Pass"), &buy("PASS")));
        let found = |community: &str| {
            let community = CommunityName::new(community).unwrap();
            Command::Community(CommunityCommand::CreateCommunity { community, group: None })
        };
        assert!(!same_command(&found("Talk"), &found("TALK"), &Actor::System));
        assert!(!same_but_for_personal(&found("Talk"), &found("TALK")));
    }

    #[test]
    fn every_name_in_a_command_is_known_to_have_case_or_not() {
        // What is recorded as it was given: categories, tickets, capabilities and names from now on.
        const AS_GIVEN: [&str; 8] =
            ["member_type", "status", "position", "region", "ticket", "one", "other", "new_name"];
        for description in descriptions() {
            for field in description.all_fields().filter(|field| field.kind == FieldKind::Name) {
                let known = [NAMES.contains(&field.name), AS_GIVEN.contains(&field.name)];
                assert!(known[0] != known[1], "{}.{}: has it case?", description.name, field.name);
            }
        }
    }

    #[test]
    fn every_command_that_may_give_a_name_is_known_to_give_it_or_to_use_it() {
        // Their names are those of what is there, or may be.
        const USING: [&str; 6] = [
            "add_contact",
            "add_group_member",
            "add_organisation_member",
            "add_content_authority_member",
            "define_dynamic_group",
            "register_product",
        ];
        for description in descriptions() {
            let verb = description.name.split('_').next().unwrap_or_default();
            let mut names = description.fields.iter().filter(|field| NAMES.contains(&field.name));
            if let Some(field) =
                names.next().filter(|_| ["create", "add", "register", "define", "open"].contains(&verb))
            {
                let known = [NAMING.contains(&(description.name, field.name)), USING.contains(&description.name)];
                assert!(known[0] != known[1], "{}: gives it its name?", description.name);
            }
        }
        for (name, field) in NAMING {
            let there =
                descriptions().any(|known| known.name == name && known.fields.iter().any(|of| of.name == field));
            assert!(there && NAMES.contains(&field), "{name}.{field}");
        }
    }
}
