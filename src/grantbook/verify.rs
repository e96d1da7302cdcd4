//! `grantbook verify`: everything that is stored, checked: encoding, order, checksums, the hash tree, the checkpoints that
//! were kept, the views rebuilt and compared with the live ones, the vault.
//!
//! A check that fails is a [`Problem`]: where, what was expected, what was found. Nothing is repaired.

mod checkpoints;

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use grantbook_events::Position;
use grantbook_inquiries::{FINGERPRINT_VERSION, fingerprint};
use grantbook_ledger::decoding::{Decoded, Unreadable, decoded, in_order};
use grantbook_ledger::{
    Hash, JournalOpenError, Ledger, OpenError, OpenReport, RecordedFingerprint, SealMismatch, StreamName, Tree, Volume,
};
use grantbook_projections::Views;
use serde_json::{Value, json};

use checkpoints::{Kept, strangers};

pub use checkpoints::KeptNote;

/// Exit status where all is as it should be.
pub const EXIT_FINE: u8 = 0;
/// Exit status where something is wrong.
pub const EXIT_PROBLEMS: u8 = 1;
/// Exit status where the ledger could not even be opened.
pub const EXIT_REFUSED: u8 = 3;

/// Something that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Whose entries; `_installation` for the installation's own, `None` where it concerns all.
    pub tenant: Option<String>,
    /// The entry.
    pub position: Option<u64>,
    /// The file, where one is at fault.
    pub file: Option<String>,
    /// Which check failed, as a slug.
    pub what: &'static str,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// What was read of one tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Whose entries; `_installation` for the installation's own.
    pub tenant: String,
    /// How many entries were read.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The hash tree's root over all of them.
    pub root: Hash,
    /// The positions as of which the rebuilt views were compared with the live ones.
    pub compared: Vec<u64>,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verification {
    /// What was found on opening, as a sentence; `None` in memory.
    pub opening: Option<String>,
    /// Every tenant that was read.
    pub checked: Vec<Checked>,
    /// What is wrong; nothing where all is well.
    pub problems: Vec<Problem>,
    /// Whether the ledger was refused on opening, so that nothing else was looked at.
    pub refused: bool,
    /// How long it took.
    pub took: Duration,
}

/// Checks a whole ledger. `progress` is told how many of how many entries are read. Blocks for as long as reading everything
/// takes; the ledger may be at work meanwhile.
pub fn verify(ledger: &Ledger, progress: &mut (dyn FnMut(u64, u64) + Send)) -> Verification {
    verify_against(ledger, &[], progress)
}

/// The same, and holds the entries against checkpoints that were kept elsewhere: so a copy that was put back, or a history
/// that was replaced, is noticed even where everything in the directory agrees.
pub fn verify_against(ledger: &Ledger, kept: &[KeptNote], progress: &mut (dyn FnMut(u64, u64) + Send)) -> Verification {
    let began = Instant::now();
    let mut problems = Vec::new();
    if let Some(report) = ledger.report() {
        problems.extend(alarm(report));
    }
    if ledger.failed() {
        problems.push(Problem::of_all("storage", "a ledger at work", "one that could not store something and stopped"));
    }
    let head = match ledger.head() {
        Ok(head) => head,
        Err(refused) => {
            problems.extend(refusal(&refused));
            None
        }
    };
    let volumes = ledger.volumes();
    let total = volumes.iter().map(|volume| volume.root().0.0).sum();
    let mut done = 0;
    let mut checked = Vec::new();
    let tenants: Vec<String> =
        volumes.iter().filter_map(|volume| Some(volume.cloud_id()?.as_str().to_owned())).collect();
    problems.extend(strangers(kept, &tenants));
    for volume in &volumes {
        let in_head = head.as_ref().and_then(|head| head.get(volume.stream()));
        let expected = InHead { last: in_head.map(|state| state.last), root: in_head.and_then(|state| state.root) };
        let mut reading = Reading::new(volume, head.is_some().then_some(expected), kept);
        reading.read(&mut |read| progress(done + read, total));
        done += reading.checked.entries;
        problems.extend(reading.problems);
        checked.push(reading.checked);
    }
    if let Some(head) = &head {
        let known: Vec<&StreamName> = volumes.iter().map(Volume::stream).collect();
        for stream in head.keys().filter(|stream| !known.contains(stream)) {
            problems.push(Problem {
                tenant: Some(stream.as_str().to_owned()),
                ..Problem::of_all("stream", "a tenant of the head that is open", "none of that name")
            });
        }
    }
    let opening = ledger.report().map(ToString::to_string);
    Verification { opening, checked, problems, refused: false, took: began.elapsed() }
}

