//! A closed ledger whose store was cut or changed is refused, says where and what, and is left as it was.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use grantbook::verify::{EXIT_PROBLEMS, EXIT_REFUSED, Verification, refused, verify};
use grantbook_ledger::Ledger;
use serde_json::json;

use crate::support::{Random, bytes_of, copy_dir, give, number, open, options, tenant};

/// A ledger that was closed, somewhat larger than the least.
async fn closed(dir: &Path) {
    let ledger = open(dir).await;
    let (tenant, manager) = tenant(&ledger, "abcimis").await;
    let contact =
        |number: u32| json!({"name": "add_contact", "account": format!("c{number}"), "full_name": "Somebody"});
    for first in (0..2_000).step_by(100) {
        let commands: Vec<_> = (first..first + 100).map(contact).collect();
        give(&tenant, &manager, json!({"commands": commands})).await;
    }
    drop(tenant);
    ledger.close().await.unwrap();
}

/// What the ledger says on opening, after `damage` was done to a copy; and that it changed nothing.
async fn refusal(original: &Path, damage: impl FnOnce(&Path)) -> Verification {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("ledger");
    copy_dir(original, &dir);
    damage(&dir.join("journal"));
    let before = bytes_of(&dir);
    let error = Ledger::open(options(&dir)).await.err().expect("a damaged ledger is refused");
    assert!(bytes_of(&dir) == before, "it was left as it was: {error}");
    let told = refused(&error);
    assert_eq!(told.exit(), EXIT_REFUSED);
    assert!(told.problems.iter().all(|problem| !problem.expected.is_empty() && !problem.found.is_empty()));
    told
}

fn db(journal: &Path) -> PathBuf {
    journal.join("sled").join("db")
}

fn cut(journal: &Path, length: u64) {
    OpenOptions::new().write(true).open(db(journal)).unwrap().set_len(length).unwrap();
}

fn flip(journal: &Path, bit: u64) {
    let mut file = OpenOptions::new().read(true).write(true).open(db(journal)).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(bit / 8)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(bit / 8)).unwrap();
    file.write_all(&[byte[0] ^ (1 << (bit % 8))]).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_store_is_refused_with_where_and_what() {
    let original = tempfile::tempdir().unwrap();
    closed(original.path()).await;
    let length = std::fs::metadata(db(&original.path().join("journal"))).unwrap().len();
    let (blocks, bytes) = (number("GRANTBOOK_CUTS", 12), number("GRANTBOOK_LAST_BYTES", 12));
    let every = (length / 4_096 / blocks).max(1);
    let at_blocks = (0..length / 4_096).step_by(usize::try_from(every).unwrap()).map(|block| block * 4_096);
    let at_last_bytes = (1..=1_000.min(bytes)).map(|before| length - before);
    let cuts: Vec<u64> = at_blocks.chain(at_last_bytes).collect();
    println!("a store of {length} bytes, cut at {} places", cuts.len());
    for at in cuts {
        let told = refusal(original.path(), |journal| cut(journal, at)).await;
        let [problem] = told.problems.as_slice() else { panic!("cut at {at}: {:?}", told.problems) };
        assert_eq!(
            problem.file.as_deref(),
            Some(if at == 0 { "journal/sled" } else { "journal/sled/db" }),
            "{problem:?}"
        );
        if at > 0 {
            assert_eq!(problem.expected, format!("{length} bytes"), "cut at {at}");
            assert!(problem.found.starts_with(&at.to_string()), "cut at {at}: {}", problem.found);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_is_refused_with_where_and_what() {
    let original = tempfile::tempdir().unwrap();
    closed(original.path()).await;
    let length = std::fs::metadata(db(&original.path().join("journal"))).unwrap().len();
    let mut random = Random::seeded("flips");
    for _ in 0..number("GRANTBOOK_FLIPS", 20) {
        let bit = random.below(length * 8);
        let told = refusal(original.path(), |journal| flip(journal, bit)).await;
        let [problem] = told.problems.as_slice() else { panic!("bit {bit}: {:?}", told.problems) };
        assert_eq!(problem.file.as_deref(), Some("journal/sled/db"), "bit {bit}");
        let place: Vec<u64> =
            problem.found.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
        assert!(place[0] <= bit / 8 && bit / 8 < place[1], "bit {bit}: {}", problem.found);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_head_a_ledger_is_refused_loudly() {
    let original = tempfile::tempdir().unwrap();
    closed(original.path()).await;
    let no_head = |journal: &Path| std::fs::remove_file(journal.join("head")).unwrap();
    let told = refusal(original.path(), no_head).await;
    assert_eq!(told.problems[0].file.as_deref(), Some("journal/head"));
    assert_eq!(told.problems[0].found, "NONE");
    let neither = |journal: &Path| {
        no_head(journal);
        std::fs::remove_file(journal.join("seal")).unwrap();
    };
    let told = refusal(original.path(), neither).await;
    assert_eq!(told.problems[0].found, "NONE, and NO SEAL either");
    let cut_too = |journal: &Path| {
        neither(journal);
        cut(journal, 8_192);
    };
    let told = refusal(original.path(), cut_too).await;
    assert_eq!(told.problems[0].found, "NONE, and NO SEAL either");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_seal_a_whole_store_opens_and_says_so_loudly() {
    let original = tempfile::tempdir().unwrap();
    closed(original.path()).await;
    std::fs::remove_file(original.path().join("journal").join("seal")).unwrap();
    let ledger = open(original.path()).await;
    let verified = verify(&ledger, &mut |_, _| {});
    assert_eq!(verified.exit(), EXIT_PROBLEMS);
    let [problem] = verified.problems.as_slice() else { panic!("{:?}", verified.problems) };
    assert!(problem.found.contains("SOMEBODY REMOVED IT"), "{problem:?}");
    ledger.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_seal_a_damaged_store_never_opens_shorter() {
    let original = tempfile::tempdir().unwrap();
    closed(original.path()).await;
    let length = std::fs::metadata(db(&original.path().join("journal"))).unwrap().len();
    let last = {
        let place = tempfile::tempdir().unwrap();
        copy_dir(original.path(), place.path());
        let ledger = open(place.path()).await;
        ledger.tenant_named(&crate::support::cloud_id("abcimis")).unwrap().last()
    };
    let mut random = Random::seeded("flips without a seal");
    let (mut opened, mut refusals) = (0, 0);
    for _ in 0..number("GRANTBOOK_UNSEALED", 12) {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path().join("ledger");
        copy_dir(original.path(), &dir);
        let journal = dir.join("journal");
        std::fs::remove_file(journal.join("seal")).unwrap();
        let bit = random.below(length * 8);
        if random.below(2) == 0 {
            flip(&journal, bit)
        } else {
            cut(&journal, bit / 8)
        }
        let before = bytes_of(&journal.join("sled"));
        match Ledger::open(options(&dir)).await {
            // A bit that nothing rests on: everything acknowledged is there.
            Ok(ledger) => {
                assert_eq!(ledger.tenant_named(&crate::support::cloud_id("abcimis")).unwrap().last(), last, "{bit}");
                opened += 1;
            }
            Err(error) => {
                assert!(bytes_of(&journal.join("sled")) == before, "sled's files were left as they were: {error}");
                assert!(!refused(&error).problems.is_empty());
                refusals += 1;
            }
        }
    }
    println!("{refusals} refused, {opened} opened with everything acknowledged");
}
