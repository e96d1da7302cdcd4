//! Tables of contacts.

use crate::table_for_tests::{World, check};

// rules: S1, C13, C15, M2, M3
#[test]
fn staff_keep_contacts_and_sysadmins_remove_accounts() {
    let table = "
        ann sign_in plane=platform                               | signed_in
        pat sign_in plane=platform                               | signed_in
        pat add_contact account=new full_name=New                | 403 S1
        ann add_contact account=pat full_name=Pat                | 409 C15
        ann add_contact account=new                              | 422
        ann add_contact account=new full_name=New member_type=regular | contact_added
        pat update_contact account=pat city=Oslo                 | 403 S1
        ann update_contact account=nobody city=Oslo              | 404
        ann update_contact account=sue city=Oslo                 | contact_updated
        # MANAGER's contact is where its password is delivered.
        ann update_contact account=manager email=ann@example.org | 403 C13
        sue update_contact account=manager email=sue@example.org | contact_updated@sue-admin
        ann remove_account account=new                           | 403 S2
        ann remove_account account=nobody                        | 403 S2
        sue remove_account account=nobody                        | 404
        sue remove_account account=manager                       | 409 M2
        pat end_session                                          | session_ended
        pat sign_in                                              | signed_in
        sue remove_account account=pat                           | session_ended{because=account_gone}, account_removed@sue-admin
        pat add_contact account=y full_name=Y                    | 401
        ann update_contact account=pat city=Oslo                 | 404
        ann add_contact account=pat full_name=Pat                | 409 C15
        # An id that was only ever named by a refused or an imported act was not given.
        import-begins
        import add_contact account=elsewhere full_name=Else      | contact_added
    ";
    check(World::with_admin(), table);
}
