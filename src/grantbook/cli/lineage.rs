use super::desk::Desk;
use super::output::{Output, clean};
use super::point::Point;
use super::trouble::Trouble;

/// By whose authority an account has what it has, back to the start; and what rests on what it gave
///
/// Upwards, every right that the account holds is followed from grant to grant to the tenant's start. Downwards, everything
/// that it did is listed, and everything that others did by rights that came of it; what was given is marked as holding
/// still, or with what ended it. `--position` asks the same of one entry.
#[derive(clap::Args)]
pub(crate) struct Lineage {
    /// The account: its id, or `@` and a username
    #[arg(value_name = "ACCOUNT", required_unless_present = "position")]
    account: Option<String>,
    /// Of an entry instead
    #[arg(long, value_name = "POSITION", conflicts_with = "account")]
    position: Option<u64>,
    /// Only by whose authority
    #[arg(long, conflicts_with = "down")]
    up: bool,
    /// Only what rests on it
    #[arg(long)]
    down: bool,
    /// How to write it: a tree, a picture, Graphviz, or JSON as `--json` does
    #[arg(long, default_value = "text", value_parser = ["text", "svg", "dot", "json"])]
    format: String,
    /// How many events of the way down to show
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
    #[command(flatten)]
    point: Point,
}

impl Lineage {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let path: Vec<&str> = ["lineage"].into_iter().chain(self.account.as_deref()).collect();
        let direction = match (self.up, self.down) {
            (true, _) => "up",
            (false, true) => "down",
            (false, false) => "both",
        };
        let request = desk.question(&path).await?.query("direction", direction);
        let request = request.maybe_query("position", self.position).maybe_query("limit", self.limit);
        let request = self.point.of(request);
        if output.json || self.format == "json" {
            let answer = desk.asked(request).await?;
            return output.json(&answer);
        }
        let mut lines = desk.lines(request.query("format", &self.format)).await?;
        while let Some(line) = lines.next().await? {
            output.line(clean(&line))?;
        }
        Ok(())
    }
}
