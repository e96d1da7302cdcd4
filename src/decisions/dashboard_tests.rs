//! Tables of the dashboard: Admin Users, App Users, the Background Account.

use crate::table_for_tests::{World, check};

// rules: F8, F9, F10, F13, A7
#[test]
fn only_effective_admin_users_add_and_remove_them() {
    let table = "
        old: ann sign_in                                         | signed_in
        # Errors by descending precedence: who, whom, what they are, whether it changes anything.
        ann add_admin account=nobody                             | 403 F9
        sue add_admin account=nobody                             | 403 F9
        manager add_admin account=nobody                         | 403 F9
        support add_admin account=ann                            | 422
        bob add_admin account=nobody                             | 404
        bob add_admin account=con                                | 409 F8
        bob add_admin account=pat                                | 409 F8
        bob add_admin account=manager                            | 409 F8
        bob add_admin account=ann until=2026-01-05T09:00:00Z     | 409 G10
        ann-admin: bob add_admin account=ann                     | admin_added{account=ann origin=admin_user}@bob-admin
        bob add_admin account=ann                                | 409 F13
        bob add_admin account=bob                                | 409 F13
        bob remove_admin account=cy                              | 409 F13
        bob remove_admin account=manager                         | 409 F13
        ann remove_admin account=nobody                          | 403 F9
        # What ann gained after she signed in shows at her next sign-in.
        ann add_admin account=cy                                 | 403 F9
        new: ann sign_in                                         | session_ended, signed_in
        cy-admin: ann add_admin account=cy                       | admin_added@ann-admin
        # What she lost is lost at once, and does not come back in the session once it is given again.
        bob remove_admin account=ann                             | admin_removed@bob-admin
        ann add_admin account=dee                                | 403 F9
        bob add_admin account=ann                                | admin_added
        ann add_admin account=dee                                | 403 F9
        may ann@new dashboard.manage_admins                      | no F9
        may ann dashboard.manage_admins                          | yes
        # Whoever was made one by somebody who is none any more stays one.
        bob remove_admin account=ann                             | admin_removed
        admins                                                   | bob cy
    ";
    check(World::with_admin(), table);
}

// rule: F8
#[test]
fn only_staff_with_active_credentials_become_admin_users() {
    let table = "
        sue disable_account account=ann                          | account_disabled
        bob add_admin account=ann                                | 409 F8
        sue enable_account account=ann                           | account_enabled
        sue set_expiration_date account=ann date=2026-01-04      | expiration_date_set
        bob add_admin account=ann                                | 409 F8
        sue set_expiration_date account=ann date=2026-01-05      | expiration_date_set
        sue set_effective_date account=ann date=2026-01-06       | effective_date_set
        bob add_admin account=ann                                | 409 F8
        sue set_effective_date account=ann date=null             | effective_date_set
        sue set_user_class account=ann user_class=casual         | user_class_set
        bob add_admin account=ann                                | 409 F8
        sue set_user_class account=ann user_class=full           | user_class_set
        sue delete_credentials account=ann                       | credentials_deleted
        bob add_admin account=ann                                | 409 F8
        sue remove_account account=ann                           | account_removed
        bob add_admin account=ann                                | 404
        # A lock passes, and a password that waits to be changed is no matter (rule: C16).
        cy sign_in password=x                                    | 403 C11 + sign_in_refused
        cy sign_in password=x                                    | 403 C11 + sign_in_refused
        cy sign_in password=x                                    | 403 C11 + sign_in_refused
        cy sign_in password=x                                    | 403 C11 + sign_in_refused
        cy sign_in password=x                                    | 403 C11 + sign_in_refused, credentials_locked
        bob add_admin account=cy                                 | admin_added
        sue set_password account=dee password=Other-7-word       | password_set
        bob add_admin account=dee                                | admin_added
        # RemoteService is not asked for; without it one is listed and not effective (rule: F5).
        sue remove_role account=dee role=RemoteService           | role_removed
        admins                                                   | bob cy -dee
    ";
    check(World::with_admin(), table);
}

