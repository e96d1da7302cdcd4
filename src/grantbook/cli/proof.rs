use grantbook_ledger::{Hash, open_checkpoint, verify_consistency, verify_inclusion};
use serde_json::Value;

use super::checkpoint::text;
use super::desk::Desk;
use super::output::Output;
use super::trouble::Trouble;

/// Proves that an entry is in the book, or that the book only went on from what it was
///
/// The proof is shown and checked here (RFC 9162), with the checkpoint and its signature that it leads to.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("of").required(true).args(["position", "from"])))]
pub(crate) struct Proof {
    /// The entry that is to be shown to be in the book
    #[arg(long, value_name = "N")]
    position: Option<u64>,
    /// In the first so many entries; all of them where it is not given
    #[arg(long, value_name = "N", requires = "position")]
    size: Option<u64>,
    /// So many entries, which the book is to be shown to go on from
    #[arg(long, value_name = "N")]
    from: Option<u64>,
    /// To so many entries; all of them where it is not given
    #[arg(long, value_name = "N", requires = "from")]
    to: Option<u64>,
}

impl Proof {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let keys = desk.ask(&["checkpoint"], |request| request.query("format", "json")).await?;
        let answer = match (self.position, self.from) {
            (Some(position), _) => {
                let ask = desk.ask(&["proof", "inclusion"], |request| {
                    request.query("position", position.to_string()).maybe_query("size", self.size)
                });
                ask.await?
            }
            (None, from) => {
                let ask = desk.ask(&["proof", "consistency"], |request| {
                    request.maybe_query("from", from).maybe_query("to", self.to)
                });
                ask.await?
            }
        };
        let checked =
            check(&answer, &keys).map_err(|why| Trouble::Refused(format!("THE PROOF DOES NOT HOLD: {why}")))?;
        if output.json {
            return output.json(&answer);
        }
        let number = |name: &str| answer.get(name).and_then(Value::as_u64).unwrap_or_default();
        let root = if self.position.is_some() {
            output.line(format_args!("entry {} is one of the {} of the book", number("position"), number("size")))?;
            output.line(format_args!("leaf  {}", text(&answer, "leaf_hash")))?;
            "root"
        } else {
            let (from, to) = (number("from"), number("to"));
            output.line(format_args!("the book of {to} entries goes on from that of {from}, changing nothing"))?;
            output.line(format_args!("from  {}", text(&answer, "from_root")))?;
            "to_root"
        };
        for hash in answer.get("proof").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            output.line(format_args!("hash  {hash}"))?;
        }
        output.line(format_args!("root  {}", text(&answer, root)))?;
        output.line(format_args!("the proof holds, and the root is signed with {checked}"))
    }
}

/// Checks a proof and the checkpoint that it leads to, with nothing but what was answered. Gives the key that signed it.
/// Errors: what does not hold.
fn check(answer: &Value, keys: &Value) -> Result<String, String> {
    let number = |name: &str| answer.get(name).and_then(Value::as_u64).ok_or(format!("no number `{name}`"));
    let hash = |name: &str| decoded(text(answer, name)).ok_or(format!("`{name}` is no hash"));
    let proof = answer.get("proof").and_then(Value::as_array).ok_or("no list `proof`")?;
    let proof: Vec<Hash> = proof.iter().filter_map(|hash| decoded(hash.as_str()?)).collect();
    let (size, root) = if answer.get("position").is_some() {
        let (size, root) = (number("size")?, hash("root")?);
        let index = number("position")?.saturating_sub(1);
        verify_inclusion(&hash("leaf_hash")?, index, size, &proof, &root).map_err(|error| error.to_string())?;
        (size, root)
    } else {
        let (to, root) = (number("to")?, hash("to_root")?);
        verify_consistency(number("from")?, to, &proof, &hash("from_root")?, &root)
            .map_err(|error| error.to_string())?;
        (to, root)
    };
    let known = keys.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let in_use = known.last().map(|key| text(key, "key")).unwrap_or_default();
    let opened = open_checkpoint(text(answer, "checkpoint").as_bytes(), &[in_use], &[]);
    let opened = opened.map_err(|error| error.to_string())?;
    if opened.checkpoint.size != size || opened.checkpoint.root != root {
        return Err("the checkpoint is of another tree than the proof".to_owned());
    }
    Ok(in_use.to_owned())
}

fn decoded(text: &str) -> Option<Hash> {
    grantbook_ledger::from_base64(text)?.try_into().ok()
}
