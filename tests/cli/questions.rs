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
        the shortest reason: is an Admin User (#11), is staff (user class Full) (#7), has credentials (#7), exists (#6), holds the role RemoteService (#8)
          yes: any of these
            yes: all of these
              yes: is an Admin User (F9)
                #11 DDDD-DD-DD TT:TT:TT  Bob S. made Jeff T. an Admin User, on the authority of #10
                #10 DDDD-DD-DD TT:TT:TT  by the first sign-in, Bob S. became an Admin User
    "#]]
    .assert_eq(
        &ask("why --account jeff --do dashboard.manage_admins")
            .lines()
            .take(8)
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
    let refused = book.run("export --format xml").ends_with(2).err;
    assert!(refused.contains("jsonl, csv, cloudevents, ocsf, syslog, fixture, parquet"), "{refused}");
}

// rules: F9, F10
#[test]
fn who_can_is_a_table_with_the_entry_that_gave_the_right() {
    expect![[r#"
        who may add and remove Admin Users, as of position 11 (DDDD-DD-DD TT:TT:TT UTC)

        ACCOUNT         BECAUSE           GIVEN
        Bob S. (bob)    is an Admin User  #10 DDDD-DD-DD TT:TT:TT  by the first sign-in, Bob S. became an Admin User
        Jeff T. (jeff)  is an Admin User  #11 DDDD-DD-DD TT:TT:TT  Bob S. made Jeff T. an Admin User
    "#]]
    .assert_eq(&ask("who-can --do dashboard.manage_admins"));
    expect![[r#"
        who could add and remove Admin Users, from position 0 to position 11 (DDDD-DD-DD TT:TT:TT UTC)

        ACCOUNT         FROM                     BY                                                 TO     BY
        Bob S. (bob)    DDDD-DD-DD TT:TT:TT #10  by the first sign-in, Bob S. became an Admin User  still
        Jeff T. (jeff)  DDDD-DD-DD TT:TT:TT #11  Bob S. made Jeff T. an Admin User                  still
    "#]]
    .assert_eq(&ask("who-can --do dashboard.manage_admins --from 0"));
    expect![[r#"
        who may act as another account on bob, as of position 11 (DDDD-DD-DD TT:TT:TT UTC)

        No account can.
    "#]]
    .assert_eq(&ask("who-can --do account.impersonate --on bob"));
    let json: Value = serde_json::from_str(&ask("who-can --do dashboard.manage_admins --json")).unwrap();
    assert_eq!(json["accounts"][1]["reason"]["given"]["position"], 11);
}

// rule: F9
#[test]
fn a_diff_tells_what_became_of_rights_and_what_did_it() {
    expect![[r#"
        what became of rights from position 10 (DDDD-DD-DD TT:TT:TT UTC) to position 11 (DDDD-DD-DD TT:TT:TT UTC)

        Jeff T. (jeff)
          gained  DDDD-DD-DD TT:TT:TT #11  Bob S. made Jeff T. an Admin User
                  dashboard.view_subscriptions, dashboard.manage_admins, dashboard.manage_app_users, dashboard.update_background_account, ledger.read_dashboard
    "#]].assert_eq(&ask("diff --from 10"));
    expect![[r#"
        what became of rights from position 11 (DDDD-DD-DD TT:TT:TT UTC) to position 11 (DDDD-DD-DD TT:TT:TT UTC)

        Nobody gained or lost a right.
    "#]]
    .assert_eq(&ask("diff --from 11"));
    let json: Value = serde_json::from_str(&ask("diff --from 10 --account jeff --json")).unwrap();
    assert_eq!(json["accounts"][0]["gained"][0]["cause"]["position"], 11);
}

#[test]
fn a_span_without_an_end_ends_where_the_question_is_asked_from() {
    let lines = [
        "diff --from 0",
        "who-can --do dashboard.manage_admins --from 0",
        "timeline --account jeff",
        "timeline --do dashboard.manage_admins --from 9",
    ];
    for line in lines {
        let [then, until] = ["--as-of 10", "--to 10"].map(|end| ask(&format!("{line} {end} --json")));
        let json: Value = serde_json::from_str(&then).unwrap();
        assert_eq!((json["as_of"]["position"].as_u64(), &then), (Some(10), &until), "{line}");
        assert_eq!(ask(&format!("{line} --to 10 --as-of 11 --json")), until, "{line}");
    }
    let book = BOOK.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for line in lines {
        let contradicted = book.run(&format!("{line} --to 11 --as-of 10")).ends_with(2);
        assert!(contradicted.err.contains("the span must not end after `as_of`"), "{}", contradicted.err);
    }
    for line in [
        "diff --from 99",
        "who-can --do roles.assign --from 99",
        "blast-radius bob --since 99",
        "diff --from 0 --as-of 99",
    ] {
        let beyond = book.run(line).ends_with(1);
        assert!(beyond.err.contains("there is nothing at position 99: the last is 11"), "{line}: {}", beyond.err);
    }
}

#[test]
fn the_last_entries_are_followed_from_now_and_told_as_of_then() {
    let positions = |line: &str| -> Vec<u64> {
        let lines = ask(line);
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["position"].as_u64().unwrap()).collect()
    };
    assert_eq!(positions("tail --last 2 --as-of 10 --json"), [9, 10]);
}

// rule: F1
#[test]
fn a_lineage_is_a_tree_up_and_down_and_a_picture() {
    expect![[r#"
        lineage of entry #11, as of position 11 (DDDD-DD-DD TT:TT:TT UTC)

        up: what it did, and by whose authority, back to the start
        └─ Admin User
             #11 DDDD-DD-DD TT:TT:TT  Bob S. made Jeff T. an Admin User  [holds]
             └─ #10 DDDD-DD-DD TT:TT:TT  by the first sign-in, Bob S. became an Admin User  [holds]

        down: what it did, and what rests on it
        └─ #11 DDDD-DD-DD TT:TT:TT  Bob S. made Jeff T. an Admin User  [holds]
    "#]]
    .assert_eq(&ask("lineage --position 11"));
    expect![[r#"
        lineage of Bob S. (bob), as of position 11 (DDDD-DD-DD TT:TT:TT UTC)

        down: what it did, and what was done by rights that came of it
        ├─ #9 DDDD-DD-DD TT:TT:TT  Bob S. changed the password of their own account
        └─ #10 DDDD-DD-DD TT:TT:TT  by the first sign-in, Bob S. became an Admin User  [holds]
           └─ #11 DDDD-DD-DD TT:TT:TT  Bob S. made Jeff T. an Admin User  [holds]
    "#]]
    .assert_eq(&ask("lineage bob --down"));
    expect![[r##"
        digraph lineage {
          rankdir=LR;
          node [shape=box, fontname="sans-serif"];
          "10.1" [label="#10 · DDDD-DD-DD\nby the first sign-in, Bob S. became an Admin User", style=solid];
          "11.0" [label="#11 · DDDD-DD-DD\nBob S. made Jeff T. an Admin User", style=solid];
          "10.1" -> "11.0";
        }
    "##]]
    .assert_eq(&ask("lineage --position 11 --up --format dot"));
    assert!(ask("lineage jeff --format svg").starts_with("<svg "));
    let json: Value = serde_json::from_str(&ask("lineage jeff --format json")).unwrap();
    assert_eq!(json["account"], "jeff");
}

// rule: F9
#[test]
fn a_timeline_is_a_story() {
    expect![[r#"
        timeline of Jeff T., as of position 11 (DDDD-DD-DD TT:TT:TT UTC)

        WHEN                 ENTRY  WHAT
        DDDD-DD-DD TT:TT:TT  #6     MANAGER added the contact Jeff T.
        DDDD-DD-DD TT:TT:TT  #7     MANAGER created credentials of class full for Jeff T.
        DDDD-DD-DD TT:TT:TT  #8     MANAGER gave Jeff T. the role RemoteService
        DDDD-DD-DD TT:TT:TT  #11    Bob S. made Jeff T. an Admin User
    "#]]
    .assert_eq(&ask("timeline --account jeff"));
    expect![[r#"
        timeline of the right to add and remove Admin Users (dashboard.manage_admins), as of position 11 (DDDD-DD-DD TT:TT:TT UTC)

        WHEN                 ENTRY  WHAT
        DDDD-DD-DD TT:TT:TT  #10    Bob S. could from here on: by the first sign-in, Bob S. became an Admin User
        DDDD-DD-DD TT:TT:TT  #11    Jeff T. could from here on: Bob S. made Jeff T. an Admin User
    "#]]
    .assert_eq(&ask("timeline --do dashboard.manage_admins"));
}
