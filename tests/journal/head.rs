//! The head against the store, after a crash: behind, ahead, torn, damaged.
//!
//! A commit syncs store and head at once, so a crash may keep either without the other. Whatever else differs is a loss.

use std::fs;
use std::path::Path;

use grantbook_journal::{Ahead, OpenError, Store, StreamName};

use crate::support::{append, bytes_of, check_all, copy_dir, open, root, stream, unsealed_store};

/// A store and copies of it as a kill would have left it after each of its commits.
struct Past {
    abc: StreamName,
    other: StreamName,
    copies: Vec<tempfile::TempDir>,
    store: Store,
    dir: tempfile::TempDir,
}

impl Past {
    fn new() -> Past {
        let dir = tempfile::tempdir().unwrap();
        let (abc, other) = (stream("abcimis"), stream("other"));
        let (store, _) = open(dir.path()).unwrap();
        let mut past = Past { abc, other, copies: Vec::new(), store, dir };
        past.keep();
        for name in [past.abc.clone(), past.other.clone(), past.abc.clone(), past.abc.clone()] {
            append(&past.store, &name, 10).unwrap();
            past.keep();
        }
        past
    }

    fn keep(&mut self) {
        let copy = tempfile::tempdir().unwrap();
        copy_dir(self.dir.path(), copy.path());
        self.copies.push(copy);
    }

    /// The store as of one commit, with the head as of another.
    fn mixed(&self, store: usize, head: usize) -> tempfile::TempDir {
        let mixed = tempfile::tempdir().unwrap();
        copy_dir(self.copies[store].path(), mixed.path());
        fs::copy(self.copies[head].path().join("head"), mixed.path().join("head")).unwrap();
        mixed
    }
}

#[test]
fn store_and_head_may_differ_by_what_was_in_flight_and_by_no_more() {
    let past = Past::new();
    for store in 0..past.copies.len() {
        for head in 0..past.copies.len() {
            let dir = past.mixed(store, head);
            let before = bytes_of(dir.path());
            let opened = open(dir.path());
            let case = format!("store of commit {store}, head of {head}");
            if store.abs_diff(head) > 1 {
                assert!(bytes_of(dir.path()) == before, "{case}: a refused store was changed");
                let refusal = opened.map(drop).unwrap_err();
                match refusal {
                    OpenError::Short { .. } => assert!(store < head, "{case}: {refusal}"),
                    OpenError::HeadBehind { .. } => assert!(store > head, "{case}: {refusal}"),
                    other => panic!("{case}: {other}"),
                }
                continue;
            }
            let (reopened, report) = opened.unwrap();
            assert_eq!(report.newest_missing.is_some(), store < head, "{case}: {report}");
            assert_eq!(report.ahead.len(), usize::from(store > head), "{case}: {report}");
            let last = check_all(&reopened, &past.abc) + check_all(&reopened, &past.other);
            assert_eq!(last, store as u64 * 10);
            // The head is made right, so the next crash is judged by what is there now.
            append(&reopened, &past.abc, 1).unwrap();
            drop(reopened);
            let (reopened, report) = open(dir.path()).unwrap();
            assert!(report.newest_missing.is_none() && report.ahead.is_empty(), "{case}: {report}");
            reopened.close().unwrap();
            open(dir.path()).unwrap();
        }
    }
}

#[test]
fn it_is_said_what_is_missing_and_what_is_ahead() {
    let past = Past::new();
    let (_, report) = open(past.mixed(3, 4).path()).unwrap();
    let missing = report.newest_missing.clone().unwrap();
    assert_eq!((missing.batch, missing.streams), (4, vec![(past.abc.clone(), 30, 20)]));
    // The root before the missing batch is still known.
    assert_eq!(report.heads[&past.abc].root, Some(root(20)));
    assert!(
        report.to_string().contains("batch 4 was in flight and is not there: `abcimis` ends at 20, not 30"),
        "{report}"
    );

    let (_, report) = open(past.mixed(4, 3).path()).unwrap();
    assert_eq!(report.ahead, [Ahead { stream: past.abc.clone(), head: 20, store: 30 }]);
    assert_eq!(report.heads[&past.abc].root, None);

    let refusal = open(past.mixed(2, 4).path()).map(drop).unwrap_err();
    let expected = "the store is short: stream `abcimis`: expected to reach position 20, found 10";
    assert!(refusal.to_string().starts_with(expected), "{refusal}");
    let refusal = open(past.mixed(4, 2).path()).map(drop).unwrap_err();
    let expected =
        "the head is older than the store: stream `abcimis`: expected to end at position 10, found 11, of batch 3";
    // The first batch beyond is the one in flight; the one after it cannot be.
    assert!(
        refusal.to_string().starts_with(&expected.replace("found 11, of batch 3", "found 21, of batch 4")),
        "{refusal}"
    );
}

