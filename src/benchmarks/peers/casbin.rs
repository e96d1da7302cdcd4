//! casbin: role-based access control as its documentation writes it.

use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};

use crate::rows::checks::{RIGHTS, ROLES, USERS, World};

const MODEL: &str = "
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
";

/// An enforcer, and every question ready to be asked.
pub(crate) struct Casbin {
    enforcer: Enforcer,
    questions: Vec<(String, String, &'static str)>,
}

impl Casbin {
    /// The same world for casbin.
    pub(crate) async fn make(world: &World) -> anyhow::Result<Casbin> {
        let mut enforcer = Enforcer::new(DefaultModel::from_str(MODEL).await?, MemoryAdapter::default()).await?;
        let mut policies = Vec::new();
        for role in 0..ROLES {
            for resource in 0..world.resources {
                for right in RIGHTS.into_iter().filter(|right| World::gives(role, *right, resource)) {
                    policies.push(vec![
                        format!("role-{role}"),
                        format!("resource-{resource}"),
                        right.name().to_owned(),
                    ]);
                }
            }
        }
        enforcer.add_policies(policies).await?;
        let holds = |user| World::roles_of(user).map(move |role| vec![format!("user-{user}"), format!("role-{role}")]);
        enforcer.add_grouping_policies((0..USERS).flat_map(holds).collect()).await?;
        let question = |(user, right, resource): (u32, crate::rows::checks::Right, u32)| {
            (format!("user-{user}"), format!("resource-{resource}"), right.name())
        };
        Ok(Casbin { enforcer, questions: world.questions().map(question).collect() })
    }

    /// The answer to the question numbered so.
    pub(crate) fn allows(&self, question: usize) -> anyhow::Result<bool> {
        let Some((user, resource, right)) = self.questions.get(question) else { return Ok(false) };
        Ok(self.enforcer.enforce((user.as_str(), resource.as_str(), *right))?)
    }
}
