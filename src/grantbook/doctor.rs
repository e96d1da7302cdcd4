//! `grantbook doctor`: whether a data directory is fit for service, each check with what to do about it. Looking changes
//! nothing; where nobody has the ledger open it is opened and closed cleanly afterwards, to look into it as well.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;

use grantbook_ledger::backup::is_half_restored;
use grantbook_ledger::passwords::HashingCost;
use grantbook_ledger::{Clock, Inspection, JournalOpenError, Ledger, MirrorState, Options, Place, SealFound, inspect};
use serde_json::{Value, json};

/// Below this much free space nothing large should be begun, in bytes.
const LITTLE_SPACE: u64 = 1 << 30;
/// Below this much free space the ledger may stop at any moment, in bytes.
const NO_SPACE: u64 = 64 << 20;
/// How far clocks of honest machines may be apart, in microseconds.
const DRIFT: i64 = 5_000_000;

/// How a check came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// As it should be.
    Fine,
    /// To be looked into.
    Warning,
    /// Not fit for service.
    Failed,
}

/// One check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// What was looked at, as a slug.
    pub what: &'static str,
    /// How it came out.
    pub state: State,
    /// What was found.
    pub found: String,
    /// What to do; empty where there is nothing to do.
    pub advice: String,
}

/// All checks of a data directory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Checkup {
    /// In the order in which they were made.
    pub checks: Vec<Check>,
}

/// Looks at a data directory; where nobody has its ledger open, opens that, looks into it and closes it.
pub async fn doctor(options: &Options) -> Checkup {
    let mut checkup = Checkup::default();
    let Place::Directory(dir) = &options.place else {
        checkup.warn("directory", "a ledger in memory", "nothing of it is kept: give it a directory");
        return checkup;
    };
    checkup.hashing(options.hashing);
    if !dir.is_dir() {
        let advice = "nothing to do: it is made when the ledger is first opened; or name the right one with --data";
        checkup.warn("directory", &format!("`{}` is not there", dir.display()), advice);
        return checkup;
    }
    if let Err(error) = dir.join("journal").try_exists() {
        let found = format!("`{}` cannot be looked into: {error}", dir.display());
        checkup.fail("directory", &found, "run it as the user whom it belongs to");
        return checkup;
    }
    checkup.directory(dir);
    if let Some(mirror) = &options.mirror {
        checkup.mirror_permissions(mirror);
    }
    checkup.space(dir);
    if is_half_restored(dir).unwrap_or(false) {
        let found = "a restoration is at work there or was interrupted: it is no ledger yet";
        checkup.fail("journal", found, "let it end, or run `grantbook restore` again: it says what is in the way");
        return checkup;
    }
    if !dir.join("journal").is_dir() {
        checkup.warn("journal", "there is none", "nothing to do: it is made when the ledger is first opened");
        return checkup;
    }
    let inspected = inspect(&dir.join("journal"));
    checkup.journal(&inspected);
    checkup.head_file(&dir.join("journal").join("head"));
    checkup.outbox(&dir.join("outbox"));
    let free = matches!(&inspected, Ok(Inspection { holder: None, .. }));
    if free && !checkup.failed() {
        // Looking writes nothing into the mirror, and drops nothing from the vault.
        match Ledger::open(Options { mirror: None, keep_unnamed_secrets: true, ..options.clone() }).await {
            Ok(ledger) => {
                checkup.ledger(&ledger);
                if let Some(dir) = &options.mirror {
                    checkup.compare_mirror(&ledger, dir);
                }
                match ledger.close().await {
                    Ok(()) => checkup.fine("close", "closed cleanly, and sealed"),
                    Err(error) => checkup.warn("close", &error.to_string(), "the next opening is one as after a crash"),
                }
            }
            Err(error) => checkup.fail("opening", &error.to_string(), "run `grantbook verify`: it says where and what"),
        }
    }
    checkup
}

/// Looks into a ledger that is open: what a running server tells of itself.
pub fn at_work(ledger: &Ledger) -> Checkup {
    let mut checkup = Checkup::default();
    checkup.ledger(ledger);
    checkup
}

impl Checkup {
    /// Whether anything is not fit for service.
    pub fn failed(&self) -> bool {
        self.checks.iter().any(|check| check.state == State::Failed)
    }

