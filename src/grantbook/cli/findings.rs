use grantbook_inquiries::finding_rules;

use super::desk::Desk;
use super::output::Output;
use super::point::Point;
use super::trouble::Trouble;
use super::view;

/// What somebody should look at; or, with `--back-test`, when a rule would have been open, and about whom
///
/// `--back-test CODE` holds a kind of finding against all of the past. `--back-test --one CAPABILITY --other CAPABILITY` does so
/// with a separation of duties that nobody need have defined: who could do both, from when until when.
#[derive(clap::Args)]
pub(crate) struct Findings {
    /// A kind of finding; or none, with `--one` and `--other`
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "", value_parser = codes())]
    back_test: Option<String>,
    /// One side of a separation to try, such as `roles.assign`
    #[arg(long, value_name = "CAPABILITY", requires_all = ["back_test", "other"])]
    one: Option<String>,
    /// Its other side
    #[arg(long, value_name = "CAPABILITY", requires = "one")]
    other: Option<String>,
    #[command(flatten)]
    point: Point,
}

fn codes() -> clap::builder::PossibleValuesParser {
    let all = finding_rules().map(|rule| clap::builder::PossibleValue::new(rule.code).help(rule.words));
    all.chain([clap::builder::PossibleValue::new("").hide(true)]).collect::<Vec<_>>().into()
}

impl Findings {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let answer = match &self.back_test {
            None => desk.ask(&["views", "findings"], |request| self.point.of(request)).await?,
            Some(code) => {
                let code = Some(code.as_str()).filter(|code| !code.is_empty());
                let asked = |request| {
                    let request = self.point.of(request).maybe_query("code", code);
                    request.maybe_query("one", self.one.as_deref()).maybe_query("other", self.other.as_deref())
                };
                desk.ask(&["findings", "back-test"], asked).await?
            }
        };
        if output.json { output.json(&answer) } else { view::show("findings", &answer, desk, output).await }
    }
}
