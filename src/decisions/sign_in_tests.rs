//! Tables of signing in: the first sign-in, who is admitted, locks, dates, passwords set by others.

use crate::table_for_tests::{World, check};

// rules: F1, F2, F3, F4, F8, R1, M1
#[test]
fn the_first_sign_in_that_counts_makes_one_admin_user() {
    let table = "
        staff bob RemoteService
        staff ann RemoteService
        staff raw
        public pat
        # Refused, blocked and stopped sign-ins do not use the rule up, nor do those of whom F8 does not admit.
        bob sign_in password=x                                   | 403 C11 + sign_in_refused{because=wrong_password}@null
        raw sign_in                                              | 403 R1 + sign_in_refused{because=no_remote_service}
        pat sign_in                                              | signed_in
        manager sign_in plane=dashboard                          | 403 M1 + sign_in_refused{because=manager_on_dashboard}
        manager assign_role account=manager role=RemoteService   | role_assigned
        manager sign_in plane=dashboard                          | 403 M1 + sign_in_refused{because=manager_on_dashboard}
        bob sign_in plane=platform                               | signed_in
        manager set_password account=ann password=Other-7-word   | password_set
        ann sign_in                                              | must change
        ann change_password old=Other-7-word new=Mine-7-word     | password_changed
        admins                                                   | 
        dry ann sign_in                                          | signed_in, admin_added{account=ann origin=first_sign_in}@null
        # Of those who race, one comes first.
        first: bob sign_in                                       | session_ended, signed_in, admin_added{account=bob origin=first_sign_in}@null
        ann sign_in                                              | signed_in
        bob sign_in                                              | session_ended, signed_in
        admins                                                   | bob
        # Never again, not even when every admin is gone.
        gone: manager remove_account account=bob                 | session_ended, account_removed
        ann sign_in                                              | session_ended, signed_in
        admins                                                   | -bob orphaned@gone
    ";
    check(World::cloud(), table);
}

// rules: F3, F14
#[test]
fn an_admin_added_in_another_way_uses_the_first_sign_in_up() {
    let table = "
        staff bob RemoteService
        staff ann RemoteService
        import-begins
        import add_admin account=ann                             | admin_added
        bob sign_in                                              | signed_in
        admins                                                   | ann
    ";
    check(World::cloud(), table);
}

// rules: F14, F6
#[test]
fn a_named_first_account_is_the_one_and_support_steps_in_when_it_is_lost() {
    let table = "
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | 404
        staff ann RemoteService
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | 409 F6
        ann sign_in                                              | signed_in
        admins                                                   |
        # The named one is there and cannot sign in yet: that is not having lost it.
        contact bob
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | 409 F6
        manager create_credentials account=bob username=bob password=Start-7-word user_class=full | credentials_created
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | 409 F6
        manager assign_role account=bob role=RemoteService       | role_assigned
        bob change_password old=Start-7-word new=Own-7-word      | password_changed
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | 409 F6
        dry bob sign_in                                          | signed_in, admin_added@null
        manager disable_account account=bob                      | account_disabled
        dry support restore_admin cloud_id=abcimis account=ann ticket=T-2 | admin_added{account=ann origin=support}@null, notice_owed{account=manager}
        manager enable_account account=bob                       | account_enabled
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | 409 F6
        manager remove_role account=bob role=RemoteService       | role_removed
        dry support restore_admin cloud_id=abcimis account=ann ticket=T-2 | admin_added, notice_owed
        manager remove_account account=bob                       | account_removed
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | admin_added{account=ann origin=support}@null, notice_owed
        admins                                                   | ann
    ";
    check(World::for_first_admin("bob"), table);
    // Removed before it ever could sign in: nobody else's sign-in makes the admin, so support must.
    let table = "
        staff ann RemoteService
        contact bob
        manager remove_account account=bob                       | account_removed
        support restore_admin cloud_id=abcimis account=ann ticket=T-2 | admin_added, notice_owed
    ";
    check(World::for_first_admin("bob"), table);
}

// rules: F7, M1
#[test]
fn in_edition_2017_the_first_sign_in_makes_nobody_an_admin() {
    let table = "
        staff bob RemoteService
        bob sign_in                                              | signed_in
        manager sign_in plane=dashboard                          | session_ended, signed_in{account=manager plane=dashboard expiration=null}@start
        admins                                                   | manager
    ";
    check(World::edition_2017(), table);
}

