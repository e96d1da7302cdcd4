//! What goes wrong, in one sentence on standard error, with the exit status that scripts rely on.

use expect_test::{Expect, expect};

use crate::book::{Book, Run};

fn says(run: Run, status: i32, expected: Expect) {
    let run = run.ends_with(status);
    assert_eq!(run.out, "");
    expected.assert_eq(&run.err);
}

// rule: F9
#[test]
fn what_a_rule_refuses_names_the_rule() {
    let book = Book::with_people();
    let refused = book.run("do add_admin --account jeff").ends_with(1);
    assert!(refused.err.starts_with("grantbook: you may not add and remove Admin Users"), "{}", refused.err);
    assert!(refused.err.ends_with("(rule F9)\n") && refused.out.is_empty(), "{}", refused.err);
    says(
        book.run("do add_group_member --group no-such --account jeff"),
        1,
        expect![[r#"
            grantbook: there is no group `no-such`
        "#]],
    );
    says(
        book.give("sign-in --username bob", "wrong\n"),
        1,
        expect![[r#"
            grantbook: the username, the password or the code is not accepted (rule C11)
        "#]],
    );
}

#[test]
fn wrong_usage_is_told_from_refusal() {
    let book = Book::with_people();
    for line in [
        "fly",
        "view no-such-view",
        "do no_such_command",
        "do assign_role --account bob",
        "do set_level --account bob --module System --level 9",
        "do grant_access --object /a --principal {broken --rights read",
        "do grant_access --object /a --principal board --rights read",
        "do open_review --review Autumn --scope board --reviewers bob --due 2030-12-31",
        "do set_user_class --account bob --user_class mighty",
        "can --account bob --do fly",
        "can --account bob --do app.use",
        "serve --store postgres:x",
        "import --ticket T-1",
        "--server ftp://host --tenant abcimis view admins",
        "--server http://127.0.0.1:1 view admins",
        "view admins --as-of yesterday",
        "events --from 9 --to 2",
        "do",
    ] {
        let run = book.run(line).ends_with(2);
        assert!(run.out.is_empty() && !run.err.is_empty(), "{line}");
        assert!(!run.err.contains("Some(") && !run.err.contains("Err("), "{line}: {}", run.err);
    }
    let beyond = book.run("view admins --as-of 99").ends_with(1);
    assert!(beyond.err.contains("there is nothing at position 99"), "{}", beyond.err);
}

#[test]
fn wrong_usage_says_which_flag_and_how_the_command_is_used() {
    let book = Book::with_people();
    for (line, named) in [
        ("events --limit 0", "`limit`: expected a whole number from 1 to 1000"),
        ("what-if --without 1", "`without`: expected positions of entries"),
        ("case-file create", "`account`: expected an account's id"),
        ("do", "which command? Give its name, or `--file`\n\nUsage: grantbook do "),
        ("do grant_access --object /a --principal {broken --rights read", "\n\nUsage: grantbook do "),
    ] {
        let run = book.run(line).ends_with(2);
        assert!(run.err.contains(named), "{line}: {}", run.err);
    }
    // What is empty names nothing.
    let empty = book.run_with(&["support-token", "create", ""], "", &[]).ends_with(2);
    assert!(empty.err.contains("`operator`: `` is no name"), "{}", empty.err);
}

// rule: P8
#[test]
fn settings_of_mail_that_cannot_work_are_refused_before_anything_is_opened() {
    let book = Book::empty();
    let data = book.dir().join("not-yet");
    for flag in [
        "--mail-from nobody",
        "--public-url grants.example.org",
        "--public-url https:///reset",
        "--public-url https://me:pw@example.org",
        "--public-url https://example.org?a",
    ] {
        let line = format!("--data {} serve --listen 127.0.0.1:0 {flag}", data.display());
        let run = book.run(&line).ends_with(2);
        assert!(run.err.contains("expected") && !data.exists(), "{line}: {}", run.err);
    }
}

#[test]
fn what_is_refused_beside_the_journal_leaves_it_sealed() {
    let book = Book::with_people();
    let file = book.dir().join("a-file");
    std::fs::write(&file, "").unwrap();
    let sealed = || {
        let told = book.run("verify").good();
        assert!(told.out.starts_with("opened: sealed"), "{}", told.out);
    };
    sealed();
    // A mirror that cannot be: its place is a file.
    let mirror = format!("serve --listen 127.0.0.1:0 --mirror {}", file.display());
    assert!(book.run(&mirror).ends_with(3).err.contains("the mirror in"));
    sealed();
    // A mail server whose name is none.
    book.run("serve --listen 127.0.0.1:0 --smtp smtp://host:port").ends_with(3);
    sealed();
}

#[test]
fn where_no_entry_is_found_that_is_said() {
    let book = Book::with_people();
    assert_eq!(book.run("events --type admin_removed").good().out, "There are no such entries.\n");
}

#[test]
fn a_path_that_is_not_there_is_no_damage() {
    let book = Book::empty();
    says(
        book.run("replay /nope"),
        2,
        expect![[r#"
            grantbook: there is no file or folder `/nope`
        "#]],
    );
    says(
        book.run("restore /nope"),
        2,
        expect![[r#"
            grantbook: there is no file `/nope`
        "#]],
    );
    says(
        book.run("restore --from-mirror /nope"),
        2,
        expect![[r#"
            grantbook: there is no folder `/nope`
        "#]],
    );
    // What is there and is no backup is another matter.
    let file = book.dir().join("note.txt");
    std::fs::write(&file, "not a backup").unwrap();
    let other = book.run(&format!("--data {}/new restore {}", book.dir().display(), file.display())).ends_with(1);
    assert!(other.err.contains("this is no backup of Grantbook"), "{}", other.err);
}

#[test]
fn a_text_that_is_no_key_is_told_before_the_file_is_looked_at() {
    let book = Book::with_people();
    let file = book.run("case-file create view --view admins").good().out;
    for line in ["case-file verify - --key nonsense", "case-file verify - --witness nonsense"] {
        let run = book.give(line, &file).ends_with(2);
        assert!(run.out.is_empty() && run.err.contains("verifier key"), "{}", run.err);
    }
    // A key in its form, of somebody else.
    let other = Book::with_people().run("checkpoint key").good().out;
    let run = book.give(&format!("case-file verify - --key {}", other.trim()), &file).ends_with(1);
    assert!(run.out.contains("signed by none of the keys you gave"), "{}", run.out);
}

// rule: C14
#[test]
fn a_secret_is_no_argument() {
    let book = Book::with_people();
    for line in [
        "do set_password --account bob --password Sesame-99",
        "do change_own_password --old=Sesame-99",
        "sign-in --username bob --password Sesame-99",
    ] {
        let run = book.run(line).ends_with(2);
        assert!(run.err.contains("is not taken as an argument") && !run.err.contains("Sesame"), "{}", run.err);
    }
    // The environment will do.
    let arguments = ["do", "set_password", "--account", "bob"];
    book.run_with(&arguments, "", &[("GRANTBOOK_PASSWORD", "Sesame-99")]).good();
    book.run_with(
        &["sign-in", "--username", "bob"],
        "",
        &[("GRANTBOOK_PASSWORD", "Sesame-99"), ("GRANTBOOK_NEW_PASSWORD", "Other-99")],
    )
    .good();
}

#[test]
fn a_directory_without_a_ledger_stays_without() {
    let book = Book::empty();
    let run = book.run("view admins").ends_with(2);
    assert!(run.err.contains("there is no ledger in"), "{}", run.err);
    book.run("verify").ends_with(2);
    assert_eq!(std::fs::read_dir(book.dir()).unwrap().count(), 0);
}

#[test]
fn trouble_with_the_store_is_told_from_all_else() {
    let book = Book::with_people();
    let head = book.dir().join("journal").join("head");
    std::fs::remove_file(&head).unwrap();
    let run = book.run("view admins").ends_with(3);
    assert!(run.err.contains("the head is missing"), "{}", run.err);
    book.run("verify").ends_with(3);
    let nobody = book.run("--server http://127.0.0.1:1 --tenant abcimis sign-in --username bob").ends_with(2);
    assert!(nobody.err.contains("`password` is needed"), "{}", nobody.err);
    let nobody = book.give("--server http://127.0.0.1:1 --tenant abcimis sign-in --username bob", "x\n").ends_with(3);
    assert!(nobody.err.contains("the server does not answer"), "{}", nobody.err);
}

#[test]
fn the_hashing_cost_of_tests_is_spelled_out() {
    let book = Book::with_people();
    let run = book.run_with(&["view", "admins"], "", &[("GRANTBOOK_HASHING", "low")]).ends_with(2);
    assert!(run.err.contains("GRANTBOOK_HASHING"), "{}", run.err);
    let doctor = book.run("doctor").ends_with(1);
    assert!(doctor.out.contains("hashing"), "{}", doctor.out);
}

#[test]
fn what_cannot_be_looked_at_is_not_taken_for_no_ledger() {
    let book = Book::with_people();
    let loops = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(loops.path().join("journal"), loops.path().join("journal")).unwrap();
    for line in ["view admins", "verify", "tenant create xyzimis"] {
        let run = book.run(&format!("--data {} {line}", loops.path().display())).ends_with(3);
        assert!(run.err.contains("cannot be looked at: "), "{}", run.err);
    }
    assert_eq!(std::fs::read_dir(loops.path()).unwrap().count(), 1, "nothing was made");
    let doctor = book.run(&format!("--data {} doctor", loops.path().display())).ends_with(1);
    assert!(doctor.out.contains("cannot be looked into: "), "{}", doctor.out);
    // A mistyped name is still one.
    let file = loops.path().join("file");
    std::fs::write(&file, "").unwrap();
    let run = book.run(&format!("--data {}/typo view admins", file.display())).ends_with(2);
    assert!(run.err.contains("there is no ledger in"), "{}", run.err);
}

#[test]
fn what_is_refused_leaves_no_empty_ledger_behind() {
    let book = Book::empty();
    let (data, file) = (book.dir().join("typo"), book.dir().join("lines.jsonl"));
    let lines = r#"{"at": "2021-01-01T09:00:00Z", "by": "old", "command": {"name": "create_group", "group": "cargo"}}"#;
    let later = lines.replace("2021", "2921");
    let half = format!("{lines}\nnonsense\n");
    std::fs::write(&file, lines).unwrap();
    let file = file.display();
    for (given, line, status) in [
        (lines, format!("import {file} --ticket T-1"), 2),
        (lines, "--tenant abcimis import /nope --ticket T-1".to_owned(), 2),
        (lines, format!("--tenant Bad-Name import {file} --ticket T-1"), 2),
        (lines, format!("--tenant abcimis import {file} --ticket T-1 --snapshot"), 2),
        (half.as_str(), format!("--tenant abcimis import {file} --ticket T-1"), 1),
        ("", format!("--tenant abcimis import {file} --ticket T-1"), 2),
        (later.as_str(), format!("--tenant abcimis import {file} --ticket T-1"), 2),
        (lines, "--tenant abcimis import --abandon".to_owned(), 2),
        (lines, "tenant create Bad-Name".to_owned(), 2),
        (lines, "tenant create abcimis --at 2921-01-01T00:00:00Z".to_owned(), 2),
        (lines, "tenant create abcimis --at yesterday".to_owned(), 2),
        (lines, "tenant create abcimis --manager-email nobody".to_owned(), 2),
        (lines, "tenant list".to_owned(), 2),
        (lines, "support-token list".to_owned(), 2),
        (lines, "support-token revoke x".to_owned(), 2),
        (lines, format!("support-token create {}", "x".repeat(500)), 2),
    ] {
        std::fs::write(book.dir().join("lines.jsonl"), given).unwrap();
        let run = book.run(&format!("--data {} {line}", data.display()));
        assert_eq!((run.status, data.exists()), (status, false), "{line}: {}{}", run.out, run.err);
    }
    // Nor does looking, and what is carried out begins one.
    std::fs::write(book.dir().join("lines.jsonl"), lines).unwrap();
    let import = format!("--data {} --tenant abcimis import {file} --ticket T-1", data.display());
    let looked = book.run(&format!("{import} --dry-run")).good();
    assert!(looked.err.contains("1 entry would be recorded") && !data.exists(), "{}", looked.err);
    book.run(&import).good();
    assert!(data.join("journal").exists());
}