    /// The exit status: 0, or 1 where something is not fit for service.
    pub fn exit(&self) -> u8 {
        u8::from(self.failed())
    }

    /// Its JSON form.
    pub fn json(&self) -> Value {
        let one = |check: &Check| json!({"what": check.what, "state": slug(check.state), "found": check.found, "advice": check.advice});
        json!({"ok": !self.failed(), "checks": self.checks.iter().map(one).collect::<Vec<_>>()})
    }

    /// Tells it to a person, one check a line.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        for Check { what, state, found, advice } in &self.checks {
            writeln!(out, "{:<5} {what}: {found}", slug(*state))?;
            if !advice.is_empty() {
                writeln!(out, "      -> {advice}")?;
            }
        }
        Ok(())
    }

    fn add(&mut self, what: &'static str, state: State, found: &str, advice: &str) {
        self.checks.push(Check { what, state, found: found.to_owned(), advice: advice.to_owned() });
    }

    fn fine(&mut self, what: &'static str, found: &str) {
        self.add(what, State::Fine, found, "");
    }

    fn warn(&mut self, what: &'static str, found: &str, advice: &str) {
        self.add(what, State::Warning, found, advice);
    }

    fn fail(&mut self, what: &'static str, found: &str, advice: &str) {
        self.add(what, State::Failed, found, advice);
    }

    fn hashing(&mut self, cost: HashingCost) {
        let HashingCost { memory_kib, iterations, lanes } = cost;
        let found = format!("Argon2id with {memory_kib} KiB, {iterations} passes, {lanes} lanes");
        if cost.fit_for_service() {
            self.fine("hashing", &found);
        } else {
            let advice = "too cheap to guess against: leave the cost at its default, 19456 KiB and 2 passes, or above";
            self.fail("hashing", &found, advice);
        }
    }

    /// What is secret is its owner's alone.
    fn directory(&mut self, dir: &Path) {
        let private = [("vault.db", 0o600), ("vault.db-journal", 0o600), ("outbox", 0o700)];
        for (name, mode) in private {
            let path = dir.join(name);
            let Some(found) = mode_of(&path) else { continue };
            let shown = format!("`{name}` has mode {found:03o}");
            if found & 0o077 == 0 {
                self.fine("permissions", &shown);
            } else {
                let advice = format!("others may read it: find out who did, then `chmod {mode:o} {}`", path.display());
                self.fail("permissions", &shown, &advice);
            }
        }
        // Personal values are sealed in it; who acts on whom, and why, is not.
        let open = |path: &Path| mode_of(path).is_some_and(|mode| mode & 0o055 != 0);
        if open(dir) && open(&dir.join("journal")) {
            let advice = format!("others on this machine may read who did what: `chmod go-rwx {}`", dir.display());
            self.warn("permissions", "the journal is open to others", &advice);
        }
        if dir.join("journal").is_dir() && !dir.join("vault.db").exists() {
            let advice = "bring back its latest copy: without it no password opens and no personal value can be read";
            self.fail("vault", "there is a journal and no vault", advice);
        }
        for name in ["", "journal"] {
            self.changed_by_its_owner_alone(&dir.join(name));
        }
    }

    fn changed_by_its_owner_alone(&mut self, path: &Path) {
        let Some(found) = mode_of(path) else { return };
        let shown = format!("`{}` has mode {found:03o}", path.display());
        if found & 0o022 == 0 {
            self.fine("permissions", &shown);
        } else {
            let advice = format!("others may change what is in it: `chmod go-w {}`", path.display());
            self.fail("permissions", &shown, &advice);
        }
    }

    /// A mirror tells what the journal tells. Its files are their owner's, unless an earlier version made them.
    fn mirror_permissions(&mut self, dir: &Path) {
        let Some(found) = mode_of(dir) else { return };
        self.changed_by_its_owner_alone(dir);
        let names = std::fs::read_dir(dir).into_iter().flatten().flatten();
        let mut segments = names.filter(|entry| entry.file_name().to_string_lossy().starts_with("segment-"));
        if found & 0o055 != 0 && segments.any(|entry| mode_of(&entry.path()).is_some_and(|mode| mode & 0o044 != 0)) {
            let shown = dir.display();
            let advice = format!("others on this machine may read who did what: `chmod -R go-rwx {shown}`");
            self.warn("permissions", &format!("the mirror in `{shown}` is open to others"), &advice);
        }
    }

    fn space(&mut self, dir: &Path) {
        let bytes = match rustix::fs::statvfs(dir) {
            Ok(space) => space.f_bavail.saturating_mul(space.f_frsize),
            Err(error) => {
                return self.warn("space", &format!("cannot be told: {error}"), "look with `df`");
            }
        };
        let found = format!("{} MiB free", bytes >> 20);
        if bytes < NO_SPACE {
            self.fail("space", &found, "make room: the ledger stops when it cannot write");
        } else if bytes < LITTLE_SPACE {
            self.warn("space", &found, "make room soon");
        } else {
            self.fine("space", &found);
        }
    }

    fn journal(&mut self, inspected: &Result<Inspection, JournalOpenError>) {
        let inspection = match inspected {
            Ok(inspection) => inspection,
            Err(refused) => {
                let advice = "nothing was changed; `grantbook verify` says where and what";
                return self.fail("journal", &refused.to_string(), advice);
            }
        };
        match &inspection.holder {
            Some(holder) => self.fine("lock", &format!("open: held by {holder}")),
            None => self.fine("lock", "nobody has it open"),
        }
        match inspection.seal {
            None => {}
            Some(SealFound::New) => self.fine("seal", "nothing is stored yet"),
            Some(SealFound::Whole { files, bytes }) => {
                self.fine("seal", &format!("whole: {files} files of {bytes} bytes are as they were left"));
            }
            Some(SealFound::Broken) => {
                let advice =
                    "the next opening tries it on a copy first, which needs as much space again; see why it stopped";
                self.warn("seal", "not closed cleanly", advice);
            }
            Some(SealFound::Removed) => {
                self.fail("seal", "SOMEBODY REMOVED IT", "find out who and why; then run `grantbook verify`");
            }
        }
        let entries: u64 = inspection.heads.values().map(|state| state.last).sum();
        let found = format!("{} streams with {entries} entries, {} bytes", inspection.heads.len(), inspection.bytes);
        self.fine("journal", &found);
        let unrooted = inspection.heads.values().filter(|state| state.last > 0 && state.root.is_none()).count();
        if unrooted > 0 {
            let found = format!("{unrooted} streams without a tree root");
            self.warn("head", &found, "it comes with their next entry; until then compare with a checkpoint");
        }
    }

    /// A head that was written in the future says that the clock was set back since.
    fn head_file(&mut self, head: &Path) {
        let Ok(written) = std::fs::metadata(head).and_then(|metadata| metadata.modified()) else { return };
        match written.duration_since(SystemTime::now()) {
            Ok(ahead) if ahead.as_micros() > u128::from(DRIFT.unsigned_abs()) => {
                let found = format!("the head was written {} seconds from now", ahead.as_secs());
                self.fail("clock", &found, "the clock is wrong, or was: set it by the network's time");
            }
            Ok(_) | Err(_) => self.fine("clock", "the head was written before now"),
        }
    }

    fn outbox(&mut self, outbox: &Path) {
        let Ok(files) = std::fs::read_dir(outbox) else { return };
        let mails = files.flatten().filter(|file| file.path().extension().is_some_and(|end| end == "eml")).count();
        match mails {
            0 => self.fine("outbox", "no mail waits to be sent"),
            mails => {
                let advice =
                    format!("send what is in `{}` and remove it: it may hold first passwords", outbox.display());
                self.warn("outbox", &format!("{mails} mails wait to be sent"), &advice);
            }
        }
    }

    fn compare_mirror(&mut self, ledger: &Ledger, dir: &Path) {
        let all: u64 = ledger.volumes().iter().map(|volume| volume.root().0.0).sum();
        match ledger.compare_mirror(dir) {
            Ok(copied) if copied == all => {
                self.fine("mirror", &format!("`{}` has all {all} entries, each as the journal has it", dir.display()));
            }
            Ok(copied) => {
                let found = format!("`{}` is {} of {all} entries behind", dir.display(), all.saturating_sub(copied));
                self.warn("mirror", &found, "`grantbook serve --mirror` brings it up");
            }
            Err(error) => {
                let advice = "the journal may have lost entries: compare before anything else is written";
                self.fail("mirror", &format!("`{}`: {error}", dir.display()), advice);
            }
        }
    }

    fn ledger(&mut self, ledger: &Ledger) {
        if ledger.failed() {
            let advice = "look at the disk, then start it again: it replays what is durable";
            self.fail("storage", "something could not be stored, and the ledger stopped", advice);
        }
        if let Some(report) = ledger.report() {
            let found = report.to_string();
            if report.is_alarming() {
                self.fail("opening", &found, "find out who changed the files, and compare with a checkpoint or a copy");
            } else {
                self.fine("opening", &found);
            }
        }
        if let Some(MirrorState { dir, behind, trouble }) = ledger.mirror() {
            match trouble {
                None => self.fine("mirror", &format!("`{}` is {behind} entries behind", dir.display())),
                Some(trouble) => {
                    let found =
                        format!("`{}` is {behind} entries behind and does not get on: {trouble}", dir.display());
                    self.warn("mirror", &found, "it is tried again by itself: see to its disk");
                }
            }
        }
        let now = Clock::System.now();
        let (mut ahead, mut owed) = (Vec::new(), 0);
        for volume in ledger.volumes() {
            let last = volume.root().0;
            let (at, waiting) = volume.live(|views| (views.timeline.at(last), views.book.owed(last).count()));
            owed += waiting;
            if at.microseconds() > now.microseconds().saturating_add(DRIFT) {
                ahead.push(format!("`{}` at {at}", volume.stream()));
            }
        }
        if ahead.is_empty() {
            self.fine("clock", &format!("no entry is later than now, {now}"));
        } else {
            let found = format!("the last entry lies in the future: {}", ahead.join(", "));
            self.fail("clock", &found, "the clock is wrong, or was: set it by the network's time");
        }
        match owed {
            0 => self.fine("notices", "nobody is owed a mail"),
            owed => {
                let found = format!("{owed} mails are owed and not handed over");
                self.warn("notices", &found, "see whether the outbox folder can be written");
            }
        }
        self.secrets(ledger);
    }

    fn secrets(&mut self, ledger: &Ledger) {
        let mut missing = 0;
        for volume in ledger.volumes() {
            match volume.secret_troubles() {
                Ok(troubles) => missing += troubles.len(),
                Err(error) => return self.fail("vault", &error.to_string(), "bring back its latest copy"),
            }
        }
        match missing {
            0 => self.fine("vault", "it holds all that the journal names"),
            missing => {
                let found = format!("{missing} secrets that the journal names are not in it");
                self.fail("vault", &found, "bring back its latest copy; `grantbook verify` names each");
            }
        }
    }
}

