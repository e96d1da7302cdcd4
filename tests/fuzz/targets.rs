//! What is fuzzed: everything that reads bytes or text from outside. Each target takes any bytes, must not stop or ask for
//! much memory, and looks at what must hold of whatever it could read.

use grantbook_casefiles::{CaseFile, Question, verify};
use grantbook_decisions::command::{CommandJson, Door, Lookup, parse};
use grantbook_encoding::json::{Shown, from_json, to_json};
use grantbook_encoding::{decode, encode};
use grantbook_events::{AccountId, KeyId, Position, Sealed, Username};
use grantbook_evidence::{
    Checkpoint, Hash, TilePath, cosignatures, open_checkpoint, read_checkpoint, verify_consistency, verify_inclusion,
};
use grantbook_journal::{Key, Record};
use grantbook_ledger::{Point, first_instant};
use serde_json::Value;

/// A target by name.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// Every target.
pub(crate) const TARGETS: [Target; 9] = [
    ("record", record),
    ("entry", entry),
    ("entry-json", entry_json),
    ("command", command),
    ("import-line", import_line),
    ("as-of", as_of),
    ("checkpoint", checkpoint),
    ("proof", proof),
    ("case-file", case_file),
];

/// A record of the journal: its key, a zero byte for the end of the key, its value. The checksum is put right, so that
/// what comes after it is reached.
fn record(data: &[u8]) {
    let Some((key, value)) = data.split_at_checked(24) else { return };
    let Some(key) = Key::decode(key) else { return };
    let _ = Record::read(&key, value);
    let Some(body) = value.len().checked_sub(8).and_then(|end| value.get(..end)) else { return };
    let hash = blake3::Hasher::new().update(&key.encode()).update(body).finalize();
    let whole = [body, &hash.as_bytes()[..8]].concat();
    if let Ok(record) = Record::read(&key, &whole) {
        let bytes: usize = record.entries().map(<[u8]>::len).sum();
        assert!(bytes <= data.len(), "entries are parts of the record");
    }
}

/// The payload of an entry, in a frame that is right, and as it is.
fn entry(data: &[u8]) {
    let _ = decode(data);
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut framed = [&[1], length.as_slice(), data].concat();
    let sum = crc32fast::hash(&framed);
    framed.extend(sum.to_be_bytes());
    let Ok(entry) = decode(&framed) else { return };
    let mut again = Vec::new();
    encode(&entry, &mut again).unwrap();
    assert_eq!(again, framed, "an entry has one encoding");
    let shown = to_json(&entry, &Shown::bare("abcimis", Position(1)));
    let _ = from_json(&shown);
}

/// The public form of an entry.
fn entry_json(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    if let Ok((_, entry)) = from_json(&value) {
        let mut bytes = Vec::new();
        if encode(&entry, &mut bytes).is_ok() {
            assert_eq!(decode(&bytes).unwrap(), entry);
        }
    }
}

/// A command as it comes to a door, and a question as it stands in a case file.
fn command(data: &[u8]) {
    let Ok(given) = serde_json::from_slice::<CommandJson<'_>>(data) else { return };
    let account_by_username = |username: &Username| AccountId::new(username.as_str()).ok();
    let seal = |_: &AccountId, _: &'static str, text: &str| Sealed { key: KeyId(1), bytes: text.as_bytes().to_vec() };
    for door in [Door::Tenant, Door::Support] {
        let lookup = Lookup { account_by_username: &account_by_username, seal: &seal };
        if let Ok(given) = parse(&given, door, &lookup) {
            let open = |sealed: &Sealed| String::from_utf8(sealed.bytes.clone()).ok();
            let _ = given.command.to_json(&open);
            assert!(given.reason.is_none_or(|reason| !reason.is_empty()));
        }
    }
    if let Ok(question) = Question::from_json(&Value::from(given)) {
        assert_eq!(Question::from_json(&question.json()), Ok(question));
    }
}

/// A line of an import.
fn import_line(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if first_instant(text).is_ok()
        && let Ok(line) = serde_json::from_slice::<Value>(data)
        && let Some(given) = line.get("command")
    {
        command(given.to_string().as_bytes());
    }
}

/// A position or an instant to look from.
fn as_of(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(Point::Instant(instant)) = Point::parse(text) {
        assert_eq!(Point::parse(&instant.to_string()), Ok(Point::Instant(instant)), "an instant reads as it is shown");
    }
}

const KEY: &str = "grantbook.example+317a1f8a+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
const WITNESS: &str = "witness.example/w1+24b5d9fe+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY";

/// A signed note, a checkpoint, the path of a tile.
fn checkpoint(data: &[u8]) {
    let _ = open_checkpoint(data, &[KEY], &[WITNESS]);
    let _ = cosignatures(data, &[WITNESS]);
    let _ = read_checkpoint(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(Checkpoint::parse(&checkpoint.text()).as_ref(), Ok(&checkpoint));
    }
    if let Some(path) = TilePath::parse(text) {
        assert_eq!(path.to_string(), text, "a path has one form");
    }
}

/// Sizes and hashes of a proof: two numbers, two roots, then hashes.
fn proof(data: &[u8]) {
    let Some((numbers, rest)) = data.split_first_chunk::<16>() else { return };
    let (first, second) = numbers.split_at(8);
    let number = |bytes: &[u8]| bytes.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let (one, other) = (number(first), number(second));
    let mut hashes = rest.chunks_exact(32).filter_map(|chunk| Hash::try_from(chunk).ok());
    let (Some(from), Some(to)) = (hashes.next(), hashes.next()) else { return };
    let hashes: Vec<Hash> = hashes.collect();
    if verify_inclusion(&from, one, other, &hashes, &to).is_ok() {
        assert!(one < other && hashes.len() <= 64);
    }
    if verify_consistency(one, other, &hashes, &from, &to).is_ok() {
        assert!(one <= other && hashes.len() <= 65);
    }
}

/// A case file.
fn case_file(data: &[u8]) {
    let _ = verify(data, &[], &[]);
    if let Ok(file) = CaseFile::read(data) {
        assert_eq!(file.bytes(), data, "a case file has one form");
    }
}