/// What is told where the ledger could not be opened: where and what.
pub fn refused(error: &OpenError) -> Verification {
    Verification {
        opening: Some(error.to_string()),
        checked: Vec::new(),
        problems: refusal(error),
        refused: true,
        took: Duration::ZERO,
    }
}

/// Why reading stopped before the last entry.
enum Stopped {
    /// An entry cannot be read.
    Unreadable(Unreadable),
    /// An entry stands where another was expected.
    OutOfOrder(u64),
}

impl From<Unreadable> for Stopped {
    fn from(wrong: Unreadable) -> Stopped {
        Stopped::Unreadable(wrong)
    }
}

#[derive(Clone, Copy)]
struct InHead {
    last: Option<u64>,
    root: Option<Hash>,
}

/// One tenant's entries being read.
struct Reading<'a> {
    volume: &'a Volume<'a>,
    /// What the head says; `None` in memory.
    head: Option<InHead>,
    /// The writer's last durable position, and its root.
    writer: (Position, Hash),
    rebuilt: Views,
    tree: Tree,
    last_at: grantbook_events::Instant,
    checked: Checked,
    kept: Kept,
    /// The fingerprints that were recorded while the program was at work, each as of a position.
    recorded: HashMap<u64, RecordedFingerprint>,
    problems: Vec<Problem>,
}

