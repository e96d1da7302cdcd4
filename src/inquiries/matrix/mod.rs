//! Matrices: the rulebook's tables of who may do what, computed from the rights over a small history of examples. They are
//! not written down anywhere: a table that disagrees with the rulebook is a right that does.
//!
//! One file a matrix: its actors, how they came by what they hold (as commands), and its rows.

mod dashboard;
mod organisations;
mod scratch;
mod staff;

use grantbook_rights::Capability;
use serde_json::{Map, Value, json};

use crate::ask::{ask, can};
use scratch::Scratch;

/// A table of who may do what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Matrix {
    /// What it is called.
    pub name: &'static str,
    /// What it shows.
    pub words: &'static str,
    /// The columns: an example of each kind of actor, by a short name.
    pub actors: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<MatrixRow>,
}

/// One right, and who of the actors has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MatrixRow {
    /// What, in words.
    pub words: &'static str,
    /// What is asked for.
    pub capability: &'static str,
    /// On what.
    pub on: Option<&'static str>,
    /// The rule that says who has it.
    pub rule: &'static str,
    /// Who has it, actor by actor.
    pub allowed: Vec<bool>,
}

/// What a matrix is made of.
struct Plan {
    name: &'static str,
    words: &'static str,
    /// The actors: the short name of each, and the account of the example.
    actors: &'static [(&'static str, &'static str)],
    /// How the examples came to hold what they hold: commands of support's, and of the tenant's.
    history: fn() -> Vec<Value>,
    /// The rows: what in words, the capability, and on what.
    rows: &'static [(&'static str, &'static str, Option<&'static str>)],
}

const PLANS: &[Plan] = &[staff::PLAN, dashboard::PLAN, organisations::PLAN];

/// The matrices there are, each with what it shows.
pub fn matrices() -> impl Iterator<Item = (&'static str, &'static str)> {
    PLANS.iter().map(|plan| (plan.name, plan.words))
}

/// The matrix of a name; `None` where there is none.
pub fn matrix(name: &str) -> Option<Matrix> {
    let plan = PLANS.iter().find(|plan| plan.name == name)?;
    let scratch = Scratch::told(&(plan.history)());
    let rows = plan.rows.iter().map(|(words, capability, on)| {
        let allowed = |account: &str| {
            let asked = ask(&scratch.views, scratch.now(), account, capability, *on);
            asked.is_ok_and(|asked| can(&asked).get("allowed") == Some(&Value::Bool(true)))
        };
        MatrixRow {
            words,
            capability,
            on: *on,
            rule: Capability::named(capability).map_or("", Capability::rule),
            allowed: plan.actors.iter().map(|(_, account)| allowed(account)).collect(),
        }
    });
    let actors = plan.actors.iter().map(|(actor, _)| *actor).collect();
    Some(Matrix { name: plan.name, words: plan.words, actors, rows: rows.collect() })
}

impl Matrix {
    /// The matrix as an answer.
    pub fn to_json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            let cells = self.actors.iter().zip(&row.allowed);
            let allowed: Map<String, Value> = cells.map(|(actor, yes)| ((*actor).to_owned(), (*yes).into())).collect();
            json!({"words": row.words, "do": row.capability, "on": row.on, "rule": row.rule, "allowed": allowed})
        });
        let rows: Value = rows.collect();
        json!({"matrix": self.name, "words": self.words, "actors": self.actors, "rows": rows})
    }
}

#[cfg(test)]
mod for_tests {
    use super::*;

    /// Compares a matrix with a table written from the rulebook: a line a right, `yes` or `-` an actor; and tries the command
    /// of each line that has one (after `|`) as each actor: it must be taken exactly where the cell says yes.
    pub(super) fn check(name: &str, table: &str) {
        let matrix = matrix(name).unwrap();
        let plan = PLANS.iter().find(|plan| plan.name == name).unwrap();
        let scratch = Scratch::told(&(plan.history)());
        assert_eq!(scratch.refused, [] as [String; 0], "the history of the examples is one that is accepted");
        let lines = table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let lines: Vec<&str> = lines.collect();
        assert_eq!(lines.len(), matrix.rows.len(), "every row stands in the table");
        for (line, row) in lines.into_iter().zip(&matrix.rows) {
            let (cells, command) = line.split_once('|').unwrap_or((line, ""));
            let asked = row.on.map_or_else(|| row.capability.to_owned(), |on| format!("{} {on}", row.capability));
            let mut expected = asked.clone();
            for (actor, yes) in matrix.actors.iter().zip(&row.allowed) {
                expected += &format!(" {}", if *yes { "yes" } else { "-" });
                if command.trim().is_empty() {
                    continue;
                }
                let Some((_, account)) =
                    plan.actors.iter().find(|(name, account)| name == actor && *account != "guest")
                else {
                    continue; // a guest gives no command
                };
                let command: Value = serde_json::from_str(command).unwrap();
                let tried = scratch.tries(account, &command).map_err(|refusal| refusal.to_string());
                assert_eq!(tried.is_ok(), *yes, "{actor}: {command}: {tried:?}");
            }
            assert_eq!(cells.split_whitespace().collect::<Vec<_>>().join(" "), expected);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_asks_for_rights_that_there_are() {
        for (name, words) in matrices() {
            let matrix = matrix(name).unwrap();
            assert!(!words.is_empty() && !matrix.rows.is_empty());
            for row in &matrix.rows {
                assert!(Capability::named(row.capability).is_some(), "{name}: {}", row.capability);
                assert_eq!(row.allowed.len(), matrix.actors.len());
            }
            assert_eq!(matrix.to_json()["rows"].as_array().unwrap().len(), matrix.rows.len());
        }
        assert_eq!(matrix("everything"), None);
    }
}
