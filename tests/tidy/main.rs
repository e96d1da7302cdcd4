//! The house keeps its own order: what docs/architecture.md promises of rooms, edges and files, checked.
//!
//! Each complaint says what to do. A rule that has become wrong is changed here and in the docs together.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the checks are plain functions, which clippy.toml's leave for tests does not cover; a stop is a failed test"
)]

mod code;
mod docs;
mod files;
mod house;

use std::collections::BTreeSet;

use code::Code;
use house::House;

#[test]
fn a_room_uses_only_rooms_above_it_on_the_line() {
    let house = House::read();
    let mut complaints = Vec::new();
    for room in &house.rooms {
        let Some(above) = house::above(&room.name) else {
            complaints.push(format!(
                "`{}` is not on the line: put it into LINE in tests/tidy/house.rs and into docs/architecture.md",
                room.name
            ));
            continue;
        };
        for used in room.uses.iter().filter_map(|package| house::room_of(package)) {
            let package = format!("grantbook-{used}");
            let in_tests = room.in_tests.contains(&package) && house::may_in_tests(&room.name, used);
            if !above.contains(used) && !in_tests {
                complaints.push(format!(
                    "`{}` uses `{used}`, which is not above it: move the code to the room it belongs to, \
                     or the test to tests/ as a target of the room further down the line",
                    room.name
                ));
            }
        }
        let built: BTreeSet<_> = room.uses.difference(&room.in_tests).filter_map(|name| house::room_of(name)).collect();
        for needless in house::just_above(&room.name).iter().filter(|above| !built.contains(*above)) {
            complaints.push(format!(
                "`{}` does not use `{needless}`: take that out of LINE in tests/tidy/house.rs and out of docs/architecture.md",
                room.name
            ));
        }
    }
    assert_none(complaints);
}

#[test]
fn a_pure_room_uses_no_package_that_acts_on_the_world() {
    let mut complaints = Vec::new();
    for room in House::read().pure_rooms() {
        for used in room.uses.iter().filter(|package| house::ACTING_PACKAGES.contains(&package.as_str())) {
            complaints.push(format!(
                "`{}` is pure but uses the package `{used}`: take its result as a value, from the ledger",
                room.name
            ));
        }
    }
    assert_none(complaints);
}

#[test]
fn a_pure_room_has_no_clock_no_chance_and_no_io() {
    let mut complaints = Vec::new();
    for room in House::read().pure_rooms() {
        for path in files::under(&room.folder, "rs") {
            for (line, word) in Code::read(&path).acts_on_the_world() {
                complaints.push(format!(
                    "{}:{line}: `{word}` in the pure room `{}`: take the time, id or bytes as a parameter",
                    files::shown(&path),
                    room.name
                ));
            }
        }
    }
    assert_none(complaints);
}

#[test]
fn every_crate_takes_the_shared_lints() {
    let complaints = House::read()
        .rooms
        .iter()
        .map(|room| room.folder.join("Cargo.toml"))
        .filter(|manifest| !house::takes_shared_lints(&files::text(manifest).unwrap()))
        .map(|manifest| format!("{}: add `[lints]` with `workspace = true`", files::shown(&manifest)))
        .collect();
    assert_none(complaints);
}

/// A workspace of its own takes no lints and no profile from another: it states them again.
#[test]
fn the_benchmarks_are_judged_and_built_as_the_program_is() {
    let manifest = |folder: &std::path::Path| files::text(&folder.join("Cargo.toml")).unwrap();
    let (ours, theirs) = (manifest(&files::root()), manifest(&house::benchmarks()));
    let pairs = [
        ("[workspace.lints.rust]", "[lints.rust]"),
        ("[workspace.lints.clippy]", "[lints.clippy]"),
        ("[profile.release]", "[profile.release]"),
        ("[profile.release.package]", "[profile.release.package]"),
    ];
    let bare = |line: &&str| line.split('#').next().unwrap_or_default().trim().to_owned();
    for (here, there) in pairs {
        let [here_lines, there_lines] = [house::section(&ours, here), house::section(&theirs, there)]
            .map(|lines| lines.iter().map(bare).collect::<Vec<String>>());
        assert!(!here_lines.is_empty(), "{here}");
        assert_eq!(here_lines, there_lines, "src/benchmarks/Cargo.toml: {there} is to be as {here} in Cargo.toml");
    }
}

