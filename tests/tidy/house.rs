//! The rooms as Cargo sees them, and the line they stand on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Each room with those just above it, each of which it needs; whatever is above those it may use too.
const LINE: [(&str, &[&str]); 11] = [
    ("events", &[]),
    ("projections", &["events"]),
    ("rights", &["projections"]),
    ("decisions", &["rights"]),
    ("inquiries", &["decisions"]),
    ("encoding", &["events"]),
    ("evidence", &[]),
    ("casefiles", &["inquiries", "encoding", "evidence"]),
    ("journal", &[]),
    ("ledger", &["decisions", "encoding", "evidence", "journal"]),
    ("grantbook", &["casefiles", "ledger"]),
];

/// What the tests of a room use beside that.
const IN_TESTS: [(&str, &str); 1] = [("ledger", "inquiries")];

const ACTING_ROOMS: [&str; 3] = ["journal", "ledger", "grantbook"];

/// Packages that bring a clock, chance, I/O or a store with them.
pub(crate) const ACTING_PACKAGES: [&str; 8] =
    ["axum", "getrandom", "lettre", "rand", "reqwest", "rusqlite", "sled", "tokio"];

/// The workspace as `cargo metadata` tells it.
pub(crate) struct House {
    pub(crate) rooms: Vec<Room>,
    /// The first file of every library, program, test and benchmark.
    pub(crate) target_roots: Vec<PathBuf>,
    /// Names of the `[[test]]` targets that `cargo test --workspace` passes over.
    pub(crate) tests_passed_over: Vec<String>,
}

/// One crate of the workspace.
pub(crate) struct Room {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    /// Package names of its dependencies; for tests and builds too.
    pub(crate) uses: BTreeSet<String>,
    /// Of those, what is there for tests alone.
    pub(crate) in_tests: BTreeSet<String>,
}

impl House {
    pub(crate) fn read() -> Self {
        let told = metadata(&crate::files::root());
        let mut house = Self { rooms: Vec::new(), target_roots: Vec::new(), tests_passed_over: Vec::new() };
        for package in list(&told, "packages") {
            let manifest = Path::new(text(package, "manifest_path"));
            let names = |of_tests: &dyn Fn(bool) -> bool| -> BTreeSet<String> {
                let used = list(package, "dependencies").iter().filter(|used| of_tests(used["kind"] == "dev"));
                used.map(|used| text(used, "name").to_owned()).collect()
            };
            let (uses, built) = (names(&|_| true), names(&|of_tests| !of_tests));
            house.rooms.push(Room {
                name: room_of(text(package, "name")).unwrap_or(text(package, "name")).to_owned(),
                folder: manifest.parent().unwrap().to_owned(),
                in_tests: uses.difference(&built).cloned().collect(),
                uses,
            });
            house.target_roots.extend(target_roots(package));
            house.tests_passed_over.extend(tests_passed_over(package));
        }
        // Beside the house, and no room of it.
        for package in list(&metadata(&benchmarks()), "packages") {
            house.target_roots.extend(target_roots(package));
        }
        assert!(!house.rooms.is_empty(), "the workspace has rooms");
        house
    }

    pub(crate) fn pure_rooms(&self) -> impl Iterator<Item = &Room> {
        self.rooms.iter().filter(|room| !ACTING_ROOMS.contains(&room.name.as_str()))
    }
}

/// The benchmark beside peers: a workspace of its own.
pub(crate) fn benchmarks() -> PathBuf {
    crate::files::root().join("src/benchmarks")
}

/// What Cargo knows of the workspace in a folder.
fn metadata(folder: &Path) -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let told = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(folder)
        .output()
        .expect("cargo can be started");
    assert!(told.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).expect("cargo metadata prints JSON")
}

fn target_roots(package: &Value) -> Vec<PathBuf> {
    let path = |target| Path::new(text(target, "src_path")).canonicalize().unwrap();
    // Cargo may write a path through `..`; one file has one name here.
    list(package, "targets").iter().map(path).collect()
}

/// The tests of a package that are switched off, or wait for a feature that is not switched on.
fn tests_passed_over(package: &Value) -> impl Iterator<Item = String> + '_ {
    let tests = list(package, "targets").iter().filter(|target| list(target, "kind").iter().any(|kind| kind == "test"));
    let off = |target: &&Value| target["test"] != true || target.get("required-features").is_some();
    tests.filter(off).map(|target| text(target, "name").to_owned())
}

/// The room that a package of this name is, if it is one of ours.
pub(crate) fn room_of(package: &str) -> Option<&str> {
    if package == "grantbook" { Some(package) } else { package.strip_prefix("grantbook-") }
}

/// Every room above `room` on the line; `None` if the line does not have it.
pub(crate) fn above(room: &str) -> Option<BTreeSet<&'static str>> {
    let (_, just_above) = LINE.iter().find(|(name, _)| *name == room)?;
    let mut all = BTreeSet::new();
    for &name in *just_above {
        all.insert(name);
        all.extend(above(name)?);
    }
    Some(all)
}

/// The rooms just above `room`, each of which it is said to need.
pub(crate) fn just_above(room: &str) -> &'static [&'static str] {
    LINE.iter().find(|(name, _)| *name == room).map_or(&[], |(_, above)| above)
}

/// Whether the tests of a room may use what is not above it.
pub(crate) fn may_in_tests(room: &str, used: &str) -> bool {
    IN_TESTS.contains(&(room, used))
}

/// Whether a manifest has `workspace = true` in its `[lints]`.
pub(crate) fn takes_shared_lints(manifest: &str) -> bool {
    manifest
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[lints]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .any(|line| line == "workspace = true")
}

/// The lines of a manifest under a heading.
pub(crate) fn section<'a>(manifest: &'a str, heading: &str) -> Vec<&'a str> {
    let lines = manifest.lines().map(str::trim).skip_while(|line| *line != heading).skip(1);
    lines.take_while(|line| !line.starts_with('[')).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().expect("cargo metadata keeps its form")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().expect("cargo metadata keeps its form")
}

#[test]
fn the_line_reads_as_the_house_says() {
    let rooms_above = |room| above(room).unwrap().into_iter().collect::<Vec<_>>();
    assert_eq!(rooms_above("events"), Vec::<&str>::new());
    assert_eq!(rooms_above("projections"), ["events"]);
    assert_eq!(rooms_above("journal"), Vec::<&str>::new());
    assert_eq!(
        rooms_above("ledger"),
        ["decisions", "encoding", "events", "evidence", "journal", "projections", "rights"]
    );
    assert_eq!(rooms_above("inquiries"), ["decisions", "events", "projections", "rights"]);
    assert_eq!(rooms_above("grantbook").len(), LINE.len() - 1);
    assert_eq!(above("utils"), None);
}

#[test]
fn lints_count_only_under_their_own_heading() {
    assert!(takes_shared_lints("[package]\nname = \"x\"\n\n[lints]\nworkspace = true\n"));
    assert!(!takes_shared_lints("[lints]\n[package]\nworkspace = true\n"));
    assert!(!takes_shared_lints("[dependencies]\nserde.workspace = true\n"));
}