// rules: A5, R1, R2
#[test]
fn the_doors_ask_remote_service_of_staff_and_of_applications() {
    let table = "
        may guest dashboard.sign_in                              | no A5
        pat sign_in                                              | signed_in
        pat sign_in plane=platform client=application            | 403 R2 + sign_in_refused{because=application_without_remote_service}
        manager assign_role account=pat role=RemoteService until=2026-01-05 | role_assigned
        pat sign_in plane=platform client=application            | signed_in
        at 2026-01-06T00:00:00Z
        pat sign_in plane=platform client=application            | 403 R2 + sign_in_refused
        sue sign_in                                              | 403 R1 + sign_in_refused{door=dashboard because=no_remote_service}
        sue sign_in plane=platform                               | signed_in
        sue assign_role account=sue role=RemoteService           | role_assigned
        sue sign_in                                              | session_ended, signed_in
        sue sign_in plane=platform client=application            | signed_in
        sue remove_role account=sue role=RemoteService           | role_removed
        sue sign_in                                              | 403 R1 + sign_in_refused
    ";
    check(World::with_admin(), table);
}

// rules: C6, C7, C11
#[test]
fn failed_attempts_in_a_row_lock_the_credentials() {
    let table = "
        ann sign_in password=x                                   | 403 C11 + sign_in_refused{account=ann because=wrong_password}@null
        ann sign_in password=x                                   | 403 C11 + sign_in_refused
        failures ann                                             | 2
        # A success sets the count back.
        open: ann sign_in                                        | signed_in
        failures ann                                             | 0
        ann sign_in password=x                                   | 403 C11 + sign_in_refused
        ann sign_in password=x                                   | 403 C11 + sign_in_refused
        ann change_password old=x new=New-7-word                 | 403 C11 + sign_in_refused{door=change_password}
        ann@open change_own_password old=x new=New-7-word        | 403 C11 + sign_in_refused{door=change_password}
        # What is no wrong password is not counted.
        ann sign_in password=vault-mismatch                      | 403 C11 + sign_in_refused{because=vault_mismatch}
        failures ann                                             | 4
        ann sign_in password=x                                   | 403 C11 + sign_in_refused, credentials_locked{account=ann}@null
        # Locked: right and wrong passwords are told the same, at every door, and in a session that the lock does not end.
        ann sign_in                                              | 403 C11 + sign_in_refused{because=locked}
        ann sign_in password=x                                   | 403 C11 + sign_in_refused{because=locked}
        ann change_password old=Own-7-word new=New-7-word        | 403 C11 + sign_in_refused{because=locked}
        ann@open change_own_password old=x new=New-7-word        | 403 C11 + sign_in_refused{because=locked}
        ann@open change_own_password old=Own-7-word new=New-7-word | 403 C11 + sign_in_refused{because=locked}
        ann@open add_contact account=new full_name=New           | contact_added
        # Nobody unlocks themselves.
        ann@open unlock_credentials account=ann                  | 403 C7
        sue unlock_credentials account=ann                       | credentials_unlocked
        failures ann                                             | 0
        sue unlock_credentials account=ann                       | 409 C6
        ann sign_in                                              | session_ended, signed_in
    ";
    check(World::with_admin(), table);
}

// rule: C6
#[test]
fn a_lock_ends_by_the_clock_unless_it_never_does() {
    let table = "
        manager set_setting setting=lockout_attempts value=2     | setting_changed
        ann sign_in password=x                                   | 403 C11 + sign_in_refused
        at 2026-01-05T10:00:00Z
        ann sign_in password=x                                   | 403 C11 + sign_in_refused, credentials_locked{until=2026-01-05T10:30:00.000000Z}
        at 2026-01-05T10:29:59.999999Z
        ann sign_in                                              | 403 C11 + sign_in_refused{because=locked}
        at 2026-01-05T10:30:00Z
        locked ann                                               | no
        # The row of failures ended with it.
        failures ann                                             | 0
        ann sign_in password=x                                   | 403 C11 + sign_in_refused
        failures ann                                             | 1
        dry ann sign_in                                          | signed_in
        manager set_setting setting=lockout_minutes value=0      | setting_changed
        ann sign_in password=x                                   | 403 C11 + sign_in_refused, credentials_locked{until=null}
        after 900d
        locked ann                                               | for ever
        ann sign_in                                              | 403 C11 + sign_in_refused{because=locked}
        manager set_setting setting=lockout_attempts value=1     | setting_changed
        manager unlock_credentials account=ann                   | credentials_unlocked
        ann sign_in password=x                                   | 403 C11 + sign_in_refused, credentials_locked
        manager set_setting setting=lockout_attempts value=0     | 422
    ";
    check(World::with_admin(), table);
}