#[test]
fn every_rust_file_is_reached_from_a_target() {
    let house = House::read();
    let mut reached = BTreeSet::new();
    for root in &house.target_roots {
        code::follow_modules(root, &mut reached);
    }
    let complaints = files::all("rs")
        .into_iter()
        .filter(|path| !reached.contains(path))
        .map(|path| {
            format!(
                "{}: nothing compiles it: name it in a `mod` or, under tests/, in a [[test]] of the crate it exercises, \
                 or delete it",
                files::shown(&path)
            )
        })
        .collect();
    assert_none(complaints);
}

/// `tests/run` is `cargo test --workspace`, and nothing else runs tests.
#[test]
fn every_test_target_is_run() {
    let passed_over = House::read().tests_passed_over.into_iter();
    assert_none(
        passed_over
            .map(|name| {
                format!("the test target `{name}` is run by nothing: take `test = false` or `required-features` from its [[test]]")
            })
            .collect(),
    );
}

#[test]
fn a_catch_all_beside_events_says_what_it_catches() {
    let mut complaints = Vec::new();
    for folder in ["src/events", "src/encoding", "projections"] {
        for path in files::under(&files::root().join(folder), "rs") {
            for line in Code::read(&path).silent_catch_alls() {
                complaints.push(format!(
                    "{}:{line}: over events, name every variant; over anything else, put `// Any other ...` on the line \
                     or above it and say what happens to the rest",
                    files::shown(&path)
                ));
            }
        }
    }
    assert_none(complaints);
}

#[test]
fn no_file_names_a_registry_or_a_build_machine() {
    let mut complaints = Vec::new();
    // Cargo writes the index into its lock file itself.
    for path in files::everything().into_iter().filter(|path| !path.ends_with("Cargo.lock")) {
        let Some(text) = files::text(&path) else { continue };
        for (line, found) in files::places_of_elsewhere(&text) {
            complaints.push(format!(
                "{}:{line}: `{found}` belongs to one machine or one registry: name the package or a relative path",
                files::shown(&path)
            ));
        }
    }
    assert_none(complaints);
}

#[test]
fn the_top_level_holds_only_what_was_agreed() {
    let complaints = files::top_level()
        .into_iter()
        .filter(|name| !files::AGREED_AT_TOP.contains(&name.as_str()))
        .map(|name| {
            format!("`{name}` at the top level: move it into a room, or write an ADR and add it in tests/tidy/files.rs")
        })
        .collect();
    assert_none(complaints);
}

fn assert_none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n\n{}\n", complaints.join("\n"));
}

#[test]
fn every_rule_that_is_cited_has_a_sentence() {
    let src = files::root().join("src");
    let sentences = files::text(&src.join("rights/rules.rs")).unwrap();
    let mut complaints = Vec::new();
    for path in files::under(&src, "rs") {
        let source = files::text(&path).unwrap();
        let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for cited in code.split('"').filter(|text| is_rule_id(text)) {
            if !sentences.contains(&format!("(\"{cited}\", ")) {
                complaints.push(format!(
                    "{}: `{cited}` is cited, but src/rights/rules.rs does not say what it says",
                    files::shown(&path)
                ));
            }
        }
    }
    assert_none(complaints);
}

fn is_rule_id(text: &str) -> bool {
    let mut letters = text.chars();
    let chapter = letters.next().is_some_and(|letter| letter.is_ascii_uppercase());
    let number = letters.as_str();
    chapter && (1..=2).contains(&number.len()) && number.chars().all(|digit| digit.is_ascii_digit())
}
