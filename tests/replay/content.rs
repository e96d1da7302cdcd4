//! The stories of content, queries and visible contacts.

use grantbook_ledger::events::SignInPlane::Platform;
use serde_json::{Value, json};

use crate::stories::begin;
use crate::teller::Teller;

fn object(path: &str, kind: &str) -> Value {
    json!({"name": "create_object", "object": path, "kind": kind})
}

fn member(group: &str, account: &str, rights: &[&str]) -> Value {
    json!({"name": "add_content_authority_member", "group": group, "account": account, "rights": rights})
}

fn group(group: &str, master: bool, covers: &[&str]) -> Value {
    json!({"name": "create_content_authority_group", "group": group, "master": master, "covers": covers})
}

fn set(object: &str, set: &str) -> Value {
    json!({"name": "set_access", "object": object, "set": set})
}

/// A tenant whose SysAdmin is Nora.
async fn with_nora(cloud_id: &'static str, at: &'static str) -> Teller {
    let mut tell = begin(cloud_id, at).await;
    tell.signs_in("manager", Platform).await;
    tell.hires("nora", "Nora N.", "full", &["SysAdmin"]).await;
    tell.signs_in("nora", Platform).await;
    tell
}

pub(crate) async fn content_authority() -> Teller {
    let mut tell = with_nora("newsimis", "2026-03-02T08:00:00Z").await;
    tell.hires("walter", "Walter W.", "full", &[]).await;
    tell.hires("mona", "Mona M.", "public", &[]).await;
    tell.gives_all(
        "nora",
        &[object("/site", "site"), object("/site/news", "content"), object("/site/shop", "content")],
    )
    .await;
    tell.gives("nora", group("News editors", false, &["/site/news"])).await;
    tell.gives("nora", member("News editors", "walter", &["read", "edit"])).await;
    // Somebody who is not staff, for the spring only.
    let mut spring = member("News editors", "mona", &["read"]);
    spring["until"] = "2026-05-31".into();
    tell.gives("nora", spring).await;
    // A Master Admin group: its members hold Content Administrator, which the site's access setting names.
    tell.gives("nora", group("Masters", true, &[])).await;
    let granted = json!({"name": "grant_access", "object": "/site", "principal": {"role": "Content Administrator"},
        "rights": ["edit"]});
    tell.gives("nora", granted).await;
    tell.gives("nora", member("Masters", "walter", &["publish"])).await;
    // Whoever has it cannot widen it.
    tell.signs_in("walter", Platform).await;
    tell.is_refused("walter", member("Masters", "walter", &["delete"]), "S2").await;
    tell.is_refused("walter", set("/site", "everyone-full-control"), "S2").await;
    let role = json!({"name": "assign_role", "account": "mona", "role": "Content Administrator"});
    tell.is_refused("nora", role, "G3").await;
    // The news are taken down: what the group covered is covered no longer.
    tell.pass_to("2026-06-15T09:00:00Z").await;
    tell.signs_in("nora", Platform).await;
    tell.gives("nora", json!({"name": "delete_object", "object": "/site/news"})).await;
    tell.gives("nora", json!({"name": "remove_content_authority_member", "group": "Masters", "account": "walter"}))
        .await;
    tell
}

pub(crate) async fn queries() -> Teller {
    let mut tell = with_nora("askimis", "2026-04-06T08:00:00Z").await;
    tell.hires("ruth", "Ruth R.", "full", &[]).await;
    tell.hires("pia", "Pia P.", "public", &[]).await;
    tell.gives("nora", object("/queries", "folder")).await;
    tell.gives("nora", set("/queries", "everyone-full-control")).await;
    let created = json!({"name": "create_query", "query": "Renewals", "personal_data": true});
    tell.gives("nora", created).await;
    tell.gives("nora", json!({"name": "create_query", "query": "Standard", "out_of_box": true})).await;
    tell.is_refused("nora", set("/queries/Standard", "staff-read"), "Q1").await;
    tell.gives("nora", json!({"name": "edit_query", "query": "Renewals", "via_api": true})).await;
    tell.gives("nora", set("/queries/Renewals", "authenticated-read")).await;
    tell.gives("nora", json!({"name": "edit_query", "query": "renewals", "filtered_to_caller": true})).await;
    tell.gives("nora", json!({"name": "delete_object", "object": "/queries/Renewals"})).await;
    tell
}

pub(crate) async fn visibility() -> Teller {
    let mut tell = with_nora("seenimis", "2026-05-04T08:00:00Z").await;
    tell.hires("viola", "Viola V.", "public", &[]).await;
    tell.hires("malte", "Malte M.", "public", &[]).await;
    let contact = |id: &str, name: &str, status: Value, member_type: Value| json!({"name": "add_contact", "account": id, "full_name": name, "status": status, "member_type": member_type});
    tell.gives_all(
        "nora",
        &[
            contact("anna", "Anna A.", "speaker".into(), Value::Null),
            contact("berta", "Berta B.", "listed".into(), Value::Null),
            contact("clara", "Clara C.", Value::Null, "Regular".into()),
            contact("dora", "Dora D.", Value::Null, Value::Null),
            json!({"name": "update_contact", "account": "malte", "member_type": "Student"}),
        ],
    )
    .await;
    let define = |audience: &str, condition: Value| json!({"name": "define_contact_visibility", "audience": audience, "condition": condition});
    tell.gives("nora", define("everyone", json!({"status": "speaker"}))).await;
    tell.gives("nora", define("authenticated", json!({"status": "listed"}))).await;
    tell.gives("nora", define("members", json!({"member_type": ["Regular", "Student"]}))).await;
    tell.gives("nora", json!({"name": "update_contact", "account": "anna", "status": Value::Null})).await;
    tell.gives("nora", define("members", json!({"all": [{"member_type": "Regular"}, {"not": {"status": "lapsed"}}]})))
        .await;
    tell
}
