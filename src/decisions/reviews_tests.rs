//! Tables of access reviews.

use crate::table_for_tests::{World, check};

/// The world of `with_admin`, with kim, an Auditor, and ann and cy as users of DataStation.
fn reviewed() -> World {
    let given = "
        staff kim
        manager assign_role account=kim role=Auditor
        bob assign_app_user account=ann app=datastation
        bob assign_app_user account=cy app=datastation
        kim sign_in plane=platform     | signed_in
        ann sign_in plane=platform     | signed_in
        cy sign_in plane=platform      | signed_in
        dee sign_in plane=platform     | signed_in
    ";
    check(World::with_admin(), given)
}

// rule: U3
#[test]
fn whoever_may_review_opens_a_review_of_what_there_is() {
    let table = r#"
        ann open_review review=Spring scope={"apps":true} reviewers=["ann"] due=2026-03-31          | 403 U3
        bob open_review review=Spring scope={"apps":true} reviewers=["ann"] due=2026-03-31          | 403 U3
        ann open_review review=Spring scope={"app":"nothing"} reviewers=["ann"] due=2026-03-31      | 403 U3
        kim open_review review=Spring scope={"app":"nothing"} reviewers=["ann"] due=2026-03-31      | 404
        kim open_review review=Spring scope={"role":"nothing"} reviewers=["ann"] due=2026-03-31     | 404
        kim open_review review=Spring scope={"group":"nothing"} reviewers=["ann"] due=2026-03-31    | 404
        kim open_review review=Spring scope={"object":"/nothing"} reviewers=["ann"] due=2026-03-31  | 404
        kim open_review review=Spring scope={"apps":true} reviewers=["nobody"] due=2026-03-31       | 404
        kim open_review review=Spring scope={"apps":true} reviewers=["con"] due=2026-03-31          | 409 C1
        kim open_review review=Spring scope={"role":"Everyone"} reviewers=["ann"] due=2026-03-31    | 409 G3
        kim open_review review=Spring scope={"apps":true} reviewers=["ann"] due=2026-01-01          | 409 U3
        kim open_review review=Spring scope={"apps":true} reviewers=["ann"] due=2026-03-31 since_review=Autumn | 404
        sue open_review review=Spring scope={"app":"DataStation"} reviewers=["ann","cy"] due=2026-03-31 | review_opened{review=Spring due=2026-04-01T00:00:00.000000Z}@sue-admin
        kim open_review review=SPRING scope={"admins":true} reviewers=["ann"] due=2026-03-31        | 409 U3
        kim open_review review=Next scope={"app":"datastation"} reviewers=["ann"] due=2026-03-31 since_review=spring | 409 U3
    "#;
    check(reviewed(), table);
}

// rule: U3
#[test]
fn those_who_are_named_decide_and_nobody_on_rights_of_their_own() {
    let table = r#"
        ann decide_review_item review=Spring item=cy/datastation decision=keep                      | 403 U3
        kim decide_review_item review=Spring item=cy/datastation decision=keep                      | 404
        open: kim open_review review=Spring scope={"apps":true} reviewers=["ann","cy"] due=2026-03-31 | review_opened
        bob assign_app_user account=dee app=datastation                                             | app_user_assigned
        ann decide_review_item review=spring item=cy/datastation decision=keep                      | review_item_decided{review=Spring account=cy decision=keep}@open
        ann decide_review_item review=Spring item=ann/datastation decision=keep                     | 403 U3
        cy decide_review_item review=Spring item=ann/datastation decision=revoke reason=left        | review_item_decided{account=ann decision=revoke}@open
        kim decide_review_item review=Spring item=cy/datastation decision=keep                      | 403 U3
        sue decide_review_item review=Spring item=cy/datastation decision=keep                      | 403 U3
        ann decide_review_item review=Spring item=dee/datastation decision=keep                     | 404
        ann decide_review_item review=Spring item=cy/nothing decision=keep                          | 404
        ann decide_review_item review=Spring item=cy decision=keep                                  | 404
        # A later decision replaces an earlier one.
        cy decide_review_item review=Spring item=ann/datastation decision=keep                      | review_item_decided{decision=keep}
        # Whoever is named in an entry is not yet a reviewer just before it.
        kim open_review review=All scope={"apps":true} reviewers=["kim"] due=2026-03-31 ; decide_review_item review=All item=cy/datastation decision=keep | 403 U3
        # Nor is it closed by the entry that opens it: what it looks at is not there yet.
        kim open_review review=All scope={"apps":true} reviewers=["kim"] due=2026-03-31 ; close_review review=All | 409 U3
        # A reviewer who lost the account decides no more.
        sue disable_account account=ann                                                            | session_ended, account_disabled
        ann decide_review_item review=Spring item=cy/datastation decision=revoke reason=left        | 401
    "#;
    check(reviewed(), table);
}

