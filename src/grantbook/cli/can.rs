use grantbook_inquiries::{Matrix, MatrixRow, matrices, matrix};
use serde_json::Value;

use super::desk::Desk;
use super::output::Output;
use super::point::Point;
use super::trouble::Trouble;
use super::words::as_of;
use crate::client::Request;

/// Whether an account may do something: yes or no, and by which rule
///
/// `--matrix` prints a table of the rulebook instead, computed from the rights over an example of each kind of actor: it
/// asks no ledger.
#[derive(clap::Args)]
pub(crate) struct Can {
    /// Whom to ask about: an id, `@` and a username, or `guest`
    #[arg(long, value_name = "ACCOUNT", required_unless_present = "matrix")]
    account: Option<String>,
    /// What: such as `dashboard.manage_admins`
    #[arg(
        long = "do",
        value_name = "CAPABILITY",
        value_parser = capabilities(),
        required_unless_present = "matrix"
    )]
    capability: Option<String>,
    /// On what, where it is on something: an app's slug, an account, an object's path
    #[arg(long, value_name = "WHAT")]
    on: Option<String>,
    /// The organisation that the account acts for, where `contact.view` is asked for
    #[arg(long, value_name = "ORGANISATION")]
    acting_for: Option<String>,
    /// A table of who may do what: the one of this name, or all there are
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        default_missing_value = ALL,
        value_parser = matrix_names(),
        conflicts_with_all = ["account", "capability", "on", "acting_for", "as_of", "at_least"]
    )]
    matrix: Option<String>,
    #[command(flatten)]
    point: Point,
}

/// Every matrix.
const ALL: &str = "all";

/// Who, what, and on what.
#[derive(clap::Args)]
pub(crate) struct Question {
    /// Whom to ask about: an id, `@` and a username, or `guest`
    #[arg(long, value_name = "ACCOUNT")]
    account: String,
    /// What: such as `dashboard.manage_admins`
    #[arg(long = "do", value_name = "CAPABILITY", value_parser = capabilities())]
    capability: String,
    /// On what, where it is on something: an app's slug, an account, an object's path
    #[arg(long, value_name = "WHAT")]
    on: Option<String>,
    /// The organisation that the account acts for, where `contact.view` is asked for
    #[arg(long, value_name = "ORGANISATION")]
    acting_for: Option<String>,
}

/// What can be asked for, each with its words.
pub(crate) fn capabilities() -> clap::builder::PossibleValuesParser {
    let all = grantbook_rights::Capability::ALL.iter();
    all.map(|capability| clap::builder::PossibleValue::new(capability.name()).help(capability.words()))
        .collect::<Vec<_>>()
        .into()
}

fn matrix_names() -> clap::builder::PossibleValuesParser {
    let named = matrices().map(|(name, words)| clap::builder::PossibleValue::new(name).help(words));
    let all = clap::builder::PossibleValue::new(ALL).help("every one there is");
    named.chain([all]).collect::<Vec<_>>().into()
}

impl Question {
    /// The request that asks it.
    pub(crate) fn of(&self, request: Request) -> Request {
        let request = request.query("account", &self.account).query("do", &self.capability);
        let request = request.maybe_query("on", self.on.as_deref());
        request.maybe_query("acting_for", self.acting_for.as_deref())
    }
}

impl Can {
    /// The matrices that are asked for; `None` where it is a question to a ledger.
    pub(crate) fn matrices(&self) -> Option<Vec<Matrix>> {
        let wanted = self.matrix.as_deref()?;
        let names = matrices().map(|(name, _)| name).filter(|name| wanted == ALL || *name == wanted);
        Some(names.filter_map(matrix).collect())
    }

    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let Can { account: Some(account), capability: Some(capability), on, acting_for, point, matrix: _ } = self
        else {
            return Err(Trouble::Usage("who, and what? Give `--account` and `--do`".to_owned()));
        };
        let question = Question { account, capability, on, acting_for };
        let answer = desk.ask(&["can"], |request| point.of(question.of(request))).await?;
        if output.json {
            return output.json(&answer);
        }
        let verdict = if answer.get("allowed") == Some(&Value::Bool(true)) { "yes" } else { "no" };
        let rule = answer.get("rule").and_then(Value::as_str).unwrap_or("none");
        output.line(format_args!("{verdict} (rule {rule}), {}", as_of(&answer)))
    }
}

/// Writes matrices: one as it is, several one below the other.
pub(crate) fn show(matrices: &[Matrix], output: &mut Output) -> Result<(), Trouble> {
    if output.json {
        return match matrices {
            [only] => output.json(&only.to_json()),
            several => output.json(&several.iter().map(Matrix::to_json).collect()),
        };
    }
    for (index, matrix) in matrices.iter().enumerate() {
        if index > 0 {
            output.line("")?;
        }
        output.line(format_args!("{}: {}", matrix.name, matrix.words))?;
        output.line("")?;
        let header: Vec<&str> = ["right", "rule"].into_iter().chain(matrix.actors.iter().copied()).collect();
        let (mut rows, mut together) = (Vec::new(), false);
        for alike in matrix.rows.chunk_by(|one, other| subject(one).is_some() && right(one) == right(other)) {
            match in_one(matrix, alike) {
                Some(row) => {
                    rows.push(row);
                    together = true;
                }
                None => rows.extend(alike.iter().map(|row| {
                    let cells = row.allowed.iter().map(|allowed| mark(*allowed).to_owned());
                    [row.words.to_owned(), row.rule.to_owned()].into_iter().chain(cells).collect()
                })),
            }
        }
        output.table(&header, &rows)?;
        if together {
            output.line("")?;
            output.line(
                "Each administrator is asked about its own organisation; on one of another kind none of them may.",
            )?;
        }
    }
    Ok(())
}

fn mark(allowed: bool) -> &'static str {
    if allowed { "yes" } else { "-" }
}

/// What a row says before what it is on: `edit contacts: company`.
fn right(row: &MatrixRow) -> &'static str {
    row.words.split_once(": ").map_or(row.words, |(right, _)| right)
}

/// What a row is on, where its words say so.
fn subject(row: &MatrixRow) -> Option<&'static str> {
    row.words.split_once(": ").map(|(_, subject)| subject)
}

/// Rows on one right as one, where each is on what one of the actors has for itself and nobody else of them may: those actors
/// by their own row, others by all, or by what they may it on. `None` where the rows say more than that.
fn in_one(matrix: &Matrix, alike: &[MatrixRow]) -> Option<Vec<String>> {
    let first = alike.first().filter(|_| alike.len() > 1)?;
    let of = |row: &MatrixRow, actor: &str| {
        let index = matrix.actors.iter().position(|known| *known == actor)?;
        row.allowed.get(index).copied()
    };
    let subjects: Vec<&str> = alike.iter().filter_map(subject).collect();
    let mut cells = vec![right(first).to_owned(), first.rule.to_owned()];
    for actor in &matrix.actors {
        let allowed: Vec<&str> = alike.iter().filter(|row| of(row, actor) == Some(true)).filter_map(subject).collect();
        cells.push(match (subjects.contains(actor), allowed.len()) {
            (_, 0) => mark(false).to_owned(),
            (true, _) if allowed == [*actor] => mark(true).to_owned(),
            (true, _) => return None,
            (false, many) if many == alike.len() => mark(true).to_owned(),
            (false, _) => allowed.join(", "),
        });
    }
    Some(cells)
}
