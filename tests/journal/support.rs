//! What the tests share: small stores, batches, and looking at files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use grantbook_journal::{Append, AppendError, OpenError, OpenReport, Store, StoreOptions, StreamName};

pub(crate) fn stream(name: &str) -> StreamName {
    StreamName::new(name).unwrap()
}

/// An entry that says where it belongs.
pub(crate) fn entry(stream: &StreamName, position: u64) -> Vec<u8> {
    format!("entry {position} of {stream}, {:0100}", position.wrapping_mul(0x9e37_79b9_7f4a_7c15)).into_bytes()
}

pub(crate) fn entries(stream: &StreamName, first: u64, count: u64) -> Vec<Vec<u8>> {
    (first..first + count).map(|position| entry(stream, position)).collect()
}

/// The root a test gives a stream at a position.
pub(crate) fn root(position: u64) -> [u8; 32] {
    [u8::try_from(position % 251).unwrap(); 32]
}

/// Appends entries that say where they belong, as one batch.
pub(crate) fn append(store: &Store, stream: &StreamName, count: u64) -> Result<(), AppendError> {
    let first = store.last_position(stream) + 1;
    let entries = entries(stream, first, count);
    store.append(&[Append { stream, first, entries: &entries, root: root(first + count - 1) }])
}

/// Reads a stream to its end and checks that every entry says where it is.
pub(crate) fn check_all(store: &Store, stream: &StreamName) -> u64 {
    let mut expected = 1;
    for read in store.read(stream, 1) {
        let (position, bytes) = read.unwrap();
        assert_eq!(position, expected);
        assert_eq!(bytes, entry(stream, position));
        expected += 1;
    }
    assert_eq!(expected - 1, store.last_position(stream));
    expected - 1
}

pub(crate) fn open(dir: &Path) -> Result<(Store, OpenReport), OpenError> {
    Store::open(&StoreOptions::new(dir))
}

/// A closed store with two streams: five batches, the last of them of both streams.
pub(crate) fn closed_store(dir: &Path) -> (StreamName, StreamName) {
    let (store, streams) = small_store(dir);
    store.close().unwrap();
    streams
}

/// The same store, left as after a kill.
pub(crate) fn unsealed_store(dir: &Path) -> (StreamName, StreamName) {
    let (store, streams) = small_store(dir);
    drop(store);
    streams
}

fn small_store(dir: &Path) -> (Store, (StreamName, StreamName)) {
    let (abc, xyz) = (stream("abcimis"), stream("xyz"));
    let (store, _) = open(dir).unwrap();
    append(&store, &abc, 3).unwrap();
    append(&store, &xyz, 70).unwrap();
    append(&store, &abc, 1).unwrap();
    append(&store, &abc, 1000).unwrap();
    let (a, x) = (entries(&abc, 1005, 2), entries(&xyz, 71, 2));
    store
        .append(&[
            Append { stream: &abc, first: 1005, entries: &a, root: root(1006) },
            Append { stream: &xyz, first: 71, entries: &x, root: root(72) },
        ])
        .unwrap();
    (store, (abc, xyz))
}

/// Every file below a directory with its bytes, the lock left out.
pub(crate) fn bytes_of(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(next) = waiting.pop() {
        for file in fs::read_dir(&next).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.file_name().unwrap() != "lock" {
                found.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    found
}

pub(crate) fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let path = file.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_dir(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Random numbers from a seed that a failing test can print (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A seed of this moment; set GRANTBOOK_SEED to have a failing one again.
    pub(crate) fn seed() -> u64 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        match std::env::var("GRANTBOOK_SEED") {
            Ok(seed) => seed.parse().unwrap(),
            Err(_) => u64::try_from(now.as_nanos() & u128::from(u64::MAX)).unwrap(),
        }
    }
}
