use std::collections::BTreeMap;

use serde_json::Value;

use super::desk::Desk;
use super::output::{Output, clean};
use super::point::Point;
use super::trouble::Trouble;
use super::who_can::{brought_about, when};
use super::words::{as_of, person};

/// What rights each account gained and lost between two points, and what brought it about
///
/// Effective rights are compared: what an account could do then and can do now, freshly signed in. A right that it holds at
/// both points, but on the authority of another entry, is listed as changed. A right on an object is that on whatever
/// inherits its access as well.
#[derive(clap::Args)]
pub(crate) struct Diff {
    /// From this point
    #[arg(long, value_name = "POSITION|INSTANT")]
    from: String,
    /// ... to this point; where it is left out, to that of `--as-of`, else to now
    #[arg(long, value_name = "POSITION|INSTANT")]
    to: Option<String>,
    /// Of this account alone: its id, or `@` and a username
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// Count what was granted to accounts that have no credentials, or none that work
    #[arg(long)]
    granted: bool,
    /// List every right, however many changed at once
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    point: Point,
}

/// On how many things the rights that changed at once are listed, where not all are.
const SOME: usize = 8;

impl Diff {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let answer = desk
            .ask(&["diff"], |request| {
                let request = request.query("from", &self.from).maybe_query("to", self.to.as_deref());
                let request = request.maybe_query("account", self.account.as_deref());
                self.point.of(request.maybe_query("granted", self.granted.then_some("true")))
            })
            .await?;
        if output.json {
            return output.json(&answer);
        }
        let begin = as_of(&serde_json::json!({"as_of": answer.get("from")}));
        let [begin, end] = [begin, as_of(&answer)].map(|text| text.trim_start_matches("as of ").to_owned());
        output.line(format_args!("what became of rights from {begin} to {end}"))?;
        let accounts: Vec<&Value> = answer.get("accounts").and_then(Value::as_array).into_iter().flatten().collect();
        if accounts.is_empty() {
            output.line("")?;
            return output.line("Nobody gained or lost a right.");
        }
        for account in accounts {
            output.line("")?;
            output.line(clean(&person(account)))?;
            for became in ["gained", "lost", "changed"] {
                for (cause, rights) in by_cause(account, became) {
                    output.line(clean(&format!("  {became:<8}{cause}")))?;
                    for line in listed(&rights, self.full) {
                        output.line(clean(&format!("          {line}")))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The rights that one cause brought about, in the order in which causes took effect.
fn by_cause(account: &Value, became: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut causes: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let rows = account.get(became).and_then(Value::as_array).into_iter().flatten();
    let mut rows: Vec<&Value> = rows.collect();
    rows.sort_by_key(|row| row.get("at").and_then(Value::as_str).unwrap_or_default().to_owned());
    for row in rows {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let cause = format!("{}  {}", when(row), brought_about(row));
        let right = (text("do"), text("on"));
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, rights)) => rights.push(right),
            None => causes.push((cause, vec![right])),
        }
    }
    causes
}

/// Rights, those on the same thing in one line. Where one gives full control, that it includes the others is understood.
fn listed(rights: &[(String, String)], full: bool) -> Vec<String> {
    let mut by_thing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (capability, on) in rights {
        by_thing.entry(on).or_default().push(capability);
    }
    let words = |capabilities: &[&str]| match capabilities.contains(&FULL_CONTROL) && !full {
        true => format!("{FULL_CONTROL} with all that it includes"),
        false => capabilities.join(", "),
    };
    let line = |(on, capabilities): (&str, Vec<&str>)| match on {
        "" => capabilities.join(", "),
        on => format!("on {on}: {}", words(&capabilities)), // a thing that was named
    };
    let mut lines: Vec<String> = by_thing.into_iter().map(line).collect();
    let further = lines.len().saturating_sub(SOME);
    if further > 0 && !full {
        lines.truncate(SOME);
        lines.push(format!("and on {further} more (`--full` lists them)"));
    }
    lines
}

/// The right on an object that includes the others (rule: N2).
const FULL_CONTROL: &str = "object.full_control";
