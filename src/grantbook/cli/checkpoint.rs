use std::path::PathBuf;

use serde_json::{Value, json};

use super::checkpoint_export::export;
use super::checkpoint_witness::Witness;
use super::desk::Desk;
use super::output::Output;
use super::point::Point;
use super::trouble::Trouble;
use crate::client::Request;

/// Checkpoints: how many entries there are and their hash, signed; kept by somebody, they show later what was changed
#[derive(clap::Subcommand)]
pub(crate) enum Checkpoint {
    /// The checkpoint as a signed note (C2SP tlog-checkpoint), to be kept where nobody of ours can change it
    Show {
        /// The newest one that a witness cosigned
        #[arg(long)]
        cosigned: bool,
        #[command(flatten)]
        point: Point,
    },
    /// The verifier key, with which others check the signatures
    Key {
        /// Every key that ever signed, with since when; signatures of old keys hold for ever
        #[arg(long)]
        all: bool,
    },
    /// Writes the book's hashes and entries as static files (C2SP tlog-tiles): `checkpoint`, `tile/...`
    ///
    /// Run again, it adds what is new. It refuses a directory whose checkpoint the book does not go on from.
    Export {
        /// Directory to write to; made where it is missing
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Leave the entries out: hashes show nothing of what they are of, and can be published
        #[arg(long)]
        hashes_only: bool,
    },
    /// Signs with a new key from now on; the old one signs the handover, and its signatures go on holding
    RotateKey,
    /// Those who cosign checkpoints, so that nobody can be shown another book than the others
    #[command(subcommand)]
    Witness(Witness),
}

impl Checkpoint {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        match self {
            Checkpoint::Show { cosigned, point } => {
                let answer = desk.ask(&["checkpoint"], |request| {
                    let request = point.of(request).query("format", "json");
                    if cosigned { request.query("cosigned", "true") } else { request }
                });
                let answer = answer.await?;
                if output.json {
                    return output.json(&answer);
                }
                output.line(text(&answer, "checkpoint").trim_end_matches('\n'))?;
                tell(&answer, output);
                Ok(())
            }
            Checkpoint::Key { all } => {
                let answer = desk.ask(&["checkpoint"], |request| request.query("format", "json")).await?;
                show_keys(&answer, all, output)
            }
            Checkpoint::Export { dir, hashes_only } => export(desk, &dir, hashes_only, output).await,
            Checkpoint::RotateKey => {
                desk.operators_only("checkpoint rotate-key")?;
                let tenant = desk.tenant().await?;
                let path = ["operator", "tenants", &tenant, "checkpoint", "rotate-key"];
                let answer = desk.send(Request::post(&path, &Value::Null)).await?;
                show_keys(&answer, false, output)?;
                output.note("it signs from now on; give it to those who check signatures (`checkpoint key --all` shows the handover)");
                Ok(())
            }
            Checkpoint::Witness(command) => command.run(desk, output).await,
        }
    }
}

/// What stands beside a checkpoint: a message, so that the note alone is data.
fn tell(answer: &Value, output: &Output) {
    let size = answer.get("size").and_then(Value::as_u64).unwrap_or_default();
    let by = answer.get("cosignatures").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names: Vec<String> = by.iter().map(|by| key_name(text(by, "witness"))).collect();
    let cosigned = if names.is_empty() { "no witness".to_owned() } else { names.join(", ") };
    output.note(format_args!("{size} entries; cosigned by {cosigned}"));
}

fn show_keys(answer: &Value, all: bool, output: &mut Output) -> Result<(), Trouble> {
    let keys = answer.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if output.json {
        return output.json(&json!({ "keys": keys }));
    }
    if !all {
        return match keys.last() {
            Some(key) => output.line(text(key, "key")),
            None => Err(Trouble::Refused("there is no key yet".to_owned())),
        };
    }
    let rows = keys.iter().map(|key| {
        let since = key.get("since").and_then(Value::as_u64).unwrap_or_default();
        let in_use = key.get("in_use") == Some(&Value::Bool(true));
        let state = if in_use { "in use" } else { "former" };
        let handover = key.get("handover").is_some_and(Value::is_string);
        let handover = if handover { "signed by the key before it" } else { "" };
        let cells = [&format!("#{since}"), text(key, "how"), state, handover, text(key, "key")];
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    });
    output.table(&["since", "how", "state", "handover", "verifier key"], &rows.collect::<Vec<Vec<String>>>())
}

/// The name in a verifier key.
pub(crate) fn key_name(key: &str) -> String {
    key.split('+').next().unwrap_or(key).to_owned()
}

pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
