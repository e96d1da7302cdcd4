//! Records and keys as bytes: they come back as they were, and no changed bit goes unnoticed.

use grantbook_journal::{Append, DamageKind, Key, Packing, Record, RecordLimits, StreamName};
use proptest::prelude::*;

use crate::support::stream;

fn pack(stream: &StreamName, first: u64, batch: u64, entries: &[Vec<u8>], limits: RecordLimits) -> Vec<(Key, Vec<u8>)> {
    let append = Append { stream, first, entries, root: [0; 32] };
    Record::pack(&append, batch, limits, &mut Packing::zstd())
}

/// Entries that resemble each other, as those of one time do: some bytes are each one's own.
fn alike() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let own = prop::collection::vec(any::<u8>(), 0..24);
    let one = (own, 0usize..200).prop_map(|(own, more)| {
        [&own[..], &b"the same in each of them, again and again "[..], &vec![7; more]].concat()
    });
    prop::collection::vec(one, 1..150)
}

/// Whether a record's entries were packed.
fn is_packed(value: &[u8]) -> bool {
    value[0] == 2
}

fn names() -> impl Strategy<Value = StreamName> {
    "[a-z0-9_-]{1,40}".prop_map(|text| stream(&text))
}

fn entries_of(record: &Record) -> Vec<Vec<u8>> {
    record.entries().map(<[u8]>::to_vec).collect()
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
        entries in prop_oneof![prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 1..150), alike()],
        most in 1u16..100,
        bytes in 64u16..2000,
    ) {
        let limits = RecordLimits { entries: most, bytes };
        let mut found: Vec<Vec<u8>> = Vec::new();
        for (key, value) in pack(&name, first, batch, &entries, limits) {
            prop_assert!(value.len() <= usize::from(bytes));
            let record = Record::read(&key, &value).unwrap();
            prop_assert!(record.entries().len() <= usize::from(most));
            prop_assert_eq!(record.batch, batch);
            match record.part {
                0 => {
                    prop_assert_eq!(key.position, first + found.len() as u64);
                    found.extend(entries_of(&record));
                }
                _ => {
                    prop_assert_eq!(key.position, first + found.len() as u64 - 1);
                    record.entries().for_each(|slice| found.last_mut().unwrap().extend(slice));
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
    let alike: Vec<Vec<u8>> = (0..30u8).map(|n| [[n; 3].as_slice(), &[1; 90]].concat()).collect();
    records.extend(pack(&name, 15, 5, &alike, RecordLimits::default()));
    let packed: Vec<bool> = records.iter().map(|(_, value)| is_packed(value)).collect();
    assert_eq!(packed, [false, false, false, true]);
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
fn a_packed_record_is_read_for_ever() {
    let name = stream("ab");
    let entries: Vec<Vec<u8>> =
        (0..20u8).map(|n| [[n].as_slice(), b"what many entries have in common"].concat()).collect();
    let (key, value) = pack(&name, 258, 3, &entries, RecordLimits::default()).remove(0);
    let whole: usize = entries.iter().map(|entry| 2 + entry.len()).sum();
    let head =
        [&[2][..], &u32::try_from(value.len()).unwrap().to_be_bytes(), &[0, 0, 0, 0, 0, 0, 0, 3, 0, 20, 0, 0, 0, 1]]
            .concat();
    assert_eq!(value[..19], head);
    assert_eq!(value[19..23], u32::try_from(whole).unwrap().to_be_bytes());
    // A frame of zstd: whatever reads one reads this (RFC 8878).
    assert_eq!(value[23..27], [0x28, 0xb5, 0x2f, 0xfd]);
    let kept = include_str!("packed-record.hex").trim();
    let kept: Vec<u8> = (0..kept.len() / 2).map(|n| u8::from_str_radix(&kept[2 * n..2 * n + 2], 16).unwrap()).collect();
    assert_eq!(entries_of(&Record::read(&key, &kept).unwrap()), entries);
    assert_eq!(entries_of(&Record::read(&key, &value).unwrap()), entries);
}

/// What one of these bytes says is checked against the others, even where the checksum is made to fit.
#[test]
fn a_packed_record_that_says_something_else_of_its_entries_is_damaged() {
    let name = stream("ab");
    let entries: Vec<Vec<u8>> = (0..20u8).map(|n| [[n].as_slice(), &[1; 60]].concat()).collect();
    let (key, value) = pack(&name, 1, 1, &entries, RecordLimits::default()).remove(0);
    assert!(is_packed(&value));
    let sealed = |mut body: Vec<u8>| {
        let length = u32::try_from(body.len() + 8).unwrap();
        body[1..5].copy_from_slice(&length.to_be_bytes());
        let checksum = blake3::hash(&[key.encode().as_slice(), &body].concat());
        [&body[..], &checksum.as_bytes()[..8]].concat()
    };
    let body = &value[..value.len() - 8];
    let length = u32::from_be_bytes(body[19..23].try_into().unwrap());
    let said = |length: u32| sealed([&body[..19], &length.to_be_bytes(), &body[23..]].concat());
    for (told, kind) in [
        (length - 1, DamageKind::Packing),
        (length + 1, DamageKind::Packing),
        (0, DamageKind::Packing),
        (u32::MAX, DamageKind::Length),
    ] {
        assert_eq!(Record::read(&key, &said(told)).unwrap_err().kind, kind, "{told}");
    }
    let cut = sealed(body[..body.len() - 3].to_vec());
    assert_eq!(Record::read(&key, &cut).unwrap_err().kind, DamageKind::Packing);
    let noise = sealed([&body[..23], &[9; 40]].concat());
    assert_eq!(Record::read(&key, &noise).unwrap_err().kind, DamageKind::Packing);
    assert_eq!(Record::read(&key, &sealed(body[..21].to_vec())).unwrap_err().kind, DamageKind::Length);
    assert_eq!(entries_of(&Record::read(&key, &sealed(body.to_vec())).unwrap()), entries);
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
