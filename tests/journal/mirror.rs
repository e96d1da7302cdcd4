//! The mirror follows, catches up, says what it cannot do, notices what the store cannot notice of itself, and gives the
//! store back.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use grantbook_journal::{Mirror, MirrorError, MirrorOptions, Store, StoreOptions, StreamName, compare_mirror, rebuild};

use crate::support::{append, check_all, copy_dir, entries, open, root, stream};

struct Pair {
    _dir: tempfile::TempDir,
    store: PathBuf,
    mirror: PathBuf,
}

fn pair() -> Pair {
    let dir = tempfile::tempdir().unwrap();
    Pair { store: dir.path().join("store"), mirror: dir.path().join("mirror"), _dir: dir }
}

impl Pair {
    fn options(&self) -> MirrorOptions {
        MirrorOptions::new(&self.mirror)
    }

    fn open(&self) -> Arc<Store> {
        Arc::new(open(&self.store).unwrap().0)
    }

    fn follow(&self, store: &Arc<Store>) -> Result<(Mirror, Option<String>), MirrorError> {
        Mirror::follow(&self.options(), store)
    }

    fn segment(&self, number: u64) -> PathBuf {
        self.mirror.join(format!("segment-{number:020}"))
    }

    /// A store of two streams and its mirror, both closed.
    fn filled(&self) -> (StreamName, StreamName) {
        let (abc, xyz) = (stream("abcimis"), stream("xyztest"));
        let store = self.open();
        let (mirror, _) = self.follow(&store).unwrap();
        for _ in 0..3 {
            append(&store, &abc, 7).unwrap();
            append(&store, &xyz, 2).unwrap();
            mirror.wake();
        }
        assert_eq!(mirror.settle().behind(&store), 0);
        drop(mirror);
        Arc::into_inner(store).unwrap().close().unwrap();
        (abc, xyz)
    }

    fn refusal(&self) -> MirrorError {
        self.follow(&self.open()).unwrap_err()
    }
}

fn close(store: Arc<Store>) {
    Arc::into_inner(store).unwrap().close().unwrap();
}

fn rebuilt(mirror: &Path, into: &Path) -> Result<grantbook_journal::Rebuilt, MirrorError> {
    let mut positions = std::collections::BTreeMap::new();
    rebuild(mirror, &StoreOptions::new(into), &mut |stream, _| {
        let position: &mut u64 = positions.entry(stream.clone()).or_default();
        *position += 1;
        root(*position)
    })
}

#[test]
fn what_is_durable_in_the_store_is_copied_and_compared() {
    let pair = pair();
    let (abc, xyz) = pair.filled();
    let store = pair.open();
    assert_eq!(compare_mirror(&pair.mirror, &store).unwrap(), 27);
    let (mirror, torn) = pair.follow(&store).unwrap();
    assert_eq!(torn, None);
    let copied = mirror.settle().copied;
    assert_eq!((copied[&abc], copied[&xyz]), (21, 6));
}

#[test]
fn a_mirror_that_comes_later_or_was_away_catches_up() {
    let pair = pair();
    let (abc, _) = pair.filled();
    let store = pair.open();
    append(&store, &abc, 100).unwrap();
    close(store);
    let store = pair.open();
    append(&store, &abc, 10_000).unwrap();
    let (mirror, _) = pair.follow(&store).unwrap();
    assert_eq!(mirror.settle().copied[&abc], 10_121);
    drop(mirror);
    assert_eq!(compare_mirror(&pair.mirror, &store).unwrap(), 10_127);
}

#[test]
fn segments_follow_each_other_and_large_entries_fit() {
    let pair = pair();
    let abc = stream("abcimis");
    let store = pair.open();
    let options = MirrorOptions { segment_bytes: 2_000, ..pair.options() };
    let (mirror, _) = Mirror::follow(&options, &store).unwrap();
    for _ in 0..20 {
        append(&store, &abc, 10).unwrap();
        mirror.settle();
    }
    let large = vec![vec![7; grantbook_journal::MAX_ENTRY_BYTES]; 2];
    let first = store.last_position(&abc) + 1;
    store.append(&[grantbook_journal::Append { stream: &abc, first, entries: &large, root: root(1) }]).unwrap();
    assert_eq!(mirror.settle().copied[&abc], 202);
    drop(mirror);
    assert!(pair.segment(5).exists());
    assert_eq!(compare_mirror(&pair.mirror, &store).unwrap(), 202);
}

#[test]
fn the_store_comes_back_from_its_mirror() {
    let pair = pair();
    let (abc, xyz) = pair.filled();
    let before = open(&pair.store).unwrap().0;
    let (heads, streams) = (before.head().unwrap(), before.streams());
    before.close().unwrap();
    fs::remove_dir_all(&pair.store).unwrap();

    let rebuilt = rebuilt(&pair.mirror, &pair.store).unwrap();
    assert_eq!((rebuilt.streams[&abc], rebuilt.streams[&xyz], rebuilt.torn), (21, 6, None));
    let (store, report) = open(&pair.store).unwrap();
    assert!(report.to_string().starts_with("sealed"), "{report}");
    assert_eq!((check_all(&store, &abc), check_all(&store, &xyz)), (21, 6));
    assert_eq!((store.head().unwrap(), store.streams()), (heads, streams));
    // And the mirror goes on.
    let store = Arc::new(store);
    let (mirror, _) = pair.follow(&store).unwrap();
    append(&store, &abc, 1).unwrap();
    assert_eq!(mirror.settle().copied[&abc], 22);
}

