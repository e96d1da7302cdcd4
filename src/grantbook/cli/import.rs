use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::desk::{Desk, Ledger};
use super::output::Output;
use super::trouble::Trouble;
use crate::client::{Lines, Request};

/// Imports history made elsewhere, one JSON object a line, as the local operator
///
/// With `--snapshot` the file says instead who has what on the platform today, in JSON or CSV as `grantbook reconcile` reads it: what the book
/// lacks is recorded, and nothing is taken away. New credentials get a password that nobody knows: people set their own by a reset.
///
/// It can be stopped and run again: lines that are in the book already are skipped, and a longer file goes on where the
/// shorter one ended. Where the tenant does not exist yet, it is created with its start at the first line.
#[derive(clap::Args)]
pub(crate) struct Import {
    /// The file of lines, oldest first (`-`: standard input)
    #[arg(required_unless_present = "abandon")]
    file: Option<PathBuf>,
    /// The ticket that the import rests on; an import is given up on its own, where no other is named
    #[arg(long, required_unless_present = "abandon")]
    ticket: Option<String>,
    /// The file is a state of today, not a history
    #[arg(long, conflicts_with = "abandon")]
    snapshot: bool,
    /// Look at each line, say what would be recorded and is not in the book yet, and record nothing; rules are not asked
    #[arg(long, conflicts_with = "abandon")]
    dry_run: bool,
    /// Finish an import that was left half-way where it stands
    #[arg(long, conflicts_with = "file")]
    abandon: bool,
}

impl Import {
    /// A history begins a ledger, unless it is only looked at; the rest is of a tenant that is there.
    pub(crate) fn needs(&self) -> Ledger {
        match (self.abandon || self.snapshot, self.dry_run) {
            (true, _) => Ledger::Existing,
            (false, true) => Ledger::OrNone,
            (false, false) => Ledger::OrNew,
        }
    }