// rules: F9, G10
#[test]
fn an_effective_admin_user_without_an_end_is_always_left() {
    let table = "
        bob remove_admin account=bob                             | 409 F9
        bob add_admin account=bob until=2027-01-01               | 409 F9
        bob add_admin account=ann until=2027-01-01               | admin_added{until=2027-01-02T00:00:00.000000Z}
        # One with an end does not count, one that is not effective neither.
        bob remove_admin account=bob                             | 409 F9
        bob add_admin account=bob until=2027-01-01               | 409 F9
        bob add_admin account=cy                                 | admin_added
        sue remove_role account=cy role=RemoteService            | role_removed
        bob remove_admin account=bob                             | 409 F9
        bob add_admin account=bob until=2027-01-01               | 409 F9
        sue assign_role account=cy role=RemoteService            | role_assigned
        # In one list: the second command is refused on what the first did, and with it the whole.
        bob remove_admin account=cy ; remove_admin account=bob   | 409 F9
        admins                                                   | ann bob cy
        dry bob add_admin account=bob until=2027-01-01           | admin_added
        bob remove_admin account=bob                             | admin_removed
        admins                                                   | ann cy
        # A grant is replaced by one with another end; the same again changes nothing.
        cy sign_in                                               | signed_in
        cy add_admin account=ann until=2027-01-01                | 409 F13
        ann-shorter: cy add_admin account=ann until=2026-06-01   | admin_added
        cy add_admin account=ann                                 | admin_added
        cy remove_admin account=cy                               | admin_removed
        # What has ended is not held: it is not removed, and may be given again.
        ann sign_in                                              | signed_in
        ann add_admin account=cy until=2026-02-01                | admin_added
        after 30d
        ann sign_in                                              | signed_in
        ann remove_admin account=cy                              | 409 F13
        ann add_admin account=cy until=2026-12-01                | admin_added
    ";
    check(World::with_admin(), table);
}

// rules: A3, A4, A8, F10, F11, R1, G10
#[test]
fn app_users_are_assigned_by_admin_users_to_licensed_apps_that_admit_them() {
    let table = "
        support add_app cloud_id=abcimis app=portal title=Portal audience=anyone ticket=T-2 | app_added@null
        # Errors by descending precedence.
        sue assign_app_user account=nobody app=nothing           | 403 A3
        bob assign_app_user account=nobody app=nothing           | 404
        bob assign_app_user account=pat app=nothing              | 404
        bob assign_app_user account=pat app=cloud-sso            | 409 A3
        bob assign_app_user account=pat app=datastation          | 409 A3
        bob assign_app_user account=con app=datastation          | 409 A3
        bob assign_app_user account=ann app=datastation until=2026-01-05T09:00:00Z | 409 G10
        ann-app: bob assign_app_user account=ann app=datastation | app_user_assigned@bob-admin
        bob assign_app_user account=ann app=datastation          | 409 G10
        may ann app.use datastation                              | yes@ann-app
        # An Admin User uses no app that it is not assigned to, and may assign itself.
        may bob app.use datastation                              | no A4
        bob assign_app_user account=bob app=datastation          | app_user_assigned
        may bob app.use datastation                              | yes
        # An App User manages nobody, not even itself.
        ann sign_in                                              | signed_in
        ann assign_app_user account=cy app=datastation           | 403 A3
        ann remove_app_user account=ann app=datastation          | 403 A3
        # All three at that moment: assigned, licensed, active; and staff need RemoteService.
        sue remove_role account=ann role=RemoteService           | role_removed
        may ann app.use datastation                              | no R1
        sue assign_role account=ann role=RemoteService           | role_assigned
        sue disable_account account=ann                          | session_ended, account_disabled
        may ann app.use datastation                              | no C8
        bob assign_app_user account=ann app=datastation until=2027-01-01 | 409 A3
        sue enable_account account=ann                           | account_enabled
        # The subscription ends: assignments rest, and work again when it is renewed.
        support record_subscription cloud_id=abcimis app=datastation status=ended from=2026-01-05 ticket=T-2 | subscription_recorded
        may ann app.use datastation                              | no A4
        bob assign_app_user account=cy app=datastation           | 409 A3
        bob remove_app_user account=bob app=datastation          | app_user_removed
        support record_subscription cloud_id=abcimis app=datastation status=trial from=2026-01-05 until=2026-02-28 ticket=T-2 | subscription_recorded
        may ann app.use datastation                              | yes@ann-app
        # An app for anyone asks for active credentials, not for a class or a role.
        support record_subscription cloud_id=abcimis app=portal status=demo from=2026-01-01 ticket=T-2 | subscription_recorded
        bob assign_app_user account=con app=portal               | 409 A3
        bob assign_app_user account=pat app=portal until=2026-01-06 | app_user_assigned
        may pat app.use portal                                   | yes
        bob assign_app_user account=pat app=portal until=2026-01-06 | 409 G10
        bob assign_app_user account=pat app=portal until=2026-01-07 | app_user_assigned
        bob remove_app_user account=cy app=portal                | 409 A3
        at 2026-01-08T00:00:00Z
        may pat app.use portal                                   | no A4
        bob sign_in                                              | signed_in
        bob remove_app_user account=pat app=portal               | 409 A3
        at 2026-03-01T00:00:00Z
        may ann app.use datastation                              | no A4
    ";
    check(World::with_admin(), table);
}

