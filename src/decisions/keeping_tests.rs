//! Tables of legal holds and of erasing contacts.

use crate::table_for_tests::{World, check};

// rules: U5, C15, M2, U6
#[test]
fn sysadmins_and_support_erase_contacts_with_a_ticket() {
    let table = "
        ann sign_in plane=platform                               | signed_in
        # Malformed, by the actor, not there, by the state: in this order.
        sue erase_contact account=con                            | 422
        ann erase_contact account=con ticket=T-9                 | 403 S2
        bob erase_contact account=con ticket=T-9                 | 403 S2
        ann erase_contact account=nobody ticket=T-9              | 403 S2
        sue erase_contact account=nobody ticket=T-9              | 404
        support erase_contact cloud_id=abcimis account=nobody ticket=T-9 | 404
        sue erase_contact account=manager ticket=T-9             | 409 M2
        support erase_contact cloud_id=abcimis account=manager ticket=T-9 | 409 M2
        sue erase_contact account=con ticket=T-9                 | account_removed@sue-admin, contact_erased{account=con}@sue-admin
        sue erase_contact account=con ticket=T-9                 | 409 C15
        sue add_contact account=con full_name=Con                | 409 C15
        sue update_contact account=con city=Oslo                 | 404
        sue remove_account account=con                           | 404
        sue place_legal_hold account=con                         | 409 C15
        # Whoever is signed in is out at once; whoever was removed before is only erased.
        pat sign_in                                              | signed_in
        support erase_contact cloud_id=abcimis account=pat ticket=T-9 | session_ended{because=account_gone}@null, account_removed@null, contact_erased@null
        pat end_session                                          | 401
        sue remove_account account=dee                           | account_removed
        sue erase_contact account=dee ticket=T-9                 | contact_erased{account=dee}@sue-admin
        dry sue erase_contact account=cy ticket=T-9              | account_removed, contact_erased
        sue update_contact account=cy city=Oslo                  | contact_updated
        import-begins
        import erase_contact account=cy ticket=T-9               | 409 U6
    ";
    check(World::with_admin(), table);
}

// rules: U5
#[test]
fn a_legal_hold_keeps_a_contact_from_being_erased_until_it_is_lifted() {
    let table = "
        ann sign_in plane=platform                               | signed_in
        ann place_legal_hold account=pat                         | 403 S2
        ann lift_legal_hold account=pat                          | 403 S2
        sue place_legal_hold account=nobody                      | 404
        sue lift_legal_hold account=pat                          | 409 U5
        sue place_legal_hold account=pat                         | legal_hold_placed{account=pat}@sue-admin
        sue place_legal_hold account=pat                         | 409 U5
        sue erase_contact account=pat ticket=T-9                 | 409 U5
        support erase_contact cloud_id=abcimis account=pat ticket=T-9 | 409 U5
        # A hold keeps what is known, and nobody in office.
        sue remove_account account=pat                           | account_removed
        sue erase_contact account=pat ticket=T-9                 | 409 U5
        sue place_legal_hold account=con                         | legal_hold_placed
        sue lift_legal_hold account=pat                          | legal_hold_lifted{account=pat}@sue-admin
        sue erase_contact account=pat ticket=T-9                 | contact_erased
        sue lift_legal_hold account=pat                          | 409 C15
        # In a list the hold comes down before the contact is erased, and all of it or nothing.
        sue erase_contact account=con ticket=T-9 ; lift_legal_hold account=con | 409 U5
        sue lift_legal_hold account=con ; erase_contact account=con ticket=T-9 | legal_hold_lifted, account_removed, contact_erased
    ";
    check(World::with_admin(), table);
}

// rules: T7
#[test]
fn support_erases_people_of_a_closed_tenant() {
    let table = "
        relay close_tenant cloud_id=abcimis ticket=T-1           | session_ended, session_ended, session_ended, tenant_closed
        support unlock_manager cloud_id=abcimis ticket=T-1       | 409 T7
        support erase_contact cloud_id=abcimis account=con ticket=T-9 | account_removed@null, contact_erased@null
        support erase_contact cloud_id=abcimis account=con ticket=T-9 | 409 C15
    ";
    check(World::with_admin(), table);
}
