//! Asking: tables for people, JSON for programs, now and then.

use std::sync::LazyLock;

use expect_test::expect;
use serde_json::Value;

use crate::book::{Book, without_instants};

/// A book in which Bob has made Jeff an Admin User, at position 11. Questions alone are asked of it, one at a time.
static BOOK: LazyLock<std::sync::Mutex<Book>> = LazyLock::new(|| {
    let book = Book::with_people();
    book.give("sign-in --username bob", "Welcome-1\nNewer-22\n").good();
    book.run("do add_admin --account jeff").good();
    std::sync::Mutex::new(book)
});

fn ask(line: &str) -> String {
    let book = BOOK.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    without_instants(&book.run(line).good().out)
}

#[test]
fn every_view_is_a_table_and_json() {
    expect![[r#"
        admins of abcimis, as of position 11 (DDDD-DD-DD TT:TT:TT UTC)

        ADMIN USER      EFFECTIVE  SINCE                    BY                  UNTIL
        Bob S. (bob)    yes        DDDD-DD-DD TT:TT:TT #10  first sign-in (F1)
        Jeff T. (jeff)  yes        DDDD-DD-DD TT:TT:TT #11  bob
    "#]]
    .assert_eq(&ask("view admins"));
    for (view, words) in grantbook_inquiries::VIEWS {
        let table = ask(&format!("view {view}"));
        assert!(table.starts_with(&format!("{view} of abcimis, as of position 11")), "{words}: {table}");
        assert!(!table.contains("null") && !table.contains('{'), "{table}");
        let json: Value = serde_json::from_str(&ask(&format!("view {view} --json"))).unwrap();
        assert_eq!(json["as_of"]["position"], 11);
    }
}

// rule: F9
#[test]
fn a_question_is_answered_as_of_then() {
    let question = "can --account jeff --do dashboard.manage_admins";
    assert_eq!(ask(question), "yes (rule F9), as of position 11 (DDDD-DD-DD TT:TT:TT UTC)\n");
    assert_eq!(ask(&format!("{question} --as-of 10")), "no (rule F9), as of position 10 (DDDD-DD-DD TT:TT:TT UTC)\n");
    let before = ask("view admins --as-of 2020-01-01T00:00:00Z");
    assert!(before.contains("Nobody is an Admin User."), "{before}");
}

#[test]
fn why_is_a_tree_down_to_the_first_sign_in() {
    expect![[r#"
        yes: Jeff T. may add and remove Admin Users (rule F9)
        as of position 11 (DDDD-DD-DD TT:TT:TT UTC)
          yes: any of these
            yes: all of these
              yes: is an Admin User (F9)
                #11 DDDD-DD-DD TT:TT:TT  Bob S. made Jeff T. an Admin User, on the authority of #10
                #10 DDDD-DD-DD TT:TT:TT  by the first sign-in, Bob S. became an Admin User
    "#]]
    .assert_eq(
        &ask("why --account jeff --do dashboard.manage_admins")
            .lines()
            .take(7)
            .fold(String::new(), |text, line| text + line + "\n"),
    );
    let no = ask("why --account jeff --do dashboard.manage_admins --as-of 10");
    assert!(no.starts_with("no: Jeff T. may not add and remove Admin Users") && no.contains("it would do to"), "{no}");
}

#[test]
fn entries_are_listed_exported_and_followed() {
    expect![[r#"
        POSITION  WHEN                 WHO     WHAT                                     AUTHORITY
        #11       DDDD-DD-DD TT:TT:TT  Bob S.  admin added: Jeff T., origin admin_user  #10
    "#]]
    .assert_eq(&ask("events --type admin_added --subject jeff"));
    let lines = ask("export --format jsonl");
    let positions: Vec<u64> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, (1..=11).collect::<Vec<_>>());
    assert_eq!(ask("export --from 10 --to 10").lines().count(), 1);
    let last = ask("tail --last 1");
    assert_eq!(last, "#11 DDDD-DD-DD TT:TT:TT  Bob S.: admin added: Jeff T., origin admin_user (authority #10)\n");
}

#[test]
fn the_ledger_is_checked() {
    let verified: Value = serde_json::from_str(&ask("verify --json")).unwrap();
    assert_eq!(verified["ok"], true, "{verified}");
    assert!(ask("verify").contains("all is as it should be"));
}

#[test]
fn completions_know_commands_fields_and_views() {
    for shell in ["bash", "zsh", "fish"] {
        let script = ask(&format!("completions {shell}"));
        for word in ["assign_app_user", "--full_name", "dashboard.manage_admins", "support-token"] {
            let word = if shell == "fish" { word.trim_start_matches("--") } else { word };
            assert!(script.contains(word), "{shell}: {word}");
        }
        assert!(!script.contains("--password"), "{shell}");
    }
}

#[test]
fn help_lists_the_fields_of_a_command() {
    let help = ask("do assign_role --help");
    for word in ["--account", "--role", "--until", "--reason", "--dry-run"] {
        assert!(help.contains(word), "{word}: {help}");
    }
}

// rules: F10, F11, A3, A4, S1, S2
#[test]
fn the_tables_of_the_rulebook_are_printed_without_a_ledger() {
    let run = |line: &str| BOOK.lock().unwrap_or_else(std::sync::PoisonError::into_inner).run(line);
    expect![[r#"
        dashboard: what Admin Users and App Users may do on the dashboard (F10, F11, A3, A4)

        RIGHT                                    RULE  GUEST  STAFF-ON-SITE  STAFF  APP-USER  ADMIN-USER  ADMIN-AND-APP-USER  SYSADMIN
        sign in to the dashboard                 A5    -      -              yes    yes       yes         yes                 yes
        use an app it may be assigned to         A4    -      -              -      yes       -           yes                 -
        use an app whose subscription has ended  A4    -      -              -      -         -           -                   -
        assign and remove App Users              A3    -      -              -      -         yes         yes                 -
        add and remove Admin Users               F9    -      -              -      -         yes         yes                 -
        update the Background Account            B5    -      -              -      -         yes         yes                 -
        view subscriptions                       F10   -      -              -      -         yes         yes                 -
        act as another account                   F12   -      -              -      -         -           -                   -
    "#]].assert_eq(&run("can --matrix dashboard").good().out);
    let json: Value = serde_json::from_str(&run("can --matrix staff --json").good().out).unwrap();
    assert_eq!(json["rows"][0]["do"], "contacts.access");
    assert_eq!(json["rows"][0]["allowed"]["public"], false);
    assert_eq!(json["rows"][0]["allowed"]["staff"], true);
    // What administrators may each on their own is one row a right.
    let organisations = run("can --matrix organisations").good().out;
    let bills = organisations.lines().find(|line| line.starts_with("bill the organisation")).unwrap();
    let cells: Vec<&str> = bills.split_whitespace().skip(3).collect();
    assert_eq!(cells, ["O11", "yes", "-", "-", "-", "company", "yes"], "{organisations}");
    let all = run("can --matrix").good().out;
    for (name, words) in grantbook_inquiries::matrices() {
        assert!(all.contains(&format!("{name}: {words}")), "{all}");
    }
}

#[test]
fn the_book_is_exported_in_the_forms_that_others_read() {
    let book = Book::with_people();
    let export = |format: &str| book.run(&format!("export --format {format}")).good().out;
    let entries: Vec<Value> = export("jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: usize = entries.iter().map(|entry| entry["events"].as_array().unwrap().len()).sum();
    assert_eq!(export("ocsf").lines().count(), events);
    assert_eq!(export("syslog").lines().count(), events);
    let batch: Value = serde_json::from_str(&export("cloudevents")).unwrap();
    assert_eq!(batch.as_array().unwrap().len(), events);
    assert!(export("csv").starts_with("tenant,position,event,at,"));
    assert!(
        book.run("export --format xml").ends_with(2).err.contains("jsonl, csv, cloudevents, ocsf, syslog, parquet")
    );
}
