//! Tables of credentials and user information.

use crate::table_for_tests::{World, check};

const PUBLIC: &str = "username=new password=Start-7-word user_class=public";

// rules: C1, C2, C3, C4, C5, C15, C17, L2
#[test]
fn credentials_are_created_by_sysadmins_and_by_staff_with_customers_4() {
    let table = format!(
        "
        staff four Customers=4
        staff three Customers=3
        four-level: manager set_level account=four module=Customers level=5 | level_set
        four sign_in plane=platform                              | signed_in
        three sign_in plane=platform                             | signed_in
        pat sign_in plane=platform                               | signed_in
        contact new
        contact other
        # Errors by descending precedence.
        three create_credentials account=nobody username=pat password=short user_class=full | 422 C5
        three create_credentials account=nobody username=pat password=Start-7-word user_class=full | 403 C3
        pat create_credentials account=new {PUBLIC}              | 403 C3
        bob create_credentials account=new {PUBLIC}              | 403 C3
        four create_credentials account=nobody username=pat password=Start-7-word user_class=full | 403 C3
        four create_credentials account=nobody username=pat password=Start-7-word user_class=public | 404
        four create_credentials account=pat username=sue password=Start-7-word user_class=public | 409 C1
        four create_credentials account=new username=PAT password=Start-7-word user_class=public | 409 C2
        four create_credentials account=new username=pat@example.org password=Start-7-word user_class=public | 422
        dry four create_credentials account=new username=new password=Start-7-word user_class=casual | credentials_created{{user_class=casual}}
        four create_credentials account=new {PUBLIC}             | credentials_created{{must_change=true username=new}}@four-level
        dry sue create_credentials account=other username=other password=Start-7-word user_class=full | credentials_created@sue-admin
        # A contact that still holds something is for SysAdmins.
        manager add_group_member account=other group=Reporting until=2026-01-05 | group_member_added
        four create_credentials account=other username=other password=Start-7-word user_class=public | 403 C17
        three create_credentials account=other username=other password=Start-7-word user_class=public | 403 C3
        dry sue create_credentials account=other username=other password=Start-7-word user_class=public | credentials_created
        # Unless it has ended, which counts as not held.
        at 2026-01-06T00:00:00Z
        four sign_in plane=platform                              | signed_in
        four create_credentials account=other username=other password=Start-7-word user_class=public | credentials_created
        # The username of a removed account is never given again, one that a living account gave up is free.
        manager change_username account=other username=another   | username_changed
        manager remove_account account=new                       | account_removed
        contact third
        four create_credentials account=third username=NEW password=Start-7-word user_class=public | 409 C15
        four create_credentials account=third username=other password=Start-7-word user_class=public | credentials_created
        manager change_username account=third username=new       | 409 C15
        manager add_contact account=new full_name=New            | 409 C15
        manager change_username account=third username=another   | 409 C2
        manager change_username account=third username=other     | 409 C2
        manager change_username account=third username=Other     | username_changed
        four change_username account=third username=x            | 403 C3
        four delete_credentials account=third                    | 403 C3
        four set_credential_email account=third email=a@b.c      | 403 C13
    "
    );
    check(World::with_admin(), &table);
}

