//! Bytes that are not an entry: cut, flipped, lengthened, written differently, hostile (rule: U5).

use grantbook_events::{Entry, Instant};
use proptest::prelude::*;

use crate::format::{framed, payload_of};
use crate::payload::read_and_compare;
use crate::samples::samples;
use crate::{DecodeError, MAX_ENTRY_BYTES, decode, encode, quick};

fn bytes_of(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(entry, &mut bytes).unwrap();
    bytes
}

fn first() -> Entry {
    samples().into_iter().next().unwrap()
}

#[test]
fn every_flipped_bit_is_refused() {
    for entry in samples() {
        let mut bytes = bytes_of(&entry);
        for at in 0..bytes.len() {
            for bit in 0..8 {
                bytes[at] ^= 1 << bit;
                let error = decode(&bytes).expect_err("a flipped bit");
                match at {
                    0 => assert!(matches!(error, DecodeError::UnknownFormat { .. }), "{error}"),
                    1..5 => assert!(matches!(error, DecodeError::Length { .. }), "{error}"),
                    // Any other byte is covered by the checksum, or is the checksum.
                    _ => assert!(matches!(error, DecodeError::Checksum { .. }), "{error}"),
                }
                bytes[at] ^= 1 << bit;
            }
        }
    }
}

#[test]
fn every_truncation_and_every_added_byte_is_refused() {
    for entry in samples() {
        let mut bytes = bytes_of(&entry);
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err(), "{length}");
        }
        bytes.push(0);
        assert!(matches!(decode(&bytes), Err(DecodeError::Length { .. })));
    }
}

#[test]
fn cut_payloads_and_left_over_bytes_are_refused_though_the_container_is_right() {
    for entry in samples() {
        let mut payload = payload_of(&entry);
        for length in 0..payload.len() {
            let error = decode(&framed(&payload[..length])).expect_err("a cut payload");
            assert!(matches!(error, DecodeError::Payload { .. }), "{error}");
        }
        let at = 5 + payload.len();
        payload.extend([0, 0]);
        assert_eq!(decode(&framed(&payload)), Err(DecodeError::LeftOver { at, count: 2 }));
    }
}

/// The quick reader takes what bincode reads and writes the same again, and nothing else.
#[test]
fn both_readers_take_the_same() {
    for entry in samples() {
        let mut payload = payload_of(&entry);
        for at in 0..payload.len() {
            let cut = &payload[..at];
            assert_eq!(quick::read::<Entry>(cut), None, "{at}");
            let was = payload[at];
            // No, yes and an unknown variant; the longest number in one byte, and what stands before longer ones.
            for byte in [0, 1, 30, 250, 251, 252, 253, 254, 255] {
                payload[at] = byte;
                assert_eq!(quick::read(&payload), read_and_compare::<Entry>(&payload).ok(), "{at}: {byte}");
            }
            payload[at] = was;
        }
        assert_eq!(quick::read(&payload), Some(entry));
    }
}

#[test]
fn numbers_written_longer_than_need_be_are_refused() {
    let entry = Entry { at: Instant::from_microseconds(0), ..first() };
    let payload = payload_of(&entry);
    assert_eq!(payload[0], 0);
    let refused = |found| Err(DecodeError::NotCanonical { at: 5, expected: Some(0), found: Some(found) });
    for longer in [vec![251, 0, 0], vec![252, 0, 0, 0, 0], vec![253, 0, 0, 0, 0, 0, 0, 0, 0]] {
        let bytes = framed(&[&longer, &payload[1..]].concat());
        assert_eq!(decode(&bytes), refused(longer[0]));
    }
}

#[test]
fn instants_beyond_what_text_can_show_are_refused() {
    let entry = Entry { at: Instant::LATEST, ..first() };
    let payload = payload_of(&entry);
    assert_eq!(payload[0], 253);
    let bytes = framed(&[&[253, 255, 255, 255, 255, 255, 255, 255, 127], &payload[9..]].concat());
    let message = "an instant beyond the years that text can show".to_owned();
    assert_eq!(decode(&bytes), Err(DecodeError::Payload { at: 14, message }));
}

