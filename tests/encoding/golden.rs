//! The frozen lines of `replay-fixtures/golden/v1/`: bytes (`*.hex`, `name: hex`) and public forms (`*.jsonl`) of every
//! example, one file a chapter. `GRANTBOOK_BLESS=1` appends lines for examples that have none; a line that is there is never
//! rewritten, whatever is set (rule: U5).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what the tests share is plain functions, which clippy.toml's leave for tests does not cover"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use grantbook_encoding::json::{Shown, ShownImport, from_json, to_json};
use grantbook_encoding::samples::{SAMPLE_KEY, Sample, named_samples};
use grantbook_encoding::{decode, encode};
use grantbook_events::{Entry, KeyId, Position, Source};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures/golden/v1")
}

fn chapters() -> BTreeMap<&'static str, Vec<Sample>> {
    let mut chapters = BTreeMap::<_, Vec<Sample>>::new();
    for sample in named_samples() {
        chapters.entry(sample.chapter).or_default().push(sample);
    }
    chapters
}

/// Compares the lines of a file, without its comments, with those expected, and appends what is missing where that is wished.
fn check(file: &str, comment: &str, expected: &[(String, String)]) -> Vec<String> {
    let path = folder().join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let frozen: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    for (index, line) in frozen.iter().enumerate() {
        let Some((name, expected)) = expected.get(index) else {
            panic!("{file}: the frozen line `{line:.40}` has lost its example");
        };
        assert_eq!(line, expected, "{file}: `{name}` is frozen and is no longer written like this");
    }
    let missing = &expected[frozen.len()..];
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|(name, _)| name.as_str()).collect();
        let bless = std::env::var_os("GRANTBOOK_BLESS").is_some_and(|value| value == "1");
        assert!(bless, "{file}: no golden line for {names:?}; GRANTBOOK_BLESS=1 appends them");
        let mut text = if text.is_empty() { comment.to_owned() } else { text };
        missing.iter().for_each(|(_, line)| text.extend([line, "\n"]));
        std::fs::create_dir_all(folder()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    expected.iter().map(|(_, line)| line.clone()).collect()
}

// rule: U5
#[test]
fn golden_bytes_are_written_and_read_as_ever() {
    for (chapter, samples) in chapters() {
        let lines = samples.iter().map(|sample| {
            let mut bytes = Vec::new();
            encode(&sample.entry, &mut bytes).unwrap();
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            (sample.name.clone(), format!("{}: {hex}", sample.name))
        });
        let comment = "# Frozen: encodings of entries in format 1, an example a line. Lines are only ever added.\n";
        let lines = check(&format!("{chapter}.hex"), comment, &lines.collect::<Vec<_>>());
        for (line, sample) in lines.iter().zip(&samples) {
            let hex = line.rsplit(' ').next().unwrap().as_bytes();
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            let bytes: Vec<u8> = hex.chunks(2).map(byte).collect();
            assert_eq!(decode(&bytes).as_ref(), Ok(&sample.entry), "{}", sample.name);
        }
    }
}

/// The public form of a sample as the golden lines have it: accounts have names, one key opens, all others are gone.
fn shown(entry: &Entry, position: Position) -> Value {
    let inherited = Source::Plain("192.0.2.9 Browser/1".to_owned());
    let session = matches!(entry.actor, grantbook_events::Actor::Account { session: Some(_), .. });
    let form = Shown {
        name_of: &|account| (account.as_str() == "jeff").then(|| "Jeff T.".to_owned()),
        open: &|sealed| (sealed.key == SAMPLE_KEY).then(|| format!("opened-{}", sealed.bytes.len())),
        import: entry.import.as_ref().map(|_| ShownImport { ticket: "T-1", operator: "Ann Operator" }),
        inherited: session.then_some(&inherited),
        ..Shown::bare("abcimis", position)
    };
    to_json(entry, &form)
}

#[test]
fn golden_public_forms_are_shown_and_read_as_ever() {
    for (chapter, samples) in chapters() {
        let lines = (1..).zip(&samples).map(|(position, sample)| {
            let form = shown(&sample.entry, Position(position));
            (sample.name.clone(), form.to_string())
        });
        let lines = check(&format!("{chapter}.jsonl"), "", &lines.collect::<Vec<_>>());
        for (position, (line, sample)) in (1..).zip(lines.iter().zip(&samples)) {
            let form: Value = serde_json::from_str(line).unwrap();
            let (found, entry) = from_json(&form).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
            assert_eq!(found, Position(position));
            // What was opened is clear now, so shown again it is the same text; what was erased is erased again.
            assert_eq!(shown(&entry, found).to_string(), *line, "{}", sample.name);
        }
    }
}

// rule: C14
#[test]
fn no_public_form_holds_sealed_bytes_or_a_secret() {
    for sample in named_samples() {
        let text = shown(&sample.entry, Position(1)).to_string();
        for word in ["sealed_", "password\":", "hash\":", "seed\":"] {
            assert!(!text.contains(word), "{}: {text}", sample.name);
        }
    }
    assert_ne!(SAMPLE_KEY, KeyId::CLEAR);
}
