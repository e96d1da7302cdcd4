//! The replay fixtures: all are as they should be, what is broken is noticed, and blessing changes nothing that is committed.

mod stories;
mod teller;

use std::path::{Path, PathBuf};

use grantbook::replay::{Report, run};

use stories::STORIES;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures").canonicalize().unwrap()
}

/// Every story, told again, leaves the entries that its fixture has. With `GRANTBOOK_TELL=1` they are written.
#[tokio::test]
async fn stories_told_again_are_the_same() {
    let write = std::env::var_os("GRANTBOOK_TELL").is_some_and(|value| value == "1");
    for (folder, story) in STORIES {
        let told = story().await.entries();
        let path = fixtures().join(folder).join("entries.jsonl");
        if write {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &told).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = kept.lines().zip(told.lines()).find(|(kept, told)| kept != told);
        assert!(kept == told, "{folder}: told again, the first line that differs: {differs:#?}");
    }
}

fn blessing() -> bool {
    std::env::var_os("GRANTBOOK_BLESS").is_some_and(|value| value == "1")
}

fn replayed(path: &Path, bless: bool) -> Report {
    run(&[path.to_owned()], bless)
}

/// With `GRANTBOOK_BLESS=1` expected files are written anew first.
#[test]
fn every_fixture_means_what_it_says() {
    let report = replayed(&fixtures(), blessing());
    assert!(report.passed(), "\n{report}");
    let compared: usize = report.replayed.iter().map(|one| one.compared).sum();
    assert!(report.replayed.len() >= STORIES.len() && compared > 100, "\n{report}");
}
