//! Damage that no seal can show, since the process was killed: sled would open such a store shorter in silence, or panic, and
//! *change it* while opening. So it is tried on a copy first. What must hold: either everything is there, or the store is
//! refused and not a byte of it has changed.

use std::fs;
use std::path::Path;

use grantbook_journal::{Append, DamageKind, Key, OpenError, Store, StoreOptions, StreamName, Trial};

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
                // Of the newest batch alone something may be missing, from its first entry or from a later one: a store cut
                // within that batch looks like one whose batch was still on its way.
                let last = check_all(&store, &name);
                let of_the_newest = (3900..4000).contains(&last) && report.newest_missing.is_some();
                assert!(last == 4000 || of_the_newest, "{last}: {report}");
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

/// Changes the store behind the journal's back, through sled itself.
fn tamper(dir: &Path, change: impl FnOnce(&sled::Db)) {
    // A dropped store's threads hold sled's lock a moment longer.
    fs::File::open(dir.join("sled/db")).unwrap().lock().unwrap();
    let db = sled::open(dir.join("sled")).unwrap();
    change(&db);
    db.flush().unwrap();
}

fn key(name: &StreamName, position: u64) -> Vec<u8> {
    Key { stream: name.clone(), position, part: 0 }.encode()
}

// rule: U5
#[test]
fn history_taken_out_or_moved_is_noticed_by_trial_and_by_reader() {
    type Change = fn(&sled::Db, &StreamName);
    let changes: [(DamageKind, u64, Change); 4] = [
        (DamageKind::Gap, 21, |db, name| drop(db.remove(key(name, 21)).unwrap().unwrap())),
        (DamageKind::Checksum, 21, |db, name| {
            let other = db.get(key(name, 11)).unwrap().unwrap();
            db.insert(key(name, 21), other).unwrap();
        }),
        (DamageKind::Gap, 21, |db, name| {
            let moved = db.remove(key(name, 21)).unwrap().unwrap();
            db.insert(key(name, 22), moved).unwrap();
        }),
        (DamageKind::Length, 31, |db, name| {
            let value = db.get(key(name, 31)).unwrap().unwrap();
            db.insert(key(name, 31), &value[..value.len() - 1]).unwrap();
        }),
    ];
    for (kind, position, change) in changes {
        let dir = tempfile::tempdir().unwrap();
        let name = stream("abcimis");
        let (store, _) = open(dir.path()).unwrap();
        (0..5).for_each(|_| append(&store, &name, 10).unwrap());
        drop(store);
        tamper(dir.path(), |db| change(db, &name));

        let refusal = open(dir.path()).map(drop).unwrap_err();
        let OpenError::Damaged(damage) = refusal else { panic!("expected damage, found {refusal}") };
        assert_eq!((damage.kind, damage.position), (kind, position), "{damage}");

        let mut options = StoreOptions::new(dir.path());
        options.trial = Trial::Skip;
        let (store, _) = Store::open(&options).unwrap();
        let mut read: Vec<_> = store.read(&name, 1).collect();
        assert_eq!(read.pop().unwrap().unwrap_err(), damage);
        assert_eq!(read.len() as u64, position - 1);
        assert!(read.iter().all(Result::is_ok));
    }
}

// rule: U5
#[test]
fn whatever_is_missing_from_a_long_stream_the_first_of_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let name = stream("abcimis");
    let (store, _) = open(dir.path()).unwrap();
    (0..5).for_each(|_| append(&store, &name, 5_000).unwrap());
    drop(store);
    let seed = Random::seed();
    println!("seed {seed}");
    let mut random = Random(seed);
    for count in 0..4 {
        let damaged = tempfile::tempdir().unwrap();
        copy_dir(dir.path(), damaged.path());
        let mut first = u64::MAX;
        tamper(damaged.path(), |db| {
            let keys: Vec<Vec<u8>> = db.iter().keys().map(|key| key.unwrap().to_vec()).collect();
            for _ in 0..count {
                // Never the last: what is behind it would be short, and not damaged.
                let key = &keys[random.below(keys.len() as u64 - 1) as usize];
                db.remove(key).unwrap();
                first = first.min(Key::decode(key).unwrap().position);
            }
        });
        match open(damaged.path()) {
            Ok((_, report)) => assert_eq!((count, report.trial.unwrap().entries), (0, 25_000)),
            Err(OpenError::Damaged(damage)) => assert_eq!((damage.kind, damage.position), (DamageKind::Gap, first)),
            Err(refusal) => panic!("expected damage, found {refusal}"),
        }
    }
}

#[test]
fn a_part_of_a_large_entry_taken_out_is_noticed() {
    for part in 0..3 {
        let dir = tempfile::tempdir().unwrap();
        let name = stream("abcimis");
        let (store, _) = open(dir.path()).unwrap();
        let entries = [vec![7; 20_000]];
        store.append(&[Append { stream: &name, first: 1, entries: &entries, root: [0; 32] }]).unwrap();
        drop(store);
        tamper(dir.path(), |db| {
            db.remove(Key { stream: name.clone(), position: 1, part }.encode()).unwrap().unwrap();
        });
        let refusal = open(dir.path()).map(drop).unwrap_err();
        assert!(matches!(&refusal, OpenError::Damaged(damage) if damage.kind == DamageKind::Part), "{refusal}");
    }
}

#[test]
fn a_foreign_key_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    crate::support::unsealed_store(dir.path());
    tamper(dir.path(), |db| drop(db.insert(b"foreign", b"value").unwrap()));
    let refusal = open(dir.path()).map(drop).unwrap_err();
    assert!(refusal.to_string().ends_with("found bytes 666f726569676e"), "{refusal}");
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
