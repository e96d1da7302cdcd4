use std::path::PathBuf;

use serde_json::{Value, json};

use super::desk::Desk;
use super::output::Output;
use super::trouble::Trouble;
use super::words::plain;
use crate::client::Request;

/// Writes a backup of everything to a new file, reads it back and records it, as the local operator
///
/// A running `serve` works on meanwhile. The file holds the entries of all tenants and of the installation's own ledger, the
/// vault's secrets, and the folders `checkpoints` and `webhooks`: keep it as you keep the vault. `restore` makes a ledger of it
/// again, on any machine.
#[derive(clap::Args)]
pub(crate) struct Backup {
    /// The file: never overwritten, readable by its owner alone
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Backup {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        desk.operators_only("backup")?;
        // A server that runs on the directory has another working directory.
        let file = std::path::absolute(&self.file)
            .map_err(|error| Trouble::Usage(format!("`{}` is no path: {error}", self.file.display())))?;
        let Some(path) = file.to_str() else {
            return Err(Trouble::Usage(format!("`{}` is not UTF-8", file.display())));
        };
        let answer = desk.send(Request::post(&["operator", "backup"], &json!({"file": path}))).await?;
        if output.json {
            return output.json(&answer);
        }
        let number = |name: &str| answer.get(name).map(plain).unwrap_or_default();
        output.note(format_args!(
            "Wrote {} entries and {} secrets in {} bytes to `{path}`, and read them back.",
            number("entries"),
            number("secrets"),
            number("bytes")
        ));
        let rows: Vec<Vec<String>> = answer
            .get("streams")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|row| ["stream", "last", "root"].map(|name| row.get(name).map(plain).unwrap_or_default()).to_vec())
            .collect();
        output.table(&["stream", "last position", "tree root"], &rows)?;
        output.line(format_args!("digest {}", number("digest")))
    }
}
