//! Tables of content authority groups.

use crate::table_for_tests::{World, check};

// rules: D1, G9, G10
#[test]
fn a_member_may_what_its_rights_say_on_what_the_group_covers_and_nothing_else() {
    let table = r#"
        sue create_object object=/site/news/today kind=content   | object_created
        sue create_object object=/site/newsletter kind=content   | object_created
        ann sign_in plane=platform                               | signed_in
        # Errors by descending precedence.
        sue create_content_authority_group group=editors master=false covers="/site" | 422
        ann create_content_authority_group group=editors master=false covers=["/nowhere"] | 403 S2
        sue create_content_authority_group group=editors master=false covers=["/nowhere"] | 404
        sue create_content_authority_group group=editors master=false covers=["/site/news"] | content_authority_group_created{group=editors}@sue-admin
        sue create_content_authority_group group=Editors master=true covers=["/nowhere"] | 404
        sue create_content_authority_group group=Editors master=true covers=[] | 409 D1
        sue add_content_authority_member group=nothing account=nobody rights=[] | 422
        ann add_content_authority_member group=nothing account=nobody rights=["edit"] | 403 S2
        sue add_content_authority_member group=nothing account=ann rights=["edit"] | 404
        sue add_content_authority_member group=editors account=nobody rights=["edit"] | 404
        sue add_content_authority_member group=editors account=ann rights=["edit"] until=2026-01-05T00:00:00Z | 409 G10
        sue remove_content_authority_member group=editors account=ann | 409 D1
        # Edit without delete, on the covered object and below it.
        edits: sue add_content_authority_member group=EDITORS account=ann rights=["edit","read"] | content_authority_member_added{group=editors}@sue-admin
        may ann content.edit /site/news                          | yes@edits
        may ann content.edit /site/news/today                    | yes@edits
        may ann content.read /site/news/today                    | yes@edits
        may ann content.delete /site/news/today                  | no D1
        may ann content.publish /site/news/today                 | no D1
        may ann content.create /site/news/today                  | no D1
        may ann content.edit /site                               | no D1
        may ann content.edit /site/newsletter                    | no D1
        may cy content.edit /site/news                           | no D1
        may guest content.read /site/news                        | no D1
        may sue content.publish /site/news                       | yes@sue-admin
        sue add_content_authority_member group=editors account=ann rights=["read","edit"] | 409 G10
        # Other rights replace those held.
        sue add_content_authority_member group=editors account=ann rights=["delete"] until=2026-02-01 | content_authority_member_added
        may ann content.delete /site/news                        | yes
        may ann content.edit /site/news                          | no D1
        at 2026-02-02T00:00:00Z
        may ann content.delete /site/news                        | no D1
        sue sign_in plane=platform                               | signed_in
        sue remove_content_authority_member group=editors account=ann | 409 D1
        sue add_content_authority_member group=editors account=ann rights=["delete"] | content_authority_member_added
        sue disable_account account=ann                          | account_disabled
        may ann content.delete /site/news                        | no C8
        sue enable_account account=ann                           | account_enabled
        sue remove_content_authority_member group=editors account=ann | content_authority_member_removed
        may ann content.delete /site/news                        | no D1
    "#;
    check(World::with_admin(), table);
}

// rules: A7, D1
#[test]
fn what_is_lost_is_lost_at_once_and_what_is_gained_comes_with_the_next_sign_in() {
    let table = r#"
        sue create_object object=/site kind=site                 | object_created
        sue create_content_authority_group group=editors master=false covers=["/site"] | content_authority_group_created
        sue add_content_authority_member group=editors account=ann rights=["read","edit"] | content_authority_member_added
        in: ann sign_in plane=platform                           | signed_in
        may ann@in content.edit /site                            | yes
        sue add_content_authority_member group=editors account=ann rights=["edit","publish"] | content_authority_member_added
        may ann@in content.edit /site                            | yes
        may ann@in content.read /site                            | no D1
        may ann@in content.publish /site                         | no D1
        may ann content.publish /site                            | yes
        # Taken and given back within the session: gone until the next.
        sue remove_content_authority_member group=editors account=ann | content_authority_member_removed
        sue add_content_authority_member group=editors account=ann rights=["edit"] | content_authority_member_added
        may ann@in content.edit /site                            | no D1
        may ann content.edit /site                               | yes
        # Ended by the clock, with nothing recorded since the sign-in, and given back: gone as well.
        sue add_content_authority_member group=editors account=ann rights=["edit"] until=2026-01-05T12:00:00Z | content_authority_member_added
        late: ann sign_in plane=platform                         | session_ended, signed_in
        at 2026-01-05T11:59:00Z
        may ann@late content.edit /site                          | yes
        at 2026-01-05T12:01:00Z
        sue add_content_authority_member group=editors account=ann rights=["edit"] | content_authority_member_added
        may ann@late content.edit /site                          | no D1
        may ann content.edit /site                               | yes
    "#;
    check(World::with_admin(), table);
}

