//! Secrets come from the environment, by a prompt that shows nothing, or as a line of standard input; never as an
//! argument, which every user of the machine could read (rule: C14).

use std::io::{BufRead, IsTerminal};

use grantbook_decisions::command::{FieldKind, descriptions};
use zeroize::Zeroizing;

use super::trouble::Trouble;

/// The environment variable for a secret: `password` is GRANTBOOK_PASSWORD, `old` GRANTBOOK_OLD_PASSWORD.
pub(crate) fn variable(name: &str) -> String {
    let name = name.to_uppercase();
    if name.contains("PASSWORD") { format!("GRANTBOOK_{name}") } else { format!("GRANTBOOK_{name}_PASSWORD") }
}

/// What is said to somebody who gave a secret as an argument, where that is what `error` is about.
pub(crate) fn mistaken_for_an_argument(error: &clap::Error) -> Option<String> {
    let clap::error::ContextValue::String(argument) = error.get(clap::error::ContextKind::InvalidArg)? else {
        return None;
    };
    let given = argument.trim_start_matches('-');
    let fields = descriptions().flat_map(|description| description.fields);
    let secret = fields.filter(|field| field.kind == FieldKind::Secret).find(|field| field.name == given)?;
    Some(format!(
        "`--{0}` is not taken as an argument, which every user of the machine could read: it comes by a prompt, as a line of \
         standard input or in {1}",
        secret.name,
        variable(secret.name)
    ))
}

/// Asks for a secret: `words` is what a person is asked for.
pub(crate) fn ask(name: &str, words: &str) -> Result<Zeroizing<String>, Trouble> {
    if let Ok(secret) = std::env::var(variable(name)) {
        return Ok(Zeroizing::new(secret));
    }
    let trouble = |error: std::io::Error| Trouble::Usage(format!("the secret `{name}` cannot be read: {error}"));
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password(format!("{words}: ")).map(Zeroizing::new).map_err(trouble);
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().lock().read_line(&mut line).map_err(trouble)?;
    let secret = line.trim_end_matches(['\n', '\r']);
    if secret.is_empty() {
        return Err(Trouble::Usage(format!(
            "`{name}` is needed: expected it on standard input, by a prompt or in {}",
            variable(name)
        )));
    }
    Ok(Zeroizing::new(secret.to_owned()))
}

/// Asks for a new secret, on a terminal twice.
pub(crate) fn ask_new(name: &str, words: &str) -> Result<Zeroizing<String>, Trouble> {
    let secret = ask(name, words)?;
    if std::env::var_os(variable(name)).is_none() && std::io::stdin().is_terminal() {
        let again = ask(name, &format!("{words}, again"))?;
        if again != secret {
            return Err(Trouble::Usage("the two are not the same: nothing was changed".to_owned()));
        }
    }
    Ok(secret)
}
