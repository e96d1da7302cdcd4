use serde_json::Value;

use super::desk::Desk;
use super::output::Output;
use super::point::Point;
use super::trouble::Trouble;
use super::words::as_of;
use crate::client::Request;

/// Whether an account may do something: yes or no, and by which rule
#[derive(clap::Args)]
pub(crate) struct Can {
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    point: Point,
}

/// Who, what, and on what.
#[derive(clap::Args)]
pub(crate) struct Question {
    /// Whom to ask about: an id, `@` and a username, or `guest`
    #[arg(long, value_name = "ACCOUNT")]
    account: String,
    /// What: such as `dashboard.manage_admins`
    #[arg(long = "do", value_name = "CAPABILITY", value_parser = capabilities())]
    capability: String,
    /// On what, where it is on something: an app's slug, an account, an object's path
    #[arg(long, value_name = "WHAT")]
    on: Option<String>,
}

fn capabilities() -> clap::builder::PossibleValuesParser {
    let all = grantbook_rights::Capability::ALL.iter();
    all.map(|capability| clap::builder::PossibleValue::new(capability.name()).help(capability.words()))
        .collect::<Vec<_>>()
        .into()
}

impl Question {
    /// The request that asks it.
    pub(crate) fn of(&self, request: Request) -> Request {
        let request = request.query("account", &self.account).query("do", &self.capability);
        request.maybe_query("on", self.on.as_deref())
    }
}

impl Can {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let answer = desk.ask(&["can"], |request| self.point.of(self.question.of(request))).await?;
        if output.json {
            return output.json(&answer);
        }
        let verdict = if answer.get("allowed") == Some(&Value::Bool(true)) { "yes" } else { "no" };
        let rule = answer.get("rule").and_then(Value::as_str).unwrap_or("none");
        output.line(format_args!("{verdict} (rule {rule}), {}", as_of(&answer)))
    }
}
