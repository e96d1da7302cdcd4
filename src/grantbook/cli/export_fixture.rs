//! A history as a fixture: a folder that `replay` accepts, so that an incident becomes a test.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::desk::Desk;
use super::output::Output;
use super::trouble::Trouble;
use crate::pseudonyms::{Pseudonyms, TENANT};

/// What a fixture is to hold, and where.
pub(super) struct Wanted<'a> {
    /// The folder, which must not be there yet.
    pub(super) dir: &'a Path,
    /// From which entry on it is about something: what lies before is its beginning, and comes along.
    pub(super) from: Option<&'a str>,
    /// Up to which.
    pub(super) to: Option<&'a str>,
    /// Whether names are replaced.
    pub(super) pseudonymise: bool,
}

/// Writes the entries from the first to the last wanted, and what they mean at the beginning and at the end of what the
/// fixture is about; then replays it. Errors: what was written does not replay, which is told.
pub(super) async fn write(wanted: &Wanted<'_>, desk: &Desk, output: &Output) -> Result<(), Trouble> {
    let dir = wanted.dir;
    if dir.exists() {
        return Err(Trouble::Usage(format!("`{}` is there already: name a folder that is not", dir.display())));
    }
    let request = desk.question(&["events"]).await?.query("format", "ndjson").maybe_query("to", wanted.to);
    let mut lines = desk.client.lines(request).await?;
    if lines.status != 200 {
        return Err(desk.refused(&lines.whole().await?));
    }
    let mut names = Pseudonyms::default();
    let (mut entries, mut tenant, mut last) = (String::new(), String::new(), 0);
    while let Some(line) = lines.next().await? {
        let entry: Value =
            serde_json::from_str(&line).map_err(|_| Trouble::Storage("the server sent no entry".to_owned()))?;
        if let Some(problem) = entry.get("problem") {
            return Err(Trouble::of_problem(500, problem));
        }
        last = entry.get("position").and_then(Value::as_u64).unwrap_or(last);
        let entry = if wanted.pseudonymise { names.entry(&entry) } else { entry };
        tenant = entry.get("tenant").and_then(Value::as_str).unwrap_or(TENANT).to_owned();
        entries.push_str(&format!("{entry}\n"));
    }
    if last == 0 {
        return Err(Trouble::Refused("there are no entries up to there".to_owned()));
    }
    let first = first(wanted.from, desk).await?.min(last);
    folder(dir, &entries, &tenant, first, last)
        .map_err(|error| Trouble::Storage(format!("`{}` cannot be written: {error}", dir.display())))?;
    // What is expected is what the entries mean; written once, it is then held against them like any other fixture.
    let paths = [PathBuf::from(dir)];
    crate::replay::run(&paths, true);
    let report = crate::replay::run(&paths, false);
    if !report.passed() {
        return Err(Trouble::Refused(format!("the fixture does not replay:\n{report}").trim_end().to_owned()));
    }
    output.note(format_args!("Wrote {} with {last} entries: grantbook replay {}", dir.display(), dir.display()));
    Ok(())
}

/// The position from which on the fixture is about something.
async fn first(from: Option<&str>, desk: &Desk) -> Result<u64, Trouble> {
    let Some(from) = from else { return Ok(1) };
    let page = desk.ask(&["events"], |request| request.query("from", from).query("limit", "1")).await?;
    let position = page.pointer("/entries/0/position").and_then(Value::as_u64);
    position.ok_or_else(|| Trouble::Refused("there are no entries from there on".to_owned()))
}

fn folder(dir: &Path, entries: &str, tenant: &str, first: u64, last: u64) -> std::io::Result<()> {
    // It tells what the book tells: it is its owner's, as a case file is.
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir.join("views"))?;
    let meta =
        json!({"title": format!("What happened from entry {first} to {last}"), "rules": ["U5"], "tenant": tenant});
    std::fs::write(dir.join("fixture.json"), format!("{meta:#}\n"))?;
    let story = format!(
        "# What happened from entry {first} to {last}\n\nWritten by `grantbook export --format fixture`. Tell here who did what \
         and why, and name in `fixture.json` the rules that it is about. `views/` says what the entries mean before entry \
         {first} and after entry {last}.\n"
    );
    std::fs::write(dir.join("story.md"), story)?;
    std::fs::write(dir.join("entries.jsonl"), entries)?;
    for position in [first.saturating_sub(1), last] {
        for (view, _) in grantbook_inquiries::VIEWS {
            std::fs::write(dir.join("views").join(format!("{position:04}-{view}.json")), "")?;
        }
    }
    Ok(())
}
