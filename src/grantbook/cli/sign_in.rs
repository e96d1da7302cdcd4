use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::desk::{Desk, within};
use super::output::Output;
use super::secrets;
use super::trouble::Trouble;
use crate::client::Request;

/// Signs in with an account's own password and keeps the token for the commands that follow
///
/// The password comes by a prompt, as a line of standard input or in GRANTBOOK_PASSWORD. Where it was set by somebody
/// else it is changed first: the new one comes next in the same ways (GRANTBOOK_NEW_PASSWORD).
#[derive(clap::Args)]
pub(crate) struct SignIn {
    /// Username; asked for where it is not given
    #[arg(long, short)]
    username: Option<String>,
    /// What to sign in to
    #[arg(long, default_value = "dashboard", value_parser = ["dashboard", "platform"])]
    plane: String,
    /// The code of your second factor, where you have one: it is used up by this sign-in
    #[arg(long)]
    code: Option<String>,
}

impl SignIn {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let tenant = desk.tenant().await?;
        let username = match &self.username {
            Some(username) => username.clone(),
            None => prompt("Username")?,
        };
        let mut password = secrets::ask("password", &format!("Password of {username} at {tenant}"))?;
        let mut answer = self.knock(desk, &tenant, &username, &password).await?;
        if answer.get("must_change_password") == Some(&Value::Bool(true)) {
            output.note("Somebody else set this password, so it must be changed first.");
            let new = secrets::ask_new("new", "New password")?;
            let mut body = json!({"username": username, "old": *password, "new": *new});
            if let (Some(code), Some(fields)) = (&self.code, body.as_object_mut()) {
                fields.insert("code".to_owned(), code.as_str().into());
            }
            desk.send(Request::post(&within(&tenant, &["change-password"]), &body)).await?;
            if self.code.is_some() {
                let message = "the password is changed, and the code used up by that: sign in with the next one";
                return Err(Trouble::Refused(message.to_owned()));
            }
            password = new;
            answer = self.knock(desk, &tenant, &username, &password).await?;
        }
        let Some(token) = answer.get("token").and_then(Value::as_str) else {
            return Err(Trouble::Refused("the sign-in gave no token".to_owned()));
        };
        let file = desk.token_file(&tenant)?;
        file.write(token)?;
        if output.json {
            let mut shown = answer.clone();
            // The token is in its file, which is where it belongs.
            if let Some(fields) = shown.as_object_mut() {
                fields.remove("token");
                fields.insert("token_file".to_owned(), file.path().display().to_string().into());
            }
            return output.json(&shown);
        }
        output.note(format_args!("Signed in to the {} of {tenant} as {username}.", self.plane));
        if answer.get("must_enrol_second_factor") == Some(&Value::Bool(true)) {
            output.note("Staff need a second factor here, and you have none: this session is for enrolling one alone.");
            output.note(
                "`do enrol_second_factor`, then `do confirm_second_factor --code CODE`, then sign in with `--code`.",
            );
        }
        if answer.get("became_admin") == Some(&Value::Bool(true)) {
            output.note("This was the first sign-in: it made the account an Admin User (rule F1).");
        }
        Ok(())
    }

    async fn knock(
        &self,
        desk: &Desk,
        tenant: &str,
        username: &str,
        password: &Zeroizing<String>,
    ) -> Result<Value, Trouble> {
        let mut body = json!({"username": username, "password": **password, "plane": self.plane});
        if let (Some(code), Some(fields)) = (&self.code, body.as_object_mut()) {
            fields.insert("code".to_owned(), code.as_str().into());
        }
        desk.send(Request::post(&within(tenant, &["sign-in"]), &body)).await
    }
}

fn prompt(words: &str) -> Result<String, Trouble> {
    use std::io::{BufRead, IsTerminal, Write};
    if !std::io::stdin().is_terminal() {
        return Err(Trouble::Usage("who signs in? Give `--username`".to_owned()));
    }
    let read = || {
        let mut line = String::new();
        write!(std::io::stderr(), "{words}: ")?;
        std::io::stdin().lock().read_line(&mut line)?;
        Ok(line.trim().to_owned())
    };
    read().map_err(|error: std::io::Error| Trouble::Usage(format!("the username cannot be read: {error}")))
}
