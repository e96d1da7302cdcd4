use serde_json::Value;

use super::can::capabilities;
use super::desk::Desk;
use super::output::{Output, moment};
use super::point::Point;
use super::trouble::Trouble;
use super::words::{as_of, person};

/// Who may do something: every account that can and by which right; over a span, everyone who could and when
///
/// `--from` and `--to` ask over a span, each a position or an instant: whoever could at any time in it is listed, with what
/// gave and what took the right, an entry or the clock.
#[derive(clap::Args)]
pub(crate) struct WhoCan {
    /// What: such as `dashboard.manage_admins`
    #[arg(long = "do", value_name = "CAPABILITY", value_parser = capabilities())]
    capability: String,
    /// On what, where it is on something: an app's slug, an account, an object's path
    #[arg(long, value_name = "WHAT")]
    on: Option<String>,
    /// Everyone who could at any time from this point on
    #[arg(long, value_name = "POSITION|INSTANT")]
    from: Option<String>,
    /// ... up to this point; where it is left out, to that of `--as-of`, else to now
    #[arg(long, value_name = "POSITION|INSTANT")]
    to: Option<String>,
    /// Count what was granted to accounts that have no credentials, or none that work
    #[arg(long)]
    granted: bool,
    #[command(flatten)]
    point: Point,
}

impl WhoCan {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let spanned = self.from.is_some() || self.to.is_some();
        let answer = desk
            .ask(&["who-can"], |request| {
                let request = request.query("do", &self.capability).maybe_query("on", self.on.as_deref());
                let request = request.maybe_query("from", self.from.as_deref()).maybe_query("to", self.to.as_deref());
                self.point.of(request.maybe_query("granted", self.granted.then_some("true")))
            })
            .await?;
        if output.json {
            return output.json(&answer);
        }
        output.line(heading(&answer, spanned))?;
        output.line("")?;
        if answer.get("guest") == Some(&Value::Bool(true)) {
            let may = if spanned { "could, at some time in it" } else { "can" };
            output.line(format_args!("Everybody {may}, without signing in."))?;
        }
        let accounts: Vec<&Value> = list(&answer, "accounts").collect();
        if accounts.is_empty() {
            return output.line(if spanned { "No account could." } else { "No account can." });
        }
        if spanned {
            let rows: Vec<Vec<String>> = accounts.into_iter().flat_map(intervals).collect();
            return output.table(&["account", "from", "by", "to", "by"], &rows);
        }
        let rows: Vec<Vec<String>> = accounts.into_iter().map(row).collect();
        output.table(&["account", "because", "given"], &rows)
    }
}

fn heading(answer: &Value, spanned: bool) -> String {
    let question = |name: &str| {
        let question = answer.get("question").and_then(|question| question.get(name));
        question.and_then(Value::as_str).unwrap_or_default()
    };
    let on = if question("on").is_empty() { String::new() } else { format!(" on {}", question("on")) };
    if !spanned {
        return format!("who may {}{on}, {}", question("words"), as_of(answer));
    }
    let begin = as_of(&serde_json::json!({"as_of": answer.get("from")}));
    format!(
        "who could {}{on}, from {} to {}",
        question("words"),
        begin.trim_start_matches("as of "),
        as_of(answer).trim_start_matches("as of ")
    )
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// An account with the right that it can by: the fact that an entry set, and that entry.
fn row(able: &Value) -> Vec<String> {
    let reason = able.get("reason").unwrap_or(&Value::Null);
    let fact = list(reason, "facts").next().and_then(|fact| fact.get("fact")).and_then(Value::as_str);
    let mut words = fact.unwrap_or_default().to_owned();
    // How the account is one of those meant; the setting in force is told by the entry beside it.
    let through = list(reason, "facts").next().into_iter().flat_map(|first| list(first, "through"));
    let membership = through.filter(|link| !link.get("cause").unwrap_or(&Value::Null).is_null());
    for link in membership.filter_map(|link| link.get("words").and_then(Value::as_str)) {
        words.push_str(&format!(", and it {link}"));
    }
    vec![person(able), words, reason.get("given").map(did).unwrap_or_default()]
}

fn intervals(able: &Value) -> Vec<Vec<String>> {
    let mut lead = person(able);
    let rows = list(able, "intervals").map(|interval| {
        let end = |name: &str| interval.get(name).filter(|end| !end.is_null());
        let [began, ended] = ["began", "ended"].map(end);
        vec![
            std::mem::take(&mut lead),
            began.map(when).unwrap_or_default(),
            began.map(brought_about).unwrap_or_default(),
            ended.map_or_else(|| "still".to_owned(), when),
            ended.map(brought_about).unwrap_or_default(),
        ]
    });
    rows.collect()
}

/// When a deed took effect.
pub(crate) fn when(deed: &Value) -> String {
    let at = deed.get("at").and_then(Value::as_str).map(moment).unwrap_or_default();
    match deed.pointer("/cause/position").and_then(Value::as_u64) {
        Some(position) => format!("{at} #{position}"),
        None => at,
    }
}

/// What brought a change about: what an entry did and why, or the clock.
pub(crate) fn brought_about(deed: &Value) -> String {
    match deed.get("step").filter(|step| !step.is_null()) {
        Some(step) => deed_words(step),
        None => match deed.get("fact").and_then(Value::as_str) {
            Some(fact) => format!("the clock ({fact})"),
            None => "the clock".to_owned(),
        },
    }
}

/// What an entry did and why.
pub(crate) fn deed_words(step: &Value) -> String {
    let text = |name: &str| step.get(name).and_then(Value::as_str);
    let mut words = text("sentence").unwrap_or_default().to_owned();
    if let Some(reason) = text("reason") {
        words.push_str(&format!(" (reason: {reason})"));
    }
    if step.get("import").is_some_and(|import| !import.is_null()) {
        words.push_str(" (imported)");
    }
    words
}

/// An entry by position and time, and what it did.
fn did(step: &Value) -> String {
    let Some(position) = step.get("position").and_then(Value::as_u64) else { return String::new() };
    let at = step.get("at").and_then(Value::as_str).map(moment).unwrap_or_default();
    format!("#{position} {at}  {}", deed_words(step))
}