fn slug(state: State) -> &'static str {
    match state {
        State::Fine => "ok",
        State::Warning => "warn",
        State::Failed => "FAIL",
    }
}

fn mode_of(path: &Path) -> Option<u32> {
    std::fs::metadata(path).ok().map(|metadata| metadata.permissions().mode() & 0o777)
}

#[cfg(test)]
mod tests {
    use super::*;
    use grantbook_events::{CloudId, Instant, OperatorName};
    use grantbook_ledger::TenantRequest;

    fn options(dir: &Path) -> Options {
        Options { hashing: HashingCost { memory_kib: 7 * 1024, iterations: 5, lanes: 1 }, ..Options::directory(dir) }
    }

    async fn filled(dir: &Path, clock: Clock) {
        let ledger = Ledger::open(Options { clock, ..options(dir) }).await.unwrap();
        let request = TenantRequest::new(CloudId::new("abcimis").unwrap());
        ledger.create_tenant(&OperatorName::new("ops").unwrap(), request).await.unwrap();
        ledger.close().await.unwrap();
    }

    fn of<'a>(checkup: &'a Checkup, what: &str, state: State) -> Vec<&'a str> {
        let some = checkup.checks.iter().filter(|check| check.what == what && check.state == state);
        some.map(|check| check.found.as_str()).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_directory_that_is_fit_passes_and_is_left_sealed() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path(), Clock::System).await;
        let checkup = doctor(&options(dir.path())).await;
        assert_eq!(checkup.exit(), 0, "{checkup:?}");
        assert!(of(&checkup, "seal", State::Fine)[0].starts_with("whole"));
        assert!(dir.path().join("journal").join("seal").exists());
        assert_eq!(checkup.json()["ok"], true);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_not_fit_is_told() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path(), Clock::System).await;
        std::fs::set_permissions(dir.path().join("vault.db"), std::fs::Permissions::from_mode(0o644)).unwrap();
        let checkup = doctor(&Options { hashing: HashingCost::minimum(), ..options(dir.path()) }).await;
        assert_eq!(checkup.exit(), 1);
        assert_eq!(of(&checkup, "permissions", State::Failed), ["`vault.db` has mode 644"]);
        assert_eq!(of(&checkup, "hashing", State::Failed), ["Argon2id with 8 KiB, 1 passes, 1 lanes"]);
        let mut told = Vec::new();
        checkup.write_to(&mut told).unwrap();
        assert!(String::from_utf8(told).unwrap().contains("FAIL  permissions: `vault.db` has mode 644\n      -> "));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_journal_that_others_can_read_is_told() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path(), Clock::System).await;
        let told = "the journal is open to others";
        let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        set(dir.path(), 0o700);
        set(&dir.path().join("journal"), 0o755);
        let checkup = doctor(&options(dir.path())).await;
        assert!(!of(&checkup, "permissions", State::Warning).contains(&told), "nobody gets as far as to it");
        set(dir.path(), 0o755);
        let checkup = doctor(&options(dir.path())).await;
        assert!(of(&checkup, "permissions", State::Warning).contains(&told), "{checkup:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_mirror_that_others_can_read_or_change_is_told() {
        let place = tempfile::tempdir().unwrap();
        let (dir, mirror) = (place.path().join("data"), place.path().join("mirror"));
        filled(&dir, Clock::System).await;
        let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        std::fs::create_dir(&mirror).unwrap();
        let segment = mirror.join("segment-00000000000000000001");
        std::fs::write(&segment, "").unwrap();
        let told = format!("the mirror in `{}` is open to others", mirror.display());
        for (folder, file, expected) in [(0o700, 0o644, false), (0o755, 0o600, false), (0o755, 0o644, true)] {
            set(&mirror, folder);
            set(&segment, file);
            let checkup = doctor(&Options { mirror: Some(mirror.clone()), ..options(&dir) }).await;
            let found = of(&checkup, "permissions", State::Warning).contains(&told.as_str());
            assert_eq!(found, expected, "{folder:o} {file:o}: {checkup:?}");
        }
        set(&mirror, 0o777);
        let checkup = doctor(&Options { mirror: Some(mirror.clone()), ..options(&dir) }).await;
        assert!(of(&checkup, "permissions", State::Failed)[0].ends_with("has mode 777"), "{checkup:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_entry_in_the_future_says_that_the_clock_was_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let in_an_hour = Instant::from_microseconds(Clock::System.now().microseconds() + 3_600_000_000);
        filled(dir.path(), Clock::standing_at(in_an_hour)).await;
        let checkup = doctor(&options(dir.path())).await;
        assert!(of(&checkup, "clock", State::Failed)[0].contains("`abcimis` at "), "{checkup:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_ledger_at_work_is_looked_at_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(options(dir.path())).await.unwrap();
        let checkup = doctor(&options(dir.path())).await;
        assert!(of(&checkup, "lock", State::Fine)[0].starts_with("open: held by pid "), "{checkup:?}");
        assert_eq!(checkup.exit(), 0, "{checkup:?}");
        assert_eq!(at_work(&ledger).exit(), 0);
        ledger.close().await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_lost_vault_is_told_and_not_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        filled(dir.path(), Clock::System).await;
        std::fs::remove_file(dir.path().join("vault.db")).unwrap();
        let checkup = doctor(&options(dir.path())).await;
        assert_eq!(of(&checkup, "vault", State::Failed), ["there is a journal and no vault"]);
        assert!(!dir.path().join("vault.db").exists());
    }
}
