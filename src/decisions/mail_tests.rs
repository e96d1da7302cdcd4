//! Tables of resets by mail and forgotten usernames (chapter P).

use crate::table_for_tests::{World, check};

/// A tenant with two sites that are offered and three that are not.
const SITES: &str = "
    sue create_object object=/b kind=site public=true                | object_created
    sue set_access object=/b set=everyone-full-control               | access_set
    sue create_object object=/a kind=site public=true                | object_created
    sue grant_access object=/a principal={\"role\":\"Everyone\"} rights=[\"full_control\"] | access_granted
    sue create_object object=/idle kind=site public=true active=false | object_created
    sue set_access object=/idle set=everyone-full-control            | access_set
    sue create_object object=/inner kind=site                        | object_created
    sue set_access object=/inner set=everyone-full-control           | access_set
    sue create_object object=/read kind=site public=true             | object_created
    sue set_access object=/read set=everyone-read                    | access_set
";

fn world() -> World {
    check(World::with_admin(), SITES)
}

// rules: M2, N4, P2, P3
#[test]
fn sysadmins_send_a_reset_by_a_site_that_is_offered() {
    let table = "
        sue send_password_reset account=pat site=/nowhere            | 404
        sue send_password_reset account=pat site=/inner              | 409 P3
        sue send_password_reset account=pat site=/idle               | 409 P3
        sue send_password_reset account=pat site=/read               | 409 P3
        ann sign_in plane=platform                                   | signed_in
        pat sign_in plane=platform                                   | signed_in
        ann send_password_reset account=pat site=/a                  | 403 P2
        pat send_password_reset account=pat site=/a                  | 403 P2
        sue send_password_reset account=manager site=/a              | 409 M2
        sue send_password_reset account=con site=/a                  | 409 C1
        sue send_password_reset account=nobody site=/a               | 404
        import-begins
        import send_password_reset account=pat site=/a               | 409 P2
    ";
    check(world(), table);
    let table = "
        sue send_password_reset account=pat site=/a                  | password_reset_requested{account=pat site=/a}@sue-admin
        sue send_password_reset account=pat site=/b                  | password_reset_requested{account=pat site=/b}
        # What a site offers changes at once with its setting (rule: N4).
        sue set_access object=/b set=staff-full-control              | access_set
        sue send_password_reset account=pat site=/b                  | 409 P3
        sue revoke_access object=/a principal={\"role\":\"Everyone\"} rights=[\"full_control\"] | access_revoked
        sue send_password_reset account=pat site=/a                  | 409 P3
        sue clear_access object=/b                                   | access_cleared
        guest forgot_password account=pat                            | none
        sue disable_account account=pat                              | password_reset_failed, account_disabled
        sue set_access object=/b set=everyone-full-control           | access_set
        sue send_password_reset account=pat site=/b                  | 409 C8
        sue set_credential_email account=dee email=null              | credential_email_set
        sue send_password_reset account=dee site=/b                  | 409 P2
    ";
    check(world(), table);
}

// rules: C5, C6, C16, P1, P4, P5
#[test]
fn a_link_sets_a_password_once_and_within_its_time() {
    let table = "
        pat sign_in plane=platform                                   | signed_in
        asked: guest forgot_password account=pat                     | password_reset_requested{account=pat site=/a}@null
        guest reset_password account=pat at=asked new=short          | 422 C5
        guest reset_password account=pat at=asked new=Fresh-7-word   | session_ended{because=password_changed}, password_changed{account=pat}, password_reset_completed
        guest reset_password account=pat at=asked new=Other-7-word   | 403 P4
        guest reset_password new=Other-7-word                        | 403 P4
        guest reset_password new=short                               | 422 C5
        pat sign_in plane=platform password=Fresh-7-word             | signed_in
        # A newer link replaces an older one.
        first: guest forgot_password account=pat                     | password_reset_requested
        second: guest forgot_password account=pat                    | password_reset_requested
        guest reset_password account=pat at=first new=Other-7-word   | 403 P4
        # Time is a fact of the clock; that a link was used too late is recorded once.
        after 60m
        guest reset_password account=pat at=second new=Other-7-word  | 403 P4 + password_reset_failed{account=pat because=expired}
        guest reset_password account=pat at=second new=Other-7-word  | 403 P4
        # A completed reset clears failures and the lock.
        sue set_setting setting=lockout_attempts value=2             | setting_changed
        pat sign_in plane=platform password=x                        | 403 C11 + sign_in_refused
        pat sign_in plane=platform password=x                        | 403 C11 + sign_in_refused, credentials_locked
        asked: guest forgot_password account=pat                     | password_reset_requested
        guest reset_password account=pat at=asked new=Next-7-word    | session_ended, credentials_unlocked, password_changed, password_reset_completed
        failures pat                                                 | 0
        locked pat                                                   | no
        # What somebody else set must be changed, and not into itself (rule: C16).
        sue set_password account=pat password=Given-7-word           | password_set
        asked: guest forgot_password account=pat                     | password_reset_requested
        guest reset_password account=pat at=asked new=Given-7-word   | 422 C16
        guest reset_password account=pat at=asked new=Mine-7-word    | password_changed, password_reset_completed
        pat sign_in plane=platform password=Mine-7-word              | signed_in
        # The setting says how long a link works.
        sue set_setting setting=reset_minutes value=5                | setting_changed
        asked: guest forgot_password account=pat                     | password_reset_requested
        after 5m
        guest reset_password account=pat at=asked new=Late-7-word    | 403 P4 + password_reset_failed
    ";
    check(world(), table);
}

// rules: C13, M2, P1, P4
#[test]
fn what_changes_meanwhile_ends_a_link() {
    for (meanwhile, events) in [
        ("sue set_credential_email account=pat email=eve@example.org", "{because=email_changed}, credential_email_set"),
        ("sue set_password account=pat password=Given-7-word", "{because=password_changed}, password_set"),
        ("sue disable_account account=pat", "{because=disabled}, account_disabled"),
        ("sue delete_credentials account=pat", "{because=account_gone}, credentials_deleted"),
        ("sue remove_account account=pat", "{because=account_gone}, account_removed"),
        ("pat change_password old=Own-7-word new=Mine-7-word", "{because=password_changed}, password_changed"),
    ] {
        let table = format!(
            "
            asked: guest forgot_password account=pat                     | password_reset_requested
            {meanwhile}                                                  | password_reset_failed{events}
            guest reset_password account=pat at=asked new=Other-7-word   | 403 P4
            "
        );
        check(world(), &table);
    }
    // Of these nothing comes, and nobody is told.
    let table = "
        guest forgot_password account=nobody                         | none
        guest forgot_password account=con                            | none
        guest forgot_password account=manager                        | none
        sue disable_account account=pat                              | account_disabled
        guest forgot_password account=pat                            | none
    ";
    check(world(), table);
}

// rules: C17, P6
#[test]
fn a_forgotten_username_makes_credentials_only_for_who_holds_nothing() {
    let table = "
        guest forgot_username account=pat                            | notice_owed{account=pat notice=username_reminder}@null
        guest forgot_username account=manager                        | none
        guest forgot_username account=con username=con               | none
        sue set_setting setting=forgot_username_creates_credentials value=true | setting_changed
        # A contact that was staff once, and still holds what it held then (rule: C17).
        sue add_group_member group=Reporting account=con             | group_member_added
        guest forgot_username account=con username=con               | none
        sue remove_group_member group=Reporting account=con          | group_member_removed
        guest forgot_username account=con username=pat               | none
        asked: guest forgot_username account=con username=con        | credentials_created{account=con username=con user_class=public must_change=true}@null, password_reset_requested{account=con}@null
        con sign_in plane=platform password=x                        | 403 C11 + sign_in_refused
        guest reset_password account=con at=asked new=Mine-7-word    | password_changed, password_reset_completed
        con sign_in plane=platform password=Mine-7-word              | signed_in
        # Credentials that were deleted come back only while nothing is held.
        sue delete_credentials account=ann                           | credentials_deleted
        guest forgot_username account=ann username=ann-2             | none
    ";
    check(world(), table);
}

// rules: C8, P6
#[test]
fn credentials_that_were_deleted_while_disabled_come_back_by_a_sysadmin_alone() {
    for (deleting, deleted) in [
        ("sue disable_account account=pat ; delete_credentials account=pat", "account_disabled, credentials_deleted"),
        (
            "sue disable_account account=pat | account_disabled\nsue delete_credentials account=pat",
            "credentials_deleted",
        ),
    ] {
        let table = format!(
            "
            sue set_setting setting=forgot_username_creates_credentials value=true | setting_changed
            staff four Customers=4
            four sign_in plane=platform                              | signed_in
            {deleting} | {deleted}
            guest forgot_username account=pat username=pat           | none
            four create_credentials account=pat username=pat password=Start-7-word user_class=public | 403 C8
            # A SysAdmin's are not disabled, and of these P6 knows nothing more.
            sue create_credentials account=pat username=pat password=Start-7-word user_class=public | credentials_created
            pat sign_in plane=platform                               | must change
            sue delete_credentials account=pat                       | credentials_deleted
            guest forgot_username account=pat username=pat           | credentials_created, password_reset_requested
        "
        );
        check(world(), &table);
    }
    // Whoever was enabled again before is as anybody else.
    let table = "
        staff four Customers=4
        four sign_in plane=platform                                  | signed_in
        sue disable_account account=pat                              | account_disabled
        sue enable_account account=pat                               | account_enabled
        sue delete_credentials account=pat                           | credentials_deleted
        four create_credentials account=pat username=pat password=Start-7-word user_class=public | credentials_created
    ";
    check(world(), table);
}

// rules: P4, P8
#[test]
fn a_link_that_was_lost_is_made_anew_and_lives_no_longer() {
    let table = "
        unsent                                                       |
        first: guest forgot_password account=pat                     | password_reset_requested
        second: guest forgot_password account=pat                    | password_reset_requested
        after 59m
        guest link_made_anew account=pat at=first                    | none
        anew: guest link_made_anew account=pat at=second             | password_reset_requested{account=pat site=/a}
        guest link_made_anew account=pat at=second                   | none
        unsent                                                       | pat
        # Only the mail with the newest link counts.
        guest mail_handed_over account=pat at=second                 | password_reset_sent
        unsent                                                       | pat
        guest mail_handed_over account=pat at=anew                   | password_reset_sent
        unsent                                                       |
        after 1m
        guest reset_password account=pat at=anew new=Late-7-word     | 403 P4 + password_reset_failed{because=expired}
        guest link_made_anew account=pat at=anew                     | none
    ";
    check(world(), table);
}
