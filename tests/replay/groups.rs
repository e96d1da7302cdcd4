//! The stories of chapter X: members by purchase, members by a condition, and a community's own security.

use grantbook_ledger::events::Edition;
use grantbook_ledger::events::SignInPlane::Platform;
use serde_json::{Value, json};

use crate::teller::{Start, Teller};

/// A tenant with Petra, a system administrator, Walt and Olga, staff, and two members who are not.
async fn begin(cloud_id: &'static str) -> Teller {
    let start = Start { cloud_id, at: "2026-03-02T08:00:00Z", edition: Edition::Cloud, manager_email: None };
    let mut tell = Teller::begin(start).await;
    tell.signs_in("manager", Platform).await;
    tell.hires("petra", "Petra P.", "full", &["SysAdmin"]).await;
    tell.hires("walt", "Walt W.", "full", &[]).await;
    tell.hires("olga", "Olga O.", "full", &[]).await;
    tell.hires("mia", "Mia M.", "public", &[]).await;
    tell.hires("karl", "Karl K.", "public", &[]).await;
    tell.signs_in("petra", Platform).await;
    tell.signs_in("walt", Platform).await;
    tell.signs_in("olga", Platform).await;
    tell
}

fn group(name: &str, group: &str) -> Value {
    json!({"name": name, "group": group})
}

fn bought(product: &str, account: &str) -> Value {
    json!({"name": "record_purchase", "product": product, "account": account})
}

fn registered(product: &str, group: &str) -> Value {
    json!({"name": "register_product", "product": product, "group": group})
}

fn defined(group: &str, condition: Value) -> Value {
    json!({"name": "define_dynamic_group", "group": group, "condition": condition})
}

fn contact(account: &str, member_type: &str, status: &str) -> Value {
    json!({"name": "update_contact", "account": account, "member_type": member_type, "status": status})
}

fn opens(object: &str, group: &str) -> Value {
    json!({"name": "grant_access", "object": object, "principal": {"group": group}, "rights": ["read"]})
}

pub(crate) async fn bought_access() -> Teller {
    let mut tell = begin("shopimis").await;
    let guide = json!({"name": "create_object", "object": "/shop/field-guide", "kind": "content"});
    let closed = json!({"name": "set_access", "object": "/shop", "set": "sysadmin-only"});
    tell.gives_all("petra", &[group("create_group", "Guide readers"), guide, closed]).await;
    tell.gives("petra", opens("/shop/field-guide", "Guide readers")).await;
    // Nobody sells what staff have, and staff sell nothing by themselves.
    tell.is_refused("walt", registered("Field guide", "CampaignAdmin"), "X3").await;
    tell.is_refused("petra", registered("Field guide", "CampaignAdmin"), "X3").await;
    tell.gives("petra", registered("Field guide", "Guide readers")).await;
    tell.gives("walt", bought("Field guide", "mia")).await;
    tell.is_refused("olga", bought("Field guide", "olga"), "X3").await;
    let mut loan = bought("Field guide", "karl");
    loan["until"] = "2026-03-31".into();
    loan["reason"] = "a month's loan".into();
    tell.gives("olga", loan).await;
    tell.pass_to("2026-04-06T08:00:00Z").await;
    tell.signs_in("petra", Platform).await;
    tell.signs_in("walt", Platform).await;
    tell.gives("walt", bought("Field guide", "karl")).await;
    // The guide goes out of print.
    tell.gives("petra", group("delete_group", "Guide readers")).await;
    tell.gives("walt", bought("Field guide", "olga")).await;
    tell
}

pub(crate) async fn dynamic_group() -> Teller {
    let mut tell = begin("boardimis").await;
    tell.gives_all("walt", &[contact("mia", "Board", "Active"), contact("karl", "Board", "Resting")]).await;
    let active_board = json!({"all": [{"member_type": "Board"}, {"status": "Active"}]});
    tell.gives("walt", defined("Active board", active_board.clone())).await;
    tell.gives("walt", group("refresh_dynamic_group", "Active board")).await;
    let minutes = json!({"name": "create_object", "object": "/board/minutes", "kind": "folder"});
    let closed = json!({"name": "set_access", "object": "/board", "set": "sysadmin-only"});
    tell.gives_all("petra", &[minutes, closed, opens("/board/minutes", "Active board")]).await;
    // From now on who is in it is not for staff to say, by the condition, by their own contact, or by hand.
    tell.is_refused("walt", defined("Active board", json!({"any": []})), "X4").await;
    tell.gives("walt", contact("walt", "Board", "Active")).await;
    tell.is_refused("walt", group("refresh_dynamic_group", "Active board"), "X4").await;
    let by_hand = json!({"name": "add_group_member", "group": "Active board", "account": "walt"});
    tell.is_refused("petra", by_hand, "X4").await;
    tell.gives("petra", contact("walt", "Staff", "Active")).await;
    // Terms end and begin; the group follows when it is refreshed, and says who joined and who left.
    tell.gives_all("olga", &[contact("mia", "Board", "Resting"), contact("karl", "Board", "Active")]).await;
    tell.gives("olga", group("refresh_dynamic_group", "Active board")).await;
    tell.is_refused("olga", group("refresh_dynamic_group", "Active board"), "X4").await;
    tell
}

pub(crate) async fn community() -> Teller {
    let mut tell = begin("gardenimis").await;
    let security = |more: Value| {
        let mut command = json!({"name": "set_community_security", "community": "Gardeners"});
        command.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        command
    };
    tell.gives("petra", json!({"name": "create_community", "community": "Gardeners"})).await;
    tell.gives("petra", group("create_group", "Growers")).await;
    let member = json!({"name": "add_group_member", "group": "Growers", "account": "mia"});
    tell.gives("petra", member).await;
    let wiki = json!({"group": "Growers", "wiki_creators": [{"group": "Growers"}, {"staff": true}]});
    tell.gives("petra", security(wiki)).await;
    tell.is_refused("walt", security(json!({"administrators": ["walt"]})), "X5").await;
    tell.gives("petra", security(json!({"administrators": ["walt", "karl"], "until": "2026-06-30"}))).await;
    // Walt stays; of him nothing new is said.
    tell.gives("petra", security(json!({"administrators": ["walt"], "until": "2026-06-30"}))).await;
    tell.is_refused("walt", security(json!({"group": null})), "X5").await;
    tell.gives("petra", group("delete_group", "Growers")).await;
    tell
}