// rules: C8, C9, C10, C11
#[test]
fn disabled_early_and_expired_credentials_do_not_sign_in() {
    let table = "
        sue disable_account account=ann                          | account_disabled
        ann sign_in                                              | 403 C11 + sign_in_refused{because=disabled}
        ann change_password old=Own-7-word new=New-7-word        | 403 C11 + sign_in_refused{because=disabled}
        ann sign_in password=x                                   | 403 C11 + sign_in_refused{because=disabled}
        failures ann                                             | 0
        sue enable_account account=ann                           | account_enabled
        sue set_effective_date account=ann date=2026-01-06       | effective_date_set
        at 2026-01-05T23:59:59.999999Z
        ann sign_in                                              | 403 C11 + sign_in_refused{because=not_yet_effective}
        at 2026-01-06T00:00:00Z
        expires ann                                              | never
        # Through the end of the day, and no longer.
        sue sign_in plane=platform                               | signed_in
        sue set_expiration_date account=ann date=2026-01-06      | expiration_date_set
        at 2026-01-06T23:59:59.999999Z
        dry ann sign_in                                          | signed_in{expiration=2031-01-06}
        at 2026-01-07T00:00:00Z
        ann sign_in                                              | 403 C11 + sign_in_refused{because=expired}
        ann change_password old=Own-7-word new=New-7-word        | 403 C11 + sign_in_refused{because=expired}
    ";
    check(World::with_admin(), table);
}

// rules: C10, M2
#[test]
fn each_sign_in_moves_the_expiration_except_managers() {
    let table = "
        at 2028-02-29T12:00:00Z
        ann sign_in plane=platform                               | signed_in{expiration=2033-02-28}
        manager set_setting setting=expiration_years value=4     | setting_changed
        ann sign_in                                              | session_ended, signed_in{expiration=2032-02-29}
        manager set_setting setting=expiration_years value=0     | 422
        # A password handed over is no sign-in, a refused sign-in neither.
        manager set_password account=cy password=Other-7-word    | password_set
        cy sign_in                                               | must change
        cy sign_in password=x                                    | 403 C11 + sign_in_refused
        expires cy                                               | never
        manager sign_in plane=platform                           | session_ended, signed_in{expiration=null}
        expires manager                                          | never
        # Sarah signed in once and never again.
        at 2032-03-01T00:00:00Z
        ann sign_in                                              | 403 C11 + sign_in_refused{because=expired}
    ";
    check(World::with_admin(), table);
}

// rules: C16, C5, M2, M3
#[test]
fn a_password_set_by_somebody_else_opens_nothing_but_the_door_to_change_it() {
    let table = "
        open: ann sign_in                                        | signed_in
        sue set_password account=ann password=Other-7-word       | session_ended{because=password_changed}, password_set{must_change=true}@sue-admin
        ann@open add_contact account=new full_name=New           | 401
        ann sign_in password=Own-7-word                          | 403 C11 + sign_in_refused
        ann sign_in                                              | must change
        ann sign_in plane=platform                               | must change
        failures ann                                             | 1
        # The policy comes first, then whether the old one is right, then whether it is another.
        ann change_password old=x new=short1                     | 422 C5
        ann change_password old=x new=Other-7-word               | 403 C11 + sign_in_refused
        ann change_password old=Other-7-word new=Other-7-word    | 422 C16
        ann change_password old=Other-7-word new=letters         | 422 C5
        ann change_password old=Other-7-word new=1234567         | 422 C5
        ann change_password old=Other-7-word new=Mine-7-word     | password_changed{account=ann}
        ann sign_in                                              | signed_in
        # In a session too; every other session ends.
        one: pat sign_in                                         | signed_in
        two: pat sign_in                                         | signed_in
        pat@two change_own_password old=Own-7-word new=Own-7-word | 422 C16
        pat@two change_own_password old=Own-7-word new=Mine-7-word | session_ended{because=password_changed}, password_changed
        pat@one add_contact account=x full_name=X                | 401
        # MANAGER's is for support alone.
        manager change_own_password old=Own-7-word new=Mine-7-word | 409 M2
        manager change_password old=Own-7-word new=Mine-7-word   | 409 M2
    ";
    check(World::with_admin(), table);
}

// rule: C16
#[test]
fn what_one_does_for_oneself_rests_on_the_entry_that_created_the_credentials() {
    let table = "
        contact new
        new-made: manager create_credentials account=new username=new password=Start-7-word user_class=public | credentials_created@start
        new change_password old=Start-7-word new=Own-7-word      | password_changed@new-made
        new sign_in                                              | signed_in@new-made
        new change_own_password old=Own-7-word new=Mine-7-word   | password_changed@new-made
        new end_session                                          | session_ended{because=signed_out}@new-made
        # Credentials made anew are another entry.
        manager delete_credentials account=new                   | credentials_deleted@start
        new sign_in password=Mine-7-word                         | 403 C11
        anew: manager create_credentials account=new username=new password=Start-7-word user_class=public | credentials_created
        new change_password old=Start-7-word new=Own-7-word      | password_changed@anew
        new sign_in                                              | signed_in@anew
        # A removed account is nobody at any door, and nothing is recorded of it.
        manager remove_account account=new                       | session_ended, account_removed
        new sign_in plane=platform                               | 403 C11
        new sign_in                                              | 403 C11
        new change_password old=Own-7-word new=Mine-7-word       | 403 C11
    ";
    check(World::cloud(), table);
}
