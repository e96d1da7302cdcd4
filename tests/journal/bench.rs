//! The measurements run and count right. For figures: a release build, GRANTBOOK_BENCH_COMMITS=2000 and --nocapture.

use std::path::Path;
use std::time::Instant;

use grantbook_journal::bench::{Load, SideBySide, bare_sled, disk_bytes, journal, raw, side_by_side};
use grantbook_journal::{RecordLimits, SealFound, StoreOptions};

use crate::support::{open, stream};

#[test]
fn measurements_count_what_they_did() {
    let commits = std::env::var("GRANTBOOK_BENCH_COMMITS").map_or(3, |commits| commits.parse().unwrap());
    for in_flight in [1, 64, 256] {
        let dir = tempfile::tempdir().unwrap();
        let load = Load { in_flight, entry_bytes: 130, commits };
        let (cache, limits) = (StoreOptions::CACHE_BYTES, RecordLimits::default());
        let SideBySide { raw, bare_sled: bare, journal } = side_by_side(dir.path(), load, cache, limits).unwrap();
        for (what, measured) in [("raw", raw), ("bare sled", bare), ("journal", journal)] {
            assert_eq!((measured.commits, measured.entries), (commits, commits * in_flight as u64));
            assert_eq!(measured.bytes, measured.entries * 130);
            println!(
                "{in_flight:>4} in flight, {what:<9}: {:>8.0} commits/s {:>9.0} entries/s, {:.2} of bare sled",
                measured.commits_per_second(),
                measured.entries_per_second(),
                bare.took.as_secs_f64() / measured.took.as_secs_f64(),
            );
        }
        reopened(&dir.path().join("journal"), commits * in_flight as u64);
    }
}

#[test]
fn each_can_be_measured_alone() {
    let dir = tempfile::tempdir().unwrap();
    let load = Load { in_flight: 3, entry_bytes: 10, commits: 2 };
    let (cache, limits) = (StoreOptions::CACHE_BYTES, RecordLimits::default());
    let alone = [
        raw(dir.path(), load).unwrap(),
        bare_sled(dir.path(), load, cache, limits).unwrap(),
        journal(dir.path(), load, cache, limits).unwrap(),
    ];
    assert!(alone.iter().all(|measured| (measured.commits, measured.entries, measured.bytes) == (2, 6, 60)));
}

fn reopened(dir: &Path, entries: u64) {
    let name = stream("bench");
    let bytes = disk_bytes(dir).unwrap();
    let began = Instant::now();
    let (store, report) = open(dir).unwrap();
    let read = Instant::now();
    assert_eq!(store.read(&name, 1).filter(|read| read.is_ok()).count() as u64, entries);
    let took = read.elapsed();
    println!(
        "     {entries} entries, {:.0} bytes each on disk, opened sealed in {:?}, read in {took:?} ({:.1}M/s)",
        bytes as f64 / entries as f64,
        read - began,
        entries as f64 / took.as_secs_f64() / 1e6,
    );
    assert!(matches!(report.seal, SealFound::Whole { .. }));
    drop(store);
    let report = open(dir).unwrap().1;
    println!("     unsealed: {report}");
}
