//! Replaying histories: fixtures, whose entries must mean what their expected views say, and exports, which are folded and
//! summarised.
//!
//! # Invariants
//! - Of every history it is checked that positions run from 1 without a gap, that time never goes back, that each event's
//!   authority is an earlier entry, and that every entry, decided again at its own place, gives the same events.
//! - Blessing writes expected files of fixtures that are not frozen, and nothing else; a file that already says what the
//!   entries mean is left as it is, to the byte.

mod again;
mod difference;
mod expected;
mod fixture;
mod history;
mod layout;
mod table;

use std::fmt;
use std::path::{Path, PathBuf};

use grantbook_events::Position;

use fixture::Fixture;
use history::History;

/// What came of replaying one fixture or one export.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replayed {
    /// The folder or the file.
    pub path: PathBuf,
    /// The fixture's title; none for an export.
    pub title: Option<String>,
    /// The position of the last entry that was read.
    pub last: Position,
    /// The fingerprint of everything that the entries mean, in hexadecimal digits.
    pub fingerprint: String,
    /// How many entries were decided again, and gave the same or not.
    pub decided_again: usize,
    /// How many expected files were compared.
    pub compared: usize,
    /// The expected files that blessing wrote.
    pub blessed: Vec<PathBuf>,
    /// What is not as it should be, each a text for a person, of one line or more.
    pub problems: Vec<String>,
}

/// What came of a run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// One for each fixture and export, in the order in which they were given.
    pub replayed: Vec<Replayed>,
}

impl Report {
    /// Whether there was something to replay and all of it is as it should be.
    pub fn passed(&self) -> bool {
        !self.replayed.is_empty() && self.replayed.iter().all(|one| one.problems.is_empty())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.replayed.iter().try_for_each(|one| write!(f, "{one}"))
    }
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.problems.is_empty() { "ok  " } else { "FAIL" };
        let name = self.path.display();
        write!(f, "{verdict} {name}: {} entries, {} decided again", self.last, self.decided_again)?;
        if self.title.is_some() {
            write!(f, ", {} expected files", self.compared)?;
        }
        let short: String = self.fingerprint.chars().take(16).collect();
        writeln!(f, ", fingerprint {}", if self.title.is_some() { &short } else { &self.fingerprint })?;
        for path in &self.blessed {
            writeln!(f, "     blessed {}", path.display())?;
        }
        for problem in &self.problems {
            for line in problem.lines() {
                writeln!(f, "     {line}")?;
            }
        }
        Ok(())
    }
}

/// Replays fixtures and exports. A folder is a fixture, or holds fixtures in folders of its own (those without a
/// `fixture.json` are passed over); a file is an export in JSON lines. With `bless` expected files that differ are written
/// anew, those of frozen fixtures aside. Whatever goes wrong is in the report.
pub fn run(paths: &[PathBuf], bless: bool) -> Report {
    let mut report = Report::default();
    for path in paths {
        if !path.is_dir() {
            report.replayed.push(export(path));
            continue;
        }
        match fixture::folders(path) {
            Ok(folders) if folders.is_empty() => {
                report
                    .replayed
                    .push(unread(path, "there is no fixture here: no folder with a `fixture.json`".to_owned()));
            }
            Ok(folders) => report.replayed.extend(folders.iter().map(|folder| replay_fixture(folder, bless))),
            Err(problem) => report.replayed.push(unread(path, problem)),
        }
    }
    report
}

fn replay_fixture(folder: &Path, bless: bool) -> Replayed {
    let fixture = match Fixture::read(folder) {
        Ok(fixture) => fixture,
        Err(problem) => return unread(folder, problem),
    };
    let history = match History::read(&folder.join("entries.jsonl"), Some(&fixture.meta.tenant)) {
        Ok(history) => history,
        Err(problem) => return Replayed { title: Some(fixture.meta.title), ..unread(folder, problem) },
    };
    let checked = expected::check(&fixture, &history, bless);
    let mut replayed = summary(folder, Some(fixture.meta.title), &history);
    replayed.compared = checked.compared;
    replayed.blessed = checked.blessed;
    replayed.problems.extend(checked.problems);
    replayed
}

fn export(file: &Path) -> Replayed {
    match History::read(file, None) {
        Ok(history) => summary(file, None, &history),
        Err(problem) => unread(file, problem),
    }
}

fn summary(path: &Path, title: Option<String>, history: &History) -> Replayed {
    let last = history.views.timeline.last();
    let fingerprint = grantbook_inquiries::fingerprint(&history.views, last);
    Replayed {
        path: path.to_owned(),
        title,
        last,
        fingerprint: fingerprint.iter().map(|byte| format!("{byte:02x}")).collect(),
        decided_again: history.decided_again,
        compared: 0,
        blessed: Vec::new(),
        problems: history.problems.clone(),
    }
}

fn unread(path: &Path, problem: String) -> Replayed {
    Replayed {
        path: path.to_owned(),
        title: None,
        last: Position::START,
        fingerprint: String::new(),
        decided_again: 0,
        compared: 0,
        blessed: Vec::new(),
        problems: vec![problem],
    }
}
