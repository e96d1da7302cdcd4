use serde_json::Value;

use super::can::capabilities;
use super::desk::Desk;
use super::output::{Output, moment};
use super::point::Point;
use super::trouble::Trouble;
use super::who_can::deed_words;
use super::words::as_of;

/// The life of an account, of a right, or of an object as a story, with what the clock did between entries
///
/// `--account` tells what happened to somebody and what they did; `--do` (and `--on`) who gained and lost a right, of one
/// account alone where `--account` is given too; `--object` what happened to an object and to what lies above it. Where an
/// entry was recorded later than it happened, both are shown.
#[derive(clap::Args)]
pub(crate) struct Timeline {
    /// Of this account: its id, or `@` and a username
    #[arg(long, value_name = "ACCOUNT", required_unless_present_any = ["capability", "object"])]
    account: Option<String>,
    /// Of this right: such as `dashboard.manage_admins`
    #[arg(long = "do", value_name = "CAPABILITY", value_parser = capabilities())]
    capability: Option<String>,
    /// What the right is on, where it is on something
    #[arg(long, value_name = "WHAT", requires = "capability")]
    on: Option<String>,
    /// Of this object: its path
    #[arg(long, value_name = "PATH", conflicts_with_all = ["account", "capability", "on"])]
    object: Option<String>,
    /// From this point on
    #[arg(long, value_name = "POSITION|INSTANT")]
    from: Option<String>,
    /// Up to this point; where it is left out, to that of `--as-of`, else to now
    #[arg(long, value_name = "POSITION|INSTANT")]
    to: Option<String>,
    /// Sign-ins, reads and mails as well
    #[arg(long)]
    everything: bool,
    /// Count what was granted to accounts that have no credentials, or none that work
    #[arg(long, requires = "capability")]
    granted: bool,
    #[command(flatten)]
    point: Point,
}

impl Timeline {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let mut after = None;
        let mut rows = Vec::new();
        let mut told: Option<Value> = None;
        loop {
            let mut answer = desk
                .ask(&["timeline"], |request| {
                    let request = request.maybe_query("account", self.account.as_deref());
                    let request = request.maybe_query("do", self.capability.as_deref());
                    let request = request.maybe_query("on", self.on.as_deref());
                    let request = request.maybe_query("object", self.object.as_deref());
                    let request = request.maybe_query("from", self.from.as_deref());
                    let request = request.maybe_query("to", self.to.as_deref());
                    let request = request.maybe_query("everything", self.everything.then_some("true"));
                    let request = request.maybe_query("granted", self.granted.then_some("true"));
                    self.point.of(request).maybe_query("after", after)
                })
                .await?;
            after = answer.get("next").and_then(Value::as_u64);
            let page = answer.get_mut("happenings").and_then(Value::as_array_mut).map(std::mem::take);
            rows.extend(page.unwrap_or_default());
            let whole = told.get_or_insert(answer);
            if after.is_none() {
                if let Some(fields) = whole.as_object_mut() {
                    fields.insert("next".to_owned(), Value::Null);
                }
                break;
            }
        }
        let mut whole = told.unwrap_or_default();
        if output.json {
            if let Some(fields) = whole.as_object_mut() {
                fields.insert("happenings".to_owned(), rows.into());
            }
            return output.json(&whole);
        }
        let of = whole.get("of").and_then(Value::as_str).unwrap_or_default();
        output.line(format_args!("timeline of {of}, {}", as_of(&whole)))?;
        if let Some(note) = imported(&rows) {
            output.line(note)?;
        }
        output.line("")?;
        if rows.is_empty() {
            return output.line("Nothing happened.");
        }
        output.table(&["when", "entry", "what"], &rows.iter().map(row).collect::<Vec<_>>())
    }
}

fn row(happening: &Value) -> Vec<String> {
    let text = |name: &str| happening.get(name).and_then(Value::as_str);
    let mut what = text("sentence").unwrap_or_default().to_owned();
    let Some(position) = happening.pointer("/cause/position").and_then(Value::as_u64) else {
        return vec![text("at").map(moment).unwrap_or_default(), "clock".to_owned(), what];
    };
    if let Some(step) = happening.get("step") {
        // The reason and that it was imported, as wherever a deed is told.
        let sentence = step.get("sentence").and_then(Value::as_str).unwrap_or_default();
        what.push_str(deed_words(step).strip_prefix(sentence).unwrap_or_default());
    }
    if let Some(recorded) = text("recorded_at").filter(|_| happening.get("imported") != Some(&Value::Bool(true))) {
        what.push_str(&format!(" (recorded {})", moment(recorded)));
    }
    vec![text("at").map(moment).unwrap_or_default(), format!("#{position}"), what]
}

/// How much of a story was imported, and when that was recorded: its entries tell the clock of then.
fn imported(happenings: &[Value]) -> Option<String> {
    let imported = happenings.iter().filter(|happening| happening.get("imported") == Some(&Value::Bool(true)));
    let recorded: Vec<&str> =
        imported.filter_map(|happening| happening.get("recorded_at").and_then(Value::as_str)).collect();
    let (first, last) = (recorded.iter().min()?, recorded.iter().max()?);
    let when = match moment(first) == moment(last) {
        true => moment(first),
        false => format!("{} to {}", moment(first), moment(last)),
    };
    Some(format!("{} of {} happenings were imported, recorded {when} UTC", recorded.len(), happenings.len()))
}
