//! Communities and their own security (rule: X5).

use crate::table_for_tests::{World, check};

// rule: X5
#[test]
fn a_community_is_read_by_its_group_and_run_by_those_who_were_named() {
    let table = r#"
        ann sign_in plane=platform                               | signed_in
        ann create_community community=Gardeners                 | 403 X5
        sue create_community community=Gardeners group=nothing   | 404
        sue create_group group=growers                           | group_created
        sue create_community community=Gardeners group=Growers   | community_created{community=Gardeners group=growers}@sue-admin
        sue create_community community=gardeners                 | 409 X5
        may pat community.read Gardeners                         | no X5
        joined: sue add_group_member group=growers account=pat   | group_member_added
        may pat community.read Gardeners                         | yes@joined
        may con community.read Gardeners                         | no X5
        may guest community.read Gardeners                       | no X5
        may pat community.create_wiki Gardeners                  | no X5
        may sue community.create_wiki Gardeners                  | yes@sue-admin
        sue set_community_security community=Gardeners           | 422
        sue set_community_security community=nothing group=growers | 404
        sue set_community_security community=Gardeners group=growers | 409 X5
        sue set_community_security community=Gardeners wiki_creators=["nobody"] | 404
        sue set_community_security community=Gardeners wiki_creators=[{"role":"SysAdmin"}] | 422
        ann set_community_security community=Gardeners administrators=["ann"] | 403 X5
        named: sue set_community_security community=Gardeners wiki_creators=[{"group":"Growers"},{"staff":true}] administrators=["cy"] | community_right_granted{right=create_wiki}, community_right_granted, community_right_granted{right=administer}
        may pat community.create_wiki Gardeners                  | yes@named
        # Staff may create wikis once they are let in, and administrators need no letting in.
        may ann community.create_wiki Gardeners                  | no X5
        may cy community.read Gardeners                          | yes@named
        may cy community.administer Gardeners                    | yes@named
        may cy community.create_wiki Gardeners                   | yes@named
        may pat community.administer Gardeners                   | no X5
        # Those who administer a community do not say whom it is open to.
        cy sign_in plane=platform                                | signed_in
        cy set_community_security community=Gardeners group=null | 403 X5
        sue set_community_security community=Gardeners administrators=["@cy"] | 409 X5
        # All are named again; who stays holds what was given at first.
        sue set_community_security community=gardeners administrators=["cy","dee"] until=2026-02-01 | community_right_granted, community_right_granted
        sue set_community_security community=gardeners administrators=["dee"] until=2026-02-01 | community_right_revoked, community_right_granted
        may cy community.administer Gardeners                    | no X5
        may dee community.administer Gardeners                   | yes
        at 2026-02-02T00:00:00Z
        may dee community.administer Gardeners                   | no X5
    "#;
    check(World::with_admin(), table);
}

// rule: X5
#[test]
fn a_community_without_a_group_is_for_whoever_can_sign_in_and_one_whose_group_is_gone_for_nobody() {
    let table = r#"
        sue create_community community=Lounge                    | community_created
        may pat community.read Lounge                            | yes
        may con community.read Lounge                            | no X5
        may guest community.read Lounge                          | no X5
        sue create_group group=growers                           | group_created
        sue add_group_member group=growers account=pat           | group_member_added
        sue set_community_security community=Lounge group=growers wiki_creators=[{"group":"growers"}] administrators=["dee"] | community_opened, community_right_granted, community_right_granted
        sue delete_group group=growers                           | group_member_removed, community_closed{group=growers}, community_right_revoked, group_deleted
        may pat community.read Lounge                            | no X5
        may ann community.read Lounge                            | no X5
        may dee community.read Lounge                            | yes
        # A later group of the same name finds nothing.
        sue create_group group=growers                           | group_created
        sue add_group_member group=growers account=pat           | group_member_added
        may pat community.read Lounge                            | no X5
        sue set_community_security community=Lounge group=null   | community_opened
        may pat community.read Lounge                            | yes
        sue disable_account account=pat                          | account_disabled
        may pat community.read Lounge                            | no C8
    "#;
    check(World::with_admin(), table);
}

// rules: A7, X5
#[test]
fn a_session_creates_wikis_only_by_groups_that_its_account_was_in_at_its_sign_in() {
    let table = r#"
        sue create_group group=growers                           | group_created
        sue create_community community=Lounge                    | community_created
        named: sue set_community_security community=Lounge wiki_creators=[{"group":"growers"}] | community_right_granted
        before: pat sign_in plane=platform                       | signed_in
        sue add_group_member group=growers account=pat           | group_member_added
        may pat@before community.read Lounge                     | yes
        may pat@before community.create_wiki Lounge              | no X5
        may pat community.create_wiki Lounge                     | yes@named
        after: pat sign_in plane=platform                        | signed_in
        may pat@after community.create_wiki Lounge               | yes@named
    "#;
    check(World::with_admin(), table);
}

// rules: N2, X5
#[test]
fn a_member_type_has_a_right_in_a_community_once() {
    let table = r#"
        public mem
        sue update_contact account=mem member_type=ÄRZTE         | contact_updated
        sue create_community community=Lounge                    | community_created
        sue set_community_security community=Lounge wiki_creators=[{"member_type":"Ärzte"},{"member_type":"ärzte"}] | community_right_granted
        may mem community.create_wiki Lounge                     | yes
        sue set_community_security community=Lounge wiki_creators=[{"member_type":"ärzte"}] | 409 X5
        sue set_community_security community=Lounge wiki_creators=[{"member_type":"ärzte"}] until=2026-12-31 | community_right_granted{right=create_wiki}
        sue set_community_security community=Lounge wiki_creators=[] | community_right_revoked
        may mem community.create_wiki Lounge                     | no X5
    "#;
    check(World::with_admin(), table);
}
