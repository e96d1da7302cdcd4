//! Making a tenant, signing in, giving commands.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use expect_test::expect;

use crate::book::{Book, without_instants};

// rule: M1
// rule: F1
// rule: C16
#[test]
fn from_a_tenant_to_its_first_admin_and_the_next() {
    let book = Book::with_people();
    // Bob changes the password that was set for him, and is the first to sign in.
    let first = book.give("sign-in --username bob", "Welcome-1\nNewer-22\n").good();
    expect![[r#"
        Somebody else set this password, so it must be changed first.
        Signed in to the dashboard of abcimis as bob.
        This was the first sign-in: it made the account an Admin User (rule F1).
    "#]]
    .assert_eq(&first.err);
    assert_eq!(first.out, "");

    let added = book.run("do add_admin --account jeff --until 2090-12-31").good();
    expect![[r#"
        POSITION  WHEN                 WHO     WHAT                                                                AUTHORITY
        #11       DDDD-DD-DD TT:TT:TT  Bob S.  admin added: Jeff T., until DDDD-DD-DD TT:TT:TT, origin admin_user  #10
    "#]]
    .assert_eq(&without_instants(&added.out));
    assert_eq!(added.err, "Recorded at position 11.\n");

    // The token of the sign-in is its owner's alone.
    let token = book.dir().join("tokens").join("abcimis");
    assert_eq!(std::fs::metadata(&token).unwrap().permissions().mode() & 0o777, 0o600);
    book.run("sign-out").good();
    assert!(!token.exists());
    let refused = book.run("do remove_admin --account jeff").ends_with(1);
    assert!(refused.err.contains("sign in first"), "{}", refused.err);
}

#[test]
fn a_command_can_be_tried_repeated_and_bound_to_what_was_seen() {
    let book = Book::with_people();
    let dry = book.run("do create_group --group readers --dry-run").good();
    assert_eq!(dry.err, "Not recorded: this is what it would be.\n");
    assert!(dry.out.contains("group created: group readers"), "{}", dry.out);
    assert!(book.json("view groups")["groups"].get("readers").is_none());

    let key = "--idempotency-key 7f1b9d2e-0000-4000-8000-000000000001";
    let once = book.json(&format!("do create_group --group readers {key}"));
    let again = book.json(&format!("do create_group --group readers {key}"));
    assert_eq!(once["position"], again["position"]);

    let seen = once["position"].as_u64().unwrap();
    book.run(&format!("do create_group --group writers --if-match {seen}")).good();
    let moved = book.run(&format!("do create_group --group others --if-match {seen}")).ends_with(1);
    assert!(moved.err.contains("moved on"), "{}", moved.err);
}

#[test]
fn several_commands_come_from_a_file_as_one_entry() {
    let book = Book::with_people();
    let file = book.dir().join("commands.json");
    let commands = r#"{"commands": [{"name": "create_group", "group": "a"},
        {"name": "add_group_member", "group": "a", "account": "bob"}]}"#;
    std::fs::write(&file, commands).unwrap();
    let done = book.run(&format!("do --file {}", file.display())).good();
    assert_eq!(done.out.matches("group ").count(), 4, "{}", done.out);
    let from_input = book.give("do --file - --json", r#"{"name": "delete_group", "group": "a"}"#).good();
    assert!(from_input.out.contains("group_deleted"), "{}", from_input.out);
    // Which of two was meant, nobody can know; nothing is given then.
    for twice in [
        r#"{"name": "create_group", "group": "b", "group": "c"}"#,
        "{\"name\": \"create_group\", \"group\": \"b\"}\n{\"name\": \"x\", \"name\": \"y\"}",
    ] {
        let refused = book.give("do --file -", twice).ends_with(2);
        assert!(refused.err.contains("is given twice: expected it once"), "{}", refused.err);
    }
}

#[test]
fn fields_are_written_as_people_write_them() {
    let book = Book::with_people();
    let run = |arguments: &[&str]| book.run_with(arguments, "", &[]).good();
    run(&["do", "create_object", "--object", "/site", "--kind", "site", "--public"]);
    run(&["do", "create_group", "--group", "Web Team", "--description", "those who write"]);
    run(&["do", "grant_access", "--object", "/site", "--principal", "group:Web Team", "--rights", "read,edit"]);
    run(&["do", "grant_access", "--object", "/site", "--principal", "staff", "--rights", "[\"read\"]"]);
    run(&["do", "update_contact", "--account", "@bob", "--city", "Oslo", "--email", "bob@example.org"]);
    run(&["do", "update_contact", "--account", "bob", "--city", "null"]);
    let objects = book.run("view objects").good();
    expect![[r#"
        objects of abcimis, as of position 14 (DDDD-DD-DD TT:TT:TT UTC)

        OBJECT  KIND  ACCESS  TO              SINCE                    BY       UNTIL
        /site   site  read    group Web Team  DDDD-DD-DD TT:TT:TT #11  manager
        /site   site  edit    group Web Team  DDDD-DD-DD TT:TT:TT #11  manager
        /site   site  read    staff           DDDD-DD-DD TT:TT:TT #12  manager
    "#]]
    .assert_eq(&without_instants(&objects.out));
}

// rule: U4
#[test]
fn a_support_operator_acts_by_a_token() {
    let book = Book::with_people();
    let created = book.json("support-token create pat");
    let token = created["token"].as_str().unwrap();
    let line =
        "--tenant abcimis do record_subscription --app datastation --status active --from 2026-01-01 --ticket T-1";
    let words: Vec<&str> = line.split_whitespace().collect();
    book.run_with(&words, "", &[("GRANTBOOK_TOKEN", token)]).good();
    let view = book.json("view subscriptions");
    assert_eq!(view["subscriptions"]["datastation"]["by_support"], "pat");

    let listed = book.run("support-token list").good();
    assert!(listed.out.contains(created["id"].as_str().unwrap()) && !listed.out.contains(token), "{}", listed.out);
    book.run(&format!("support-token revoke {}", created["id"].as_str().unwrap())).good();
    book.run_with(&words, "", &[("GRANTBOOK_TOKEN", token)]).ends_with(1);
}

#[test]
fn a_tenant_made_now_begins_when_it_is_recorded() {
    let book = Book::with_people();
    let first = &book.json("events --limit 1")["entries"][0];
    assert_eq!((&first["position"], &first["recorded_at"]), (&serde_json::json!(1), &first["at"]));
}

// rule: M1
#[test]
fn the_first_password_of_a_tenant_made_by_an_import_is_told_whoever_wants_no_messages() {
    let book = Book::empty();
    let file = book.dir().join("history.jsonl");
    let good = r#"{"at": "2021-01-01T09:00:00Z", "by": "old", "command": {"name": "create_group", "group": "cargo"}}"#;
    std::fs::write(&file, format!("{good}\n")).unwrap();
    let import = |tenant: &str| format!("--tenant {tenant} import {} --ticket T-1 --quiet", file.display());
    let signs_in = |tenant: &str, password: &str| {
        book.give(&format!("--tenant {tenant} sign-in --username MANAGER --plane platform"), password).good();
    };
    let quiet = book.run(&import("quietimis")).good();
    assert_eq!((quiet.err.as_str(), quiet.out.lines().count()), ("", 1), "{}", quiet.err);
    signs_in("quietimis", &quiet.out);
    let json = book.run(&format!("{} --json", import("jsonimis"))).good();
    let told: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.err.as_str(), &told["recorded"]), ("", &serde_json::json!(1)));
    signs_in("jsonimis", told["manager_password"].as_str().unwrap());
    // Nor is it lost with an import that stops.
    std::fs::write(&file, format!("{good}\n{{}}\n")).unwrap();
    let stopped = book.run(&format!("{} --json", import("halfimis"))).ends_with(1);
    let told: serde_json::Value = serde_json::from_str(&stopped.out).unwrap();
    signs_in("halfimis", told["manager_password"].as_str().unwrap());
}

// rule: U6
#[test]
fn history_is_imported_once() {
    let book = Book::empty();
    let file = book.dir().join("history.jsonl");
    let lines = r#"{"at": "2021-01-01T09:00:00Z", "by": "old", "command": {"name": "add_contact", "account": "p1", "full_name": "P. One"}}
{"at": "2021-01-01T09:03:00Z", "by": "old", "command": {"name": "create_group", "group": "cargo"}}
{"at": "2021-01-02T09:03:00Z", "by": "old", "command": {"name": "add_group_member", "group": "cargo", "account": "p1"}}
"#;
    std::fs::write(&file, lines).unwrap();
    let import = format!("--tenant teamimis import {} --ticket T-1", file.display());
    let first = book.run(&import).good();
    assert!(first.err.contains("Imported 3 of 3 lines"), "{}", first.err);
    assert!(first.err.contains("MANAGER. Its first password, shown this once:"), "{}", first.err);
    let again = book.run(&import).good();
    assert!(again.err.contains("Imported 0 of 3 lines (3 were in the book already)"), "{}", again.err);
    let then = book.run("view groups --as-of 2021-01-02T12:00:00Z").good();
    assert!(then.out.contains("P. One (p1)") && then.out.contains("old, imported (T-1)"), "{}", then.out);

    std::fs::write(&file, format!("{lines}{{}}\n")).unwrap();
    let bad = book.run(&import).ends_with(1);
    assert!(bad.err.contains("line 4"), "{}", bad.err);

    // Mended it goes on, and of what is there already nothing would be recorded again.
    let more = r#"{"at": "2021-01-03T09:03:00Z", "by": "old", "command": {"name": "create_group", "group": "docs"}}"#;
    std::fs::write(&file, format!("{lines}{more}\n")).unwrap();
    let dry = book.run(&format!("{import} --dry-run")).good();
    assert_eq!(dry.out, "create_group: group docs\n");
    assert!(
        dry.err.contains("1 entry would be recorded: 1 create_group (3 lines are in the book already). Nothing was."),
        "{}",
        dry.err
    );
    let json = book.json(&format!("{import} --dry-run"));
    assert_eq!((&json["would_record"], &json["skipped"]), (&1.into(), &3.into()), "{json}");
    book.run(&import).good();
    let dry = book.run(&format!("{import} --dry-run")).good();
    assert!(dry.err.contains("No entries would be recorded (4 lines are in the book already)"), "{}", dry.err);

    let mistyped = lines.replace(r#""group": "cargo"}"#, r#""grop": "cargo"}"#);
    std::fs::write(&file, mistyped).unwrap();
    let dry = book.run(&format!("{import} --dry-run")).ends_with(1);
    assert!(dry.err.contains("line 2: `grop`"), "{}", dry.err);
    for nothing in ["import --abandon", "import --abandon --ticket T-2"] {
        let nothing = book.run(nothing).ends_with(1);
        assert!(nothing.err.contains("no import is under way"), "{}", nothing.err);
    }
    let without = book.run(&format!("--tenant teamimis import {}", file.display())).ends_with(2);
    assert!(without.err.contains("--ticket"), "{}", without.err);

    // No letter is guessed, and what stands twice is not chosen from.
    let group = |name: &[u8]| {
        let line = br#"{"at": "2021-01-04T09:03:00Z", "by": "old", "command": {"name": "create_group", "group": ""#;
        [lines.as_bytes(), more.as_bytes(), b"\n", line, name, b"\"}}\n"].concat()
    };
    std::fs::write(&file, group(b"B\xfcro")).unwrap();
    let latin = book.run(&import).ends_with(2);
    assert!(latin.err.contains("is not UTF-8: see line 5"), "{}", latin.err);
    std::fs::write(&file, group(b"a\", \"group\": \"b")).unwrap();
    let twice = book.run(&import).ends_with(1);
    assert!(twice.err.contains("line 5: `group`: is given twice"), "{}", twice.err);
    std::fs::write(&file, [b"\xef\xbb\xbf", group("Büro".as_bytes()).as_slice()].concat()).unwrap();
    let marked = book.run(&import).good();
    assert!(marked.err.contains("Imported 1 of 5 lines (4 were"), "{}", marked.err);
}

// rules: S6, C14
#[test]
fn a_second_factor_is_enrolled_confirmed_and_asked_for() {
    let book = Book::with_people();
    book.give("sign-in --username bob", "Welcome-1\nNewer-22\n").good();
    let enrolled = book.run("do enrol_second_factor").good();
    assert!(enrolled.err.contains("shown this once"), "{}", enrolled.err);
    let seed = enrolled.out.split_whitespace().find(|word| word.len() == 32).unwrap().to_owned();
    assert!(enrolled.out.contains("otpauth://totp/"), "{}", enrolled.out);
    let totp =
        totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(&seed).unwrap()).build_noncompliant();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    book.run(&format!("do confirm_second_factor --code {}", totp.generate(now))).good();

    let without = book.give("sign-in --username bob", "Newer-22\n").ends_with(1);
    assert!(without.err.contains("the username, the password or the code is not accepted"), "{}", without.err);
    // The code of the next step, since that of this one is used up.
    let with = format!("sign-in --username bob --code {}", totp.generate(now + 30));
    book.give(&with, "Newer-22\n").good();
    let again = book.give(&with, "Newer-22\n").ends_with(1);
    assert!(again.err.contains("is not accepted"), "{}", again.err);
    assert!(!book.run("export").good().out.contains(&seed), "an export holds no seed");
}

#[test]
fn a_state_of_today_begins_a_book() {
    let book = Book::empty();
    book.run("tenant create abcimis").good();
    let file = book.dir().join("people.csv");
    let name = file.to_str().unwrap();
    let csv = "section,thing,who,what,value\n\
        accounts,,bob,full_name,Bob S.\naccounts,,bob,username,bob\naccounts,,bob,user_class,full\n\
        accounts,,mia,full_name,Mia M.\nroles,RemoteService,bob,,\nadmins,,bob,,\nlevels,Customers,bob,,4\n\
        groups,board,bob,,\ngroups,board,mia,,\nobjects,/minutes,,set,custom\nobjects,/minutes,group:board,read,\n";
    std::fs::write(&file, csv).unwrap();
    let import =
        |more: &[&str]| book.run_with(&[&["import", name, "--ticket", "T-1", "--snapshot"], more].concat(), "", &[]);
    let dry = import(&["--dry-run"]).good();
    assert!(dry.out.contains("add_admin: account bob") && !dry.out.contains("password"), "{}", dry.out);
    assert_eq!(book.json("view groups")["groups"]["board"], serde_json::Value::Null);

    let done = import(&[]).good();
    assert!(done.err.contains("Imported 11 of 11 lines"), "{}", done.err);
    let members = book.json("view groups")["groups"]["board"]["members"].as_array().unwrap().len();
    assert_eq!(members, 2);
    assert_eq!(book.json("view admins")["admins"][0]["account"], "bob");
    let again = import(&[]).good();
    assert!(again.err.contains("nothing is to be recorded"), "{}", again.err);
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_place() {
    let book = Book::empty();
    book.run("tenant create abcimis").good();
    let before = book.run("events").good().out;
    let file = book.dir().join("people.csv");
    let import = |lines: &str, more: &[&str]| {
        std::fs::write(&file, format!("section,thing,who,what,value\n{lines}")).unwrap();
        book.run_with(&[&["import", file.to_str().unwrap(), "--ticket", "T-1"], more].concat(), "", &[])
    };
    let forgotten = import("accounts,,bob,,\n", &[]).ends_with(2);
    assert!(forgotten.err.contains("is imported with `--snapshot`"), "{}", forgotten.err);
    for (lines, told) in [
        ("accounts,,bob,,\ngrops,board,bob,,\n", "line 3: there is no section `grops`"),
        ("accounts,,bob,user_class,fool\n", "line 2: `user_class`: expected one of public, casual, full"),
        ("accounts,,bob,disabled,yes\n", "line 2: `disabled`: expected one of true, false"),
        ("accounts,,bob,,\nlevels,Customers,bob,,nine\n", "line 3: expected a level from 0 to 8"),
        ("accounts,,bob,,\naccounts,,bob,expiration_date,tomorrow\n", "line 3: `expiration_date`: expected a day"),
    ] {
        let run = import(lines, &["--snapshot"]).ends_with(2);
        assert!(run.err.contains(told), "{lines}: {}", run.err);
    }
    // What no table of the file's form says is said of the command that it would become.
    let named = "accounts,,bob,username,bob\naccounts,,bob,credential_email,nowhere\n";
    let run = import(named, &["--snapshot"]).ends_with(1);
    assert!(
        run.err.contains(
            "create_credentials: account bob, username bob, user_class casual, email nowhere: `email`: expected"
        ),
        "{}",
        run.err
    );
    assert_eq!(book.run("events").good().out, before, "nothing was recorded");
    let refused = import("accounts,,bob,,\nadmins,,bob,,\n", &["--snapshot"]).ends_with(1);
    assert!(refused.err.contains("\ngrantbook: add_admin: account bob: `bob` is not staff"), "{}", refused.err);
}

#[test]
fn a_backup_is_taken_beside_a_server_and_restored_elsewhere() {
    let book = Book::with_people();
    let (file, there) = (book.dir().join("all.gbb"), book.dir().join("there"));
    let (file, there) = (file.to_str().unwrap().to_owned(), there.to_str().unwrap().to_owned());
    let taken = book.run(&format!("backup {file}")).good();
    assert!(taken.out.contains("abcimis") && taken.out.contains("digest "), "{}", taken.out);
    assert!(taken.err.contains("and read them back"), "{}", taken.err);
    let again = book.run(&format!("backup {file}"));
    assert_eq!(again.status, 2, "{}", again.err);
    assert!(again.err.contains("never overwritten"), "{}", again.err);

    let restored = book.run(&format!("--data {there} restore {file}")).good();
    assert!(restored.err.contains("grantbook verify"), "{}", restored.err);
    book.run(&format!("--data {there} verify")).good();
    let accounts = book.run(&format!("--data {there} view accounts")).good();
    assert!(accounts.out.contains("Bob S."), "{}", accounts.out);
    let taken_again = book.run(&format!("--data {there} restore {file}"));
    assert_eq!(taken_again.status, 2, "{}", taken_again.err);

    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    let damaged = book.run(&format!("--data {there}-2 restore {file}"));
    assert_eq!(damaged.status, 1, "{}", damaged.err);
    assert!(damaged.err.contains("the backup is damaged at byte"), "{}", damaged.err);
}

#[test]
fn a_restoration_to_a_position_says_who_cannot_sign_in_and_what_to_do() {
    let book = Book::with_people();
    let (first, file, there) = (book.dir().join("first.gbb"), book.dir().join("all.gbb"), book.dir().join("there"));
    let taken = book.json(&format!("backup {}", first.display()));
    let streams = taken["streams"].as_array().unwrap();
    let then = streams.iter().find(|row| row["stream"] == "abcimis").unwrap()["last"].as_u64().unwrap();
    book.give("sign-in --username bob", "Welcome-1\nNewer-22\n").good();
    book.run(&format!("backup {}", file.display())).good();
    let restore = |file: &Path, ending: &str, how: &str| {
        let (there, file) = (there.display(), file.display());
        book.run(&format!("--data {there}{ending} --tenant abcimis restore {file} --to {then} {how}")).good()
    };
    let told = restore(&file, "", "").err;
    assert!(told.contains("the passwords that `bob` had then, 1 of them"), "{told}");
    assert!(told.contains("do set_password") && told.contains("cannot tell a cut from a loss"), "{told}");
    let verified = book.run(&format!("--data {} verify", there.display())).ends_with(1);
    assert!(verified.out.contains("of `bob` in `abcimis`"), "{}", verified.out);
    let json: serde_json::Value = serde_json::from_str(&restore(&file, "-json", "--json").out).unwrap();
    let lacks = &json["cut"]["secrets"][0];
    assert_eq!((&lacks["kind"], &lacks["account"]), (&"password".into(), &"bob".into()));
    // Where nothing is missing nothing is said of it.
    let told = restore(&first, "-first", "").err;
    assert!(!told.contains("Not in the backup") && !told.contains("Until that is done"), "{told}");
}

#[test]
fn what_is_kept_of_a_person_is_shown_until_they_are_erased() {
    let book = Book::with_people();
    let kept = book.run("personal-data jeff").good();
    assert!(kept.out.contains("Jeff T.") && kept.out.contains("entries name this account"), "{}", kept.out);
    book.run("do place_legal_hold --account jeff").good();
    let held = book.run("do erase_contact --account jeff --ticket T-5");
    assert_eq!(held.status, 1);
    assert!(held.err.contains("legal hold") && held.err.contains("lift_legal_hold"), "{}", held.err);
    book.run("do lift_legal_hold --account jeff").good();
    // `--tenant` names the tenant at this door, and is no field of the command.
    book.run("--tenant abcimis do erase_contact --account jeff --ticket T-5").good();
    let gone = book.run("personal-data jeff").good();
    assert!(!gone.out.contains("Jeff T.") && gone.out.contains("(erased)"), "{}", gone.out);
    let view = book.run("view legal-holds").good();
    assert!(view.out.contains("Erased") && view.out.contains("jeff"), "{}", view.out);
}
