use serde_json::{Value, json};

use super::desk::Desk;
use super::output::Output;
use super::trouble::Trouble;
use super::words::plain;
use crate::client::Request;

/// Gives tokens to support operators, as the local operator
#[derive(clap::Subcommand)]
pub(crate) enum SupportToken {
    /// Issues a token to a support operator and prints it, this once
    Create {
        /// The person
        operator: String,
    },
    /// Revokes a token
    Revoke {
        /// Its id, as `list` shows it
        id: String,
    },
    /// Lists the tokens ever issued
    List,
}

/// Where tokens are issued and listed.
const PATH: [&str; 2] = ["operator", "support-tokens"];

impl SupportToken {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        desk.operators_only("support-token")?;
        let shown = output.json;
        match self {
            SupportToken::Create { operator } => {
                let answer = desk.send(Request::post(&PATH, &json!({"operator": operator}))).await?;
                if shown {
                    return output.json(&answer);
                }
                let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                output.note(format_args!(
                    "Issued to {operator} under the id {}. Shown this once; use it as GRANTBOOK_TOKEN:",
                    text("id")
                ));
                output.line(text("token"))
            }
            SupportToken::Revoke { id } => {
                desk.send(Request::delete(&["operator", "support-tokens", &id])).await?;
                output.note(format_args!("Revoked {id}."));
                Ok(())
            }
            SupportToken::List => {
                let answer = desk.send(Request::get(&PATH)).await?;
                if shown {
                    return output.json(&answer);
                }
                let cell = |token: &Value, name: &str| token.get(name).map(plain).unwrap_or_default();
                let tokens = answer.get("support_tokens").or(answer.get("tokens")).and_then(Value::as_array);
                let fields = ["operator", "id", "issued", "revoked"];
                let rows: Vec<Vec<String>> = tokens
                    .into_iter()
                    .flatten()
                    .map(|token| fields.iter().map(|name| cell(token, name)).collect())
                    .collect();
                output.table(&fields, &rows)
            }
        }
    }

    /// Whether the token would be issued in an empty ledger, which `desk` is at.
    pub(crate) async fn tried(&self, desk: &Desk) -> Result<(), Trouble> {
        match self {
            SupportToken::Create { operator } => {
                desk.send(Request::post(&PATH, &json!({"operator": operator}))).await.map(drop)
            }
            SupportToken::Revoke { .. } | SupportToken::List => Ok(()),
        }
    }
}
