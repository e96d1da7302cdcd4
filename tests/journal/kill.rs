//! Killed at any moment: nothing that was acknowledged is lost, nothing has a gap, and the store opens.
//!
//! The test runs itself again as a writer that prints every position it was told is durable, and kills it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use grantbook_journal::{AppendError, CloseError, SealFound};

use crate::support::{Random, append, check_all, open, stream};

const WRITER: &str = "GRANTBOOK_TEST_WRITER";

/// Not a test of its own: the writer, when asked for.
#[test]
fn writer() {
    let Ok(dir) = std::env::var(WRITER) else { return };
    let (store, _) = open(Path::new(&dir)).unwrap();
    let mut random = Random(Random::seed());
    let names = [stream("abcimis"), stream("other")];
    let mut out = std::io::stdout();
    loop {
        let which = usize::try_from(random.below(2)).unwrap();
        append(&store, &names[which], random.below(200) + 1).unwrap();
        writeln!(out, "\nacknowledged {which} {}", store.last_position(&names[which])).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    let seed = Random::seed();
    println!("seed {seed}");
    let rounds: u64 = std::env::var("GRANTBOOK_KILL_ROUNDS").map_or(12, |rounds| rounds.parse().unwrap());
    let mut random = Random(seed);
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = [0, 0];
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::writer", "--nocapture"])
            .env(WRITER, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The moment is counted in acknowledgements, then some more microseconds, so that it falls anywhere within a commit.
        let wanted = random.below(60);
        let mut seen = 0;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut note = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let ["acknowledged", which, position] = words[..] else { return false };
            acknowledged[which.parse::<usize>().unwrap()] = position.parse().unwrap();
            true
        };
        while seen < wanted {
            seen += u64::from(note(&lines.next().unwrap().unwrap()));
        }
        std::thread::sleep(std::time::Duration::from_micros(random.below(5_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it had said before it died counts as said.
        for line in lines.map_while(Result::ok) {
            note(&line);
        }

        let (store, report) = open(dir.path()).unwrap();
        println!("round {round}: {report}");
        for (name, told) in ["abcimis", "other"].into_iter().zip(acknowledged) {
            let last = check_all(&store, &stream(name));
            assert!(last >= told, "round {round}: told {told} of `{name}`, found {last}");
        }
        if round % 3 == 2 {
            store.close().unwrap();
            let (_, report) = open(dir.path()).unwrap();
            assert!(matches!(report.seal, SealFound::Whole { .. }));
        }
    }
}

const FULL: &str = "GRANTBOOK_TEST_FULL";

/// Not a test of its own: appends, when asked to, until the file may grow no more.
#[test]
fn writer_to_a_full_disk() {
    let Ok(dir) = std::env::var(FULL) else { return };
    let (store, _) = open(Path::new(&dir)).unwrap();
    let name = stream("abcimis");
    let failed = loop {
        if let Err(failed) = append(&store, &name, 100) {
            break failed;
        }
    };
    assert!(matches!(failed, AppendError::StateUnknown(_)), "{failed}");
    let last = store.last_position(&name);
    // Not even a good append is taken any more, and nothing is sealed.
    let again = append(&store, &name, 1).unwrap_err();
    assert!(matches!(again, AppendError::StateUnknown(_)), "{again}");
    assert_eq!(store.last_position(&name), last);
    assert!(matches!(store.close().unwrap_err(), CloseError::StateUnknown(_)));
    println!("\nacknowledged {last}: {failed}");
}

#[test]
fn a_store_that_failed_takes_no_more_and_is_replayed() {
    let dir = tempfile::tempdir().unwrap();
    // A limit on the size of files stands for a full disk: the write fails, and nobody is killed.
    let limited = "trap '' XFSZ; ulimit -f 8192; exec \"$0\" --exact kill::writer_to_a_full_disk --nocapture";
    let program = std::env::current_exe().unwrap();
    let said = Command::new("sh").args(["-c", limited]).arg(program).env(FULL, dir.path()).output().unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{text}{}", String::from_utf8_lossy(&said.stderr));
    let last: u64 = text.split("acknowledged ").nth(1).unwrap().split(':').next().unwrap().parse().unwrap();
    assert!(!dir.path().join("seal").exists());
    let (store, report) = open(dir.path()).unwrap();
    println!("{text}{report}");
    assert!(check_all(&store, &stream("abcimis")) >= last && last > 0);
    append(&store, &stream("abcimis"), 1).unwrap();
    store.close().unwrap();
}