// rules: A9, A7, B1
#[test]
fn the_background_account_reports_the_use_of_apps() {
    let uses = r#"record_app_use uses=[{"account":"ann","app":"datastation","at":"2026-01-05T09:00:00Z"}]"#;
    let table = format!(
        "
        support record_licence cloud_id=abcimis licence=api_connector ticket=T-2 | licence_recorded
        sue assign_role account=sue role=RemoteService           | role_assigned
        before: sue sign_in plane=platform client=application    | signed_in
        background: bob set_background_account account=sue password=Own-7-word | background_account_set@bob-admin
        bob {uses}                                               | 403 A9
        manager {uses}                                           | 403 A9
        sue@before {uses}                                        | 403 A9
        first: sue sign_in plane=platform client=application     | signed_in
        sue@first {uses}                                         | app_used{{account=ann}}@background
        sue@first {}                                             | 409 A9
        sue@first {}                                             | 404
        sue@first {}                                             | 404
        # Another account is set, and the first again: the session of before has lost the right (rule: A7).
        staff robot SysAdmin RemoteService
        bob set_background_account account=robot password=Own-7-word | background_account_set
        sue@first {uses}                                         | 403 A9
        bob set_background_account account=sue password=Own-7-word | background_account_set
        sue@first {uses}                                         | 403 A9
        # Only its password was verified anew: nothing was lost.
        sue sign_in plane=platform client=application            | signed_in
        again: sue sign_in plane=platform client=application     | signed_in
        bob set_background_account account=sue password=Own-7-word | background_account_set
        sue@again {uses}                                         | app_used
        # A use at this very instant is not in the future.
        at 2026-01-05T09:30:00Z
        sue@again {}                                             | app_used
    ",
        uses.replace("2026-01-05T09", "2026-01-05T19"),
        uses.replace("ann", "nobody"),
        uses.replace("datastation", "nothing"),
        uses.replace("2026-01-05T09:00", "2026-01-05T09:30"),
    );
    check(World::with_admin(), &table);
}

