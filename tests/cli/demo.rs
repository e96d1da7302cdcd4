//! The demo's first screen.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use expect_test::expect_file;

use crate::book::{Book, without_instants};

// rule: I1
#[test]
fn it_tells_the_organisation_example() {
    let book = Book::empty();
    let run = book.run("demo --no-serve").good();
    let operator = run.out.lines().find_map(|line| Some(line.split_once("support (")?.1.split_once(')')?.0.to_owned()));
    let shown = without_instants(&run.out).replace(&format!("({})", operator.unwrap()), "(me)");
    // How wide the operator's name is moves every column: spaces do not count.
    let shown: Vec<String> = shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    expect_file!["demo.txt"].assert_eq(&format!("{}\n", shown.join("\n")));
    assert!(run.out.lines().all(|line| line.chars().count() <= 100), "{}", run.out);
    assert_eq!(run.err, "");
    assert_eq!(std::fs::read_dir(book.dir()).unwrap().count(), 0, "it has a ledger of its own");
}

#[test]
fn it_serves_what_it_told_and_leaves_nothing() {
    let place = tempfile::TempDir::new().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_grantbook"))
        .arg("demo")
        .env("TMPDIR", place.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
    let login = lines.by_ref().find(|line| line.trim_start().starts_with("jeff ")).unwrap();
    let password = login.split_whitespace().nth(1).unwrap().to_owned();
    let serving = lines.by_ref().find(|line| line.starts_with("Serving on ")).unwrap();
    let address = serving.trim_start_matches("Serving on ").split(". ").next().unwrap().to_owned();

    let book = Book::empty();
    let at = |more: &str| format!("--server {address} --tenant abcimis {more}");
    book.give(&at("sign-in --username jeff"), &format!("{password}\n")).good();
    let why = book.run(&at("why --account jeff --do dashboard.manage_admins")).good();
    assert!(why.out.contains("Bob S. made Jeff T. an Admin User"), "{}", why.out);

    interrupt(demo.id());
    assert!(demo.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

pub(crate) fn interrupt(process: u32) {
    let done = Command::new("kill").args(["-INT", &process.to_string()]).status().unwrap();
    assert!(done.success());
}
