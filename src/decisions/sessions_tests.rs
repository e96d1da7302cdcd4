//! Tables of sessions, and of what the book records of itself.

use crate::table_for_tests::{World, check};

// rules: S2, S5, A7
#[test]
fn sessions_end_by_their_own_by_sysadmins_and_by_the_clock() {
    let table = "
        one: pat sign_in browser=1                               | signed_in
        two: pat sign_in browser=2                               | signed_in
        pat@one end_session                                      | session_ended{because=signed_out}
        pat@one end_session                                      | 401
        pat@two end_session session=1                            | 403 S2
        sue end_session session=1                                | 404
        # Of staff a sign-in from another browser ends the earlier session; tabs of one browser share it.
        tab: ann sign_in browser=1                               | signed_in
        ann sign_in browser=1                                    | signed_in
        app: ann sign_in plane=platform client=application       | signed_in
        ann sign_in browser=2                                    | session_ended{because=superseded}, session_ended, signed_in
        ann@app add_contact account=x full_name=X                | contact_added
        ann@tab add_contact account=y full_name=Y                | 401
        # A session ends by itself.
        manager set_setting setting=session_timeout_minutes value=10 | setting_changed
        short: cy sign_in                                        | signed_in
        after 9m
        cy add_contact account=z full_name=Z                     | contact_added
        after 1m
        cy add_contact account=w full_name=W                     | 401
    ";
    check(World::with_admin(), table);
}

// rule: S6
#[test]
fn a_timeout_that_is_required_shortens_what_is_open_and_lengthens_nothing() {
    let table = "
        # None is required: a session ends at the technical maximum.
        at 2026-01-05T09:10:00Z
        long: cy sign_in                                         | signed_in{expires_at=2026-01-05T21:10:00.000000Z}
        at 2026-01-05T09:20:00Z
        manager set_setting setting=session_timeout_minutes value=30 | setting_changed
        young: pat sign_in                                       | signed_in
        at 2026-01-05T09:39:59Z
        cy@long add_contact account=a full_name=A                | contact_added
        # Required for longer, or not at all any more, it gives nothing back to what is open.
        manager set_setting setting=session_timeout_minutes value=60 | setting_changed
        manager set_setting setting=session_timeout_minutes value=0 | setting_changed
        at 2026-01-05T09:41:00Z
        cy@long add_contact account=b full_name=B                | 401
        at 2026-01-05T09:49:00Z
        pat@young end_session session=1                          | 403 S2
        at 2026-01-05T09:51:00Z
        pat@young end_session session=1                          | 401
        # What has lasted longer than a new timeout ends with the entry that requires it, and stays ended.
        old: pat sign_in                                         | signed_in
        after 30m
        manager set_setting setting=session_timeout_minutes value=10 | setting_changed
        pat@old end_session                                      | 401
        manager set_setting setting=session_timeout_minutes value=0 | setting_changed
        pat@old end_session                                      | 401
    ";
    check(World::with_admin(), table);
}

// rules: A7, C12, G10, R1
#[test]
fn what_was_lost_in_a_session_does_not_come_back_in_it() {
    let table = "
        staff tom RemoteService
        manager assign_role account=tom role=SysAdmin until=2026-01-05T12:00:00Z | role_assigned
        manager set_level account=tom module=Customers level=4   | level_set
        open: tom sign_in plane=platform                         | signed_in
        # Given again with a later end before it ended, it never was lost.
        longer: manager assign_role account=tom role=SysAdmin until=2026-01-05T13:00:00Z | role_assigned
        at 2026-01-05T12:30:00Z
        tom create_group group=one                               | group_created@longer
        at 2026-01-05T13:00:00Z
        tom create_group group=two                               | 403 S2
        manager assign_role account=tom role=SysAdmin            | role_assigned
        tom create_group group=two                               | 403 S2
        dry tom set_password account=pat password=Other-7-word   | password_set
        # A level that fell below what is asked for and rose again is lost for the session.
        manager set_level account=tom module=Customers level=3   | level_set
        manager set_level account=tom module=Customers level=8   | level_set
        tom set_password account=pat password=Other-7-word       | 403 C7
        tom sign_in plane=platform                               | session_ended, signed_in
        tom create_group group=two                               | group_created
        # RemoteService lost and regained: the Admin User's session is one no more.
        manager remove_role account=bob role=RemoteService       | role_removed
        manager assign_role account=bob role=RemoteService       | role_assigned
        bob add_admin account=ann                                | 403 R1
        bob sign_in                                              | session_ended, signed_in
        bob add_admin account=ann                                | admin_added
    ";
    check(World::with_admin(), table);
}

