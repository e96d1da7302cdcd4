use serde_json::Value;

use super::desk::Desk;
use super::events::Filters;
use super::output::Output;
use super::point::Point;
use super::trouble::Trouble;

/// Writes the entries of the book to standard output, in a form that other programs read
#[derive(clap::Args)]
pub(crate) struct Export {
    /// In which form
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Format,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    point: Point,
}

/// In which form.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// One entry a line, in the public JSON form
    Jsonl,
    /// One event a row, for spreadsheets
    Csv,
    /// CloudEvents 1.0: a JSON array with one event a line
    Cloudevents,
    /// OCSF 1.8: one event a line
    Ocsf,
    /// RFC 5424: one message a line
    Syslog,
    /// One event a row, in typed columns (only in programs built with the feature `parquet`)
    Parquet,
}

impl Format {
    /// What the API calls it; Parquet is made here, from lines.
    fn asked_for(self) -> &'static str {
        match self {
            Format::Jsonl | Format::Parquet => "ndjson",
            Format::Csv => "csv",
            Format::Cloudevents => "cloudevents",
            Format::Ocsf => "ocsf",
            Format::Syslog => "syslog",
        }
    }
}

impl Export {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let Export { format, filters, point } = self;
        if format == Format::Parquet {
            possible(output)?;
        }
        let request = point.of(filters.of(desk.question(&["events"]).await?)).query("format", format.asked_for());
        let mut lines = desk.client.lines(request).await?;
        if lines.status != 200 {
            return Err(desk.refused(&lines.whole().await?));
        }
        match format {
            Format::Csv | Format::Cloudevents | Format::Ocsf | Format::Syslog => {
                while let Some(chunk) = lines.chunk().await? {
                    output.written(|out| out.write_all(&chunk))?;
                }
                Ok(())
            }
            Format::Jsonl => {
                while let Some(line) = lines.next().await? {
                    whole(&line)?;
                    output.line(line)?;
                }
                Ok(())
            }
            Format::Parquet => parquet(&mut lines, output).await,
        }
    }
}

/// An export that could not be finished says so in its last line. Errors: this is it.
fn whole(line: &str) -> Result<(), Trouble> {
    if !line.starts_with("{\"problem\"") {
        return Ok(());
    }
    let said: Value = serde_json::from_str(line).unwrap_or_default();
    Err(Trouble::of_problem(500, said.get("problem").unwrap_or(&Value::Null)))
}

/// Whether a file of Parquet can be written, and there.
fn possible(output: &Output) -> Result<(), Trouble> {
    if !cfg!(feature = "parquet") {
        return Err(Trouble::Usage(
            "this program was built without Parquet: `cargo install --features parquet` builds one with it".to_owned(),
        ));
    }
    if output.is_terminal() {
        return Err(Trouble::Usage("Parquet is nothing for a terminal: add `> FILE`".to_owned()));
    }
    Ok(())
}

#[cfg(feature = "parquet")]
async fn parquet(lines: &mut crate::client::Lines, output: &mut Output) -> Result<(), Trouble> {
    let failed =
        |error: ::parquet::errors::ParquetError| Trouble::Storage(format!("Parquet cannot be written: {error}"));
    let mut file = crate::exports::parquet::File::begin().map_err(failed)?;
    while let Some(line) = lines.next().await? {
        whole(&line)?;
        let entry = serde_json::from_str(&line).map_err(|_| Trouble::Storage("the server sent no entry".to_owned()))?;
        file.entry(&entry).map_err(failed)?;
    }
    let file = file.end().map_err(failed)?;
    output.written(|out| out.write_all(&file))
}

#[cfg(not(feature = "parquet"))]
async fn parquet(_: &mut crate::client::Lines, output: &mut Output) -> Result<(), Trouble> {
    possible(output)
}
