//! Settings of `serve` in a file: each flag by its name, in TOML. A flag goes before the environment, that before the file.
//!
//! What the file says is put among the arguments before they are read, so that a flag that `serve` gets tomorrow can stand
//! in a file without anything being done here, and is checked as the flag is.

use std::ffi::OsString;
use std::path::Path;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, Command};
use serde_json::{Value, json};

use super::trouble::Trouble;

/// The arguments, with what the file that they name says. Errors: it cannot be read, or says what no flag is called.
pub(super) fn with_file(description: &Command, arguments: Vec<OsString>) -> Result<Vec<OsString>, Trouble> {
    let serves = arguments.iter().skip(1).any(|argument| argument == "serve");
    let asks = arguments.iter().skip(1).any(|argument| argument == "doctor");
    let file = named(&arguments).filter(|_| serves || asks);
    let (Some(file), Some(serve)) = (file, description.find_subcommand("serve")) else { return Ok(arguments) };
    // `doctor` looks at the directory that the file names; all the rest it only tells.
    let of_all = serves.then_some(serve).into_iter().flat_map(Command::get_arguments);
    let flags: Vec<&Arg> = of_all.chain(description.get_arguments().filter(|flag| flag.is_global_set())).collect();
    let mut all = arguments;
    for (key, value) in read(Path::new(&file))? {
        let long = key.replace('_', "-");
        if long == "config" || !known(serve, &long) && !known(description, &long) {
            return Err(Trouble::Usage(format!("`{}`: `serve` has no flag `--{long}`", file.display())));
        }
        let Some(flag) = flags.iter().find(|flag| flag.get_long() == Some(&long)) else { continue };
        if given(&all, flag) {
            continue;
        }
        let values = values(&file, &key, &value)?;
        let switch = matches!(flag.get_action(), ArgAction::SetTrue);
        all.extend(
            values
                .into_iter()
                .filter(|value| !switch || value == "true")
                .map(|value| OsString::from(if switch { format!("--{long}") } else { format!("--{long}={value}") })),
        );
    }
    Ok(all)
}

fn known(command: &Command, long: &str) -> bool {
    command.get_arguments().any(|flag| flag.get_long() == Some(long))
}

/// The file that is named: by the flag, else in the environment.
fn named(arguments: &[OsString]) -> Option<std::path::PathBuf> {
    let flag = arguments.iter().enumerate().find_map(|(index, argument)| {
        let text = argument.to_str()?;
        match text.strip_prefix("--config=") {
            Some(file) => Some(OsString::from(file)),
            None => (text == "--config").then(|| arguments.get(index + 1).cloned()).flatten(),
        }
    });
    flag.or_else(|| std::env::var_os("GRANTBOOK_CONFIG")).map(Into::into)
}

/// Whether a flag is given, or stands in the environment.
fn given(arguments: &[OsString], flag: &Arg) -> bool {
    let long = format!("--{}", flag.get_long().unwrap_or_default());
    let in_arguments = arguments
        .iter()
        .filter_map(|argument| argument.to_str())
        .any(|argument| argument == long || argument.strip_prefix(&long).is_some_and(|rest| rest.starts_with('=')));
    in_arguments || flag.get_env().is_some_and(|name| std::env::var_os(name).is_some())
}

fn read(file: &Path) -> Result<Vec<(String, toml::Value)>, Trouble> {
    let unfit = |why: String| Trouble::Usage(format!("`{}`: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| unfit(error.to_string()))?;
    let table: toml::Table = toml::from_str(&text).map_err(|error| unfit(error.message().to_owned()))?;
    Ok(table.into_iter().collect())
}

fn values(file: &Path, key: &str, value: &toml::Value) -> Result<Vec<String>, Trouble> {
    let unfit =
        || Trouble::Usage(format!("`{}`: `{key}`: expected text, a number, true or false, or a list", file.display()));
    match value {
        toml::Value::String(text) => Ok(vec![text.clone()]),
        toml::Value::Integer(number) => Ok(vec![number.to_string()]),
        toml::Value::Boolean(yes) => Ok(vec![yes.to_string()]),
        toml::Value::Array(list) => {
            list.iter().map(|one| values(file, key, one)).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => Err(unfit()),
    }
}

/// One setting of `serve`: its flag, its value and where that came from.
pub(super) struct Setting {
    pub(super) flag: String,
    pub(super) value: String,
    pub(super) from: String,
}

impl Setting {
    pub(super) fn json(&self) -> Value {
        json!({"setting": self.flag, "value": self.value, "from": self.from})
    }
}

/// How `serve` would be set with this file, and where each value came from. Errors: a value is not as the flag expects.
pub(super) fn explain(description: &Command, file: Option<&Path>) -> Result<Vec<Setting>, Trouble> {
    let bare: Vec<OsString> = vec!["grantbook".into(), "serve".into()];
    let mut asked = bare.clone();
    asked.extend(file.map(|file| OsString::from(format!("--config={}", file.display()))));
    let all = with_file(description, asked)?;
    let wrong = |error: clap::Error| {
        let text = error.to_string();
        Trouble::Usage(text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned())
    };
    let matches = description.clone().try_get_matches_from(&all).map_err(wrong)?;
    let Some((_, matches)) = matches.subcommand() else { return Ok(Vec::new()) };
    let serve = description.find_subcommand("serve").into_iter().flat_map(Command::get_arguments);
    let flags = serve.chain(description.get_arguments().filter(|flag| flag.get_long() == Some("data")));
    let mut settings = Vec::new();
    for flag in flags.filter(|flag| flag.get_long().is_some()) {
        let raw = matches.try_get_raw(flag.get_id().as_str()).ok().flatten();
        let value = raw.map(|values| values.map(|value| value.to_string_lossy()).collect::<Vec<_>>().join(", "));
        let from = match matches.value_source(flag.get_id().as_str()) {
            Some(ValueSource::CommandLine) if flag.get_id() == "config" => "what was asked".to_owned(),
            Some(ValueSource::CommandLine) => {
                file.map_or_else(String::new, |file| format!("the file {}", file.display()))
            }
            Some(ValueSource::EnvVariable) => {
                format!("the variable {}", flag.get_env().unwrap_or_default().to_string_lossy())
            }
            Some(_) | None => "the default".to_owned(),
        };
        let long = format!("--{}", flag.get_long().unwrap_or_default());
        settings.push(Setting { flag: long, value: value.unwrap_or_else(|| "none".to_owned()), from });
    }
    Ok(settings)
}
