//! Closing and opening again: what is there, who may, and what is cleared away.

use std::fs;

use grantbook_journal::{OpenError, SealFound, Store, StoreOptions};

use crate::support::{append, bytes_of, check_all, closed_store, open, root, stream, unsealed_store};

#[test]
fn a_new_store_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (store, report) = open(&dir.path().join("deep/below")).unwrap();
    assert_eq!(report.seal, SealFound::New);
    assert!(!report.is_alarming());
    store.close().unwrap();
    assert!(matches!(open(&dir.path().join("deep/below")).unwrap().1.seal, SealFound::Whole { files: 3, .. }));
}

#[test]
fn a_closed_store_opens_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (abc, xyz) = closed_store(dir.path());
    for round in 0..5 {
        let (store, report) = open(dir.path()).unwrap();
        assert!(matches!(report.seal, SealFound::Whole { .. }), "{report}");
        assert!(report.leftovers.is_empty() && report.trial.is_none() && !report.head_torn);
        assert_eq!(report.heads[&abc].last, 1006 + round);
        assert_eq!(report.heads[&abc].root, Some(root(1006 + round)));
        assert_eq!(report.heads[&xyz].root, Some(root(72)));
        assert_eq!((check_all(&store, &abc), check_all(&store, &xyz)), (1006 + round, 72));
        append(&store, &abc, 1).unwrap();
        store.close().unwrap();
    }
}

#[test]
fn the_seal_holds_the_hashes_that_everybody_can_compute() {
    let dir = tempfile::tempdir().unwrap();
    let (abc, _) = closed_store(dir.path());
    // Enough for several blocks, however well it packs.
    let (store, _) = open(dir.path()).unwrap();
    append(&store, &abc, 8_000).unwrap();
    store.close().unwrap();
    let seal = fs::read_to_string(dir.path().join("seal")).unwrap();
    for (path, bytes) in bytes_of(&dir.path().join("sled")) {
        let name = path.file_name().unwrap().to_string_lossy();
        let line = format!("file sled/{name} {} {}\n", bytes.len(), blake3::hash(&bytes).to_hex());
        assert!(seal.contains(&line), "expected {line} in {seal}");
    }
    let db = fs::metadata(dir.path().join("sled/db")).unwrap().len();
    assert!(db > 2 * 64 * 1024, "{db}");
    assert_eq!(seal.matches("\nblock ").count() as u64, db.div_ceil(64 * 1024));
}

#[test]
fn a_dropped_store_opens_as_after_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let (abc, xyz) = unsealed_store(dir.path());
    let (store, report) = open(dir.path()).unwrap();
    assert_eq!(report.seal, SealFound::Broken);
    assert_eq!(report.trial.unwrap().entries, 1078);
    assert!(report.newest_missing.is_none() && report.ahead.is_empty() && !report.is_alarming(), "{report}");
    assert_eq!((check_all(&store, &abc), check_all(&store, &xyz)), (1006, 72));
    assert_eq!(report.heads[&abc].root, Some(root(1006)));
    assert!(!dir.path().join("trial").exists());
}

#[test]
fn a_second_opener_is_told_who_holds_the_store() {
    let dir = tempfile::tempdir().unwrap();
    closed_store(dir.path());
    let (store, _) = open(dir.path()).unwrap();
    let refused = open(dir.path()).map(drop).unwrap_err();
    assert!(matches!(&refused, OpenError::Locked { holder } if holder.contains(&std::process::id().to_string())));
    assert!(refused.to_string().contains("held by pid"), "{refused}");
    store.close().unwrap();
    open(dir.path()).unwrap();
}

#[test]
fn leftovers_are_cleared() {
    let dir = tempfile::tempdir().unwrap();
    let (abc, _) = unsealed_store(dir.path());
    fs::write(dir.path().join("sled/snap.00000000FFFFFFFF.generating"), b"half a snapshot").unwrap();
    fs::write(dir.path().join("head.new"), b"half a head").unwrap();
    fs::create_dir(dir.path().join("trial")).unwrap();
    fs::write(dir.path().join("trial/db"), b"half a copy").unwrap();
    let (store, report) = open(dir.path()).unwrap();
    assert_eq!(report.leftovers, ["head.new", "trial", "sled/snap.00000000FFFFFFFF.generating"]);
    assert_eq!(check_all(&store, &abc), 1006);
    store.close().unwrap();
    assert!(open(dir.path()).unwrap().1.leftovers.is_empty());
}

#[test]
fn creation_that_was_interrupted_is_finished() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path()).unwrap();
    drop(store);
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let (store, report) = open(dir.path()).unwrap();
    assert_eq!(report.seal, SealFound::New);
    append(&store, &stream("a"), 1).unwrap();
}

#[test]
fn records_may_be_sized_otherwise_from_one_opening_to_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let name = stream("abcimis");
    for (count, bytes) in [(1, 64), (2, 100), (64, 7168), (300, 2000), (1, 7168)] {
        let mut options = StoreOptions::new(dir.path());
        (options.records.entries, options.records.bytes) = (count, bytes);
        let (store, _) = Store::open(&options).unwrap();
        append(&store, &name, 150).unwrap();
        check_all(&store, &name);
        store.close().unwrap();
    }
    assert_eq!(check_all(&open(dir.path()).unwrap().0, &name), 750);
}

// rule: U5
#[test]
fn no_blob_is_spilt_and_nothing_is_lost_over_many_leaves() {
    let dir = tempfile::tempdir().unwrap();
    let name = stream("abcimis");
    let (store, _) = open(dir.path()).unwrap();
    for _ in 0..300 {
        append(&store, &name, 700).unwrap();
    }
    assert_eq!(fs::read_dir(dir.path().join("sled/blobs")).unwrap().count(), 0);
    store.close().unwrap();
    assert_eq!(check_all(&open(dir.path()).unwrap().0, &name), 210_000);
}