impl<'a> Reading<'a> {
    fn new(volume: &'a Volume<'a>, head: Option<InHead>, kept: &[KeptNote]) -> Reading<'a> {
        let checked = Checked {
            tenant: volume.stream().as_str().to_owned(),
            entries: 0,
            bytes: 0,
            root: Tree::default().root(),
            compared: Vec::new(),
        };
        Reading {
            volume,
            head,
            writer: volume.root(),
            rebuilt: Views::default(),
            tree: Tree::default(),
            last_at: grantbook_events::Instant::EARLIEST,
            checked,
            kept: Kept::of(volume, kept),
            recorded: HashMap::new(),
            problems: Vec::new(),
        }
    }

    fn problem(&mut self, position: u64, what: &'static str, expected: impl ToString, found: impl ToString) {
        self.problems.push(Problem {
            tenant: Some(self.checked.tenant.clone()),
            position: Some(position),
            ..Problem::of_all(what, expected, found)
        });
    }

    fn read(&mut self, progress: &mut (dyn FnMut(u64) + Send)) {
        let last = self.writer.0;
        if let Some(InHead { last: said, .. }) = self.head
            && said.unwrap_or(0) > last.0
        {
            self.problem(last.0, "head", format!("the last position {} as the head says", said.unwrap_or(0)), last);
        }
        self.problems.extend(self.kept.troubles());
        match self.volume.recorded_fingerprints() {
            Ok(recorded) => self.recorded = recorded.into_iter().map(|one| (one.position.0, one)).collect(),
            Err(found) => {
                let file = format!("checkpoints/{}/fingerprints", self.checked.tenant);
                self.problems.push(Problem::of_file(&file, "fingerprint", "a list of fingerprints", found));
            }
        }
        let volume = self.volume;
        let read = in_order(volume.stored(last), decoded, |decoded| {
            if decoded.position != self.checked.entries + 1 {
                return Err(Stopped::OutOfOrder(decoded.position));
            }
            self.entry(decoded);
            if decoded.position.is_multiple_of(1024) {
                progress(decoded.position);
            }
            Ok(())
        });
        self.checked.root = self.tree.root();
        if let Err(stopped) = read {
            self.stopped(stopped);
            return;
        }
        progress(self.checked.entries);
        self.problems.extend(self.kept.ends(self.checked.entries));
        if self.checked.entries != last.0 {
            self.problem(self.checked.entries, "order", format!("entries up to {last}"), self.checked.entries);
            return;
        }
        let (found, expected) = (self.checked.root, self.writer.1);
        if found != expected {
            self.problem(last.0, "tree", format!("the writer's root {}", hex(&expected)), hex(&found));
        }
        if !volume.tree().goes_on_from(&self.tree) {
            self.problem(last.0, "tree", "the tiles that the entries have", "others in the writer's tree");
        }
        self.vault();
    }

    /// What stands behind an entry that cannot be read is not looked at.
    fn stopped(&mut self, stopped: Stopped) {
        match stopped {
            Stopped::OutOfOrder(position) => self.problem(position, "order", self.checked.entries + 1, position),
            Stopped::Unreadable(Unreadable::Damaged(damage)) => {
                // Which check of the record failed is part of what was found.
                let found = format!("{} ({})", damage.found, damage.kind);
                self.problem(damage.position, "record", damage.expected, found);
            }
            Stopped::Unreadable(Unreadable::Undecodable { position, error }) => {
                self.problem(position, "encoding", "an entry in its one encoding", error);
            }
        }
    }

    fn entry(&mut self, Decoded { position, entry, leaf, length }: &Decoded) {
        let position = *position;
        if entry.at < self.last_at {
            self.problem(position, "time", format!("not earlier than {}", self.last_at), entry.at);
        }
        self.last_at = entry.at;
        let earlier = |named: Position| (1..position).contains(&named.0);
        for recorded in &entry.events {
            if let Some(authority) = recorded.authority.filter(|authority| !earlier(*authority)) {
                self.problem(position, "authority", format!("an entry before {position}"), authority);
            }
            if recorded.command as usize >= entry.commands.len() {
                self.problem(
                    position,
                    "command",
                    format!("one of {} commands", entry.commands.len()),
                    recorded.command,
                );
            }
        }
        if let Some(import) = entry.import.as_ref().filter(|import| !earlier(import.started)) {
            self.problem(position, "import", format!("an entry before {position} that began it"), import.started);
        }
        self.rebuilt.apply(entry);
        self.tree.push(*leaf);
        if position == 1 {
            self.problems.extend(self.kept.begins(leaf));
        }
        self.problems.extend(self.kept.at(position, || self.tree.root()));
        self.checked.entries = position;
        self.checked.bytes += *length as u64;
        if let Some(InHead { last: Some(last), root: Some(root) }) = self.head
            && last == position
            && root != self.tree.root()
        {
            let found = hex(&self.tree.root());
            self.problem(position, "tree", format!("the head's root {}", hex(&root)), found);
        }
        self.compare_recorded(position);
        if self.worth_comparing(position) {
            self.compare(Position(position));
        }
    }

    /// What was recorded of the views as of here, by whichever program was at work then.
    fn compare_recorded(&mut self, position: u64) {
        let Some(recorded) = self.recorded.remove(&position) else { return };
        let root = self.tree.root();
        if recorded.root != root {
            let expected = format!("the root that was recorded, {}", hex(&recorded.root));
            self.problem(position, "fingerprint", expected, hex(&root));
        }
        // Another rendering has other fingerprints, and says nothing.
        if recorded.version == FINGERPRINT_VERSION {
            let rebuilt = fingerprint(&self.rebuilt, Position(position));
            if rebuilt != recorded.fingerprint {
                let expected = format!("the views that were recorded, of fingerprint {}", hex(&recorded.fingerprint));
                self.problem(position, "fingerprint", expected, format!("{} as rebuilt", hex(&rebuilt)));
            }
        }
    }

    /// The first entry, the quarters, and the last.
    fn worth_comparing(&self, position: u64) -> bool {
        let last = self.writer.0.0;
        position == 1 || position == last || (1..4).any(|quarter| position == last / 4 * quarter)
    }

    /// The views rebuilt so far, and the live ones as of the same position.
    fn compare(&mut self, position: Position) {
        let rebuilt = fingerprint(&self.rebuilt, position);
        let live = self.volume.live(|views| fingerprint(views, position));
        self.checked.compared.push(position.0);
        if rebuilt != live {
            let expected = format!("views of fingerprint {}, as rebuilt from the entries", hex(&rebuilt));
            self.problem(position.0, "views", expected, format!("{} of the live ones", hex(&live)));
        }
    }

    fn vault(&mut self) {
        match self.volume.secret_troubles() {
            Ok(troubles) => {
                for trouble in troubles {
                    self.problem(trouble.position.0, "vault", trouble.name, trouble.found);
                }
            }
            Err(error) => self.problem(self.writer.0.0, "vault", "a vault that can be read", error),
        }
    }
}

