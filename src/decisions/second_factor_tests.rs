//! Tables of second factors (rule: S6). A code in them is the number of its time step; 099999 is wrong.

use crate::table_for_tests::{World, check};

// rules: S6, C6, C11
#[test]
fn a_second_factor_is_asked_for_once_it_is_confirmed_and_a_code_is_used_once() {
    let table = "
        open: ann sign_in                                        | signed_in
        ann confirm_second_factor code=000100                    | 409 S6
        lost: ann enrol_second_factor                            | second_factor_enrolled{account=ann}
        # Not confirmed, it is asked of nobody; enrolled again, the seed before is none any more.
        pat sign_in code=000100                                  | signed_in
        again: ann enrol_second_factor                           | second_factor_enrolled
        ann confirm_second_factor code=099999                    | 409 S6
        failures ann                                             | 0
        ann confirm_second_factor code=000100                    | second_factor_confirmed{account=ann step=100}
        ann confirm_second_factor code=000101                    | 409 S6
        ann enrol_second_factor                                  | 409 S6
        # The code that confirmed it is used up, and so are those before it.
        ann sign_in code=000100                                  | 403 C11 + sign_in_refused{because=code_used}
        ann sign_in code=000099                                  | 403 C11 + sign_in_refused{because=code_used}
        ann sign_in                                              | 403 C11 + sign_in_refused{because=code_missing}
        ann sign_in code=099999                                  | 403 C11 + sign_in_refused{because=wrong_code}
        failures ann                                             | 4
        ann sign_in code=000101                                  | session_ended, signed_in, second_factor_passed{account=ann step=101}
        failures ann                                             | 0
        ann sign_in code=000101                                  | 403 C11 + sign_in_refused{because=code_used}
        # A right code says nothing of a wrong password, and is not used up by it.
        ann sign_in password=x code=000102                       | 403 C11 + sign_in_refused{because=wrong_password}
        ann sign_in code=vault-mismatch                          | 403 C11 + sign_in_refused{because=vault_mismatch}
        ann sign_in code=099999                                  | 403 C11 + sign_in_refused
        ann sign_in plane=platform                               | 403 C11 + sign_in_refused
        ann sign_in client=application                           | 403 C11 + sign_in_refused, credentials_locked
        ann sign_in code=000102                                  | 403 C11 + sign_in_refused{because=locked}
        after 30m
        ann sign_in code=000102                                  | session_ended, signed_in, second_factor_passed
        # Anybody may have one, staff or not.
        pat enrol_second_factor                                  | second_factor_enrolled
        pat confirm_second_factor code=000100                    | second_factor_confirmed
        pat sign_in                                              | 403 C11 + sign_in_refused
    ";
    check(World::with_admin(), table);
}

// rules: S6, C11, C16
#[test]
fn a_password_alone_is_not_changed_where_a_second_factor_is_asked_for() {
    let table = "
        ann sign_in                                              | signed_in
        ann enrol_second_factor                                  | second_factor_enrolled
        # Not confirmed, it is asked of nobody.
        ann change_password old=Own-7-word new=Next-7-word       | session_ended, password_changed
        ann sign_in password=Next-7-word                         | signed_in
        ann confirm_second_factor code=000100                    | second_factor_confirmed
        # Whether the password is right is told to nobody who lacks the code.
        ann change_password old=Next-7-word new=Mine-7-word      | 403 C11 + sign_in_refused{door=change_password because=code_missing}
        ann change_password old=Next-7-word new=Mine-7-word code=099999 | 403 C11 + sign_in_refused{because=wrong_code}
        ann change_password old=Next-7-word new=Mine-7-word code=000100 | 403 C11 + sign_in_refused{because=code_used}
        ann change_password old=x new=Mine-7-word code=000101    | 403 C11 + sign_in_refused{because=wrong_password}
        failures ann                                             | 4
        ann change_password old=Next-7-word new=Mine-7-word code=000101 | session_ended, password_changed, second_factor_passed{account=ann step=101}
        ann sign_in password=Mine-7-word code=000101             | 403 C11 + sign_in_refused
    ";
    check(World::with_admin(), table);
}

