//! Tables of what support does: orphaned tenants, catalogues, MANAGER's password.

use crate::table_for_tests::{World, check};

// rules: F5, F6
#[test]
fn an_admin_user_who_cannot_act_is_not_effective_and_the_last_one_orphans_the_tenant() {
    for (loses, events) in [
        ("sue disable_account account=bob", "session_ended, account_disabled"),
        ("sue set_effective_date account=bob date=2027-01-01", "effective_date_set"),
        ("sue set_expiration_date account=bob date=2026-01-04", "expiration_date_set"),
        ("sue set_user_class account=bob user_class=casual", "user_class_set"),
        ("sue remove_role account=bob role=RemoteService", "role_removed"),
        ("sue delete_credentials account=bob", "session_ended, credentials_deleted"),
        ("sue remove_account account=bob", "session_ended, account_removed"),
    ] {
        let table = format!(
            "
            lost: {loses}                                        | {events}
            admins                                               | -bob orphaned@lost
            support restore_admin cloud_id=abcimis account=ann ticket=T-2 | admin_added, notice_owed{{account=bob notice=admin_restored}}, notice_owed{{account=manager}}
            admins                                               | ann -bob
            support restore_admin cloud_id=abcimis account=cy ticket=T-2 | 409 F6
            "
        );
        check(World::with_admin(), &table);
    }
    let table = "
        # A lock passes.
        sue set_setting setting=lockout_attempts value=1         | setting_changed
        bob sign_in password=x                                   | 403 C11 + sign_in_refused, credentials_locked
        admins                                                   | bob
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | 409 F6
        # So does a password that another set (rule: C16).
        sue set_password account=bob password=Other-7-word       | session_ended, password_set
        admins                                                   | bob
        # The clock alone orphans, and a later date of expiration ends it.
        at 2031-01-06T00:00:00Z
        admins                                                   | -bob orphaned@2031-01-06T00:00:00.000000Z
        manager set_expiration_date account=bob date=2032-01-01  | expiration_date_set
        admins                                                   | bob
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | 409 F6
        # The end of RemoteService orphans too.
        manager assign_role account=bob role=RemoteService until=2031-02-01 | role_assigned
        at 2031-02-02T00:00:00Z
        admins                                                   | -bob orphaned@2031-02-02T00:00:00.000000Z
    ";
    check(World::with_admin(), table);
}

// rules: F6, F8, F9, F13, U4
#[test]
fn only_support_restores_an_admin_and_only_whom_f8_admits() {
    let table = "
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | 409 F6
        support restore_admin cloud_id=abcimis account=nobody ticket=T-2 | 404
        bob add_admin account=ann                                | admin_added
        bob remove_admin account=bob                             | admin_removed
        lost: sue disable_account account=ann                    | account_disabled
        admins                                                   | -ann orphaned@lost
        support restore_admin cloud_id=abcimis account=bob until=2026-01-01 ticket=T-2 | 409 G10
        # With an end it would leave no effective Admin User without one, as no grant of an Admin User may.
        support restore_admin cloud_id=abcimis account=bob until=2027-01-01 ticket=T-2 | 409 F9 `until`
        dry support restore_admin cloud_id=abcimis account=bob ticket=T-2 | admin_added{account=bob until=null origin=support}@null, notice_owed, notice_owed
        sue restore_admin account=cy                             | 422
        support restore_admin cloud_id=abcimis account=nobody ticket=T-2 | 404
        support restore_admin cloud_id=abcimis account=con ticket=T-2 | 409 F8
        support restore_admin cloud_id=abcimis account=pat ticket=T-2 | 409 F8
        support restore_admin cloud_id=abcimis account=manager ticket=T-2 | 409 F8
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | 409 F8
        support restore_admin cloud_id=abcimis account=sue ticket=T-2 | 409 F6
        support restore_admin cloud_id=abcimis account=cy        | 422
        # Every former admin is told, whether or not still listed, and the tenant's contact.
        support restore_admin cloud_id=abcimis account=cy ticket=T-2 | admin_added{account=cy origin=support until=null}@null, notice_owed{account=ann}@null, notice_owed{account=bob}, notice_owed{account=manager}
        admins                                                   | -ann cy
        # Listed and made effective again, one is an admin as before.
        sue enable_account account=ann                           | account_enabled
        admins                                                   | ann cy
    ";
    check(World::with_admin(), table);
    // History made elsewhere is as it was, and so is the end of the only Admin User that it has.
    let table = "
        staff ann RemoteService
        import-begins
        import add_admin account=ann until=2027-01-01            | admin_added{until=2027-01-02T00:00:00.000000Z}
        at 2027-01-03T00:00:00Z
        admins                                                   | orphaned@2027-01-02T00:00:00.000000Z
    ";
    check(World::cloud(), table);
    // A tenant that never had an Admin User is not orphaned.
    let table = "
        staff ann RemoteService
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | 409 F6
    ";
    check(World::cloud(), table);
}