// rule: C17
#[test]
fn each_thing_that_a_contact_holds_keeps_its_credentials_for_sysadmins() {
    for (holds, done) in [
        ("sue assign_role account=one role=Auditor", "role_assigned"),
        ("sue add_group_member account=one group=Reporting", "group_member_added"),
        ("bob assign_app_user account=one app=datastation", "app_user_assigned"),
        ("bob add_admin account=one", "admin_added"),
        (r#"sue grant_access object=/a principal={"account":"one"} rights=["read"]"#, "access_granted"),
        (
            "sue create_community community=Walkers                | community_created
             sue set_community_security community=Walkers administrators=[\"one\"]",
            "community_right_granted",
        ),
    ] {
        let table = format!(
            "
            sue create_object object=/a kind=folder              | object_created
            staff four Customers=4
            four sign_in plane=platform                          | signed_in
            staff one
            {holds}                                              | {done}
            sue delete_credentials account=one                   | credentials_deleted
            four create_credentials account=one {PUBLIC}         | 403 C17
            sue create_credentials account=one {PUBLIC}          | credentials_created
        "
        );
        check(World::with_admin(), &table);
    }
}

// rules: C7, L2, M2, G9
#[test]
fn passwords_and_locks_are_for_sysadmins_and_of_others_than_staff_for_staff_with_customers_4() {
    let table = "
        staff four Customers=4
        four sign_in plane=platform                              | signed_in
        ann sign_in plane=platform                               | signed_in
        manager set_setting setting=lockout_attempts value=1     | setting_changed
        pat sign_in password=x                                   | 403 C11 + sign_in_refused, credentials_locked
        cy sign_in password=x                                    | 403 C11 + sign_in_refused, credentials_locked
        four sign_in password=x                                  | 403 C11 + sign_in_refused, credentials_locked
        sue sign_in password=x                                   | 403 C11 + sign_in_refused, credentials_locked
        manager sign_in password=x                               | 403 C11 + sign_in_refused, credentials_locked
        # A lock stops sign-ins and ends no session.
        ann unlock_credentials account=pat                       | 403 C7
        four unlock_credentials account=cy                       | 403 C7
        four unlock_credentials account=four                     | 403 C7
        sue unlock_credentials account=sue                       | 403 C7
        manager unlock_credentials account=manager               | 403 C7
        four unlock_credentials account=nobody                   | 404
        four unlock_credentials account=con                      | 409 C1
        four unlock_credentials account=pat                      | credentials_unlocked
        four unlock_credentials account=pat                      | 409 C6
        sue unlock_credentials account=cy                        | credentials_unlocked
        sue unlock_credentials account=four                      | credentials_unlocked
        dry sue unlock_credentials account=manager               | credentials_unlocked
        ann set_password account=pat password=Other-7-word       | 403 C7
        # The least length is seven characters; six are too few.
        four set_password account=pat password=Six-66            | 422 C5
        four set_password account=pat password=Seven-7           | password_set{must_change=true}
        four set_password account=pat password=Other-7-word      | password_set{must_change=true}
        four set_password account=cy password=Other-7-word       | 403 C7
        four set_password account=four password=Other-7-word     | 403 C7
        four set_password account=manager password=Other-7-word  | 403 C7
        sue set_password account=cy password=Other-7-word        | password_set
        sue set_password account=sue password=Other-7-word       | 403 C7
        sue set_password account=manager password=Other-7-word   | 409 M2
        sue set_password account=con password=Other-7-word       | 409 C1
        sue set_password account=con password=other              | 422 C5
    ";
    check(World::with_admin(), table);
}

// rules: C8, C9, C10, C12, C13, M2, G2
#[test]
fn user_information_is_for_sysadmins() {
    for command in [
        "disable_account account=pat",
        "enable_account account=pat",
        "set_effective_date account=pat date=2026-02-01",
        "set_expiration_date account=pat date=2026-02-01",
        "set_user_class account=pat user_class=casual",
        "set_credential_email account=pat email=p@example.org",
        "assign_role account=pat role=Auditor",
        "remove_role account=pat role=Auditor",
        "add_group_member account=pat group=Reporting",
        "set_level account=pat module=Customers level=1",
        "change_username account=pat username=patricia",
        "delete_credentials account=pat",
        "remove_account account=pat",
        "make_system_administrator account=pat",
        "set_setting setting=lockout_attempts value=9",
        "create_role role=Helper description=x",
        "create_group group=helpers",
        "create_object object=/a kind=folder",
        "record_correction position=1",
    ] {
        let rule = match command.split(' ').next().unwrap() {
            "disable_account" | "enable_account" => "C8",
            "set_effective_date" => "C9",
            "set_expiration_date" => "C10",
            "set_user_class" | "set_credential_email" => "C13",
            "assign_role" | "remove_role" => "G7",
            "add_group_member" => "X2",
            "set_level" => "L1",
            "change_username" | "delete_credentials" => "C3",
            "create_role" => "G6",
            _ => "S2", // any other platform command for which no rule names anyone
        };
        let table = format!(
            "
            staff eight Customers=8 System=8
            eight sign_in plane=platform                         | signed_in
            eight {command}                                      | 403 {rule}
            bob {command}                                        | 403 {rule}
            "
        );
        check(World::with_admin(), &table);
    }
}

// rules: C8, C9, C10, C15, C12, M2
#[test]
fn nothing_of_managers_is_changed_by_the_tenant_nor_by_imported_history() {
    for command in [
        "change_username account=manager username=boss",
        "set_user_class account=manager user_class=casual",
        "disable_account account=manager",
        "enable_account account=manager",
        "delete_credentials account=manager",
        "remove_account account=manager",
        "set_effective_date account=manager date=2027-01-01",
        "set_expiration_date account=manager date=2027-01-01",
        "set_password account=manager password=Other-7-word",
        "set_level account=manager module=System level=7",
        "remove_role account=manager role=SysAdmin",
        "assign_role account=manager role=SysAdmin until=2027-01-01",
    ] {
        // Nobody sets their own password by this command: the rule on the actor speaks before the one on the state.
        let own = if command.starts_with("set_password") { "403 C7" } else { "409 M2" };
        let table = format!(
            "
            sue {command}                                        | 409 M2
            manager {command}                                    | {own}
            import-begins
            import {command}                                     | 409 M2
            "
        );
        check(World::with_admin(), &table);
    }
}

// rules: C12, G2, G4, L1
#[test]
fn leaving_class_full_ends_what_only_it_has() {
    let table = "
        staff all SysAdmin OnBehalfOf RemoteService Auditor Customers=5 System=8
        all sign_in                                              | signed_in
        bob add_admin account=all                                | admin_added
        sue set_user_class account=all user_class=full           | 409 C12
        sue set_user_class account=con user_class=full           | 409 C1
        dry sue set_user_class account=all user_class=public     | level_set{module=Customers level=0}, level_set{module=System level=0}, role_removed{role=SysAdmin}, role_removed{role=OnBehalfOf}, user_class_set{user_class=public}@sue-admin
        gone: sue set_user_class account=all user_class=casual   | level_set, level_set, role_removed, role_removed, user_class_set
        holds all level=System                                   | 0
        holds all SysAdmin                                       | no
        holds all OnBehalfOf                                     | no
        holds all RemoteService                                  | yes
        holds all Auditor                                        | yes
        # Staff access is lost at once, and does not come back in the session with the class.
        admins                                                   | -all bob
        all add_contact account=new full_name=New                | 403 S1
        all add_admin account=cy                                 | 403 F9
        sue set_user_class account=all user_class=full           | user_class_set
        all add_contact account=new full_name=New                | 403 S1
        all add_admin account=cy                                 | 403 F9
        admins                                                   | all bob
        holds all SysAdmin                                       | no
        all sign_in                                              | session_ended, signed_in
        all add_contact account=new full_name=New                | contact_added
        # Public and casual are alike: nothing ends. Deleting credentials ends the same as leaving the class.
        sue set_user_class account=pat user_class=casual         | user_class_set
        sue set_level account=all module=System level=3          | level_set
        sue delete_credentials account=all                       | session_ended{because=account_gone}, level_set, credentials_deleted
    ";
    check(World::with_admin(), table);
}

// rules: C8, C13, C15
#[test]
fn disabling_and_removing_end_sessions_and_say_so_once() {
    let table = "
        ann sign_in                                              | signed_in
        sue disable_account account=con                          | 409 C1
        sue disable_account account=nobody                       | 404
        sue enable_account account=ann                           | 409 C8
        sue disable_account account=ann                          | session_ended{because=ended}, account_disabled@sue-admin
        sue disable_account account=ann                          | 409 C8
        ann change_own_password old=Own-7-word new=New-7-word    | 401
        sue enable_account account=ann                           | account_enabled
        ann add_contact account=new full_name=New                | 401
        sue set_effective_date account=ann date=null             | 409 C9
        sue set_effective_date account=ann date=2026-01-01       | effective_date_set
        sue set_effective_date account=ann date=2026-01-01       | 409 C9
        sue set_expiration_date account=ann date=2031-01-05      | 409 C10
        sue set_expiration_date account=ann date=null            | expiration_date_set
        # Expiring by hand stops the sessions at once.
        cy sign_in plane=platform                                | signed_in
        sue set_expiration_date account=cy date=2026-01-04       | expiration_date_set
        cy add_contact account=new full_name=New                 | 401
        sue remove_account account=ann                           | account_removed
        sue remove_account account=ann                           | 404
        sue enable_account account=ann                           | 404
    ";
    check(World::with_admin(), table);
}

// rules: C4, G2
#[test]
fn a_sysadmin_keeps_a_valid_email() {
    let table = "
        manager add_contact account=bare full_name=Bare          | contact_added
        manager create_credentials account=bare username=bare password=Start-7-word user_class=full | credentials_created{email=null}
        manager assign_role account=bare role=SysAdmin           | 409 G2
        manager make_system_administrator account=bare           | 409 G2
        # The contact's email filled the credentials when they were made, and does so no more.
        manager update_contact account=bare email=b@example.org  | contact_updated
        manager assign_role account=bare role=SysAdmin           | 409 G2
        manager set_credential_email account=bare email=no-address | 422
        manager set_credential_email account=bare email=b@example.org | credential_email_set
        manager assign_role account=bare role=SysAdmin           | role_assigned
        manager update_contact account=bare email=null           | contact_updated
        holds bare SysAdmin                                      | yes
        manager set_credential_email account=bare email=null     | 409 G2
        manager set_credential_email account=con email=b@example.org | 409 C1
        manager remove_role account=bare role=SysAdmin           | role_removed
        manager set_credential_email account=bare email=null     | credential_email_set
    ";
    check(World::with_admin(), table);
}