#[test]
fn nothing_is_rebuilt_over_a_store_or_from_a_mirror_in_use() {
    let pair = pair();
    pair.filled();
    let refusal = rebuilt(&pair.mirror, &pair.store).unwrap_err();
    assert!(matches!(refusal, MirrorError::NotEmpty(_)), "{refusal}");
    let store = pair.open();
    let (mirror, _) = pair.follow(&store).unwrap();
    let refusal = rebuilt(&pair.mirror, &pair.mirror.join("elsewhere")).unwrap_err();
    assert!(refusal.to_string().contains("(this process)"), "{refusal}");
    let refusal = pair.follow(&store).unwrap_err();
    assert!(refusal.to_string().contains("(this process)"), "{refusal}");
    drop(mirror);
    pair.follow(&store).unwrap();
}

#[test]
fn an_old_copy_of_a_sound_store_is_noticed() {
    let pair = pair();
    let (abc, _) = pair.filled();
    let old = pair.store.with_extension("old");
    copy_dir(&pair.store, &old);
    let store = pair.open();
    let (mirror, _) = pair.follow(&store).unwrap();
    append(&store, &abc, 5).unwrap();
    mirror.settle();
    drop(mirror);
    close(store);
    fs::remove_dir_all(&pair.store).unwrap();
    fs::rename(&old, &pair.store).unwrap();

    // Head and seal are of one time with the store: it opens without a word.
    let refusal = pair.refusal();
    let MirrorError::StoreBehind { stream, store, mirror } = &refusal else { panic!("{refusal}") };
    assert_eq!((stream, store, mirror), (&abc, &21, &26));
}

#[test]
fn another_history_of_the_same_length_is_noticed() {
    let pair = pair();
    let (abc, _) = pair.filled();
    fs::remove_dir_all(&pair.store).unwrap();
    let store = pair.open();
    let mut others = entries(&abc, 1, 21);
    others[20].push(b'!');
    store.append(&[grantbook_journal::Append { stream: &abc, first: 1, entries: &others, root: root(21) }]).unwrap();
    append(&store, &stream("xyztest"), 6).unwrap();
    let refusal = pair.follow(&store).unwrap_err();
    let MirrorError::Different { stream, position } = &refusal else { panic!("{refusal}") };
    assert_eq!((stream, position), (&abc, &21));
}

#[test]
fn a_torn_end_is_cut_off_wherever_it_was_torn_and_copied_anew() {
    let pair = pair();
    let (abc, _) = pair.filled();
    let whole = fs::read(pair.segment(1)).unwrap();
    let store = pair.open();
    // Within the header and the first frame everywhere, then here and there.
    for cut in (0..200).chain((200..whole.len()).step_by(17)) {
        fs::write(pair.segment(1), &whole[..cut]).unwrap();
        let (mirror, torn) = pair.follow(&store).unwrap();
        // A file that ends between two frames, or after the header, is not torn.
        assert!(torn.is_some() || cut >= 48, "{cut}");
        assert_eq!(mirror.settle().behind(&store), 0, "{cut}");
        drop(mirror);
        assert_eq!(compare_mirror(&pair.mirror, &store).unwrap(), 27, "{cut}");
    }
    assert_eq!(check_all(&store, &abc), 21);
}

#[test]
fn damage_before_the_end_is_told_with_its_place() {
    let pair = pair();
    let abc = stream("abcimis");
    let store = pair.open();
    let options = MirrorOptions { segment_bytes: 1_000, ..pair.options() };
    let (mirror, _) = Mirror::follow(&options, &store).unwrap();
    for _ in 0..6 {
        append(&store, &abc, 10).unwrap();
        mirror.settle();
    }
    drop(mirror);
    let whole = fs::read(pair.segment(2)).unwrap();
    for at in (0..whole.len()).step_by(61) {
        let mut flipped = whole.clone();
        flipped[at] ^= 4;
        fs::write(pair.segment(2), &flipped).unwrap();
        let refusal = pair.follow(&store).unwrap_err();
        let MirrorError::Damaged { segment: 2, offset, .. } = refusal else { panic!("{at}: {refusal}") };
        assert!(offset <= at as u64, "{at}: {offset}");
    }
    fs::remove_file(pair.segment(2)).unwrap();
    let refusal = pair.follow(&store).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "segment 2 of the mirror is damaged at byte 0: expected segment 2, found segment 3"
    );
    // Of another place in the same mirror, or of another mirror: the chain does not go on.
    fs::copy(pair.segment(1), pair.segment(2)).unwrap();
    assert!(matches!(pair.follow(&store), Err(MirrorError::Damaged { segment: 2, offset: 0, .. })));
}

#[test]
fn what_fails_is_said_while_the_store_goes_on_and_made_good_when_it_can_be() {
    let pair = pair();
    let (abc, _) = pair.filled();
    let store = pair.open();
    // Nothing is tried again by itself here: only when the test says so.
    let options = MirrorOptions { segment_bytes: 1, retry: Duration::from_secs(86_400), ..pair.options() };
    let (mirror, _) = Mirror::follow(&options, &store).unwrap();
    mirror.settle();
    fs::create_dir(pair.segment(2)).unwrap();
    append(&store, &abc, 5).unwrap();
    let status = mirror.settle();
    assert!(status.trouble.as_ref().is_some_and(|trouble| trouble.contains("to write failed")), "{status:?}");
    assert_eq!(status.behind(&store), 5);
    append(&store, &abc, 1).unwrap();
    assert_eq!(check_all(&store, &abc), 27);

    fs::remove_dir(pair.segment(2)).unwrap();
    let status = mirror.settle();
    assert_eq!((status.behind(&store), status.trouble), (0, None));
    drop(mirror);
    assert_eq!(compare_mirror(&pair.mirror, &store).unwrap(), 33);
}
