//! Examples of a compromise. What holds for every history is tried in `tests/model`.

use grantbook_events::{AdminOrigin, CredentialsEvent, DashboardEvent, Event, Position, SecretVersion, SignInPlane};
use serde_json::json;

use super::*;
use crate::findings::for_tests::role;
use crate::history_for_tests::{History, account};

fn walked(history: &History, id: &str, since: Position) -> Spread {
    let mut spread = Spread::new(account(id), since);
    (1..).map(Position).zip(&history.entries).for_each(|(position, entry)| spread.look(position, entry));
    spread
}

fn asked(history: &History, id: &str, since: Position) -> BlastRadius {
    blast_radius(&history.shown(history.last()), &walked(history, id, since), usize::MAX, Some(usize::MAX))
}

fn admin(id: &str) -> Event {
    let origin = AdminOrigin::AdminUser;
    Event::Dashboard(DashboardEvent::AdminAdded { account: account(id), until: None, origin })
}

// rule: F9
#[test]
fn what_was_granted_through_another_counts_and_what_was_granted_before_does_not() {
    let mut history = History::example();
    let before = history.last();
    let own = history.act("jeff", vec![admin("veronica")]);
    let through = history.act("veronica", vec![admin("sarah")]);
    let radius = asked(&history, "jeff", before.next());
    let granted: Vec<_> = radius.granted.iter().map(|act| (act.position, act.through.clone(), act.holds)).collect();
    assert_eq!(granted, [(own, vec![], Some(true)), (through, vec![own], Some(true))]);
    assert_eq!(radius.did.len(), 1, "what Veronica did is not Jeff's doing");
    let one = blast_radius(&history.shown(history.last()), &walked(&history, "jeff", before.next()), 1, None);
    assert_eq!((one.granted_count, one.still_holding, one.did_count), (2, 2, 1));
    assert_eq!(one.granted.iter().map(|act| act.position).collect::<Vec<_>>(), [through], "the newest");
    let plan = radius.repair.unwrap();
    let names: Vec<_> =
        plan.steps.iter().map(|step| (step.command["name"].clone(), step.command["account"].clone())).collect();
    assert_eq!(
        names,
        [
            (json!("set_password"), json!("jeff")),
            (json!("remove_admin"), json!("sarah")),
            (json!("remove_admin"), json!("veronica"))
        ]
    );
    assert_eq!(plan.steps[1].for_example, Some(account("bob")), "not somebody whom it touches");
    assert_eq!((plan.left, plan.later), (vec![], 0));
    // One that has no room for all begins with the same, and says how much is to come.
    let short = blast_radius(&history.shown(history.last()), &walked(&history, "jeff", before.next()), 1, Some(1));
    let short = short.repair.unwrap();
    assert_eq!((short.steps.len(), &short.steps[0].command["name"], short.later), (1, &json!("set_password"), 2));
    // From the start, Jeff's own app and all that he gave count too.
    assert_eq!(asked(&history, "jeff", Position(1)).granted.len(), 4);
}

// rule: C16
#[test]
fn whoever_signs_in_with_a_password_that_was_set_is_reached_from_then_on() {
    let mut history = History::example();
    let since = history.last().next();
    let set = |id: &str, version| {
        let (account, secret) = (account(id), SecretVersion(version));
        Event::Credentials(CredentialsEvent::PasswordSet { account, secret, must_change: true })
    };
    let opened = history.act("daemon", vec![set("sarah", 901)]);
    history.act("daemon", vec![set("rebecca", 902)]);
    history.act("manager", vec![set("rebecca", 903)]);
    history.act("sarah", vec![role(true, "mia", "Auditor")]);
    let from = history.sign_in("sarah", SignInPlane::Platform);
    history.sign_in("rebecca", SignInPlane::Platform);
    let granted = history.act("sarah", vec![role(true, "mia", "RemoteService")]);
    let radius = asked(&history, "daemon", since);
    let reached = Reached { from, opened, by_email: false };
    assert_eq!(radius.reached, BTreeMap::from([(account("sarah"), reached)]), "Rebecca's was set anew by another");
    assert!(radius.granted.iter().any(|act| act.position == granted));
    assert!(!radius.granted.iter().any(|act| act.sentence.contains("Auditor")), "before Sarah signed in");
    let json = radius.json(&history.shown(history.last()));
    let passwords: Vec<&str> = json["repair"]["commands"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|command| command["name"] == "set_password")
        .map(|command| command["account"].as_str().unwrap())
        .collect();
    assert_eq!(passwords, ["daemon", "sarah"]);
    assert!(json["reached"][0]["how"].as_str().unwrap().contains("signed in with it at position"));
}

// rule: L3
#[test]
fn a_right_that_existed_briefly_could_have_been_used() {
    let mut history = History::example();
    let from = history.act("daemon", vec![role(true, "daemon", "Auditor")]);
    let to = history.act("manager", vec![role(false, "daemon", "SysAdmin"), role(false, "daemon", "Auditor")]);
    let radius = asked(&history, "daemon", from);
    let could = radius.could.iter().find(|could| could.capabilities.contains(&Capability::RolesAssign)).unwrap();
    assert_eq!((could.from, could.to), (Cause::Entry(from), Some(Cause::Entry(to))));
}
