use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::desk::{Desk, within};
use super::output::{Output, clean};
use super::point::Point;
use super::trouble::Trouble;
use super::whole_file;
use crate::client::Request;

/// Case files: a question, its answer and the entries that prove it, in one file that is checked without us
#[derive(clap::Subcommand)]
pub(crate) enum CaseFile {
    Create(Create),
    Verify(Verify),
}

/// Makes a case file, on standard output or in a file
///
/// With all entries up to the position it shows that nothing was left out; with `--cited` it holds the few that the answer
/// names, shows less of other people, and does not.
#[derive(clap::Args)]
pub(crate) struct Create {
    /// What is asked
    #[arg(value_enum, default_value = "why")]
    question: Kind,
    /// Of `why` and `can`: whom to ask about, an id, `@` and a username, or `guest`
    #[arg(long, value_name = "ACCOUNT", required_if_eq_any = [("question", "why"), ("question", "can")])]
    account: Option<String>,
    /// Of `why`, `can` and `who-can`: what, such as `dashboard.manage_admins`
    #[arg(
        long = "do",
        value_name = "CAPABILITY",
        required_if_eq_any = [("question", "why"), ("question", "can"), ("question", "who-can")]
    )]
    capability: Option<String>,
    /// Of `why`, `can` and `who-can`: on what, where it is on something
    #[arg(long, value_name = "WHAT")]
    on: Option<String>,
    /// Of `diff`: since which position or instant; of `who-can`: everyone who could at any time since. Up to `--as-of`
    #[arg(long, value_name = "POINT", required_if_eq("question", "diff"))]
    from: Option<String>,
    /// Of `who-can` and `diff`: rights count too that were granted to accounts which cannot sign in
    #[arg(long)]
    granted: bool,
    /// Of `view`: which view
    #[arg(long, value_name = "NAME", required_if_eq("question", "view"))]
    view: Option<String>,
    /// Only the entries that the answer names, or rests on
    #[arg(long)]
    cited: bool,
    /// File to write to; else standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    point: Point,
}

#[derive(clap::ValueEnum, Clone, Copy)]
enum Kind {
    /// Why an account may or may not do something
    Why,
    /// Whether it may
    Can,
    /// Every account that may
    WhoCan,
    /// What rights each account gained and lost
    Diff,
    /// A view of the tenant
    View,
    /// Who became the first Admin User, and that nobody else did
    FirstAdmin,
}

/// Checks a case file: needs no ledger, no server and no network
#[derive(clap::Args)]
pub(crate) struct Verify {
    /// The file; `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The verifier key that the ledger's people gave you (`checkpoint key`), on another way than this file
    #[arg(long = "key", value_name = "KEY", value_parser = verifier_key)]
    keys: Vec<String>,
    /// The verifier key of a witness who must have cosigned
    #[arg(long = "witness", value_name = "KEY", value_parser = witness_key)]
    witnesses: Vec<String>,
}

/// A text that is no key would else be told as a file that nobody signed.
fn verifier_key(text: &str) -> Result<String, String> {
    let key = grantbook_casefiles::key_name(text).map(|_| text.to_owned());
    key.ok_or_else(|| "expected a verifier key, as `grantbook checkpoint key` prints it".to_owned())
}

fn witness_key(text: &str) -> Result<String, String> {
    let key = grantbook_casefiles::witness_name(text).map(|_| text.to_owned());
    key.ok_or_else(|| "expected a witness's verifier key".to_owned())
}

impl Create {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let mut body = Map::new();
        let kind = match self.question {
            Kind::Why => "why",
            Kind::Can => "can",
            Kind::WhoCan => "who-can",
            Kind::Diff => "diff",
            Kind::View => "view",
            Kind::FirstAdmin => "first-admin",
        };
        let given = [
            ("account", self.account),
            ("do", self.capability),
            ("on", self.on),
            ("from", self.from),
            ("view", self.view),
        ];
        body.insert("question".to_owned(), kind.into());
        body.extend(given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))));
        body.extend(self.granted.then(|| ("granted".to_owned(), true.into())));
        body.insert("entries".to_owned(), if self.cited { "cited" } else { "all" }.into());
        let tenant = desk.tenant().await?;
        let request = self.point.of(Request::post(&within(&tenant, &["case-file"]), &Value::Object(body)));
        let request = if desk.client.is_operators() { request } else { request.bearer(&desk.token(&tenant)?) };
        let answer = desk.client.bytes(request).await?;
        if answer.status != 200 {
            return Err(desk.refused(&answer.json()?));
        }
        let Some(file) = self.output else {
            return output.written(|out| out.write_all(&answer.bytes));
        };
        whole_file::write(&file, &answer.bytes)
            .map_err(|error| Trouble::Storage(format!("`{}` cannot be written: {error}", file.display())))?;
        output.note(format_args!("{} bytes written to `{}`", answer.bytes.len(), file.display()));
        Ok(())
    }
}

impl Verify {
    pub(crate) fn run(&self, output: &mut Output) -> Result<(), Trouble> {
        let bytes = read(&self.file)
            .map_err(|error| Trouble::Usage(format!("`{}` cannot be read: {error}", self.file.display())))?;
        let report = grantbook_casefiles::verify(&bytes, &self.keys, &self.witnesses);
        if output.json {
            output.json(&report.json())?;
        } else {
            if let Some(file) = &report.file {
                output.line(format_args!("question      {}", clean(&file.question.json().to_string())))?;
                output.line(format_args!("as of         position {}, {}", file.as_of.position, file.as_of.clock))?;
                for word in ["allowed", "rule", "one_and_first", "guest"] {
                    if let Some(value) = file.answer.get(word) {
                        output.line(format_args!("{:<14}{}", word.replace('_', " "), clean(&value.to_string())))?;
                    }
                }
                // Of everybody who can, and of everybody of whose rights anything became.
                let named =
                    file.question.needs_all_entries().then(|| file.answer.get("accounts")?.as_array()).flatten();
                if let Some(accounts) = named {
                    let ids: Vec<&str> = accounts.iter().filter_map(|account| account["account"].as_str()).collect();
                    output.line(format_args!("accounts      {}: {}", ids.len(), clean(&ids.join(", "))))?;
                }
            }
            for check in &report.checks {
                let mark = if check.holds { "holds" } else { "WRONG" };
                output.line(format_args!("{mark}: {}: {}", check.what, clean(&check.found)))?;
            }
            report.meaning().into_iter().try_for_each(|line| output.line(line))?;
        }
        if report.holds() { Ok(()) } else { Err(Trouble::Refused("the case file does not hold".to_owned())) }
    }
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file != Path::new("-") {
        return std::fs::read(file);
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}
