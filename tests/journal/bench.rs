//! The measurements run and count right. For figures: a release build, GRANTBOOK_BENCH_COMMITS=2000 and --nocapture.

use grantbook_journal::bench::{Load, bare_sled, journal, raw};
use grantbook_journal::{RecordLimits, StoreOptions};

#[test]
fn measurements_count_what_they_did() {
    let commits = std::env::var("GRANTBOOK_BENCH_COMMITS").map_or(3, |commits| commits.parse().unwrap());
    for in_flight in [1, 64, 256] {
        let dir = tempfile::tempdir().unwrap();
        let load = Load { in_flight, entry_bytes: 130, commits };
        let (cache, limits) = (StoreOptions::CACHE_BYTES, RecordLimits::default());
        let raw = raw(dir.path(), load).unwrap();
        let bare = bare_sled(dir.path(), load, cache, limits).unwrap();
        let journal = journal(dir.path(), load, cache, limits).unwrap();
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
    }
}
