//! How the cost of a command and of every question grows with the history: with its entries, and with its accounts. Each
//! question is asked over HTTP, as programs ask it, of a ledger that was opened on a history of that size.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::bail;
use grantbook_events::{AccountId, Position};

use super::Scale;
use super::commands::Bed;
use super::founding::CLOUD_ID;
use super::http::{Connection, Served};
use super::slice::Slice;
use super::writing::LongBook;

/// Accounts where the entries grow.
const ACCOUNTS: u32 = 100;
/// Entries for each account, where the accounts grow: its contact, its credentials, two of its roles.
const ENTRIES_OF_ONE: u64 = 4;
/// Commands in flight where appending is measured.
const IN_FLIGHT: usize = 64;
/// How long each question is asked at each size; one that takes longer is asked once.
const ASKING: Duration = Duration::from_secs(2);

/// How a cost may grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Not at all, or as a binary search does.
    Flat,
    /// In proportion at most, since all of it is looked at or told.
    Linear,
}

/// What one thing costs at each size.
#[derive(Clone, PartialEq, Debug)]
pub struct Curve {
    /// Its name.
    pub name: &'static str,
    /// How it may grow.
    pub shape: Shape,
    /// At each size, in rising order: the size, and the seconds that one takes at the median.
    pub points: Vec<(u64, f64)>,
}

impl Curve {
    /// The power of the size that the cost grows with between the first and the last point: 0 is flat, 1 in proportion.
    pub fn power(&self) -> f64 {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else { return 0.0 };
        let size = last.0 as f64 / first.0 as f64;
        if size <= 1.0 { 0.0 } else { (last.1 / first.1).ln() / size.ln() }
    }

    /// Whether it grows as it may: flat with some room for the caches of the machine, or in proportion with as much.
    pub fn as_it_may(&self) -> bool {
        match self.shape {
            Shape::Flat => self.power() <= 0.2,
            Shape::Linear => self.power() <= 1.15,
        }
    }
}

/// All curves.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Growth {
    /// With entries, at a hundred accounts.
    pub entries: Vec<Curve>,
    /// With accounts, at four entries each.
    pub accounts: Vec<Curve>,
}

/// Measures all curves in a directory that is made for it. `told` hears what is being measured. Needs a tokio runtime of
/// several threads.
///
/// Errors: the directory cannot be used, or what is measured fails.
pub async fn growth(dir: &Path, scale: Scale, told: &mut dyn FnMut(&str)) -> anyhow::Result<Growth> {
    let (entries, accounts): (&[u64], &[u32]) = match scale {
        Scale::Small => (&[1_000, 10_000, 100_000], &[100, 1_000, 10_000]),
        Scale::Full => (&[10_000, 100_000, 1_000_000, 10_000_000], &[100, 1_000, 10_000, 100_000, 1_000_000]),
    };
    growth_at(dir, (entries, accounts), ASKING, told).await
}

async fn growth_at(
    dir: &Path,
    (entries, accounts): (&[u64], &[u32]),
    asking: Duration,
    told: &mut dyn FnMut(&str),
) -> anyhow::Result<Growth> {
    let mut growth = Growth::default();
    let mut book = LongBook::make(&dir.join("entries"), ACCOUNTS).await?;
    for size in entries {
        told(&format!("{size} entries"));
        book.grow(*size)?;
        let asked = &mut |question: &str| told(&format!("{size} entries: {question}"));
        measure(&mut book, *size, (Along::Entries, asking), &mut growth.entries, asked).await?;
    }
    for size in accounts {
        told(&format!("{size} accounts"));
        let dir = dir.join("accounts");
        let mut book = LongBook::make(&dir, *size).await?;
        book.grow(u64::from(*size) * ENTRIES_OF_ONE)?;
        let asked = &mut |question: &str| told(&format!("{size} accounts: {question}"));
        measure(&mut book, u64::from(*size), (Along::Accounts, asking), &mut growth.accounts, asked).await?;
        std::fs::remove_dir_all(dir)?;
    }
    Ok(growth)
}

/// What grows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Along {
    Entries,
    Accounts,
}