// rules: S6, G7, M2
#[test]
fn a_lost_second_factor_is_reset_by_a_sysadmin_and_never_by_the_account_itself() {
    let table = "
        sue enrol_second_factor                                  | second_factor_enrolled
        sue confirm_second_factor code=000100                    | second_factor_confirmed
        sue reset_second_factor account=sue                      | 403 S6
        sue reset_second_factor account=ann                      | 409 S6
        sue reset_second_factor account=con                      | 409 C1
        sue reset_second_factor account=nobody                   | 404
        bob reset_second_factor account=sue                      | 403 S6
        manager reset_second_factor account=sue                  | session_ended{because=second_factor_reset}, second_factor_reset{account=sue}@start
        sue sign_in plane=platform                               | signed_in
        # Deleting credentials ends it by an event of its own.
        ann sign_in                                              | signed_in
        ann enrol_second_factor                                  | second_factor_enrolled
        sue delete_credentials account=ann                       | session_ended, second_factor_reset, credentials_deleted
    ";
    check(World::with_admin(), table);
}

// rules: S6, S5, F1, F3, C10, C16
#[test]
fn staff_without_a_second_factor_that_is_required_come_in_to_enrol_one_and_do_nothing_else() {
    let table = "
        staff bob RemoteService
        public pat
        manager set_setting setting=staff_second_factor value=1  | setting_changed
        # Whoever is in stays in.
        manager set_password account=pat password=Other-7-word   | password_set
        pat change_password old=Other-7-word new=Mine-7-word     | password_changed
        pat sign_in                                              | signed_in
        bob sign_in password=x                                   | 403 C11 + sign_in_refused
        # It is no sign-in: no Admin User, no expiration, no end to a row of failures.
        one: bob sign_in                                         | enrolment_opened{account=bob plane=dashboard}
        admins                                                   |
        expires bob                                              | never
        failures bob                                             | 1
        bob add_contact account=new full_name=New                | 403 S6
        bob change_own_password old=Own-7-word new=Mine-7-word   | 403 S6
        bob end_session session=1                                | 403 S6
        two: bob sign_in                                         | session_ended{because=superseded}, enrolment_opened
        bob@one enrol_second_factor                              | 401
        bob enrol_second_factor                                  | second_factor_enrolled
        bob confirm_second_factor code=000100                    | second_factor_confirmed
        # That session stays what it was.
        bob add_contact account=new full_name=New                | 403 S6
        bob sign_in                                              | 403 C11 + sign_in_refused{because=code_missing}
        first: bob sign_in code=000101                           | session_ended, signed_in, second_factor_passed, admin_added@null
        admins                                                   | bob
        # A password that another set is changed first.
        manager set_password account=bob password=Other-7-word   | session_ended, password_set
        bob sign_in code=000102                                  | must change
        bob change_password old=Other-7-word new=Mine-7-word code=000102 | password_changed, second_factor_passed
        bob sign_in code=000103                                  | signed_in, second_factor_passed
        # An application's account is asked like any other of staff; it computes its codes.
        staff app RemoteService
        app sign_in plane=platform client=application            | enrolment_opened{client=application}
        app enrol_second_factor                                  | second_factor_enrolled
        app confirm_second_factor code=000100                    | second_factor_confirmed
        app sign_in plane=platform client=application code=000101 | signed_in, second_factor_passed
        app add_contact account=new full_name=New                | contact_added
    ";
    check(World::cloud(), table);
}

// rules: S6, M3
#[test]
fn managers_second_factor_goes_with_its_password_so_that_nobody_is_locked_out_for_good() {
    let table = "
        manager enrol_second_factor                              | second_factor_enrolled
        manager confirm_second_factor code=000100                | second_factor_confirmed
        manager set_setting setting=staff_second_factor value=1  | setting_changed
        support rotate_manager_password cloud_id=abcimis ticket=T-1 | session_ended, second_factor_reset@null, manager_password_rotated@null
        manager sign_in plane=platform                           | enrolment_opened
        manager create_group group=one                           | 403 S6
        manager enrol_second_factor                              | second_factor_enrolled
        manager confirm_second_factor code=000200                | second_factor_confirmed
        manager sign_in plane=platform code=000201               | session_ended, signed_in, second_factor_passed
        manager create_group group=one                           | group_created
    ";
    check(World::cloud(), table);
}

// rules: S6, U6
#[test]
fn imported_history_resets_second_factors_and_enrols_none() {
    let table = "
        ann sign_in                                              | signed_in
        ann enrol_second_factor                                  | second_factor_enrolled
        import-begins
        import enrol_second_factor                               | 403 S6
        import confirm_second_factor code=000100                 | 403 S6
        import reset_second_factor account=ann                   | session_ended, second_factor_reset
    ";
    check(World::with_admin(), table);
}
