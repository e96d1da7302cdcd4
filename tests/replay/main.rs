//! The replay fixtures: all are as they should be, what is broken is noticed, and blessing changes nothing that is committed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop at once; clippy.toml allows it only inside #[test] functions, not in what they share"
)]

mod broken;
mod content;
mod groups;
mod keeping;
mod reviews;
mod stories;
mod teller;
mod what_if;

use std::path::{Path, PathBuf};

use grantbook::replay::{Report, run};

use stories::STORIES;

/// Without a story to tell again: what comes of deliveries is up to a receiver.
const WRITTEN_BY_HAND: [&str; 1] = ["webhooks"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures").canonicalize().unwrap()
}

fn replayed(path: &Path, bless: bool) -> Report {
    run(&[path.to_owned()], bless)
}

fn switched_on(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| value == "1")
}

/// With `GRANTBOOK_BLESS=1` expected files are written anew first.
#[test]
fn every_fixture_means_what_it_says() {
    let report = replayed(&fixtures(), switched_on("GRANTBOOK_BLESS"));
    assert!(report.passed(), "\n{report}");
    let found: Vec<&str> = report.replayed.iter().filter_map(|one| one.path.file_name()?.to_str()).collect();
    let mut told: Vec<&str> = STORIES.iter().map(|(folder, _)| *folder).chain(WRITTEN_BY_HAND).collect();
    told.sort_unstable();
    assert_eq!(found, told, "a folder a story; the goldens are of another kind and passed over");
}

/// Every story, told again, leaves the entries that its fixture has. With `GRANTBOOK_TELL=1` they are written.
#[tokio::test]
async fn stories_told_again_are_the_same() {
    for (folder, story) in STORIES {
        let told = story().await.entries();
        let path = fixtures().join(folder).join("entries.jsonl");
        if switched_on("GRANTBOOK_TELL") {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &told).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = kept.lines().zip(told.lines()).find(|(kept, told)| kept != told && !tells_more(kept, told));
        assert!(differs.is_none(), "{folder}: told again, the first line that differs: {differs:#?}");
        assert_eq!(kept.lines().count(), told.lines().count(), "{folder}");
    }
}

/// Whether a line is what a fixture keeps, but for what events were `before` and the links of imported lines: fixtures are frozen
/// in the form of their day. More types of events tell what was before by now, and links cover no secrets any more.
fn tells_more(kept: &str, told: &str) -> bool {
    let [kept, mut told] = [kept, told].map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    link_as_in(&kept["import"], &mut told["import"]);
    let events = told["events"].as_array_mut().into_iter().flatten();
    for (kept, told) in kept["events"].as_array().into_iter().flatten().zip(events) {
        if let (None, Some(told)) = (kept.get("before"), told.as_object_mut()) {
            told.remove("before");
        }
        link_as_in(kept, told);
    }
    kept == told
}

/// Gives what has a link the link of the other, which has one too.
fn link_as_in(kept: &serde_json::Value, told: &mut serde_json::Value) {
    if let (Some(kept), Some(told)) = (kept.get("chain"), told.get_mut("chain")) {
        told.clone_from(kept);
    }
}

/// Every entry is decided again but those that record a refused command or an act of the ledger itself.
#[test]
fn what_was_decided_is_decided_again() {
    for one in replayed(&fixtures(), false).replayed {
        let text = std::fs::read_to_string(one.path.join("entries.jsonl")).unwrap();
        let passed_over = |line: &&str| {
            let acts = ["deliver_webhook", "hand_over_mail", "sum_up_refusals", "import_started", "import_finished"];
            let act = acts.iter().any(|act| line.contains(&format!("\"command\":\"{act}\"")));
            act || line.contains("\"type\":\"command_refused\"")
        };
        let expected = text.lines().filter(|line| !passed_over(line)).count();
        assert_eq!(one.decided_again, expected, "{}", one.path.display());
    }
}

/// An export is a file: it is folded and summarised.
#[test]
fn an_export_is_summarised_with_its_last_position_and_fingerprint() {
    let folder = fixtures().join("organisation");
    let of_fixture = replayed(&folder, false);
    let of_export = replayed(&folder.join("entries.jsonl"), false);
    assert!(of_export.passed(), "{of_export}");
    let (fixture, export) = (&of_fixture.replayed[0], &of_export.replayed[0]);
    assert_eq!((export.last.0, export.title.as_deref(), export.compared), (30, None, 0));
    assert_eq!(export.fingerprint.len(), 64);
    assert_eq!(export.fingerprint, fixture.fingerprint);
    let shown = of_export.to_string();
    assert!(shown.contains("30 entries") && shown.contains(&export.fingerprint), "{shown}");
}