#[test]
fn a_sealed_store_must_match_its_head_exactly() {
    let dir = tempfile::tempdir().unwrap();
    let past = Past::new();
    copy_dir(past.copies[4].path(), dir.path());
    open(dir.path()).unwrap().0.close().unwrap();
    fs::copy(past.copies[4].path().join("head"), dir.path().join("head")).unwrap();
    assert!(matches!(open(dir.path()).map(drop), Err(OpenError::SealDiffers { .. })));
}

/// Where the frames of a head begin, and where its zeros do.
fn frames(head: &[u8]) -> Vec<usize> {
    let mut starts = vec![8];
    loop {
        let at = *starts.last().unwrap();
        let length = u32::from_be_bytes(head[at..at + 4].try_into().unwrap());
        if length == 0 {
            return starts;
        }
        starts.push(at + 5 + usize::try_from(length).unwrap() + 8);
    }
}

fn with_head(dir: &Path, head: &[u8]) -> tempfile::TempDir {
    let changed = tempfile::tempdir().unwrap();
    copy_dir(dir, changed.path());
    fs::write(changed.path().join("head"), head).unwrap();
    changed
}

#[test]
fn a_torn_last_frame_is_normal_wherever_it_was_torn() {
    let past = Past::new();
    let dir = past.copies[4].path();
    let head = fs::read(dir.join("head")).unwrap();
    let starts = frames(&head);
    let (last, end) = (starts[starts.len() - 2], starts[starts.len() - 1]);
    for cut in last..end {
        let mut torn = head.clone();
        torn[cut..end].fill(0);
        // Kept as long as it is, with zeros behind; and cut off.
        let both = [torn.clone(), torn[..cut].to_vec()];
        for torn in if cut % 8 == 0 { &both[..] } else { &both[..1] } {
            let (store, report) = open(with_head(dir, torn).path()).unwrap();
            assert_eq!(report.ahead.len(), 1, "cut at {cut}");
            assert_eq!(report.head_torn, cut > last + 3, "cut at {cut}: {report}");
            assert_eq!(check_all(&store, &past.abc), 30);
        }
    }
}

#[test]
fn damage_elsewhere_in_the_head_is_refused() {
    let past = Past::new();
    let dir = past.copies[4].path();
    let head = fs::read(dir.join("head")).unwrap();
    let starts = frames(&head);
    let last = starts[starts.len() - 2];
    for at in (0..last).step_by(3) {
        let mut damaged = head.clone();
        damaged[at] ^= 0x10;
        let changed = with_head(dir, &damaged);
        let before = bytes_of(changed.path());
        let refusal = open(changed.path()).map(drop).unwrap_err();
        let OpenError::HeadDamaged { at: said, .. } = refusal else { panic!("byte {at}: {refusal}") };
        assert!(said == 0 && at < 8 || starts.contains(&said) && said <= at, "byte {at}, said {said}");
        assert!(bytes_of(changed.path()) == before);
    }
    for head in [&head[..0], &head[..7], &head[..8], &head[..30], b"something else"] {
        assert!(matches!(open(with_head(dir, head).path()).map(drop), Err(OpenError::HeadDamaged { .. })));
    }
    // A frame taken out of the middle: no frame behind fits its offset any more, so the head ends there, too early.
    let without = [&head[..starts[1]], &head[starts[2]..]].concat();
    assert!(matches!(open(with_head(dir, &without).path()).map(drop), Err(OpenError::HeadBehind { .. })));
}

#[test]
fn the_head_is_rewritten_when_it_is_full() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path()).unwrap();
    let names: Vec<StreamName> = (0..400).map(|n| stream(&format!("{n:040}"))).collect();
    // Each batch takes about 33 KB of the head, so that 1 MiB is full after some thirty.
    for round in 1..100 {
        let entries = [vec![7]];
        let batch: Vec<_> = names
            .iter()
            .map(|stream| grantbook_journal::Append { stream, first: round, entries: &entries, root: root(round) })
            .collect();
        store.append(&batch).unwrap();
        if round % 10 == 9 {
            let copy = tempfile::tempdir().unwrap();
            copy_dir(dir.path(), copy.path());
            let (_, report) = open(copy.path()).unwrap();
            assert!(report.heads.values().all(|state| state.last == round && state.root == Some(root(round))));
            assert_eq!(report.heads.len(), 400);
            assert_eq!(fs::metadata(copy.path().join("head")).unwrap().len(), 1024 * 1024);
        }
    }
    store.close().unwrap();
    assert!(fs::metadata(dir.path().join("head")).unwrap().len() < 40_000);
    assert_eq!(open(dir.path()).unwrap().1.heads.len(), 400);
}

#[test]
fn an_unsealed_store_and_its_head_agree_after_a_plain_crash() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let (abc, xyz) = if round == 0 { unsealed_store(dir.path()) } else { (stream("abcimis"), stream("xyz")) };
        let (store, report) = open(dir.path()).unwrap();
        assert!(report.newest_missing.is_none() && report.ahead.is_empty() && !report.head_torn);
        assert_eq!((check_all(&store, &abc), check_all(&store, &xyz)), (1006, 72));
    }
}
