//! Fixtures broken on purpose, in a copy: the report says what is wrong, in words and with the place.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::{fixtures, replayed};

/// A copy of the fixtures to break.
struct Copy(TempDir);

impl Copy {
    fn new() -> Copy {
        let copy = TempDir::new().unwrap();
        copy_folder(&fixtures(), copy.path());
        Copy(copy)
    }

    fn fixture(&self, folder: &str) -> PathBuf {
        self.0.path().join(folder)
    }

    /// Changes a file's text.
    fn change(&self, path: &str, change: impl FnOnce(&str) -> String) {
        let path = self.0.path().join(path);
        let before = std::fs::read_to_string(&path).unwrap();
        let after = change(&before);
        assert_ne!(before, after, "{}", path.display());
        std::fs::write(path, after).unwrap();
    }

    /// Changes the entry at a position of a fixture.
    fn change_entry(&self, folder: &str, position: usize, change: impl FnOnce(&mut Value)) {
        self.change(&format!("{folder}/entries.jsonl"), |text| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            let mut entry = serde_json::from_str(&lines[position - 1]).unwrap();
            change(&mut entry);
            lines[position - 1] = entry.to_string();
            lines.join("\n") + "\n"
        });
    }

    /// What the report says of a broken fixture.
    fn says(&self, folder: &str) -> String {
        let report = replayed(&self.fixture(folder), false);
        assert!(!report.passed(), "{report}");
        report.to_string()
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for found in std::fs::read_dir(from).unwrap() {
        let found = found.unwrap();
        let there = to.join(found.file_name());
        if found.path().is_dir() {
            copy_folder(&found.path(), &there)
        } else {
            drop(std::fs::copy(found.path(), there))
        }
    }
}

/// Breaks the organisation's entry at a position; the report must say each of `expected`.
fn check_entry(position: usize, change: impl FnOnce(&mut Value), expected: &[&str]) {
    let copy = Copy::new();
    copy.change_entry("organisation", position, change);
    let said = copy.says("organisation");
    for expected in expected {
        assert!(said.contains(expected), "expected `{expected}` in:\n{said}");
    }
}

#[test]
fn an_entry_that_is_missing_is_a_gap() {
    let copy = Copy::new();
    let without = |text: &str| {
        let lines: Vec<&str> = text.lines().collect();
        [&lines[..14], &lines[15..]].concat().join("\n")
    };
    copy.change("organisation/entries.jsonl", without);
    assert!(copy.says("organisation").contains("line 15: expected position 15, found 16: positions have no gaps"));
    check_entry(17, |entry| entry["position"] = 18.into(), &["line 17: expected position 17, found 18"]);

    let copy = Copy::new();
    copy.change("organisation/entries.jsonl", |text| text.lines().take(29).collect::<Vec<_>>().join("\n"));
    assert!(
        copy.says("organisation").contains("views/0030-admins.json: there is nothing at position 30: the last is 29")
    );
}

#[test]
fn time_never_goes_back() {
    check_entry(
        12,
        |entry| entry["at"] = "2026-01-05T09:09:59Z".into(),
        &[
            "line 12: entry 12 is at 2026-01-05T09:09:59.000000Z, before the one before it at 2026-01-05T09:10:00.000000Z",
        ],
    );
}

#[test]
fn an_authority_is_an_earlier_entry_and_the_right_one() {
    let authority = |authority: u64| move |entry: &mut Value| entry["events"][0]["authority"] = authority.into();
    let nowhere = "entry 21: the authority of `admin_added` is 99, which is no earlier entry";
    check_entry(21, authority(99), &[nowhere]);
    check_entry(21, authority(21), &["the authority of `admin_added` is 21, which is no earlier entry"]);
    check_entry(21, authority(0), &["the authority of `admin_added` is 0, where no entry lies"]);
    // It exists, and gave Bob nothing.
    let another = ["entry 21, decided again: it differs", "-     \"authority\": 10,", "+     \"authority\": 20,"];
    check_entry(21, authority(10), &another);
}

// rule: F1
#[test]
fn what_was_not_decided_so_is_noticed() {
    let drop_admin = |entry: &mut Value| drop(entry["events"].as_array_mut().unwrap().pop());
    check_entry(20, drop_admin, &["entry 20, decided again: it differs", "+     \"origin\": \"first_sign_in\""]);
    let refused = "entry 22, decided again: `assign_app_user` is refused";
    check_entry(22, |entry| entry["actor"]["session"] = 7.into(), &["`bob` has no open session 7"]);
    check_entry(6, |entry| entry["events"][0]["status"] = "ended".into(), &[refused, "rule A3"]);
    check_entry(
        27,
        |entry| entry["command"] = "sail_away".into(),
        &["what `sail_away` asked for is not in its events"],
    );
}