// rules: B2, B3, B4, B5, C6, C16
#[test]
fn the_background_account_is_set_by_an_admin_user_who_knows_its_password() {
    let table = "
        staff robot
        # Errors by descending precedence.
        sue set_background_account account=nobody password=x     | 403 B5
        bob set_background_account account=nobody password=x     | 409 B2
        support record_licence cloud_id=abcimis licence=group_admin_plus ticket=T-2 | licence_recorded
        bob set_background_account account=nobody password=x     | 409 B2
        support record_licence cloud_id=abcimis licence=api_connector until=2027-01-01 ticket=T-2 | licence_recorded
        bob set_background_account account=nobody password=x     | 404
        bob set_background_account account=manager password=x    | 409 B4
        bob set_background_account account=pat password=x        | 409 B3
        bob set_background_account account=robot password=x      | 409 B3
        sue assign_role account=robot role=RemoteService         | role_assigned
        bob set_background_account account=robot password=x      | 409 B3
        sue assign_role account=robot role=SysAdmin              | role_assigned
        sue disable_account account=robot                        | account_disabled
        bob set_background_account account=robot password=x      | 409 B3
        sue enable_account account=robot                         | account_enabled
        # Failures count; a right password does not set the count back, since it is no sign-in.
        bob set_background_account account=robot password=x      | 409 B5 + sign_in_refused{account=robot door=background_account because=wrong_password}@null
        bob set_background_account account=robot password=x      | 409 B5 + sign_in_refused
        bob set_background_account account=robot password=Own-7-word | background_account_set{account=robot}@bob-admin
        failures robot                                           | 2
        bob set_background_account account=robot password=vault-mismatch | 409 B5 + sign_in_refused{because=vault_mismatch}
        bob set_background_account account=robot password=x      | 409 B5 + sign_in_refused
        robot sign_in password=x                                 | 403 C11 + sign_in_refused
        bob set_background_account account=robot password=x      | 409 B5 + sign_in_refused, credentials_locked
        # Locked, the password is not looked at; the attempt is counted all the same.
        bob set_background_account account=robot password=Own-7-word | 409 B5 + sign_in_refused{because=locked door=background_account}
        sue unlock_credentials account=robot                     | credentials_unlocked
        # A password set by another and not changed yet does not stop it.
        sue set_password account=robot password=Other-7-word     | password_set{must_change=true}
        bob set_background_account account=robot password=Other-7-word | background_account_set
        at 2027-01-02T00:00:00Z
        bob sign_in                                              | signed_in
        bob set_background_account account=robot password=Other-7-word | 409 B2
    ";
    check(World::with_admin(), table);
}

// rules: F7, F8
#[test]
fn in_edition_2017_manager_is_always_an_admin_user() {
    let table = "
        staff bob RemoteService
        admins                                                   | manager
        manager sign_in plane=dashboard browser=7                | session_ended, signed_in
        bob sign_in                                              | signed_in
        bob add_admin account=bob                                | 403 F9
        manager add_admin account=manager                        | 409 F8
        bob-admin: manager add_admin account=bob                 | admin_added@start
        manager remove_admin account=manager                     | 409 F7
        bob sign_in                                              | session_ended, signed_in
        # MANAGER is left, so bob may take himself away.
        bob remove_admin account=manager                         | 409 F7
        bob remove_admin account=bob                             | admin_removed@bob-admin
        manager add_admin account=bob until=2027-01-01           | admin_added
    ";
    check(World::edition_2017(), table);
}

// rule: B2
#[test]
fn a_licence_ends_at_its_end_and_not_a_moment_later() {
    let table = "
        support record_licence cloud_id=abcimis licence=api_connector until=2026-01-31T00:00:00Z ticket=T-2 | licence_recorded
        at 2026-01-30T23:59:59Z
        bob sign_in                                              | signed_in
        dry bob set_background_account account=sue password=x    | 409 B3
        at 2026-01-31T00:00:00Z
        bob set_background_account account=sue password=x        | 409 B2
    ";
    check(World::with_admin(), table);
}