// rules: D2, G1, G3
#[test]
fn members_of_a_master_admin_group_hold_content_administrator_and_cannot_widen_it() {
    let table = r#"
        sue create_object object=/site kind=site                 | object_created
        sue grant_access object=/site principal={"role":"content\u0020administrator"} rights=["edit"] | access_granted
        sue create_content_authority_group group=masters master=true covers=[] | content_authority_group_created
        sue create_content_authority_group group=editors master=false covers=["/site"] | content_authority_group_created
        sue add_content_authority_member group=editors account=ann rights=["edit"] | content_authority_member_added
        may ann object.edit /site                                | no N2
        sue add_content_authority_member group=masters account=ann rights=["edit"] | content_authority_member_added
        may ann object.edit /site                                | yes
        may ann object.delete /site                              | no N2
        may cy object.edit /site                                 | no N2
        # It is computed: nobody gives it, and nobody takes it.
        sue assign_role account=cy role="Content\u0020Administrator" | 409 G3
        sue remove_role account=ann role="Content\u0020Administrator" | 409 G3
        # Whoever has it decides about nobody's access, their own included.
        ann sign_in plane=platform                               | signed_in
        ann grant_access object=/site principal={"account":"ann"} rights=["delete"] | 403 S2
        ann set_access object=/site set=everyone-full-control    | 403 S2
        ann clear_access object=/site                            | 403 S2
        ann add_content_authority_member group=masters account=ann rights=["delete"] | 403 S2
        ann add_content_authority_member group=masters account=cy rights=["edit"] | 403 S2
        ann create_content_authority_group group=mine master=true covers=["/site"] | 403 S2
        ann delete_object object=/site                           | 403 S2
        sue remove_content_authority_member group=masters account=ann | content_authority_member_removed
        may ann object.edit /site                                | no N2
    "#;
    check(World::with_admin(), table);
}

// rules: C17, D1, N1
#[test]
fn what_hangs_on_a_deleted_object_ends_with_it_and_a_membership_is_a_right_held() {
    let table = r#"
        sue create_object object=/site/news kind=content         | object_created
        sue create_content_authority_group group=editors master=false covers=["/site/news","/site"] | content_authority_group_created
        sue create_content_authority_group group=readers master=false covers=["/site/news"] | content_authority_group_created
        sue add_content_authority_member group=editors account=con rights=["edit"] | content_authority_member_added
        sue delete_object object=/site/news                      | content_coverage_ended{group=editors object=/site/news}@sue-admin, content_coverage_ended{group=readers}, object_deleted
        sue add_content_authority_member group=readers account=ann rights=["read"] | content_authority_member_added
        sue create_object object=/site/news kind=content         | object_created
        may ann content.read /site/news                          | no D1
        # Somebody who holds a right in a content authority group gets credentials from a SysAdmin alone.
        sue set_level account=cy module=Customers level=4        | level_set
        cy sign_in plane=platform                                | signed_in
        cy create_credentials account=con username=con password=Start-7-word user_class=public | 403 C17
        sue remove_content_authority_member group=editors account=con | content_authority_member_removed
        cy create_credentials account=con username=con password=Start-7-word user_class=public | credentials_created
    "#;
    check(World::with_admin(), table);
}

// rules: G3, N4, P3
#[test]
fn public_sites_follow_the_access_settings_at_once() {
    let table = r#"
        sites                                                    |
        sue create_object object=/open kind=site public=true     | object_created
        sue create_object object=/closed kind=site public=true   | object_created
        sue create_object object=/private kind=site              | object_created
        sue create_object object=/asleep kind=site public=true active=false | object_created
        sue create_object object=/folder kind=folder public=true | object_created
        sites                                                    |
        sue set_access object=/open set=everyone-full-control    | access_set
        sue set_access object=/private set=everyone-full-control | access_set
        sue set_access object=/asleep set=everyone-full-control  | access_set
        sue set_access object=/folder set=everyone-full-control  | access_set
        sue set_access object=/closed set=everyone-read          | access_set
        sites                                                    | /open
        sue grant_access object=/closed principal={"role":"Everyone"} rights=["full_control"] | access_granted
        sites                                                    | /closed /open
        sue revoke_access object=/closed principal={"role":"Everyone"} rights=["full_control"] | access_revoked
        sue set_access object=/open set=authenticated-full-control | access_set
        sites                                                    |
    "#;
    check(World::with_admin(), table);
}