    /// Whether the history would begin a tenant in an empty ledger, which `desk` is at: each line has the form of one, and the
    /// first is imported.
    pub(crate) async fn tried(&self, desk: &Desk) -> Result<(), Trouble> {
        let tenant = desk.tenant().await?;
        // What comes in is there to be read once.
        let Some(file) = self.file.as_ref().filter(|file| file.as_os_str() != "-") else { return Ok(()) };
        let text = super::text::read(file)?;
        expect_history(&text, file)?;
        super::snapshot::look(&text, false)?;
        let first: String = text.split_inclusive('\n').take(1).collect();
        let path = ["operator", "tenants", tenant.as_str(), "import"];
        let request = Request::post_lines(&path, first.into_bytes()).maybe_query("ticket", self.ticket.as_deref());
        let mut lines = desk.client.lines(request).await?;
        if lines.status != 200 {
            return Err(desk.refused(&lines.whole().await?));
        }
        follow(&mut lines, &ProgressBar::hidden(), None, |_| Ok(())).await.map(drop)
    }

    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        desk.operators_only("import")?;
        let tenant = desk.tenant().await?;
        let Some(file) = self.file.filter(|_| !self.abandon) else {
            let path = ["operator", "tenants", tenant.as_str(), "import", "abandon"];
            let request =
                Request::post(&path, &Value::Object(serde_json::Map::new())).maybe_query("ticket", self.ticket);
            let answer = desk.send(request).await?;
            if output.json {
                return output.json(&answer);
            }
            output.note("The import is finished where it stood.");
            return Ok(());
        };
        let mut text = super::text::read(&file)?;
        if self.snapshot {
            match super::snapshot::lines(desk, &tenant, &text, output).await? {
                Some(lines) => text = lines,
                None => return Ok(()),
            }
        } else {
            expect_history(&text, &file)?;
        }
        if self.snapshot || self.dry_run {
            super::snapshot::look(&text, self.snapshot)?;
        }
        let path = ["operator", "tenants", tenant.as_str(), "import"];
        let request = |lines: String| {
            Request::post_lines(&path, lines.into_bytes()).maybe_query("ticket", self.ticket.as_deref())
        };
        if self.dry_run {
            let answer = desk.send(request(text.clone()).query("dry_run", "true")).await?;
            let skipped = answer.pointer("/would/skip").and_then(Value::as_u64).unwrap_or_default();
            return super::snapshot::tell(&text, skipped, output);
        }
        let count = text.split('\n').filter(|line| !line.is_empty()).count() as u64;
        // Of a snapshot the lines are kept, to say of a problem which command it is.
        let snapshot = self.snapshot.then(|| text.clone());
        let mut lines = desk.client.lines(request(text)).await?;
        if lines.status != 200 {
            return Err(desk.refused(&lines.whole().await?));
        }
        let bar = if output.shows_progress() { bar(count) } else { ProgressBar::hidden() };
        let mut created = None;
        let followed = follow(&mut lines, &bar, snapshot, |password| {
            // As data: it is shown this once, whoever wants to be spared messages (rule: M1).
            if output.json {
                created = Some(password.to_owned());
                return Ok(());
            }
            output.note(format_args!(
                "Created the tenant {tenant} with the account MANAGER. Its first password, shown this once:"
            ));
            output.line(password)?;
            output.flush()
        });
        let mut imported = match followed.await {
            Ok(imported) => imported,
            Err(trouble) => {
                // Nor must it be lost with an import that comes to no end.
                if let Some(password) = created {
                    output.json(&json!({"manager_password": password}))?;
                }
                return Err(trouble);
            }
        };
        if output.json {
            if let (Some(password), Some(imported)) = (created, imported.as_object_mut()) {
                imported.insert("manager_password".to_owned(), Value::String(password));
            }
            return output.json(&imported);
        }
        let number = |name: &str| imported.get(name).and_then(Value::as_u64).unwrap_or_default();
        let (recorded, skipped) = (number("recorded"), number("skipped"));
        let were = if skipped == 0 { String::new() } else { format!(" ({skipped} were in the book already)") };
        output
            .note(format_args!("Imported {recorded} of {count} lines{were}; the last position is {}.", number("last")));
        Ok(())
    }
}

fn expect_history(text: &str, file: &Path) -> Result<(), Trouble> {
    if !super::reconcile::is_state(text) {
        return Ok(());
    }
    Err(Trouble::Usage(format!(
        "`{}` is no history in lines of JSON: who has what today is imported with `--snapshot`",
        file.display()
    )))
}

/// Reads what is told of an import, line by line, to what came of it. Errors: a line of the file is at fault, or the import
/// came to no end.
async fn follow(
    lines: &mut Lines,
    bar: &ProgressBar,
    snapshot: Option<String>,
    mut created: impl FnMut(&str) -> Result<(), Trouble>,
) -> Result<Value, Trouble> {
    let mut imported = None;
    while let Some(line) = lines.next().await? {
        let Ok(told) = serde_json::from_str::<Value>(&line) else { continue };
        if let Some(done) = told.get("done").and_then(Value::as_u64) {
            bar.set_position(done);
        }
        if let Some(problem) = told.get("problem") {
            bar.abandon();
            let of_command = |lines: String| super::snapshot::of_command(problem, &lines);
            return Err(Trouble::of_problem(409, &snapshot.map_or_else(|| problem.clone(), of_command)).refused());
        }
        if let Some(password) = told.pointer("/created/manager_password").and_then(Value::as_str) {
            bar.suspend(|| created(password))?;
        }
        imported = told.get("imported").cloned().or(imported);
    }
    bar.finish_and_clear();
    let without_a_word = "the import ended without a word: run it again, nothing is doubled";
    imported.ok_or_else(|| Trouble::Storage(without_a_word.to_owned()))
}

fn bar(count: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} lines, {per_sec}, {eta} left");
    ProgressBar::new(count).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
