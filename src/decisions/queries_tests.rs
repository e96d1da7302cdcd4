//! Tables of queries.

use crate::table_for_tests::{World, check};

// rules: Q1, N1, S2
#[test]
fn a_new_query_is_for_staff_and_its_security_can_be_changed() {
    let table = r#"
        ann sign_in plane=platform                               | signed_in
        sue create_object object=/queries kind=folder            | object_created
        sue set_access object=/queries set=everyone-full-control | access_set
        # Errors by descending precedence.
        sue create_query query=a//b                              | 422
        ann create_query query=members                           | 403 S2
        sue create_query query=members                           | object_created{object=/queries/members kind=query}@sue-admin, access_set{set=staff-full-control}@sue-admin, query_created{query=members out_of_box=false via_api=false}@sue-admin
        sue create_query query=Members                           | 409 Q1
        sue create_query query=/queries/members                  | 409 N1
        sue create_object object=/queries/members kind=content   | 409 N1
        # What lies above gives nothing of it to others.
        may ann query.run members                                | yes
        may pat query.run members                                | no Q1
        may guest query.run members                              | no Q1
        may guest object.read /queries/members                   | no N2
        sue set_access object=/queries/members set=authenticated-read | access_set
        may pat query.run members                                | yes
        may guest query.run members                              | no Q1
        # One made as an object of the tree is a query like any other.
        sue create_object object=/queries/sales kind=query       | object_created, access_set{set=staff-full-control}, query_created{query=/queries/sales}
        may guest query.run /queries/sales                       | no Q1
        ann edit_query query=nothing                             | 403 S2
        sue edit_query query=nothing                             | 404
        sue edit_query query=members                             | 409 Q1
        sue edit_query query=members via_api=false               | 409 Q1
        sue edit_query query=MEMBERS via_api=true personal_data=false | query_edited{query=members via_api=true personal_data=null}@sue-admin
        # It ends with its object; a later one of the same name starts for staff only again.
        sue delete_object object=/queries/members                | query_deleted{query=members}, object_deleted
        sue edit_query query=members via_api=true                | 404
        sue create_query query=members                           | object_created, access_set, query_created
        may pat query.run members                                | no Q1
    "#;
    check(World::with_admin(), table);
}

// rule: Q1
#[test]
fn the_security_of_an_out_of_the_box_query_cannot_be_changed() {
    let table = r#"
        sue create_query query=standard out_of_box=true          | object_created, access_set, query_created{out_of_box=true}
        sue set_access object=/queries/standard set=staff-read   | 409 Q1
        sue grant_access object=/queries/standard principal={"account":"pat"} rights=["read"] | 409 Q1
        sue revoke_access object=/queries/standard principal={"account":"pat"} rights=["read"] | 409 Q1
        # Who is not there is told before what cannot be.
        sue grant_access object=/queries/standard principal={"group":"nope"} rights=["read"] | 404
        sue revoke_access object=/queries/standard principal={"group":"nope"} rights=["read"] | 404
        sue clear_access object=/queries/standard                | 409 Q1
        sue delete_object object=/queries/standard               | 409 Q1
        sue edit_query query=standard out_of_box=false           | 422
        sue set_access object=/queries set=everyone-full-control | access_set
        may pat query.run standard                               | no Q1
        sue edit_query query=standard via_api=true               | query_edited
    "#;
    check(World::with_admin(), table);
}

// rule: Q2
#[test]
fn over_the_api_a_query_needs_its_flag_and_the_callers_own_permission() {
    let table = r#"
        sue create_query query=members                           | object_created, access_set, query_created
        may sue query.run_via_api members                        | no Q2
        may ann query.run_via_api members                        | no Q2
        flag: sue edit_query query=members via_api=true          | query_edited
        may sue query.run_via_api members                        | yes@sue-admin
        may ann query.run_via_api members                        | yes
        may pat query.run_via_api members                        | no Q2
        may guest query.run_via_api members                      | no Q2
        sue set_access object=/queries/members set=everyone-read | access_set
        may guest query.run_via_api members                      | yes
        sue edit_query query=members via_api=false               | query_edited
        may guest query.run_via_api members                      | no Q2
        may guest query.run members                              | yes
    "#;
    check(World::with_admin(), table);
}
