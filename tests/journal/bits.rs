//! Records and keys as bytes: they come back as they were, and no changed bit goes unnoticed.

use grantbook_journal::{Append, DamageKind, Key, Record, RecordLimits, StreamName};
use proptest::prelude::*;

use crate::support::stream;

fn pack(stream: &StreamName, first: u64, batch: u64, entries: &[Vec<u8>], limits: RecordLimits) -> Vec<(Key, Vec<u8>)> {
    Record::pack(&Append { stream, first, entries, root: [0; 32] }, batch, limits)
}

fn names() -> impl Strategy<Value = StreamName> {
    "[a-z0-9_-]{1,40}".prop_map(|text| stream(&text))
}

proptest! {
    #[test]
    fn keys_come_back_and_sort_as_stream_position_part(
        a in (names(), any::<u64>(), any::<u16>()),
        b in (names(), any::<u64>(), any::<u16>()),
        same_stream in any::<bool>(),
    ) {
        let key = |(stream, position, part)| Key { stream, position, part };
        let (a, mut b) = (key(a), key(b));
        if same_stream {
            b.stream = a.stream.clone();
        }
        prop_assert_eq!(Key::decode(&a.encode()), Some(a.clone()));
        prop_assert_eq!(a.encode().cmp(&b.encode()), a.cmp(&b));
    }

    #[test]
    fn entries_come_back_from_records_within_the_limits(
        name in names(),
        first in 1..u64::MAX / 2,
        batch in any::<u64>(),
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 1..150),
        most in 1u16..100,
        bytes in 64u16..2000,
    ) {
        let limits = RecordLimits { entries: most, bytes };
        let mut found: Vec<Vec<u8>> = Vec::new();
        for (key, value) in pack(&name, first, batch, &entries, limits) {
            prop_assert!(value.len() <= usize::from(bytes));
            let record = Record::read(&key, &value).unwrap();
            prop_assert!(record.entries.len() <= usize::from(most));
            prop_assert_eq!(record.batch, batch);
            match record.part {
                0 => {
                    prop_assert_eq!(key.position, first + found.len() as u64);
                    found.extend(record.entries);
                }
                _ => {
                    prop_assert_eq!(key.position, first + found.len() as u64 - 1);
                    found.last_mut().unwrap().extend(record.entries.concat());
                }
            }
        }
        prop_assert_eq!(found, entries);
    }

    #[test]
    fn another_place_or_other_bytes_are_noticed(
        name in names(),
        other in names(),
        position in 1..u64::MAX,
        entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..5),
        noise in prop::collection::vec(any::<u8>(), 1..9),
        cut in any::<prop::sample::Index>(),
    ) {
        let (key, value) = pack(&name, position, 7, &entries, RecordLimits::default()).remove(0);
        // rule: U5, nothing is moved either
        let mut places = vec![Key { position: position - 1, ..key.clone() }, Key { part: 1, ..key.clone() }];
        if other != name {
            places.push(Key { stream: other, ..key.clone() });
        }
        for place in places {
            prop_assert!(Record::read(&place, &value).is_err());
        }
        let longer = [value.as_slice(), &noise].concat();
        prop_assert_eq!(Record::read(&key, &longer).unwrap_err().kind, DamageKind::Length);
        prop_assert!(Record::read(&key, &value[..cut.index(value.len())]).is_err());
        prop_assert!(Record::read(&key, &noise).is_err());
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let name = stream("abcimis");
    let whole: Vec<Vec<u8>> = (0..9).map(|n| vec![n; usize::from(n) * 11]).collect();
    let mut records = pack(&name, 5, 3, &whole, RecordLimits::default());
    records.extend(pack(&name, 14, 4, &[vec![9; 500]], RecordLimits { entries: 64, bytes: 300 }));
    assert_eq!(records.len(), 3);
    for (key, value) in records {
        for bit in 0..value.len() * 8 {
            let mut flipped = value.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let damage = Record::read(&key, &flipped).unwrap_err();
            let kind = match bit / 8 {
                0 => DamageKind::Format,
                1..=4 => DamageKind::Length,
                _ => DamageKind::Checksum,
            };
            assert_eq!((damage.kind, damage.position), (kind, key.position), "bit {bit}");
        }
    }
}

#[test]
fn the_bytes_are_those_of_the_format() {
    let (key, value) = pack(&stream("ab"), 258, 3, &[vec![0xee]], RecordLimits::default()).remove(0);
    assert_eq!(key.encode(), [b'a', b'b', 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0]);
    let body = [1, 0, 0, 0, 30, 0, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 0, 0, 1, 0, 1, 0xee];
    assert_eq!(value[..22], body);
    assert_eq!(value[22..], blake3::hash(&[key.encode().as_slice(), &body].concat()).as_bytes()[..8]);
}

#[test]
fn names_are_checked() {
    for good in ["a", "_installation", "abc-imis_2", &"x".repeat(40)] {
        assert_eq!(stream(good).as_str(), good);
    }
    for bad in ["", "A", "a b", "a/b", "ä", "a\0", &"x".repeat(41)] {
        assert!(StreamName::new(bad).unwrap_err().to_string().starts_with('`'));
    }
}