async fn measure(
    book: &mut LongBook,
    size: u64,
    (along, asking): (Along, Duration),
    curves: &mut Vec<Curve>,
    told: &mut dyn FnMut(&str),
) -> anyhow::Result<()> {
    let last = Position(book.entries());
    told("append");
    let bed = Bed::make(book.open().await?, IN_FLIGHT).await?;
    let commands = bed.commands(IN_FLIGHT, asking / 4).await?;
    add(curves, "append", Shape::Flat, (size, 1.0 / commands.per_second()));
    let served = Served::start(bed.ledger.clone()).await?;
    for question in questions(last) {
        let shape = match along {
            Along::Entries => question.along_entries,
            Along::Accounts => question.along_accounts,
        };
        told(question.name);
        let asked = asked(&served, &bed.token, &question, asking).await?;
        add(curves, question.name, shape, (size, asked.median_seconds()));
    }
    served.stop().await?;
    let ledger = bed.ledger.clone();
    drop(bed);
    book.close(ledger).await
}

fn add(curves: &mut Vec<Curve>, name: &'static str, shape: Shape, point: (u64, f64)) {
    match curves.iter_mut().find(|curve| curve.name == name) {
        Some(curve) => curve.points.push(point),
        None => curves.push(Curve { name, shape, points: vec![point] }),
    }
}

struct Question {
    name: &'static str,
    along_entries: Shape,
    along_accounts: Shape,
    method: &'static str,
    path: String,
    body: String,
}

/// Every question, of one account in the middle of a history that ends at `last`, as of its half where it takes that.
fn questions(last: Position) -> Vec<Question> {
    use Shape::{Flat, Linear};
    let (half, manager) = (last.0 / 2, AccountId::manager());
    let get = |name, (along_entries, along_accounts), path: String| {
        let path = format!("/v1/tenants/{CLOUD_ID}/{path}");
        Question { name, along_entries, along_accounts, method: "GET", path, body: String::new() }
    };
    let what_if = get("what-if", (Linear, Linear), "what-if".to_owned());
    vec![
        get("can", (Flat, Flat), "can?account=account-7&do=contacts.access".to_owned()),
        get("can, in the past", (Flat, Flat), format!("can?account=account-7&do=contacts.access&as_of={half}")),
        get("why", (Flat, Flat), "why?account=account-7&do=contacts.access".to_owned()),
        get("one account, in the past", (Flat, Flat), format!("accounts/account-7?as_of={half}")),
        get("who-can", (Flat, Linear), "who-can?do=contacts.access".to_owned()),
        get("diff", (Linear, Linear), format!("diff?from={half}")),
        get("lineage", (Linear, Linear), "lineage/account-7".to_owned()),
        get("blast-radius", (Linear, Linear), format!("blast-radius/{manager}")),
        Question { method: "POST", body: format!("{{\"without\": [{half}]}}"), ..what_if },
        get("timeline", (Linear, Linear), "timeline?account=account-7".to_owned()),
    ]
}

async fn asked(served: &Served, token: &str, question: &Question, asking: Duration) -> anyhow::Result<Slice> {
    let mut connection = Connection::open(served.address).await?;
    let (began, mut each) = (Instant::now(), Vec::new());
    while each.len() < 200 && began.elapsed() < asking {
        let asked = Instant::now();
        let answer = connection.request(question.method, &question.path, token, &question.body).await?;
        if answer.status != 200 {
            bail!("{} was answered {answer}", question.path);
        }
        each.push(asked.elapsed());
    }
    Ok(Slice { done: each.len() as u64, took: began.elapsed(), each })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_tells_flat_from_linear() {
        let curve = |shape, last| Curve { name: "", shape, points: vec![(10, 1.0), (100, 2.0), (1_000, last)] };
        assert_eq!(curve(Shape::Flat, 1.0).power(), 0.0);
        assert!((curve(Shape::Linear, 100.0).power() - 1.0).abs() < 1e-9);
        assert!(curve(Shape::Linear, 100.0).as_it_may() && !curve(Shape::Flat, 100.0).as_it_may());
        assert!(!curve(Shape::Linear, 10_000.0).as_it_may());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_question_is_answered_at_every_size() {
        let dir = tempfile::tempdir().unwrap();
        let growth =
            growth_at(dir.path(), (&[400, 800], &[20, 40]), Duration::from_millis(20), &mut |_| {}).await.unwrap();
        for curve in growth.entries.iter().chain(&growth.accounts) {
            assert_eq!(curve.points.len(), 2, "{}", curve.name);
            assert!(curve.points.iter().all(|(_, seconds)| *seconds > 0.0), "{curve:?}");
        }
        assert_eq!(growth.entries.len(), questions(Position(1)).len() + 1);
    }
}
