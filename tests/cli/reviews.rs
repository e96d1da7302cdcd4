//! An access review on the command line: opened, shown, decided, closed and reported.

use expect_test::expect;

use crate::book::{Book, without_instants};

// rule: U3
#[test]
fn a_review_is_opened_decided_closed_and_reported() {
    let book = Book::with_people();
    // MANAGER, who is signed in, makes Bob an Auditor too.
    book.run("do assign_role --account bob --role Auditor").good();
    book.give("sign-in --username bob", "Welcome-1\nNewer-22\n").good();
    book.run("do add_admin --account jeff").good();
    let opened = book.run("do open_review --review Admins --scope admins --reviewers bob,jeff --due 2090-12-31").good();
    assert!(opened.out.contains("review opened: review Admins, scope admins"), "{}", opened.out);
    let own = book.run("do decide_review_item --review Admins --item bob/admin --decision keep").ends_with(1);
    assert!(own.err.contains("nobody reviews their own rights"), "{}", own.err);
    let why = book.run("do decide_review_item --review Admins --item jeff/admin --decision revoke").ends_with(2);
    assert!(why.err.contains("`reason`"), "{}", why.err);
    book.run("do decide_review_item --review Admins --item jeff/admin --decision revoke --reason left").good();
    expect![[r#"
        REVIEW  STATE  LOOKS AT         DUE                    ITEMS  KEPT  REVOKED  NOT REVOKED  UNDECIDED
        Admins  open   the Admin Users  the end of DDDD-DD-DD  2      0     1        0            1
    "#]]
    .assert_eq(&without_instants(&book.run("review list").good().out));
    expect![[r#"
        Review Admins of the Admin Users: open, as of position 15 (DDDD-DD-DD TT:TT:TT UTC)
        opened by bob, DDDD-DD-DD TT:TT:TT (#13), due by the end of DDDD-DD-DD
        reviewers: Bob S. (bob), Jeff T. (jeff)
        2 items so far: 0 to keep, 1 to revoke, 1 undecided

        ITEM        WHAT              GIVEN       LAST USED                      DECISION                           OUTCOME
        bob/admin   is an Admin User  #11 by bob  signed in DDDD-DD-DD TT:TT:TT  open: jeff                         undecided
        jeff/admin  is an Admin User  #12 by bob  never seen                     revoke by bob (who gave it): left  to revoke
    "#]].assert_eq(&without_instants(&book.run("review show admins").good().out));
    book.run("do close_review --review Admins").good();
    expect![[r#"
        Review Admins of the Admin Users: closed, as of position 16 (DDDD-DD-DD TT:TT:TT UTC)
        opened by bob, DDDD-DD-DD TT:TT:TT (#13), due by the end of DDDD-DD-DD
        reviewers: Bob S. (bob), Jeff T. (jeff)
        closed by bob, DDDD-DD-DD TT:TT:TT (#16): 2 items, 0 kept, 1 revoked, 0 not revoked, 1 undecided

        ITEM        WHAT              GIVEN       LAST USED                      DECISION                           OUTCOME
        bob/admin   is an Admin User  #11 by bob  signed in DDDD-DD-DD TT:TT:TT  none                               undecided
        jeff/admin  is an Admin User  #12 by bob  never seen                     revoke by bob (who gave it): left  revoked

        bob/admin:
          #11 DDDD-DD-DD TT:TT:TT: by the first sign-in, Bob S. became an Admin User

        jeff/admin:
          #12 DDDD-DD-DD TT:TT:TT: Bob S. made Jeff T. an Admin User
          #11 DDDD-DD-DD TT:TT:TT: by the first sign-in, Bob S. became an Admin User
    "#]].assert_eq(&without_instants(&book.run("review show Admins --authority").good().out));
    // The report is the same bytes whatever happens later.
    let report = |format: &str| book.run(&format!("review report Admins --format {format}")).good().out;
    let before = ["html", "csv", "json"].map(report);
    book.run("do add_admin --account jeff").good();
    assert_eq!(before, ["html", "csv", "json"].map(report));
    let [html, csv, json] = before;
    assert!(html.starts_with("<!doctype html>") && html.contains("revoked") && !html.contains("http"), "{html}");
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 3, "{csv}");
    assert!(
        rows[0].starts_with("review,item,account,name,what,") && rows[2].starts_with("Admins,jeff/admin,jeff,Jeff T.,")
    );
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["counts"]["revoked"], 1);
    let nothing = book.run("review show Nothing").ends_with(1);
    assert!(nothing.err.contains("no such review"), "{}", nothing.err);
}
