//! Cedar: roles as parents of users, one policy for each role, right and resource.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
};

use crate::rows::checks::{RIGHTS, ROLES, USERS, World};

/// A policy set with its entities, and every request ready to be decided.
pub(crate) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Request>,
}

impl Cedar {
    /// The same world for Cedar.
    pub(crate) fn make(world: &World) -> anyhow::Result<Cedar> {
        let mut text = String::new();
        for role in 0..ROLES {
            for resource in 0..world.resources {
                for right in RIGHTS.into_iter().filter(|right| World::gives(role, *right, resource)) {
                    text.push_str(&format!(
                        "permit(principal in Role::\"{role}\", action == Action::\"{}\", resource == Resource::\"{resource}\");\n",
                        right.name()
                    ));
                }
            }
        }
        let mut entities = Vec::new();
        for user in 0..USERS {
            let parents: anyhow::Result<HashSet<EntityUid>> =
                World::roles_of(user).map(|role| uid("Role", &role.to_string())).collect();
            entities.push(Entity::new(uid("User", &user.to_string())?, HashMap::new(), parents?)?);
        }
        let mut requests = Vec::new();
        for (user, right, resource) in world.questions() {
            requests.push(Request::new(
                uid("User", &user.to_string())?,
                uid("Action", right.name())?,
                uid("Resource", &resource.to_string())?,
                Context::empty(),
                None,
            )?);
        }
        let entities = Entities::from_entities(entities, None)?;
        Ok(Cedar { authorizer: Authorizer::new(), policies: PolicySet::from_str(&text)?, entities, requests })
    }

    /// The answer to the question numbered so.
    pub(crate) fn allows(&self, question: usize) -> bool {
        let request = self.requests.get(question);
        request.is_some_and(|request| {
            self.authorizer.is_authorized(request, &self.policies, &self.entities).decision() == Decision::Allow
        })
    }
}

fn uid(kind: &str, id: &str) -> anyhow::Result<EntityUid> {
    Ok(EntityUid::from_type_name_and_id(EntityTypeName::from_str(kind)?, EntityId::from_str(id)?))
}
