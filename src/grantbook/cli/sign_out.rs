use serde_json::json;

use super::desk::{Desk, within};
use super::output::Output;
use super::trouble::Trouble;
use crate::client::Request;

/// Ends the session of the last sign-in and forgets its token
#[derive(clap::Args)]
pub(crate) struct SignOut {}

impl SignOut {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let tenant = desk.tenant().await?;
        let token = desk.token(&tenant)?;
        let request = Request::post(&within(&tenant, &["sign-out"]), &json!({})).bearer(&token);
        let answer = desk.client.request(request).await?;
        let file = desk.token_file(&tenant)?;
        // A session that is over already is as good as ended.
        if !(200..300).contains(&answer.status) && answer.status != 401 {
            return Err(desk.refused(&answer));
        }
        if file.read()?.as_deref() == Some(token.as_str()) {
            file.remove()?;
        }
        output.note(format_args!("Signed out of {tenant}."));
        Ok(())
    }
}
