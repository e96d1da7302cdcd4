//! The disk fails under load: every kind of write and sync of every file gives EIO or ENOSPC, once or from then on, and files
//! reach a limit in the middle of a write. The ledger says that it does not know and stops; opened again, with a disk that
//! works, everything acknowledged is there, and what was not answered can be given again. (`docs/failure-modes.md`)
//!
//! The faults come from strace, which makes system calls fail, and from a limit on the size of files.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use crate::kills::{Said, check, prepare, start};
use crate::support::{Random, number};

/// Which calls fail on which files, below the ledger's directory.
const PLACES: [(&str, &[&str]); 6] = [
    ("journal/sled/db", &["pwrite64", "fdatasync", "sync_file_range"]),
    ("journal/head", &["write", "fdatasync"]),
    ("journal/head.new", &["openat", "write", "fsync", "rename"]),
    ("journal/seal", &["openat", "rename"]),
    ("vault.db", &["pwrite64", "fsync"]),
    ("vault.db-journal", &["openat", "pwrite64", "fsync", "unlink"]),
];

/// After how many acknowledgements a ledger is ended whose fault did not come.
const ENOUGH: u64 = 600;

/// So long may a ledger say nothing: it gives up a store that does not answer after two minutes.
const SILENCE: Duration = Duration::from_secs(180);

/// How a ledger at work came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ended {
    ByItself,
    Killed,
    /// The store never came back from a write that failed (docs/failure-modes.md).
    Silent,
}

fn kill_group(child: &Child) {
    let group = format!("-{}", child.id());
    let killed = Command::new("kill").args(["-KILL", "--", &group]).status().unwrap();
    assert!(killed.success() || killed.code() == Some(1), "{killed}");
}

/// Lets a ledger work under a fault until it stops, or has worked for long enough.
fn work_under(dir: &Path, said: &mut Said, under: &[String]) -> Ended {
    let mut child = start(dir, said, under);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (hand_on, heard) = channel();
    let listener = std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| hand_on.send(line)));
    let mut seen = 0;
    let ended = loop {
        match heard.recv_timeout(SILENCE) {
            Ok(line) => {
                seen += u64::from(said.hear(&line));
                if seen >= ENOUGH {
                    break Ended::Killed;
                }
            }
            Err(RecvTimeoutError::Disconnected) => break Ended::ByItself,
            Err(RecvTimeoutError::Timeout) => break Ended::Silent,
        }
    };
    kill_group(&child);
    child.wait().unwrap();
    for line in heard {
        said.hear(&line);
    }
    listener.join().unwrap().unwrap();
    ended
}

/// What fails: in words, and the program and arguments that the ledger is run by.
struct Fault {
    told: String,
    under: Vec<String>,
}

fn injected(dir: &Path, random: &mut Random) -> Fault {
    let (file, calls) = PLACES[random.below(PLACES.len() as u64) as usize];
    let call = calls[random.below(calls.len() as u64) as usize];
    let error = ["EIO", "ENOSPC"][random.below(2) as usize];
    // Some calls come a few times while it opens, some with every commit.
    let most = if file.ends_with(".new") || file.ends_with("seal") { 3 } else { 25 };
    let (first, on) = (1 + random.below(most), if random.below(2) == 0 { "+" } else { "" });
    let fault = format!("inject={call}:error={error}:when={first}{on}");
    let path = dir.join(file).to_str().unwrap().to_owned();
    let words = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", &path, "-e", &format!("trace={call}"), "-e", &fault];
    Fault { told: format!("{file}: {fault}"), under: words.map(str::to_owned).to_vec() }
}

/// No file may grow beyond a limit: what crosses it is written up to there, and the next write fails.
fn limited(_: &Path, random: &mut Random) -> Fault {
    // The head is made 1 MiB long; the store grows in steps of half a MiB.
    let kilobytes = 512 + random.below(800);
    let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$@\"");
    let under = ["bash", "-c", &script, "bash"].map(str::to_owned).to_vec();
    Fault { told: format!("files of at most {kilobytes} KiB"), under }
}

fn run_rounds(what: &str, rounds: u64, fault: fn(&Path, &mut Random) -> Fault) {
    let mut random = Random::seeded(what);
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(prepare(dir.path()));
    let mut said = Said::default();
    let mut stopped = 0;
    for round in 1..=rounds {
        let Fault { told, under } = fault(dir.path(), &mut random);
        let ended = work_under(dir.path(), &mut said, &under);
        stopped += u64::from(ended == Ended::ByItself);
        // The disk works again.
        let unanswered = runtime.block_on(check(dir.path(), &mut said));
        println!(
            "round {round}: {told}: {ended:?}, {} acknowledged so far, {unanswered} unanswered",
            said.acknowledged
        );
    }
    println!("{stopped} of {rounds} were stopped by the fault");
    assert!(stopped > 0, "no fault ever came");
}

#[test]
fn a_disk_that_fails_loses_nothing_that_was_acknowledged() {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("strace is not here: passed over");
        return;
    }
    run_rounds("faults of the disk", number("GRANTBOOK_FAULTS", 10), injected);
}

#[test]
fn files_that_cannot_grow_lose_nothing_that_was_acknowledged() {
    run_rounds("limits on the size of files", number("GRANTBOOK_LIMITS", 5), limited);
}
