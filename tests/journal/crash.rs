//! Damage that no seal can show, since the process was killed: sled would open such a store shorter in silence, or panic, and
//! *change it* while opening. So it is tried on a copy first. What must hold: either everything is there, or the store is
//! refused and not a byte of it has changed.

use std::fs;

use grantbook_journal::{OpenError, Store, StoreOptions, Trial};

use crate::support::{Random, append, bytes_of, check_all, copy_dir, open, stream};

#[test]
fn a_damaged_unsealed_store_is_whole_or_refused_and_untouched() {
    let seed = Random::seed();
    println!("seed {seed}");
    let mut random = Random(seed);
    let dir = tempfile::tempdir().unwrap();
    let name = stream("abcimis");
    let (store, _) = open(dir.path()).unwrap();
    for _ in 0..40 {
        append(&store, &name, 100).unwrap();
    }
    drop(store);
    let (mut refused, mut whole) = (0, 0);
    for _ in 0..40 {
        let damaged = tempfile::tempdir().unwrap();
        copy_dir(dir.path(), damaged.path());
        let db = damaged.path().join("sled/db");
        let mut bytes = fs::read(&db).unwrap();
        let at = random.below(bytes.len() as u64);
        match random.below(4) {
            0 => bytes.truncate(usize::try_from(at).unwrap()),
            _ => bytes[usize::try_from(at).unwrap()] ^= 1 << random.below(8),
        }
        fs::write(&db, bytes).unwrap();
        let before = bytes_of(&damaged.path().join("sled"));
        match open(damaged.path()) {
            Ok((store, report)) => {
                // The newest batch alone may be missing.
                let last = check_all(&store, &name);
                assert!(last == 4000 || last == 3900 && report.newest_missing.is_some(), "{last}: {report}");
                whole += 1;
            }
            Err(refusal) => {
                assert!(bytes_of(&damaged.path().join("sled")) == before, "changed, although refused: {refusal}");
                assert!(!damaged.path().join("trial").exists());
                refused += 1;
            }
        }
    }
    println!("{refused} refused, {whole} whole");
    assert!(refused > 0);
}

#[test]
fn without_trial_a_sound_store_opens_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let (abc, _) = crate::support::unsealed_store(dir.path());
    let mut options = StoreOptions::new(dir.path());
    options.trial = Trial::Skip;
    let (store, report) = Store::open(&options).unwrap();
    assert!(report.trial.is_none());
    assert_eq!(check_all(&store, &abc), 1006);
}

#[test]
fn a_copy_that_cannot_be_made_refuses_and_says_what_is_needed() {
    let dir = tempfile::tempdir().unwrap();
    crate::support::unsealed_store(dir.path());
    // A directory where a file of the store should be read cannot be copied as one.
    let blob = dir.path().join("sled/blobs/broken");
    std::os::unix::fs::symlink("nowhere", &blob).unwrap();
    let refusal = open(dir.path()).map(drop).unwrap_err();
    assert!(matches!(refusal, OpenError::Storage(_) | OpenError::NoRoomForTrial { .. }), "{refusal}");
    fs::remove_file(blob).unwrap();
    open(dir.path()).unwrap();
}