impl Problem {
    fn of_all(what: &'static str, expected: impl ToString, found: impl ToString) -> Problem {
        let (expected, found) = (expected.to_string(), found.to_string());
        Problem { tenant: None, position: None, file: None, what, expected, found }
    }

    fn of_file(file: &str, what: &'static str, expected: impl ToString, found: impl ToString) -> Problem {
        Problem { file: Some(file.to_owned()), ..Problem::of_all(what, expected, found) }
    }

    fn at(tenant: &str, position: u64, what: &'static str, expected: impl ToString, found: impl ToString) -> Problem {
        let tenant = Some(tenant.to_owned());
        Problem { tenant, position: Some(position), ..Problem::of_all(what, expected, found) }
    }

    /// Where it is, in words.
    fn place(&self) -> String {
        let tenant = self.tenant.as_ref().map(|tenant| format!("`{tenant}`"));
        let position = self.position.map(|position| format!("position {position}"));
        let file = self.file.as_ref().map(|file| format!("file `{file}`"));
        let parts: Vec<String> = [tenant, position, file].into_iter().flatten().collect();
        if parts.is_empty() { "the ledger".to_owned() } else { parts.join(", ") }
    }

    /// Its JSON form.
    pub fn json(&self) -> Value {
        json!({
            "tenant": self.tenant,
            "position": self.position,
            "file": self.file,
            "what": self.what,
            "expected": self.expected,
            "found": self.found,
        })
    }
}

impl Verification {
    /// The exit status: [`EXIT_FINE`], [`EXIT_PROBLEMS`] or [`EXIT_REFUSED`].
    pub fn exit(&self) -> u8 {
        match (self.refused, self.problems.is_empty()) {
            (true, _) => EXIT_REFUSED,
            (false, true) => EXIT_FINE,
            (false, false) => EXIT_PROBLEMS,
        }
    }

    /// Its JSON form.
    pub fn json(&self) -> Value {
        let checked = self.checked.iter().map(|one| {
            json!({
                "tenant": one.tenant,
                "entries": one.entries,
                "bytes": one.bytes,
                "root": hex(&one.root),
                "compared": one.compared,
            })
        });
        json!({
            "ok": self.problems.is_empty() && !self.refused,
            "refused": self.refused,
            "opening": self.opening,
            "tenants": checked.collect::<Vec<_>>(),
            "problems": self.problems.iter().map(Problem::json).collect::<Vec<_>>(),
            "seconds": self.took.as_secs_f64(),
        })
    }

    /// Tells it to a person, one finding a line.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(opening) = &self.opening {
            writeln!(out, "{}: {opening}", if self.refused { "refused" } else { "opened" })?;
        }
        for one in &self.checked {
            let Checked { tenant, entries, bytes, root, compared } = one;
            let compared: Vec<String> = compared.iter().map(ToString::to_string).collect();
            let compared = compared.join(", ");
            let root = hex(root);
            writeln!(
                out,
                "`{tenant}`: {entries} entries, {bytes} bytes, root {root}, views compared as of {compared}"
            )?;
        }
        for problem in &self.problems {
            let Problem { what, expected, found, .. } = problem;
            writeln!(out, "WRONG in {}: {what}: expected {expected}; found {found}", problem.place())?;
        }
        match (self.refused, self.problems.len()) {
            (true, _) => writeln!(out, "the ledger was not opened; nothing was changed"),
            (false, 0) => writeln!(out, "all is as it should be, in {:?}", self.took),
            (false, 1) => writeln!(out, "1 problem, in {:?}", self.took),
            (false, problems) => writeln!(out, "{problems} problems, in {:?}", self.took),
        }
    }
}

/// What opening found that an operator must know of.
fn alarm(report: &OpenReport) -> Vec<Problem> {
    let mut problems = Vec::new();
    if report.seal == grantbook_ledger::SealFound::Removed {
        let found = "none: SOMEBODY REMOVED IT";
        problems.push(Problem::of_file(
            "journal/seal",
            "seal",
            "the seal of the last clean close, or a broken one",
            found,
        ));
    }
    if report.head_made_anew {
        let found = "none: IT WAS MADE ANEW from the store, and what was lost before cannot be noticed";
        problems.push(Problem::of_file("journal/head", "head", "the head beside the store", found));
    }
    problems
}

