//! What each built-in group gives, and nothing besides: the table of rule X1, written from the rulebook.

use crate::table_for_tests::{World, check};

/// Of each group, what its members may do in the areas of staff work.
const GIVES: [(&str, &str); 21] = [
    (
        "CampaignAdmin",
        "campaigns.read campaigns.add campaigns.edit campaigns.delete campaigns.full
        campaigns.object_read campaigns.object_edit campaigns.object_full",
    ),
    (
        "CampaignMgr",
        "campaigns.read campaigns.add campaigns.edit campaigns.delete campaigns.object_read campaigns.object_edit",
    ),
    ("CampaignUser", "campaigns.read campaigns.object_read"),
    ("Certification Admin", "certification.mails"),
    ("Certification Manager", "certification.mails"),
    ("Certification User", "certification.mails"),
    ("EventUser", "query_integration.use"),
    ("FRUser", "query_integration.use"),
    ("OrderUser", "query_integration.use"),
    (
        "OpportunityAdmin",
        "process_manager.read process_manager.add process_manager.edit process_manager.delete process_manager.full
        process_manager.edit_own process_manager.delete_own process_manager.add_owner
        process_manager.object_read process_manager.object_edit process_manager.object_full",
    ),
    (
        "OpportunityCreator",
        "process_manager.read process_manager.add process_manager.edit_own process_manager.delete_own
        process_manager.object_read",
    ),
    (
        "OpportunityMgr",
        "process_manager.read process_manager.add process_manager.edit process_manager.delete
        process_manager.edit_own process_manager.delete_own process_manager.object_read process_manager.object_edit",
    ),
    ("OpportunityOwners", "process_manager.add_owner"),
    ("OpportunityUser", "process_manager.read process_manager.object_read"),
    ("Reporting", "reports.area"),
    ("RFMAdmin", "rfm.read rfm.add rfm.edit rfm.delete rfm.full rfm.object_read rfm.object_edit rfm.object_full"),
    ("RFMMgr", "rfm.read rfm.add rfm.edit rfm.delete rfm.object_read rfm.object_edit"),
    ("RFMUser", "rfm.read rfm.object_read"),
    (
        "SegAdmin",
        "segmentation.read segmentation.add segmentation.edit segmentation.delete segmentation.full
        segmentation.object_read segmentation.object_edit segmentation.object_full",
    ),
    (
        "SegMgr",
        "segmentation.read segmentation.add segmentation.edit segmentation.delete
        segmentation.object_read segmentation.object_edit",
    ),
    ("SegUser", "segmentation.read segmentation.object_read"),
];

fn everything() -> Vec<&'static str> {
    let mut all: Vec<&str> = GIVES.iter().flat_map(|(_, gives)| gives.split_whitespace()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

// rules: X1, S3, G9
#[test]
fn each_group_gives_its_rights_and_no_other() {
    let mut table = String::new();
    for (number, (group, gives)) in GIVES.iter().enumerate() {
        let who = format!("staff{number}");
        let quoted = format!("\"{}\"", group.replace(' ', "\\u0020"));
        table += &format!("staff {who}\nsue add_group_member group={quoted} account={who} | group_member_added\n");
        for right in everything() {
            let expected = if gives.split_whitespace().any(|given| given == right) { "yes" } else { "no X1" };
            table += &format!("may {who} {right} | {expected}\n");
        }
        table += &format!("sue remove_group_member group={quoted} account={who} | group_member_removed\n");
        for right in gives.split_whitespace() {
            table += &format!("may {who} {right} | no X1\n");
        }
    }
    // System administrators have everything; staff without a group, and guests, nothing of it.
    for right in everything() {
        table += &format!("may sue {right} | yes@sue-admin\nmay ann {right} | no X1\n");
    }
    check(World::with_admin(), &table);
}

// rules: S3, G9
#[test]
fn staff_in_any_content_authority_group_build_sites() {
    let mut table = "
        sue create_object object=/site kind=site                 | object_created
        sue create_content_authority_group group=editors master=false covers=[\"/site\"]
        sue create_content_authority_group group=authors master=false covers=[]
        joined: sue add_content_authority_member group=editors account=ann rights=[\"edit\"] until=2026-02-01
        sue add_content_authority_member group=authors account=cy rights=[\"read\"]
        sue add_content_authority_member group=editors account=pat rights=[\"edit\"]
    "
    .to_owned();
    let rights = ["site_builder.use", "page_builder.use", "tagging.use", "easy_edit.use"];
    for right in rights {
        table += &format!("may ann {right} | yes@joined\nmay cy {right} | yes\nmay sue {right} | yes@sue-admin\n");
        // Neither other staff, nor members who are not staff.
        table += &format!("may dee {right} | no S3\nmay pat {right} | no S3\nmay guest {right} | no S3\n");
    }
    table += "sue remove_content_authority_member group=authors account=cy\nat 2026-02-02T00:00:00Z\n";
    for right in rights {
        table += &format!("may ann {right} | no S3\nmay cy {right} | no S3\n");
    }
    check(World::with_admin(), &table);
}

// rules: S3, S4, X1
#[test]
fn campaigns_and_other_queries_are_for_staff_alone() {
    let table = "
        sue add_group_member group=CampaignAdmin account=pat     | group_member_added
        may pat campaigns.full                                   | no X1
        may pat campaigns.read                                   | no X1
        sue set_user_class account=pat user_class=full           | user_class_set
        may pat campaigns.full                                   | yes
        sue set_user_class account=pat user_class=public         | user_class_set
        sue add_group_member group=SegUser account=pat           | group_member_added
        may pat segmentation.read                                | yes
        # A member who cannot sign in has nothing.
        sue add_group_member group=SegAdmin account=con          | group_member_added
        may con segmentation.read                                | no X1
        sue disable_account account=pat                          | account_disabled
        may pat segmentation.read                                | no C8
        may ann queries.select                                   | yes
        may ann relationships.edit                               | yes
        may sue queries.select                                   | yes
        may con queries.select                                   | no S4
        may guest relationships.edit                             | no S4
    ";
    check(World::with_admin(), table);
}
