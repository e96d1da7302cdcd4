//! The stories about what is kept and what is destroyed.

use grantbook_ledger::events::SignInPlane::{Dashboard, Platform};
use serde_json::{Value, json};

use crate::stories::begin;
use crate::teller::Teller;

fn on(name: &str, account: &str) -> Value {
    json!({"name": name, "account": account})
}

fn erase(account: &str, ticket: &str) -> Value {
    json!({"name": "erase_contact", "account": account, "ticket": ticket})
}

pub(crate) async fn erased() -> Teller {
    let mut tell = begin("goneimis", "2026-06-01T08:00:00Z").await;
    tell.signs_in("manager", Platform).await;
    tell.hires("nora", "Nora N.", "full", &["SysAdmin"]).await;
    tell.hires("otto", "Otto O.", "full", &["RemoteService"]).await;
    tell.hires("paula", "Paula P.", "public", &[]).await;
    tell.signs_in("nora", Platform).await;
    tell.signs_in("otto", Dashboard).await;
    tell.gives("nora", json!({"name": "add_group_member", "group": "Reporting", "account": "otto"})).await;
    tell.pass_to("2026-06-10T09:00:00Z").await;
    tell.signs_in("nora", Platform).await;
    tell.gives("nora", on("place_legal_hold", "otto")).await;
    tell.is_refused("nora", erase("otto", "T-31"), "U5").await;
    tell.gives("nora", on("remove_account", "paula")).await;
    tell.gives("nora", erase("paula", "T-30")).await;
    tell.pass_to("2026-09-01T09:00:00Z").await;
    tell.signs_in("nora", Platform).await;
    tell.gives("nora", on("lift_legal_hold", "otto")).await;
    tell.support("T-31", json!({"name": "erase_contact", "account": "otto"})).await;
    tell.is_refused("nora", on("place_legal_hold", "otto"), "C15").await;
    tell
}