#[test]
fn a_slip_of_the_pen_says_where() {
    check_entry(3, |entry| entry["evnts"] = entry["events"].clone(), &["line 3: `evnts`: no such field"]);
    check_entry(3, |entry| *entry = Value::Null, &["line 3: `entry`: expected an object"]);
    check_entry(3, |entry| entry["tenant"] = "another".into(), &["entry 3 is of `another`, not of `abcimis`"]);
    let copy = Copy::new();
    copy.change("organisation/entries.jsonl", |text| text.replacen("{", "", 1));
    assert!(copy.says("organisation").contains("line 1: not JSON"));
    copy.change("organisation/entries.jsonl", |_| String::new());
    assert!(copy.says("organisation").contains("there are no entries"));
    let copy = Copy::new();
    copy.change("organisation/fixture.json", |text| text.replace("frozen", "frosen"));
    assert!(copy.says("organisation").contains("unknown field `frosen`"));
    std::fs::rename(copy.fixture("edition-2017/views/0001-admins.json"), copy.fixture("edition-2017/views/1-adm.json"))
        .unwrap();
    assert!(copy.says("edition-2017").contains("`views/1-adm.json`: expected a name such as"));
    assert!(copy.says("golden").contains("there is no fixture here"));
    assert!(copy.says("nowhere").contains("cannot be read"));
}

#[test]
fn what_is_expected_otherwise_is_shown_line_by_line() {
    let copy = Copy::new();
    copy.change("organisation/views/0030-admins.json", |text| text.replace("\"by\": \"bob\"", "\"by\": \"sarah\""));
    let said = copy.says("organisation");
    for expected in [
        "FAIL",
        "views/0030-admins.json differs (- expected, + what the entries mean):",
        "        \"position\": 21\n",
        "-       \"by\": \"sarah\",\n",
        "+       \"by\": \"bob\",\n",
    ] {
        assert!(said.contains(expected), "expected `{expected}` in:\n{said}");
    }
    assert!(said.lines().count() < 20, "{said}");
}

// rule: I1
#[test]
fn the_matrix_and_the_chains_are_checked_too() {
    let copy = Copy::new();
    copy.change("organisation/views/0030-can.txt", |text| text.replacen("no ", "yes", 1));
    copy.change("organisation/views/0030-chain.txt", |text| text.replace("27<21<20", "27<20"));
    let said = copy.says("organisation");
    for expected in ["views/0030-can.txt differs", "views/0030-chain.txt differs", "27<20\n", "27<21<20\n"] {
        assert!(said.contains(expected), "expected `{expected}` in:\n{said}");
    }
    copy.change("organisation/views/0030-can.txt", |text| text.replace("veronica", "nobody-here"));
    assert!(copy.says("organisation").contains("views/0030-can.txt: there is no account `nobody-here`"));
    let wrong = copy.fixture("organisation/views/0029@2026-03-01T000000Z-admins.json");
    std::fs::write(wrong, "{}").unwrap();
    assert!(copy.says("organisation").contains("the last entry up to 2026-03-01T00:00:00.000000Z is 30, not 29"));
}

#[test]
fn blessing_changes_nothing_that_is_as_it_should_be() {
    let copy = Copy::new();
    let report = replayed(copy.0.path(), true);
    assert!(report.passed(), "{report}");
    assert!(report.replayed.iter().all(|one| one.blessed.is_empty()), "{report}");
    same_files(&fixtures(), copy.0.path());
}

/// Both folders hold the same files with the same bytes.
fn same_files(one: &Path, other: &Path) {
    let names = |folder: &Path| {
        let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|found| found.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(one), names(other));
    for name in names(one) {
        let (one, other) = (one.join(&name), other.join(&name));
        if one.is_dir() {
            same_files(&one, &other);
        } else {
            assert!(std::fs::read(&one).unwrap() == std::fs::read(&other).unwrap(), "{}", one.display());
        }
    }
}

#[test]
fn blessing_writes_what_the_entries_mean() {
    let copy = Copy::new();
    let view = "edition-2017/views/0010-admins.json";
    copy.change(view, |text| text.replace("greta", "gerda"));
    copy.change("edition-2017/views/0010-can.txt", |text| text.replace("yes", "maybe"));
    copy.change("edition-2017/views/0015-admins.json", |_| String::new());
    assert!(copy.says("edition-2017").contains("0010-admins.json differs"));
    let report = replayed(&copy.fixture("edition-2017"), true);
    assert!(report.passed(), "{report}");
    assert_eq!(report.replayed[0].blessed.len(), 3, "{report}");
    assert!(report.to_string().contains("0010-admins.json"), "{report}");
    same_files(&fixtures(), copy.0.path());
}

#[test]
fn what_is_frozen_is_never_blessed() {
    let copy = Copy::new();
    let view = "organisation/views/0030-admins.json";
    copy.change(view, |text| text.replace("\"by\": \"bob\"", "\"by\": \"sarah\""));
    let before = std::fs::read_to_string(copy.0.path().join(view)).unwrap();
    let report = replayed(copy.0.path(), true);
    assert!(!report.passed() && report.to_string().contains("0030-admins.json differs and is frozen"), "{report}");
    assert!(report.replayed.iter().all(|one| one.blessed.is_empty()));
    assert_eq!(std::fs::read_to_string(copy.0.path().join(view)).unwrap(), before);
}
