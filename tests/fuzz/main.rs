//! Whatever is read from outside is read without a stop: the inputs of `corpus/`, and some thousands made of them.
//!
//! `tests/long/fuzz` goes on from the same inputs for millions, led by what they reach. What it finds is put into `corpus/`.
//! Everything random comes from a seed that is printed: `GRANTBOOK_SEED` gives it again, `GRANTBOOK_FUZZ` how many a target.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a stop is a failed test, and what it prints says how to run it again"
)]

mod targets;

use std::path::{Path, PathBuf};

use targets::{TARGETS, Target};

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// A small generator: the same seed gives the same numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % most.max(1) as u64).unwrap()
    }
}

const TELLING: [&[u8]; 12] = [
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xfd\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\x00",
    b"18446744073709551616",
    b"-1",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"{\"name\":",
    b"null",
    b"\\u0000",
    b"+23:59",
    b"\n\n",
    b"e308",
];

/// One input made of others: some of one, some of another, bytes changed, cut out, put in.
fn mutant(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = corpus[random.below(corpus.len())].clone();
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len() + 1);
        match random.below(7) {
            0 if !bytes.is_empty() => {
                let at = at.min(bytes.len() - 1);
                bytes[at] ^= 1 << random.below(8);
            }
            1 if !bytes.is_empty() => {
                let at = at.min(bytes.len() - 1);
                bytes[at] = u8::try_from(random.below(256)).unwrap();
            }
            2 => bytes.truncate(at),
            3 => {
                let end = (at + random.below(16)).min(bytes.len());
                drop(bytes.drain(at..end));
            }
            4 => drop(bytes.splice(at..at, TELLING[random.below(TELLING.len())].iter().copied())),
            5 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len() + 1);
                let to = (from + random.below(64)).min(other.len());
                drop(bytes.splice(at..at, other[from..to].iter().copied()));
            }
            _ => {
                let end = (at + random.below(32)).min(bytes.len());
                let again = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, again));
            }
        }
    }
    bytes
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn nothing_that_is_read_stops_the_reader() {
    let drawn = std::collections::hash_map::RandomState::new();
    let usual = std::hash::BuildHasher::hash_one(&drawn, 0);
    let (seed, count) = (number("GRANTBOOK_SEED", usual), number("GRANTBOOK_FUZZ", 2_000));
    println!("GRANTBOOK_SEED={seed}");
    for (name, target) in TARGETS as [Target; 9] {
        let corpus = corpus(name);
        assert!(!corpus.is_empty(), "{name} has inputs");
        corpus.iter().for_each(|input| target(input));
        let mut random = Random(seed);
        // What takes longer for each is run fewer times.
        let count = if name == "case-file" { count / 10 } else { count };
        for _ in 0..count {
            let input = mutant(&mut random, &corpus);
            let run = std::panic::catch_unwind(|| target(&input));
            assert!(run.is_ok(), "{name} stops at {}", input.escape_ascii());
        }
        println!("{name}: {} inputs and {count} made of them", corpus.len());
    }
}
