//! Reach: how much each account can do, to find those who can do most.

use grantbook_projections::{AsOf, GrantHistory};
use grantbook_rights::{On, Standing};
use serde_json::{Value, json};

use crate::diff::Comparison;
use crate::shown::{self, Shown};

/// How far an account's rights go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reach {
    /// The account, by number.
    pub who: u32,
    /// Its id.
    pub account: String,
    /// Its full name, opened.
    pub name: Option<String>,
    /// How many rights it has, each on each thing counted once, as a diff counts them.
    pub rights: usize,
    /// On how many objects it has any.
    pub objects: usize,
    /// How many roles, groups and apps it holds.
    pub held: usize,
}

/// Whoever measures reach: what there is to have rights on as of one point.
pub struct Measure {
    comparison: Comparison,
}

impl Measure {
    /// As of the point of `shown`.
    pub fn of(shown: &Shown<'_>, standing: Standing) -> Measure {
        Measure { comparison: Comparison::of(shown, shown.as_of, standing) }
    }

    /// From where it is measured.
    pub fn as_of(&self) -> AsOf {
        self.comparison.to()
    }

    /// How far an account's rights go; `None` where there is no such account.
    pub fn account(&self, shown: &Shown<'_>, who: u32) -> Option<Reach> {
        if !self.comparison.there(shown, who) {
            return None;
        }
        let rights = self.comparison.held(shown, who);
        let object = |on: &On| match on {
            On::Object(object) => Some(*object),
            On::Nothing | On::Account(_) | On::App(_) | On::Organisation(_) | On::Community(_) | On::Contact { .. } => {
                None
            }
        };
        let mut objects: Vec<u32> = rights.iter().filter_map(|(_, on)| object(on)).collect();
        objects.sort_unstable();
        objects.dedup();
        let (views, as_of) = (shown.views, shown.as_of);
        let holds =
            |history: &GrantHistory| history.at(as_of.position).is_some_and(|holding| holding.in_force(as_of.clock));
        let held = views.roles.roles_of(who).filter(|(_, history)| holds(history)).count()
            + views.groups.groups_of(who).filter(|(_, history)| holds(history)).count()
            + views.app_users.apps_of(who).filter(|(_, history)| holds(history)).count();
        let (account, name) = (shown.id(who).to_owned(), shown.name(who));
        Some(Reach { who, account, name, rights: rights.len(), objects: objects.len(), held })
    }

    /// The `most` that reach furthest, as JSON; of two that reach as far, by id.
    pub fn json(&self, mut reached: Vec<Reach>, most: usize) -> Value {
        reached.sort_by(|one, other| (other.rights, &one.account).cmp(&(one.rights, &other.account)));
        reached.truncate(most);
        let row = |reach: &Reach| {
            json!({
                "account": reach.account,
                "name": reach.name,
                "rights": reach.rights,
                "objects": reach.objects,
                "held": reach.held,
            })
        };
        json!({"as_of": shown::as_of(self.as_of()), "accounts": reached.iter().map(row).collect::<Value>()})
    }
}