/// What a refused opening says, place by place.
fn refusal(error: &OpenError) -> Vec<Problem> {
    match error {
        OpenError::Journal(journal) => journal_refusal(journal),
        OpenError::Entry { stream, position, what } => {
            vec![Problem::at(stream, *position, "encoding", "an entry as it was written", what)]
        }
        OpenError::Root { stream, position } => {
            vec![Problem::at(stream, *position, "tree", "the tree root that the head holds", "another root")]
        }
        OpenError::Vault(vault) => vec![Problem::of_file("vault.db", "vault", "a vault that can be opened", vault)],
        OpenError::Outbox(outbox) => vec![Problem::of_file("outbox", "outbox", "a folder for mail", outbox)],
        OpenError::Mirror { dir, error } => {
            vec![Problem::of_file(&dir.display().to_string(), "mirror", "a mirror of this store", error)]
        }
        OpenError::HalfRestored(_) => vec![Problem::of_all("opening", "a restoration that came to its end", error)],
        OpenError::Other(what) => vec![Problem::of_all("opening", "a ledger that can be opened", what)],
    }
}

fn journal_refusal(error: &JournalOpenError) -> Vec<Problem> {
    let whole = |what: &'static str, expected: &str| vec![Problem::of_all(what, expected, error)];
    match error {
        JournalOpenError::Locked { holder } => {
            vec![Problem::of_file("journal/lock", "lock", "a store that nobody has open", format!("held by {holder}"))]
        }
        JournalOpenError::SealDiffers { mismatches } => mismatches.iter().map(mismatch).collect(),
        JournalOpenError::SealDamaged { line, expected } => {
            vec![Problem::of_file("journal/seal", "seal", expected, format!("something else in line {line}"))]
        }
        JournalOpenError::HeadMissing { seal_missing } => {
            let found = if *seal_missing { "NONE, and NO SEAL either" } else { "NONE" };
            vec![Problem::of_file("journal/head", "head", "the head beside a store that has data", found)]
        }
        JournalOpenError::HeadDamaged { at, expected } => {
            vec![Problem::of_file("journal/head", "head", expected, format!("something else at byte {at}"))]
        }
        JournalOpenError::StoreMissing { streams } => {
            let expected = format!("a store with {streams} streams");
            vec![Problem::of_file("journal/sled", "store", expected, "no data")]
        }
        JournalOpenError::Short { stream, expected, found } => {
            let expected = format!("to reach position {expected}");
            vec![Problem::at(stream.as_str(), *found, "store", expected, format!("an end at {found}"))]
        }
        JournalOpenError::HeadBehind { stream, expected, found, batch } => {
            let found_text = format!("position {found} of batch {batch}: the head is older than the store");
            vec![Problem::at(stream.as_str(), *found, "head", format!("an end at position {expected}"), found_text)]
        }
        JournalOpenError::Damaged(damage) => {
            let found = format!("{} ({})", damage.found, damage.kind);
            vec![Problem::at(damage.stream.as_str(), damage.position, "record", &damage.expected, found)]
        }
        JournalOpenError::ForeignKey { key } => {
            vec![Problem::of_file(
                "journal/sled",
                "store",
                "keys of stream, position and part",
                format!("the key {key}"),
            )]
        }
        JournalOpenError::NoRoomForTrial { .. } => whole("space", "room to try an unsealed store on a copy"),
        JournalOpenError::Unopenable(_) => whole("store", "a store that sled opens"),
        JournalOpenError::Storage(_) => whole("storage", "files that can be read and written"),
    }
}

fn mismatch(mismatch: &SealMismatch) -> Problem {
    let file = |file: &str| format!("journal/{file}");
    match mismatch {
        SealMismatch::Missing { file: path, length } => {
            Problem::of_file(&file(path), "seal", format!("{length} bytes"), "no such file")
        }
        SealMismatch::Unexpected { file: path } => Problem::of_file(&file(path), "seal", "no such file", "one"),
        SealMismatch::Length { file: path, expected, found, differs_from } => {
            let found = format!("{found}, differing from byte {differs_from}");
            Problem::of_file(&file(path), "seal", format!("{expected} bytes"), found)
        }
        SealMismatch::Bytes { file: path, from, to, blocks, of } => {
            let found = format!("others between {from} and {to} ({blocks} of {of} blocks)");
            Problem::of_file(&file(path), "seal", "the sealed bytes", found)
        }
    }
}

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
