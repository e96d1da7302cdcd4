//! Dynamic groups: who defines them, who joins and leaves by a refresh, and that staff gain nothing by them (rule: X4).

use crate::table_for_tests::{World, check};

// rule: X4
#[test]
fn a_refresh_records_exactly_who_joined_and_who_left() {
    let table = r#"
        ann sign_in plane=platform                               | signed_in
        ann update_contact account=con member_type=Regular status=active | contact_updated
        ann update_contact account=pat member_type=Student status=active | contact_updated
        guest define_dynamic_group group=g condition={"status":"active"} | 403 X4
        defined: ann define_dynamic_group group=regulars condition={"member_type":"regular","status":"active"} | dynamic_group_defined{group=regulars}
        ann define_dynamic_group group=Regulars condition={"member_type":"regular","status":"active"} | 409 X4
        holds con group=regulars                                 | no
        guest refresh_dynamic_group group=regulars               | 403 X4
        ann refresh_dynamic_group group=nothing                  | 404
        ann refresh_dynamic_group group=Reporting                | 409 X4
        ann refresh_dynamic_group group=REGULARS                 | group_member_added{account=con group=regulars}, dynamic_group_refreshed{joined=1 left=0 remaining=0}
        holds con group=regulars                                 | yes
        # Nothing when nothing changed.
        ann refresh_dynamic_group group=regulars                 | 409 X4
        ann update_contact account=con status=null               | contact_updated
        # Until the next refresh everybody stays.
        holds con group=regulars                                 | yes
        ann define_dynamic_group group=regulars condition={"member_type":["Regular","Student"],"status":"active"} | dynamic_group_defined
        ann refresh_dynamic_group group=regulars                 | group_member_removed{account=con}, group_member_added{account=pat}, dynamic_group_refreshed{joined=1 left=1}
        # Whoever is removed is no contact any more.
        sue remove_account account=pat                           | account_removed
        ann refresh_dynamic_group group=regulars                 | group_member_removed{account=pat}, dynamic_group_refreshed{joined=0 left=1}
        # All but those of a kind, and those without one.
        ann update_contact account=con member_type=Regular       | contact_updated
        ann define_dynamic_group group=others condition={"all":[{"not":{"member_type":"Student"}},{"not":{"member_type":null}}]} | dynamic_group_defined
        ann refresh_dynamic_group group=others                   | group_member_added{account=con}, dynamic_group_refreshed
    "#;
    check(World::with_admin(), table);
}

// rules: X1, X2, X4
#[test]
fn members_of_a_dynamic_group_are_those_of_its_condition_and_of_no_hand() {
    let table = r#"
        sue create_group group=helpers                           | group_created
        sue add_group_member group=helpers account=con           | group_member_added
        sue define_dynamic_group group=Helpers condition={"status":"active"} | 409 X4
        sue define_dynamic_group group=reporting condition={"status":"active"} | 409 X1
        sue define_dynamic_group group=actives condition={"status":"active"} | dynamic_group_defined
        sue create_group group=Actives                           | 409 X1
        sue add_group_member group=actives account=con           | 409 X4
        sue remove_group_member group=actives account=con        | 409 X4
        sue register_product product=guide group=actives         | 409 X4
        sue update_contact account=con status=Active             | contact_updated
        sue refresh_dynamic_group group=actives                  | group_member_added{account=con}, dynamic_group_refreshed
        sue delete_group group=actives                           | group_member_removed{account=con}, group_deleted
        sue create_group group=actives                           | group_created
        holds con group=actives                                  | no
        # By hand again.
        sue add_group_member group=actives account=con           | group_member_added
    "#;
    check(World::with_admin(), table);
}

// rule: X4
#[test]
fn staff_gain_nothing_by_a_group_that_opens_something() {
    let table = r#"
        ann sign_in plane=platform                               | signed_in
        cy sign_in plane=platform                                | signed_in
        ann update_contact account=con member_type=Board         | contact_updated
        ann define_dynamic_group group=board condition={"member_type":"Board"} | dynamic_group_defined
        ann refresh_dynamic_group group=board                    | group_member_added{account=con}, dynamic_group_refreshed
        # What it opens is not for staff to say.
        sue create_object object=/minutes kind=document          | object_created
        ann grant_access object=/minutes principal={"group":"board"} rights=["read"] | 403 S2
        sue set_access object=/minutes set=sysadmin-only         | access_set
        sue grant_access object=/minutes principal={"group":"board"} rights=["read"] until=2026-02-01 | access_granted
        # From then on neither is who is in it.
        ann define_dynamic_group group=board condition={"status":"active"} | 403 X4
        ann define_dynamic_group group=Board condition={"member_type":"Board"} | 403 X4
        # A name of one's own contact does not do either: somebody else has to let one in.
        ann update_contact account=ann member_type=Board         | contact_updated
        ann refresh_dynamic_group group=board                    | 403 X4
        may ann object.read /minutes                             | no N2
        # Others keep it up to date, and a system administrator changes it.
        ann update_contact account=con member_type=null          | contact_updated
        dry cy refresh_dynamic_group group=board                 | group_member_removed{account=con}, group_member_added{account=ann}, dynamic_group_refreshed
        sue define_dynamic_group group=board condition={"status":"board"} | dynamic_group_defined@sue-admin
        ann refresh_dynamic_group group=board                    | group_member_removed{account=con}, dynamic_group_refreshed
        # A right that has ended opens nothing any more.
        at 2026-02-02T00:00:00Z
        ann sign_in plane=platform                               | signed_in
        ann define_dynamic_group group=board condition={"member_type":"Board"} | dynamic_group_defined
    "#;
    check(World::with_admin(), table);
}

// rules: X4, X5
#[test]
fn a_community_is_something_that_a_group_opens() {
    let table = r#"
        ann sign_in plane=platform                               | signed_in
        ann define_dynamic_group group=one condition={"status":"1"} | dynamic_group_defined
        ann define_dynamic_group group=two condition={"status":"2"} | dynamic_group_defined
        sue create_community community=Gardeners group=one       | community_created
        sue set_community_security community=Gardeners administrators=[{"group":"two"}] | community_right_granted
        ann define_dynamic_group group=one condition={"status":"3"} | 403 X4
        ann define_dynamic_group group=two condition={"status":"3"} | 403 X4
        sue set_community_security community=Gardeners group=null administrators=[] | community_opened, community_right_revoked
        ann define_dynamic_group group=one condition={"status":"3"} | dynamic_group_defined
        ann define_dynamic_group group=two condition={"status":"3"} | dynamic_group_defined
    "#;
    check(World::with_admin(), table);
}

// rule: X4
#[test]
fn a_large_refresh_goes_on_with_the_next_and_those_who_leave_come_first() {
    let mut table = String::new();
    let long = "g".repeat(128);
    // 256 KiB hold 1,170 changes of a group with such a name.
    for number in 0..1_200 {
        table += &format!("manager add_contact account=c{number} full_name=C status=active\n");
    }
    table += &format!(
        r#"
        sue define_dynamic_group group={long} condition={{"status":"active"}} | dynamic_group_defined
        sue refresh_dynamic_group group={long}
        holds c0 group={long}                                    | yes
        holds c999 group={long}                                  | no
        sue update_contact account=c0 status=null                | contact_updated
        sue update_contact account=c1 status=null                | contact_updated
        dry sue refresh_dynamic_group group={long}
        sue refresh_dynamic_group group={long}
        holds c0 group={long}                                    | no
        holds c999 group={long}                                  | yes
        sue refresh_dynamic_group group={long}                   | 409 X4
        "#
    );
    check(World::with_admin(), &table);
}