// rules: U5, C5, C6, C10, S2
#[test]
fn corrections_annotate_and_settings_change() {
    let table = "
        ann sign_in plane=platform                               | signed_in
        ann record_correction position=1                         | 403 S2
        sue record_correction position=100                       | 404
        sue record_correction position=3 corrected_by=100        | 404
        sue record_correction position=0                         | 422
        sue record_correction position=3 corrected_by=3          | 409 U5
        sue record_correction position=3 corrected_by=2          | 409 U5
        sue record_correction position=3 corrected_by=4          | correction_recorded{position=3 corrected_by=4}@sue-admin
        sue record_correction position=3                         | correction_recorded
        # It changes no right by itself.
        sue record_correction position=8                         | correction_recorded
        admins                                                   | bob
        may ann contacts.access                                  | yes
        ann set_setting setting=lockout_attempts value=9         | 403 S2
        sue set_setting setting=nothing value=9                  | 422
        sue set_setting setting=lockout_attempts value=5         | 409 S2
        sue set_setting setting=lockout_attempts value=9         | setting_changed@sue-admin
        sue set_setting setting=password_min_length value=20     | setting_changed
        # A yes or no takes both spellings (rule: P9); the text of a mail is a template (rule: P7).
        sue set_setting setting=notify_by_mail value=1           | 409 S2
        sue set_setting setting=notify_by_mail value=false       | setting_changed{setting=notify_by_mail value=0}
        sue set_setting setting=notify_by_mail value=0           | 409 S2
        sue set_setting setting=notify_by_mail value=2           | 422
        sue set_setting setting=reset_email_body value=Hello     | 422
        ann set_setting setting=reset_email_body value={link}    | 403 S2
        sue set_setting setting=reset_email_body value={link}    | text_setting_changed@sue-admin
        sue set_setting setting=reset_email_body value={link}    | 409 S2
        sue set_password account=pat password=Other-7-word       | 422 C5
        sue set_password account=pat password=Other-7-words-and-more | password_set
    ";
    check(World::with_admin(), table);
}

// rules: U6, F9, G2
#[test]
fn imported_history_keeps_the_rules_of_state_and_not_those_on_the_actor() {
    let table = "
        import-begins
        import create_group group=helpers                        | group_created
        import create_group group=helpers                        | 409 X1
        import add_group_member group=helpers account=nobody     | 404
        import assign_role account=pat role=SysAdmin             | 409 G2
        import remove_admin account=bob                          | 409 F9
        import add_admin account=pat                             | 409 F8
        import create_credentials account=con username=con password=Start-7-word user_class=full | credentials_created
        import unlock_credentials account=pat                    | 409 C6
    ";
    check(World::with_admin(), table);
}

// rules: F12, G9
#[test]
fn nobody_acts_as_another_and_the_planes_are_apart() {
    let table = "
        may sue account.impersonate bob                          | no F12
        may manager account.impersonate bob                      | no F12
        may bob account.impersonate ann                          | no F12
        may guest account.impersonate ann                        | no F12
        may sue dashboard.manage_admins                          | no F9
        may sue dashboard.view_subscriptions                     | no F10
        may bob dashboard.view_subscriptions                     | yes@bob-admin
        may bob dashboard.manage_app_users                       | yes@bob-admin
        may bob dashboard.update_background_account              | yes@bob-admin
        may bob roles.assign                                     | no G7
        may bob settings.update                                  | no S2
        may sue settings.update                                  | yes@sue-admin
        may pat dashboard.sign_in                                | yes
        may pat contacts.access                                  | no S1
        may con dashboard.sign_in                                | no A5
        may manager dashboard.sign_in                            | no A5
        may sue dashboard.sign_in                                | no R1
    ";
    check(World::with_admin(), table);
}

// What a client has seen is out of date only by what somebody did; that others came and looked does not count.
#[test]
fn sign_ins_and_refusals_move_nothing() {
    let table = "
        made: sue create_group group=one                         | group_created
        came: ann sign_in plane=platform                         | signed_in
        ann sign_in plane=platform password=x                    | 403 C11 + sign_in_refused
        moved-since made                                         | none
        moved-since came                                         | none
        later: sue create_group group=two                        | group_created
        last: sue create_group group=three                       | group_created
        cy sign_in plane=platform                                | signed_in
        moved-since made                                         | last
        moved-since later                                        | last
        moved-since last                                         | none
    ";
    check(World::with_admin(), table);
}

// rule: S2
#[test]
fn everyone_signs_out_everywhere_and_sysadmins_sign_out_anybody() {
    let table = "
        one: pat sign_in plane=platform browser=1                 | signed_in
        two: pat sign_in plane=platform browser=2                 | signed_in
        sue end_session account=ann                               | 404
        ann sign_in plane=platform                                | signed_in
        ann end_session account=pat                               | 403 S2
        ann end_session account=nobody                            | 403 S2
        sue end_session account=nobody                            | 404
        sue end_session session=1 account=pat                     | 404
        pat@two end_session account=pat                           | session_ended{because=ended}, session_ended{because=signed_out}
        pat@one end_session                                       | 401
        pat sign_in plane=platform                                | signed_in
        sue end_session account=pat                               | session_ended{account=pat because=ended}
    ";
    check(World::with_admin(), table);
}
