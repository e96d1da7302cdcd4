//! The pages in docs/: all in the table of contents, and what is written from the program as the program has it.

use std::fmt::Write as _;
use std::path::Path;

use grantbook_rights::RULES;

use crate::files;

/// The chapters of the rulebook, by the letter that their rules begin with.
const CHAPTERS: [(char, &str); 19] = [
    ('T', "Tenants and Cloud IDs"),
    ('F', "First sign-in and Admin Users"),
    ('A', "Apps, subscriptions, App Users"),
    ('B', "The Background Account"),
    ('R', "Remote access"),
    ('C', "Accounts and credentials"),
    ('P', "Password resets and self-service"),
    ('G', "Security roles"),
    ('L', "Module authorisation levels"),
    ('S', "Staff and system administrators"),
    ('M', "MANAGER"),
    ('O', "Administrators of companies, committees and chapters"),
    ('X', "Security groups"),
    ('D', "Content authority groups"),
    ('N', "Access settings on objects"),
    ('Q', "Queries"),
    ('V', "Contact visibility"),
    ('U', "Who may use the ledger itself"),
    ('I', "The organisation example"),
];

const HEADING: &str = "\
# The rules

What the program enforces; other pages call them *the rulebook*. Answers, refusals, findings and tests cite a rule by its id, and `GET /v1/rules` tells the
same sentences. Where the rules are silent, [ADR 6](adr/0006-where-the-rulebook-is-silent.md) and those after it say what was chosen. *Staff* are accounts of
class Full; [Words](words.md) explains the other terms.

This page is written from `src/rights/rules.rs`: `GRANTBOOK_BLESS=1 cargo test -p grantbook --test tidy` writes it anew.
";

/// The page of all rules, by chapter.
fn page_of_rules() -> String {
    let mut page = HEADING.to_owned();
    for (letter, title) in CHAPTERS {
        write!(page, "\n## {letter}. {title}\n\n| rule | says |\n| --- | --- |\n").unwrap();
        for (id, words) in RULES.iter().filter(|(id, _)| id.starts_with(letter)) {
            writeln!(page, "| {id} | {words} |").unwrap();
        }
    }
    page
}

#[test]
fn the_page_of_rules_says_what_the_program_says() {
    let chapters = CHAPTERS.map(|(letter, _)| letter);
    let strays: Vec<_> = RULES.iter().filter(|(id, _)| !id.starts_with(chapters)).collect();
    assert!(strays.is_empty(), "{strays:?}: put their chapter into CHAPTERS in tests/tidy/docs.rs");
    let (path, meant) = (files::root().join("docs/rules.md"), page_of_rules());
    if std::env::var_os("GRANTBOOK_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &meant).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == meant,
        "docs/rules.md is not what src/rights/rules.rs says: `GRANTBOOK_BLESS=1 cargo test -p grantbook --test tidy` writes it anew"
    );
}

#[test]
fn every_page_is_in_the_book() {
    let docs = files::root().join("docs");
    let contents = files::text(&docs.join("SUMMARY.md")).unwrap();
    let shown = |page: &Path| page.strip_prefix(&docs).unwrap().display().to_string();
    let names = files::under(&docs, "md").into_iter().map(|page| shown(&page));
    let left_out = names.filter(|name| name != "SUMMARY.md" && !contents.contains(&format!("({name})")));
    crate::assert_none(left_out.map(|name| format!("docs/{name}: put it into docs/SUMMARY.md")).collect());
}
