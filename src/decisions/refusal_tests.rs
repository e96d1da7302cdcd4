//! Tables of what a refusal says.

use crate::table_for_tests::{World, check};

// rules: S2, C7, F9, M2
#[test]
fn a_refusal_says_what_account_it_takes_or_what_must_be_so() {
    let table = "
        ann sign_in plane=platform                   | signed_in
        ann add_admin account=cy                     | 403 F9 `it takes an account that is an Admin User`
        ann create_group group=one                   | 403 S2 `it takes an account that holds the role SysAdmin`
        sue unlock_credentials account=sue           | 403 C7 `it takes that the other account is not its own`
        sue set_password account=manager password=Other-7-word | 409 M2 `it takes that the other account is not MANAGER`
    ";
    check(World::with_admin(), table);
}

// rules: F7, F9
#[test]
fn what_holds_of_everybody_brings_nobody_closer() {
    let table = "
        staff bob RemoteService
        bob sign_in                                  | signed_in
        # In edition 2017 MANAGER is an admin; that the tenant runs it makes nobody nearly MANAGER.
        bob add_admin account=bob                    | 403 F9 `it takes an account that is an Admin User`
    ";
    check(World::edition_2017(), table);
}

// rules: O2, O14
#[test]
fn an_organisation_is_called_what_people_call_it() {
    let table = r#"
        sue create_organisation organisation=acme kind=company full_name="Acme\u0020Ltd" | organisation_created
        pat sign_in plane=platform                   | signed_in
        pat add_contact account=new full_name=New organisation=acme | 403 O2 `it takes an account that administers Acme Ltd`
        sue edit_organisation organisation=acme full_name=Apex | organisation_edited
        pat add_contact account=new full_name=New organisation=acme | 403 O2 `it takes an account that administers Apex`
    "#;
    check(World::with_admin(), table);
}
