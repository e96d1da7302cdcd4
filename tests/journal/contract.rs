//! The contract, against every store.

use grantbook_journal::{Append, AppendError, MAX_ENTRY_BYTES, Store};

use crate::support::{append, check_all, entries, open, root, stream};

fn with_each_store(test: impl Fn(&Store)) {
    test(&Store::memory());
    let dir = tempfile::tempdir().unwrap();
    test(&open(dir.path()).unwrap().0);
}

#[test]
fn an_empty_store_has_no_streams() {
    with_each_store(|store| {
        assert_eq!(store.streams(), []);
        assert_eq!(store.last_position(&stream("abcimis")), 0);
        assert_eq!(store.read(&stream("abcimis"), 1).count(), 0);
        assert_eq!(store.read(&stream("abcimis"), 0).count(), 0);
    });
}

#[test]
fn what_is_appended_is_read_in_order() {
    with_each_store(|store| {
        // Names that begin alike, and one that sorts between another's keys if names did not end.
        let names = ["a", "a-", "a0", "ab", "_installation", "z"].map(stream);
        for round in 1..40 {
            for name in &names {
                append(store, name, round % 5 + 1).unwrap();
            }
        }
        let total = (1..40).map(|round| round % 5 + 1).sum();
        for name in &names {
            assert_eq!(check_all(store, name), total);
        }
        let mut sorted = names.to_vec();
        sorted.sort();
        assert_eq!(store.streams(), sorted.into_iter().map(|name| (name, total)).collect::<Vec<_>>());
    });
}

#[test]
fn reading_begins_anywhere() {
    with_each_store(|store| {
        let name = stream("abcimis");
        append(store, &name, 200).unwrap();
        append(store, &name, 1).unwrap();
        for from in [0, 1, 2, 63, 64, 65, 128, 129, 199, 200, 201, 202, 999, u64::MAX] {
            let positions: Vec<u64> = store.read(&name, from).map(|read| read.unwrap().0).collect();
            assert_eq!(positions, (from.max(1)..=201).collect::<Vec<_>>(), "from {from}");
        }
    });
}

#[test]
fn entries_of_every_size_come_back() {
    with_each_store(|store| {
        let name = stream("abcimis");
        let edges = [7137, 7138, 7139, 7140, 7141, 7142, 14_278, 14_279, 65_535, 65_536, MAX_ENTRY_BYTES];
        let sizes: Vec<usize> = [0, 1, 130].into_iter().chain(edges).flat_map(|size| [size, 3]).collect();
        let all: Vec<Vec<u8>> = (0u8..).zip(sizes).map(|(n, size)| vec![n; size]).collect();
        store.append(&[Append { stream: &name, first: 1, entries: &all, root: root(1) }]).unwrap();
        let read: Vec<Vec<u8>> = store.read(&name, 1).map(|read| read.unwrap().1).collect();
        assert!(read == all);
        for from in 1..=all.len() {
            let (position, bytes) = store.read(&name, from as u64).next().unwrap().unwrap();
            assert!(position == from as u64 && bytes == all[from - 1], "from {from}");
        }
    });
}

#[test]
fn a_batch_of_many_megabytes_is_one_batch() {
    with_each_store(|store| {
        let (one, other) = (stream("one"), stream("other"));
        let large: Vec<Vec<u8>> = (0..12).map(|n| vec![n; MAX_ENTRY_BYTES]).collect();
        let small = entries(&other, 1, 2000);
        store
            .append(&[
                Append { stream: &one, first: 1, entries: &large, root: root(12) },
                Append { stream: &other, first: 1, entries: &small, root: root(2000) },
            ])
            .unwrap();
        assert_eq!(check_all(store, &other), 2000);
        assert!(store.read(&one, 1).map(|read| read.unwrap().1).eq(large));
    });
}

// rule: U5
#[test]
fn only_the_next_position_can_be_written() {
    with_each_store(|store| {
        let (name, other) = (stream("abcimis"), stream("other"));
        append(store, &name, 5).unwrap();
        let again = vec![b"another past".to_vec()];
        for first in [0, 1, 5, 7, u64::MAX] {
            let fine = Append { stream: &other, first: 1, entries: &again, root: root(1) };
            let wrong = Append { stream: &name, first, entries: &again, root: root(1) };
            let refused = store.append(&[fine, wrong]).unwrap_err();
            assert!(matches!(refused, AppendError::WrongPosition { expected: 6, found, .. } if found == first));
            assert_eq!(refused.to_string(), format!("stream `abcimis`: expected first position 6, found {first}"));
        }
        // Nothing of a refused batch is there, and what was there is as it was.
        assert_eq!(store.streams(), [(name.clone(), 5)]);
        assert_eq!(check_all(store, &name), 5);
        append(store, &name, 1).unwrap();
        assert_eq!(check_all(store, &name), 6);
    });
}

#[test]
fn too_large_and_empty_are_refused_before_anything_is_written() {
    with_each_store(|store| {
        let name = stream("abcimis");
        let large = vec![vec![1], vec![0; MAX_ENTRY_BYTES + 1]];
        let refused = store.append(&[Append { stream: &name, first: 1, entries: &large, root: root(1) }]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "stream `abcimis`: the entry at position 2 has 1048577 bytes, expected at most 1048576"
        );
        let refused = store.append(&[Append { stream: &name, first: 1, entries: &[], root: root(1) }]).unwrap_err();
        assert!(matches!(refused, AppendError::NoEntries { .. }));
        store.append(&[]).unwrap();
        assert_eq!(store.streams(), []);
        append(store, &name, 1).unwrap();
        assert_eq!(check_all(store, &name), 1);
    });
}

#[test]
fn a_stream_may_come_twice_in_a_batch() {
    with_each_store(|store| {
        let name = stream("abcimis");
        let (first, second) = (entries(&name, 1, 2), entries(&name, 3, 1));
        store
            .append(&[
                Append { stream: &name, first: 1, entries: &first, root: root(2) },
                Append { stream: &name, first: 3, entries: &second, root: root(3) },
            ])
            .unwrap();
        assert_eq!(check_all(store, &name), 3);
    });
}

#[test]
fn readers_see_whole_batches_while_another_thread_appends() {
    with_each_store(|store| {
        let name = stream("abcimis");
        std::thread::scope(|scope| {
            scope.spawn(|| (0..60).for_each(|_| append(store, &name, 3).unwrap()));
            while store.last_position(&name) < 180 {
                let last = store.read(&name, 1).map(|read| read.unwrap().0).last().unwrap_or(0);
                assert_eq!(last % 3, 0);
            }
        });
        assert_eq!(check_all(store, &name), 180);
    });
}
