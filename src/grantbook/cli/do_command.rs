use std::path::PathBuf;

use axum::http::HeaderName;
use axum::http::header::IF_MATCH;
use clap::{Arg, ArgAction, ArgMatches, ValueHint};
use grantbook_decisions::command::{CommandDescription, Door, FieldDescription, FieldKind, descriptions};
use serde_json::{Map, Value};

use super::desk::{Desk, within};
use super::do_file::{self, Asked, Progress, door_of};
use super::output::Output;
use super::secrets;
use super::trouble::Trouble;
use super::words::{ENTRY_HEADER, rows};
use crate::client::Request;
use crate::given;

/// Gives a command: makes a change, in the name of whom the token belongs to
///
/// Fields are flags. A value that starts with `{` or `[` is JSON. Secrets come by a prompt, as lines of standard input or
/// in the environment, never as an argument. Commands of support take a support operator's token in GRANTBOOK_TOKEN.
pub(crate) struct Do {
    what: What,
    dry_run: bool,
    key: Option<String>,
    if_match: Option<u64>,
}

enum What {
    /// One command, its fields given as flags.
    Named { description: &'static CommandDescription, fields: Map<String, Value> },
    /// The body of the request as a file has it.
    File(PathBuf),
}

const ABOUT: &str = "Gives a command: makes a change, in the name of whom the token belongs to";
const LONG_ABOUT: &str = "\
Gives a command: makes a change, in the name of whom the token belongs to.

Fields are flags. A value that starts with `{` or `[` is JSON. Secrets come by a prompt, as lines of standard input or in \
the environment, never as an argument. Commands of support take a support operator's token in GRANTBOOK_TOKEN.";

impl clap::Args for Do {
    fn augment_args(command: clap::Command) -> clap::Command {
        command
            .about(ABOUT)
            .long_about(LONG_ABOUT)
            .arg_required_else_help(true)
            .subcommand_value_name("NAME")
            .subcommand_help_heading("What can be done")
            .disable_help_subcommand(true)
            .arg(
                Arg::new("file")
                    .long("file")
                    .value_name("FILE")
                    .value_hint(ValueHint::FilePath)
                    .value_parser(clap::value_parser!(PathBuf))
                    .help("Commands from a file (`-`: standard input): one, {\"commands\": [...]} for several as one entry, or one a line, each \
                         an entry of its own, up to the first that is refused; secrets that it leaves out are asked for"),
            )
            .arg(
                Arg::new("dry-run")
                    .long("dry-run")
                    .display_order(100)
                    .action(ArgAction::SetTrue)
                    .global(true)
                    .help("Decide, show the entry as it would be, and record nothing"),
            )
            .arg(
                Arg::new("idempotency-key")
                    .long("idempotency-key")
                    .display_order(101)
                    .value_name("UUID")
                    .global(true)
                    .help("The same key gives the same outcome again instead of doing it twice"),
            )
            .arg(
                Arg::new("if-match")
                    .long("if-match")
                    .display_order(102)
                    .value_name("POSITION")
                    .value_parser(clap::value_parser!(u64))
                    .global(true)
                    .help("Do it only if nothing was changed since this position"),
            )
            .subcommands(descriptions().map(subcommand))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

/// A command as a subcommand: its fields are its flags.
fn subcommand(description: &'static CommandDescription) -> clap::Command {
    let words = description.words.trim_end_matches('.');
    let about = match description.door {
        Door::Tenant => words.to_owned(),
        Door::Support => format!("{words} (support)"),
        Door::Either => format!("{words} (also support)"),
    };
    let command = clap::Command::new(description.name).about(about);
    // Its own fields come first in the help.
    let fields = flags(description).enumerate();
    fields.fold(command, |command, (number, field)| command.arg(flag(field).display_order(number)))
}

/// The fields that are flags: all but secrets (rule: C14).
fn flags(description: &'static CommandDescription) -> impl Iterator<Item = &'static FieldDescription> {
    description.all_fields().filter(|field| field.kind != FieldKind::Secret)
}

fn flag(field: &'static FieldDescription) -> Arg {
    let arg = Arg::new(field.name).long(field.name);
    let words = field.words.trim_end_matches('.');
    let arg = if field.name.contains('_') { arg.alias(field.name.replace('_', "-")) } else { arg };
    // People say `--name`; in JSON that is the command's own.
    let arg = if field.name == "full_name" { arg.alias("name") } else { arg };
    // The tenant's Cloud ID is known from elsewhere.
    let arg = arg.required(field.required && field.kind != FieldKind::CloudId);
    let null = if field.clearable { "; `null` takes it away" } else { "" };
    let help = match field.kind {
        FieldKind::Choice(_) | FieldKind::Boolean | FieldKind::Secret => format!("{words}{null}"),
        FieldKind::Choices(_) => format!("{words}{null}: such as read,edit"),
        FieldKind::Paths => format!("{words}{null}: such as /site/news,/site/blog"),
        FieldKind::Principal => format!("{words}{null}: {}", given::PRINCIPAL),
        FieldKind::Principals => format!("{words}{null}: such as bob,group:NAME,staff"),
        FieldKind::Accounts => format!("{words}{null}: such as sarah,bob"),
        FieldKind::EventTypes => format!("{words}{null}: such as admin_added,role_assigned"),
        FieldKind::ReviewScope => format!("{words}{null}: {}", given::SCOPE),
        FieldKind::Account
        | FieldKind::NewAccount
        | FieldKind::Username
        | FieldKind::Name
        | FieldKind::CloudId
        | FieldKind::Path
        | FieldKind::Url
        | FieldKind::Text { .. }
        | FieldKind::Personal
        | FieldKind::Email
        | FieldKind::Code
        | FieldKind::Until
        | FieldKind::Date
        | FieldKind::Number { .. }
        | FieldKind::SettingValue
        | FieldKind::Condition
        | FieldKind::Uses => format!("{words}{null}"),
    };
    // What is written in short on the command line may be given as JSON as well.
    let in_short = matches!(field.kind, FieldKind::Principal | FieldKind::Principals | FieldKind::ReviewScope);
    let long = if in_short { format!("{help}; or {}", field.kind) } else { format!("{words}{null}: {}", field.kind) };
    let arg = arg.help(help).long_help(long).allow_hyphen_values(true);
    match field.kind {
        FieldKind::Choice(choices) => arg.value_parser(choices.to_vec()).value_name(field.name.to_uppercase()),
        FieldKind::Boolean => {
            arg.value_name("BOOLEAN").value_parser(["true", "false"]).num_args(0..=1).default_missing_value("true")
        }
        FieldKind::Account | FieldKind::NewAccount => arg.value_name("ACCOUNT"),
        FieldKind::Username => arg.value_name("USERNAME"),
        FieldKind::CloudId => arg.value_name("CLOUD_ID"),
        FieldKind::Path => arg.value_name("PATH"),
        FieldKind::Url => arg.value_name("URL"),
        FieldKind::Email => arg.value_name("EMAIL"),
        FieldKind::Code => arg.value_name("CODE"),
        FieldKind::Until => arg.value_name("DAY|INSTANT"),
        FieldKind::Date => arg.value_name("DAY"),
        FieldKind::Number { .. } => arg.value_name("NUMBER"),
        FieldKind::Principal => arg.value_name("WHOM"),
        FieldKind::Principals => arg.value_name("WHOM,..."),
        FieldKind::Accounts => arg.value_name("ACCOUNT,..."),
        FieldKind::ReviewScope => arg.value_name("SCOPE"),
        FieldKind::EventTypes => arg.value_name("TYPE,..."),
        FieldKind::Choices(_) => arg.value_name(field.name.to_uppercase()),
        FieldKind::Paths => arg.value_name("PATHS"),
        FieldKind::SettingValue => arg.value_name("VALUE"),
        FieldKind::Condition | FieldKind::Uses => arg.value_name("JSON"),
        FieldKind::Name | FieldKind::Text { .. } | FieldKind::Personal | FieldKind::Secret => arg.value_name("TEXT"),
    }
}

impl clap::FromArgMatches for Do {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Do, clap::Error> {
        let what = match (matches.subcommand(), matches.get_one::<PathBuf>("file")) {
            (Some((name, given)), None) => {
                let unknown = || wrong(format!("there is no command `{name}`"));
                let description = descriptions().find(|known| known.name == name).ok_or_else(unknown)?;
                What::Named { description, fields: fields(description, given)? }
            }
            (None, Some(file)) => What::File(file.clone()),
            (Some(_), Some(_)) => return Err(wrong("give a command or a file, not both".to_owned())),
            (None, None) => return Err(wrong("which command? Give its name, or `--file`".to_owned())),
        };
        // Given after the command's name, they are known there as well.
        Ok(Do {
            what,
            dry_run: matches.get_flag("dry-run"),
            key: matches.get_one::<String>("idempotency-key").cloned(),
            if_match: matches.get_one::<u64>("if-match").copied(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Do::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Wrong usage of `do`, and not of the program as a whole.
fn wrong(message: String) -> clap::Error {
    let error = clap::Error::raw(clap::error::ErrorKind::ValueValidation, message);
    let mut program = super::description();
    program.build();
    match program.find_subcommand_mut("do") {
        Some(command) => error.format(command),
        None => error,
    }
}

/// The fields that were given, as the JSON of the command.
fn fields(description: &'static CommandDescription, given: &ArgMatches) -> Result<Map<String, Value>, clap::Error> {
    let mut fields = Map::from_iter([("name".to_owned(), Value::from(description.name))]);
    for field in flags(description) {
        if let Some(text) = given.get_one::<String>(field.name) {
            let value = given::value(field, text).map_err(|message| wrong(format!("`--{}` {message}", field.name)))?;
            fields.insert(field.name.to_owned(), value);
        }
    }
    Ok(fields)
}

impl Do {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let body = match &self.what {
            What::Named { description, fields } => {
                complete(description, fields.clone(), of_support(description.door), desk)?
            }
            What::File(path) => match do_file::read(path)? {
                Asked::One(body) => do_file::with_secrets(body, self.dry_run)?,
                Asked::Lines(lines) => return self.lines(&lines, desk, output).await,
            },
        };
        let answer = self.give(&body, desk, self.if_match).await?;
        show(&answer, output)
    }

    /// Gives the commands of a file one after the other, each an entry of its own, up to the first that is refused. A dry run
    /// decides them as one list, so that they build on each other.
    async fn lines(&self, lines: &[(usize, Value)], desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        if self.key.is_some() {
            return Err(Trouble::Usage(
                "an idempotency key is for one entry: give the commands as one list".to_owned(),
            ));
        }
        if self.dry_run {
            let commands: Vec<Value> = lines.iter().map(|(_, command)| command.clone()).collect();
            let body = do_file::with_secrets(serde_json::json!({"commands": commands}), true)?;
            let answer = self.give(&body, desk, self.if_match).await?;
            return show(&answer, output);
        }
        let mut progress = Progress::of(lines.len());
        // Only the first rests on what was seen: the others come after it.
        let mut if_match = self.if_match;
        for (line, command) in lines {
            let outcome = match do_file::with_secrets(command.clone(), false) {
                Ok(body) => self.give(&body, desk, if_match.take()).await,
                Err(trouble) => Err(trouble),
            };
            match outcome {
                Ok(answer) => progress.did(*line, command, &answer),
                Err(trouble) => {
                    progress.refused(*line, command, &trouble);
                    let stopped = progress.stopped(*line, command);
                    progress.show(output)?;
                    return Err(trouble.because(&stopped));
                }
            }
        }
        progress.show(output)
    }

    /// Gives one body of commands.
    async fn give(&self, body: &Value, desk: &Desk, if_match: Option<u64>) -> Result<Value, Trouble> {
        let (path, token) = match of_support(door_of(body)) {
            true => {
                let none = || {
                    Trouble::Refused(
                        "a command of support takes a support operator's token: set GRANTBOOK_TOKEN".to_owned(),
                    )
                };
                let token = super::token_file::from_environment().ok_or_else(none)?;
                (["v1", "support", "commands"].map(str::to_owned).to_vec(), token)
            }
            false => {
                let tenant = desk.tenant().await?;
                let token = desk.token(&tenant)?;
                (within(&tenant, &["commands"]).into_iter().map(str::to_owned).collect(), token)
            }
        };
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let mut request = Request::post(&path, body).bearer(&token);
        if self.dry_run {
            request = request.query("dry_run", "true");
        }
        if let Some(key) = &self.key {
            request = request.header(HeaderName::from_static("idempotency-key"), key);
        }
        if let Some(position) = if_match {
            request = request.header(IF_MATCH, format!("\"{position}\""));
        }
        desk.send(request).await
    }
}

/// Shows what came of a body of commands.
fn show(answer: &Value, output: &mut Output) -> Result<(), Trouble> {
    if output.json {
        return output.json(answer);
    }
    // A dry run's answer is the entry itself, or holds it without a position.
    let entry = answer.get("entry").unwrap_or(answer);
    match answer.get("position").and_then(Value::as_u64) {
        Some(position) => output.note(format_args!("Recorded at position {position}.")),
        None => output.note("Not recorded: this is what it would be."),
    }
    output.table(&ENTRY_HEADER, &rows(entry))?;
    if let Some(password) = answer.get("manager_password").and_then(Value::as_str) {
        output.note("The first password of the account MANAGER, shown this once:");
        output.line(password)?;
    }
    if let Some(shown) = answer.get("second_factor") {
        let text = |field: &str| shown.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        output
            .note("Put this into your authenticator now: it is shown this once. Then confirm_second_factor --code ...");
        output.table(&["seed", "address"], &[vec![text("secret"), text("otpauth")]])?;
    }
    if let Some(secrets) = answer.get("webhook_secrets").and_then(Value::as_array) {
        let text = |row: &Value, field: &str| row.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        output.note("The secret that deliveries are signed with, for the receiver: it is shown this once.");
        let rows: Vec<_> = secrets.iter().map(|row| vec![text(row, "webhook"), text(row, "secret")]).collect();
        output.table(&["webhook", "secret"], &rows)?;
    }
    Ok(())
}

/// The command with what it needs beside its flags: the tenant of a command of support, and secrets.
fn complete(
    description: &CommandDescription,
    mut fields: Map<String, Value>,
    support: bool,
    desk: &Desk,
) -> Result<Value, Trouble> {
    for field in description.fields {
        if fields.contains_key(field.name) {
            continue;
        }
        match (field.kind, &desk.global.tenant) {
            (FieldKind::CloudId, Some(tenant)) if support && (field.required || !fields.contains_key("customer")) => {
                fields.insert(field.name.to_owned(), tenant.as_str().into());
            }
            (FieldKind::Secret, _) => {
                let secret = secrets::ask(field.name, field.words.trim_end_matches('.'))?;
                fields.insert(field.name.to_owned(), secret.as_str().into());
            }
            // What else was not given need not be, or the ledger says what is missing.
            _ => {}
        }
    }
    Ok(Value::Object(fields))
}

/// Whether a command is given at the door of support. Of one that is known at both doors, whose token it is says so.
fn of_support(door: Door) -> bool {
    match door {
        Door::Support => true,
        Door::Tenant => false,
        Door::Either => super::token_file::from_environment().is_some_and(|token| token.starts_with("gbo_")),
    }
}