#[test]
fn stated_lengths_beyond_what_there_is_are_refused_before_memory_is_asked_for() {
    let longest = [253, 255, 255, 255, 255, 255, 255, 255, 255];
    let refused = |payload: &[&[u8]], at: usize, expected: &str| {
        let message = expected.to_owned();
        assert_eq!(decode(&framed(&payload.concat())), Err(DecodeError::Payload { at, message }));
    };
    // The instant, no other instant, the system as actor; then as many commands; then a command with a name as long.
    refused(&[&[0, 0, 0], &longest], 17, "expected 1 more bytes, found the end of the payload");
    refused(&[&[0, 0, 0, 1], &longest], 18, "a stated length is beyond what an entry may hold");

    let payload = payload_of(&first());
    for at in 0..payload.len() {
        for bomb in [&longest[..], &[252, 255, 255, 255, 255], &[252, 0, 0, 128, 0], &[252, 0, 0, 16, 0]] {
            // The reader's limit bounds what one length may ask for. Where no length was expected, it is a number.
            let bytes = framed(&[&payload[..at], bomb, &payload[at + 1..]].concat());
            assert!(decode(&bytes).is_ok_and(|entry| bytes_of(&entry) == bytes) || decode(&bytes).is_err());
            assert!(decode(&framed(&[&payload[..at], bomb].concat())).is_err());
        }
    }
}

#[test]
fn the_greatest_entry_is_written_and_read_and_one_byte_more_is_refused() {
    let with = |length: usize| {
        let mut entry = first();
        entry.commands[0].reason = Some("x".repeat(length));
        entry
    };
    let around = bytes_of(&with(70_000)).len() - 70_000;
    let greatest = with(MAX_ENTRY_BYTES - around);
    let mut bytes = bytes_of(&greatest);
    assert_eq!(bytes.len(), MAX_ENTRY_BYTES);
    assert_eq!(decode(&bytes), Ok(greatest));

    bytes.push(0);
    let expected = MAX_ENTRY_BYTES;
    assert_eq!(decode(&bytes), Err(DecodeError::TooLong { expected, found: expected + 1 }));
    let mut into = vec![7];
    let error = encode(&with(MAX_ENTRY_BYTES - around + 1), &mut into).unwrap_err();
    assert_eq!(error.to_string(), "an entry may have 1048576 bytes and this one would have more");
    assert_eq!(into, [7]);
}

#[test]
fn the_greatest_number_of_events_is_read_again() {
    // bincode counts short integers as long ones: many small events are what comes closest to its limit.
    let mut entry = first();
    entry.commands.clear();
    let event =
        samples().into_iter().flat_map(|entry| entry.events).min_by_key(|of| serde_json::to_string(of).unwrap().len());
    let mut recorded = event.unwrap();
    recorded.authority = None;
    entry.events = vec![recorded; 100_000];
    let mut bytes = Vec::new();
    while encode(&entry, &mut bytes).is_err() {
        entry.events.truncate(entry.events.len() * 9 / 10);
    }
    assert!(bytes.len() > MAX_ENTRY_BYTES * 8 / 10);
    assert_eq!(decode(&bytes), Ok(entry));
}

#[test]
fn errors_say_where_and_what() {
    let mut bytes = bytes_of(&first());
    assert_eq!(decode(&[]).unwrap_err().to_string(), "expected at least 9 bytes, found 0");
    let flipped = bytes.len() - 6;
    bytes[flipped] ^= 1;
    let error = decode(&bytes).unwrap_err().to_string();
    assert!(error.starts_with(&format!("byte {}: expected the checksum ", bytes.len() - 4)), "{error}");
    bytes[0] = 9;
    assert_eq!(decode(&bytes).unwrap_err().to_string(), "byte 0: expected a known format (01), found 09");
    assert_eq!(
        decode(&framed(&[0, 0, 99])).unwrap_err().to_string(),
        "byte 8: invalid value: integer `99`, expected variant index 0 <= i < 4",
    );
}

proptest! {
    // Whatever bytes are taken for an entry are the bytes that the entry is written as.
    #[test]
    fn what_is_read_is_written_the_same(
        which in any::<proptest::sample::Index>(),
        edits in prop::collection::vec((any::<proptest::sample::Index>(), prop_oneof![0u8..4, 245u8..=255, any::<u8>()]), 1..4),
    ) {
        let all = samples();
        let mut payload = payload_of(&all[which.index(all.len())]);
        for (at, byte) in edits {
            let at = at.index(payload.len());
            payload[at] = byte;
        }
        prop_assert_eq!(quick::read(&payload), read_and_compare::<Entry>(&payload).ok());
        let bytes = framed(&payload);
        if let Ok(entry) = decode(&bytes) {
            prop_assert_eq!(bytes_of(&entry), bytes);
        }
    }
}