// rules: F6, F7
#[test]
fn a_tenant_of_edition_2017_is_never_orphaned() {
    let table = "
        staff ann RemoteService
        manager sign_in plane=dashboard browser=7                | session_ended, signed_in
        manager add_admin account=ann                            | admin_added
        manager disable_account account=ann                      | account_disabled
        admins                                                   | -ann manager
        manager enable_account account=ann                       | account_enabled
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | 409 F6
    ";
    check(World::edition_2017(), table);
}

// rules: A1, A2, B2, L1, U4
#[test]
fn catalogues_subscriptions_and_licences_are_supports() {
    let table = "
        manager add_app app=x title=X audience=staff             | 422
        support add_app cloud_id=abcimis app=datastation title=X audience=staff ticket=T-2 | 409 A1
        support add_app cloud_id=abcimis app=x title=X audience=staff | 422
        support record_subscription cloud_id=abcimis app=x status=active from=2026-01-01 ticket=T-2 | 404
        support add_app cloud_id=abcimis app=x title=X audience=staff ticket=T-2 | app_added@null
        support record_subscription cloud_id=abcimis app=x status=active from=2026-02-01 until=2026-01-31 ticket=T-2 | 409 A2
        support record_subscription cloud_id=abcimis app=x status=active from=2026-02-01 until=2026-02-28 ticket=T-2 | subscription_recorded@null
        # From its first day to its end.
        dry bob assign_app_user account=ann app=x                | 409 A3
        at 2026-02-01T00:00:00Z
        bob sign_in                                              | signed_in
        bob assign_app_user account=ann app=x                    | app_user_assigned
        may ann app.use x                                        | yes
        at 2026-03-01T00:00:00Z
        may ann app.use x                                        | no A4
        support record_licence cloud_id=abcimis licence=api_connector ticket=T-2 | licence_recorded@null
    ";
    check(World::with_admin(), table);
}

// rules: M1, M3, C16, C7
#[test]
fn managers_password_is_rotated_by_support_alone_and_its_lock_undone() {
    let table = "
        open: manager sign_in plane=platform browser=7           | session_ended, signed_in{expiration=null}
        support unlock_manager cloud_id=abcimis ticket=T-2       | 409 C6
        sue set_setting setting=lockout_attempts value=1         | setting_changed
        manager sign_in plane=platform password=x                | 403 C11 + sign_in_refused, credentials_locked
        support unlock_manager cloud_id=abcimis ticket=T-2       | credentials_unlocked{account=manager}@null
        support rotate_manager_password cloud_id=abcimis ticket=T-2 | session_ended{because=password_changed}, manager_password_rotated{account=manager}@null
        manager@open add_contact account=x full_name=X           | 401
        manager sign_in plane=platform password=Own-7-word       | 403 C11 + sign_in_refused, credentials_locked
        support unlock_manager cloud_id=abcimis ticket=T-2       | credentials_unlocked
        # Whoever is handed it is its holder: nothing waits to be changed.
        manager sign_in plane=platform password=Rotated-7-word   | signed_in
        # Without an address it could not be delivered.
        sue update_contact account=manager email=null            | contact_updated
        support rotate_manager_password cloud_id=abcimis ticket=T-2 | 409 M3
    ";
    check(World::with_admin(), table);
}
