use super::desk::Desk;
use super::events::Filters;
use super::output::Output;
use super::point::Point;
use super::trouble::Trouble;

/// Writes the entries of the book to standard output, one JSON object a line
#[derive(clap::Args)]
pub(crate) struct Export {
    /// In which form
    #[arg(long, default_value = "jsonl", value_parser = ["jsonl"])]
    format: String,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    point: Point,
}

impl Export {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        // There is one form so far, which clap has checked.
        let Export { format: _, filters, point } = self;
        let request = point.of(filters.of(desk.question(&["events"]).await?)).as_lines();
        let mut lines = desk.client.lines(request).await?;
        if lines.status != 200 {
            return Err(desk.refused(&lines.whole().await?));
        }
        while let Some(line) = lines.next().await? {
            if !line.is_empty() {
                output.line(line)?;
            }
        }
        Ok(())
    }
}
