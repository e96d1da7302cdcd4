//! `grantbook checkpoint witness`: those who cosign checkpoints (C2SP tlog-witness, tlog-cosignature).

use std::path::PathBuf;

use serde_json::{Value, json};

use super::checkpoint::{key_name, text};
use super::desk::{Desk, within};
use super::output::Output;
use super::trouble::Trouble;
use crate::client::Request;

/// How often a witness may say that it knows another size than we took it to.
const TRIES: usize = 3;

/// Those who cosign checkpoints, so that nobody can be shown another book than the others
#[derive(clap::Subcommand)]
pub(crate) enum Witness {
    /// The witnesses whose cosignatures are taken
    List,
    /// Takes cosignatures of a witness from now on
    Add {
        /// Its verifier key, such as `witness.example+0a1b2c3d+BA...`
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// Takes no more cosignatures of a witness
    Remove {
        /// Its verifier key, or the name in it
        #[arg(value_name = "WITNESS")]
        witness: String,
    },
    /// Asks a witness to cosign the checkpoint as it is now, and keeps what it says (C2SP tlog-witness, add-checkpoint)
    Ask {
        /// Where the witness answers; `/add-checkpoint` is put behind it
        #[arg(value_name = "URL")]
        url: String,
    },
    /// Keeps cosignatures that came on another way
    Take {
        /// A file with a checkpoint of this book and the witnesses' lines under it
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

impl Witness {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        match self {
            Witness::List => {
                desk.operators_only("checkpoint witness list")?;
                listed(&desk.send(Request::get(&["operator", "witnesses"])).await?, output)
            }
            Witness::Add { key } => {
                desk.operators_only("checkpoint witness add")?;
                listed(&desk.send(Request::post(&["operator", "witnesses"], &json!({ "key": key }))).await?, output)
            }
            Witness::Remove { witness } => {
                desk.operators_only("checkpoint witness remove")?;
                let parts: Vec<&str> = ["operator", "witnesses"].into_iter().chain(witness.split('/')).collect();
                listed(&desk.send(Request::delete(&parts)).await?, output)
            }
            Witness::Ask { url } => {
                let note = cosigned(desk, &url).await?;
                take(desk, &note, output).await
            }
            Witness::Take { file } => {
                let note = std::fs::read_to_string(&file)
                    .map_err(|error| Trouble::Usage(format!("`{}` cannot be read: {error}", file.display())))?;
                take(desk, &note, output).await
            }
        }
    }
}

fn listed(answer: &Value, output: &mut Output) -> Result<(), Trouble> {
    if output.json {
        return output.json(answer);
    }
    let known = answer.get("witnesses").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if known.is_empty() {
        output.note("no witness is known: `checkpoint witness add KEY` adds one");
    }
    known.iter().filter_map(Value::as_str).try_for_each(|key| output.line(key))
}

/// Brings cosignatures to the book.
async fn take(desk: &Desk, note: &str, output: &mut Output) -> Result<(), Trouble> {
    let tenant = desk.tenant().await?;
    let request = Request::post_text(
        &within(&tenant, &["checkpoint", "cosignatures"]),
        "text/plain; charset=utf-8",
        note.to_owned(),
    );
    let request = if desk.client.is_operators() { request } else { request.bearer(&desk.token(&tenant)?) };
    let answer = desk.send(request).await?;
    if output.json {
        return output.json(&answer);
    }
    let taken = answer.get("taken").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if taken.is_empty() {
        output.note("nothing new: as much was known of these witnesses");
    }
    for by in taken {
        let time = by.get("time").and_then(Value::as_u64).unwrap_or_default();
        output.line(format_args!("{} cosigned, {time} seconds after 1970 began", key_name(text(by, "witness"))))?;
    }
    Ok(())
}

/// The checkpoint as it is now with what the witness at `url` says of it.
async fn cosigned(desk: &Desk, url: &str) -> Result<String, Trouble> {
    let answer = desk.ask(&["checkpoint"], |request| request.query("format", "json")).await?;
    let note = text(&answer, "checkpoint").to_owned();
    let size = answer.get("size").and_then(Value::as_u64).unwrap_or_default();
    let refused = |why: String| Trouble::Refused(format!("the witness at `{url}` did not cosign: {why}"));
    let address = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    let http = reqwest::Client::new();
    let mut old = 0u64;
    for _ in 0..TRIES {
        let (from, to) = (old.to_string(), size.to_string());
        let proof =
            desk.ask(&["proof", "consistency"], |request| request.query("from", &from).query("to", &to)).await?;
        let hashes = proof.get("proof").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let hashes: String = hashes.iter().filter_map(Value::as_str).map(|hash| format!("{hash}\n")).collect();
        let body = format!("old {old}\n{hashes}\n{note}");
        let sent = http.post(&address).body(body).send().await;
        let answered = sent.map_err(|error| refused(error.without_url().to_string()))?;
        let status = answered.status().as_u16();
        let said = answered.text().await.map_err(|error| refused(error.without_url().to_string()))?;
        match (status, said.trim().parse::<u64>()) {
            (200, _) => return Ok(format!("{note}{said}")),
            // It says up to where it knows this tree.
            (409, Ok(known)) if known != old && known <= size => old = known,
            (409, Ok(known)) => {
                return Err(refused(format!("it has seen {known} entries of this book, which has {size}")));
            }
            _ => return Err(refused(format!("status {status}, `{}`", said.trim()))),
        }
    }
    Err(refused("it says each time that it knows another size".to_owned()))
}