// rules: C15, F13, U3
#[test]
fn what_a_removed_account_held_is_in_no_later_review() {
    let table = r#"
        bob assign_app_user account=dee app=datastation
        kim open_review review=Before scope={"app":"datastation"} reviewers=["cy"] due=2026-03-31
        sue remove_account account=dee                | session_ended, account_removed
        # Who was there at the opening is looked at to the end.
        cy decide_review_item review=Before item=dee/datastation decision=revoke reason=left | review_item_decided
        kim open_review review=After scope={"app":"datastation"} reviewers=["cy"] due=2026-03-31
        cy decide_review_item review=After item=dee/datastation decision=revoke reason=left | 404
        bob close_review review=After                 | review_closed{kept=0 revoked=0 withheld=0 undecided=2}
        bob close_review review=Before                | review_revocation_withheld{account=dee}, review_closed{kept=0 revoked=0 withheld=1 undecided=2}
    "#;
    check(reviewed(), table);
}

// rule: U3
// rule: A3
#[test]
fn whoever_closes_it_carries_out_what_it_revokes() {
    let table = r#"
        bob assign_app_user account=dee app=datastation
        open: kim open_review review=Spring scope={"app":"datastation"} reviewers=["ann","cy"] due=2026-03-31
        ann decide_review_item review=Spring item=cy/datastation decision=revoke reason=left
        cy decide_review_item review=Spring item=ann/datastation decision=revoke reason=left
        ann close_review review=Spring                | 403 U3
        ann close_review review=nothing               | 403 U3
        kim close_review review=nothing               | 404
        bob close_review review=nothing               | 404
        # An auditor changes nothing, and a system administrator nothing on the dashboard.
        kim close_review review=Spring                | 403 A3 `closing it revokes `ann/datastation`, and you may not assign and remove App Users`
        sue close_review review=Spring                | 403 A3 `closing it revokes `ann/datastation`, and you may not`
        bob remove_app_user account=cy app=datastation
        bob close_review review=Spring                | app_user_removed{account=ann}@bob-admin, review_revocation_withheld{account=cy rule=null}, review_closed{kept=0 revoked=1 withheld=1 undecided=1}@bob-admin
        bob close_review review=Spring                | 409 U3
        ann decide_review_item review=Spring item=dee/datastation decision=keep | 409 U3
        # Nothing to revoke: whoever reviews closes it. What was kept and did not change is not asked again.
        kim open_review review=Summer scope={"app":"datastation"} reviewers=["ann"] due=2026-03-31 since_review=Spring
        ann decide_review_item review=Summer item=dee/datastation decision=keep
        kim close_review review=Summer                | review_closed{kept=1 revoked=0 withheld=0 undecided=0}
        bob assign_app_user account=cy app=datastation
        kim open_review review=Autumn scope={"app":"datastation"} reviewers=["ann"] due=2026-03-31 since_review=Summer
        ann decide_review_item review=Autumn item=dee/datastation decision=keep | 404
        ann decide_review_item review=Autumn item=cy/datastation decision=keep
        kim close_review review=Autumn                | review_closed{kept=1 undecided=0}
        kim open_review review=Winter scope={"app":"datastation"} reviewers=["ann"] due=2026-03-31 since_review=Autumn
        kim close_review review=Winter                | review_closed{kept=0 undecided=0}
        kim open_review review=Other scope={"apps":true} reviewers=["ann"] due=2026-03-31 since_review=Autumn | 409 U3
    "#;
    check(reviewed(), table);
}

