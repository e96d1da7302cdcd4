//! Tables of groups.

use grantbook_projections::BUILT_IN_GROUPS;

use crate::table_for_tests::{World, check};

// rules: X1, X2, G10
#[test]
fn members_are_assigned_by_sysadmins() {
    let table = "
        ann sign_in plane=platform                               | signed_in
        # Errors by descending precedence.
        ann add_group_member group=nothing account=nobody        | 403 X2
        sue add_group_member group=nothing account=nobody        | 404
        sue add_group_member group=reporting account=nobody      | 404
        sue add_group_member group=reporting account=con until=2026-01-05T00:00:00Z | 409 G10
        sue remove_group_member group=reporting account=con      | 409 X2
        first: sue add_group_member group=reporting account=con  | group_member_added{group=Reporting}@sue-admin
        sue add_group_member group=Reporting account=con         | 409 G10
        sue add_group_member group=Reporting account=con until=2026-02-01 | group_member_added
        sue add_group_member group=Reporting account=con until=2026-02-01 | 409 G10
        sue add_group_member group=Reporting account=con         | group_member_added
        sue remove_group_member group=Reporting account=con      | group_member_removed
        # Several groups in one entry, all or nothing.
        sue add_group_member group=Reporting account=ann ; add_group_member group=SegUser account=ann | group_member_added, group_member_added
        sue add_group_member group=RFMUser account=ann ; add_group_member group=SegUser account=ann | 409 G10
        holds ann group=RFMUser                                  | no
        may ann reports.area                                     | yes
        may con reports.area                                     | no X1
        may sue reports.area                                     | yes@sue-admin
        # What ended by the clock is not held.
        sue add_group_member group=SegAdmin account=ann until=2026-01-05 | group_member_added
        at 2026-01-06T00:00:00Z
        sue sign_in plane=platform                               | signed_in
        sue remove_group_member group=SegAdmin account=ann       | 409 X2
        sue add_group_member group=SegAdmin account=ann until=2026-02-01 | group_member_added
    ";
    check(World::with_admin(), table);
}

// rule: X1
#[test]
fn groups_of_ones_own_come_and_go_and_built_in_ones_stay() {
    let mut table = "
        ann sign_in plane=platform                               | signed_in
        ann create_group group=helpers                           | 403 S2
        sue create_group group=helpers                           | group_created@sue-admin
        sue create_group group=Helpers                           | 409 X1
        ann delete_group group=nothing                           | 403 S2
        sue delete_group group=nothing                           | 404
        sue add_group_member group=HELPERS account=con           | group_member_added{group=helpers}
        sue add_group_member group=helpers account=ann           | group_member_added
        sue create_object object=/a kind=folder                  | object_created
        sue grant_access object=/a principal={\"group\":\"Helpers\"} rights=[\"read\",\"edit\"] | access_granted, access_granted
        sue delete_group group=Helpers                           | group_member_removed{account=ann group=helpers}, group_member_removed{account=con}, access_revoked, access_revoked, group_deleted{group=helpers}
        sue create_group group=helpers                           | group_created
        holds ann group=helpers                                  | no
        may ann object.read /a                                   | no N2
    "
    .to_owned();
    for group in BUILT_IN_GROUPS {
        let quoted = format!("\"{}\"", group.to_uppercase().replace(' ', "\\u0020"));
        table += &format!("sue delete_group group={quoted} | 409 X1\nsue create_group group={quoted} | 409 X1\n");
    }
    check(World::with_admin(), &table);
}
