//! Investigating on the command line: a compromise and its repair, another history, the platform beside the book, and a
//! history that is handed on as a test.

use serde_json::Value;

use crate::book::{Book, without_instants};

/// A book in which MANAGER, in other hands from position 13 on, made Bob a system administrator, who let Jeff into a group.
fn compromised() -> Book {
    let book = Book::with_people();
    book.run("do create_group --group Board --reason began").good();
    book.run("do set_credential_email --account bob --email bob@example.org").good();
    let gave = book.json("do assign_role --account bob --role SysAdmin --reason covers");
    assert!(gave["position"].as_u64().is_some(), "{gave}");
    book.give("sign-in --username bob --plane platform", "Welcome-1\nNewer-22\n").good();
    book.run("do add_group_member --group Board --account jeff").good();
    book
}

fn position_of(book: &Book, kind: &str) -> u64 {
    book.json(&format!("events --type {kind} --order desc --limit 1"))["entries"][0]["position"].as_u64().unwrap()
}

// rules: G7, X2
#[test]
fn a_plan_says_who_must_act_and_stops_where_somebody_else_tries() {
    let book = compromised();
    let since = position_of(&book, "group_created");
    let plan = book.dir().join("plan.jsonl");
    let asked = format!("blast-radius manager --since {since} --plan {}", plan.display());
    let run = book.run(&asked).good();
    assert!(run.out.contains("in other hands from"), "{}", run.out);
    assert!(run.out.contains("Bob S. made Jeff T. a member of Board"), "what Bob did rests on it: {}", run.out);
    assert!(run.out.contains("remove_role --account bob --role SysAdmin"), "{}", run.out);
    // MANAGER's password is support's to rotate, the rest a system administrator's.
    let parts = ["plan.1-support.jsonl", "plan.2-system_administrator.jsonl"].map(|name| book.dir().join(name));
    assert!(parts.iter().all(|part| part.exists()), "{}", run.err);
    // Bob, whose right goes with the plan's first commands, is not the one to carry it out: he is told where it stops.
    let tried = book.run(&format!("do --file {} --dry-run", parts[1].display())).ends_with(1);
    assert!(tried.err.contains("of the list: you may not"), "{}", tried.err);
}

#[test]
fn a_file_of_lines_stops_at_the_first_that_is_refused_and_says_which() {
    let book = Book::with_people();
    let file = book.dir().join("lines.jsonl");
    let lines = "# who is in\n{\"name\": \"create_group\", \"group\": \"One\"}\n\n{\"name\": \"create_group\", \"group\": \"one\"}\n\
                 {\"name\": \"create_group\", \"group\": \"Two\"}\n";
    std::fs::write(&file, lines).unwrap();
    let manager = book.run(&format!("do --file {}", file.display())).ends_with(1);
    assert!(manager.out.contains("recorded, #"), "{}", manager.out);
    assert!(manager.err.contains("line 4 (`create_group`) is refused: 1 of 3 done, 1 not tried"), "{}", manager.err);
    let tried = book.run(&format!("do --file {} --dry-run", file.display())).ends_with(1);
    assert!(tried.err.contains("command 1 of the list"), "{}", tried.err);
}

// rule: U5
#[test]
fn another_history_is_told_and_this_one_is_as_it_was() {
    let book = compromised();
    let gave = position_of(&book, "role_assigned");
    let told = without_instants(&book.run(&format!("what-if --without {gave}")).good().out);
    assert!(told.contains("Would not have happened"), "{told}");
    assert!(told.contains("groups.Board.members[jeff]"), "{told}");
    let groups = book.json("view groups");
    assert_eq!(groups["groups"]["Board"]["members"][0]["account"], "jeff");
    book.run("what-if").ends_with(2);
}

#[test]
fn an_incident_becomes_a_fixture_without_anybodys_name() {
    let book = compromised();
    let dir = book.dir().join("incident");
    let from = position_of(&book, "group_created");
    let written = format!("export --format fixture --from {from} --pseudonymise --out {}", dir.display());
    let run = book.run(&written).good();
    assert!(run.out.is_empty() && run.err.contains("grantbook replay"), "{} {}", run.out, run.err);
    let entries = std::fs::read_to_string(dir.join("entries.jsonl")).unwrap();
    for name in ["bob", "Bob", "jeff", "Jeff", "Board", "covers", "abcimis", "desk@example.org"] {
        assert!(!entries.contains(name), "{name}");
    }
    assert!(entries.contains("SysAdmin") && entries.lines().count() > 5);
    let replayed = book.run(&format!("replay {}", dir.display())).good();
    assert!(replayed.out.starts_with("ok"), "{}", replayed.out);
    // With the names that there are it replays as well, and so does a plain export.
    let plain = book.dir().join("plain");
    book.run(&format!("export --format fixture --out {}", plain.display())).good();
    let lines = book.run("export").good().out;
    let file = book.dir().join("export.jsonl");
    std::fs::write(&file, lines).unwrap();
    book.run(&format!("replay {}", file.display())).good();
    book.run(&written).ends_with(2);
    book.run("export --pseudonymise").ends_with(2);
}

#[test]
fn the_platform_is_held_against_the_book() {
    let book = compromised();
    let file = book.dir().join("state.csv");
    std::fs::write(&file, "section,thing,who,what,value\ngroups,Board,jeff,,\n").unwrap();
    let same = book.run(&format!("reconcile {}", file.display())).good();
    assert!(same.out.contains("The platform and the book are the same."), "{}", same.out);
    std::fs::write(&file, "section,thing,who,what,value\ngroups,Board,bob,,\n").unwrap();
    let other = book.run(&format!("reconcile {}", file.display())).ends_with(1);
    assert!(other.out.contains("bob is a member of Board there, and was not granted here"), "{}", other.out);
    let json: Value = serde_json::from_str(&book.run(&format!("reconcile {} --json", file.display())).out).unwrap();
    assert_eq!(json["not_there"][0]["who"], "jeff");
}

// rule: S2
#[test]
fn a_rule_is_held_against_the_past() {
    let book = compromised();
    let told = book.run("findings --back-test --one roles.assign --other groups.assign").good().out;
    assert!(told.contains("bob"), "{told}");
    let told = book.run("findings --back-test sysadmin-level-mismatch").good().out;
    assert!(told.contains("bob"), "{told}");
    book.run("findings --back-test --one roles.assign").ends_with(2);
}