// rule: F9
// rule: M2
// rule: U3
#[test]
fn what_a_rule_keeps_is_said_and_stays() {
    let table = r#"
        sue assign_role account=bob role=Auditor
        bob sign_in                                    | session_ended, signed_in
        bob add_admin account=ann
        kim open_review review=Admins scope={"admins":true} reviewers=["kim"] due=2026-03-31
        kim decide_review_item review=Admins item=bob/admin decision=revoke reason=left
        kim decide_review_item review=Admins item=ann/admin decision=revoke reason=left
        bob close_review review=Admins                 | admin_removed{account=ann}, review_revocation_withheld{account=bob rule=F9}, review_closed{revoked=1 withheld=1}
        kim open_review review=Roles scope={"role":"sysadmin"} reviewers=["kim"] due=2026-03-31
        kim decide_review_item review=Roles item=manager/SysAdmin decision=revoke reason=left
        kim decide_review_item review=Roles item=sue/SysAdmin decision=revoke reason=left
        kim close_review review=Roles                  | 403 G7
        sue close_review review=Roles                  | review_revocation_withheld{account=manager rule=M2}, role_removed{account=sue}, review_closed{revoked=1 withheld=1}
    "#;
    check(reviewed(), table);
}

// rule: U3
#[test]
fn a_group_and_an_object_are_reviewed_and_what_was_renamed_is_still_the_same() {
    let table = r#"
        sue create_group group=Editors
        sue add_group_member group=Editors account=ann
        sue add_group_member group=Editors account=cy until=2026-01-20
        sue create_role role=Helper description=helps
        sue assign_role account=dee role=Helper
        sue create_object object=/site kind=site
        kim open_review review=Site scope={"object":"/site"} reviewers=["kim"] due=2026-03-31 | 409 N2
        sue grant_access object=/site principal={"group":"Editors"} rights=["edit","read"]
        sue grant_access object=/site principal={"role":"Helper"} rights=["read"]
        sue grant_access object=/site principal={"account":"cy"} rights=["delete"]
        kim open_review review=Site scope={"object":"/site"} reviewers=["ann","cy","dee"] due=2026-03-31
        kim open_review review=Group scope={"group":"editors"} reviewers=["dee"] due=2026-03-31
        ann decide_review_item review=Site item=group:Editors/edit decision=keep                   | 403 U3
        dee decide_review_item review=Site item=group:Editors/edit decision=revoke reason=quiet    | review_item_decided{account=null}
        dee decide_review_item review=Site item=role:Helper/read decision=keep                     | 403 U3
        ann decide_review_item review=Site item=role:Helper/read decision=revoke reason=quiet
        ann decide_review_item review=Site item=account:cy/delete decision=revoke reason=quiet     | review_item_decided{account=cy}
        cy decide_review_item review=Site item=account:cy/delete decision=keep                     | 403 U3
        dee decide_review_item review=Group item=ann/Editors decision=revoke reason=quiet
        dee decide_review_item review=Group item=cy/Editors decision=revoke reason=quiet
        sue edit_role role=Helper new_name=Aide
        sue close_review review=Site                   | access_revoked{right=delete}, access_revoked{right=edit}, access_revoked, review_closed{revoked=3 undecided=1}
        # What was given anew, to another end, is still what it was decided on; what has ended is gone.
        sue add_group_member group=Editors account=ann until=2026-05-01
        at 2026-02-01T00:00:00Z
        sue sign_in plane=platform
        sue close_review review=Group                  | group_member_removed{account=ann}, review_revocation_withheld{account=cy rule=null}, review_closed{revoked=1 withheld=1}
        sue delete_group group=Editors
    "#;
    check(reviewed(), table);
}
