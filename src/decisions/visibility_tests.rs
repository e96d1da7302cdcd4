//! Tables of which contacts are visible to whom.

use crate::table_for_tests::{World, check};

// rules: V1, S2
#[test]
fn three_sets_of_contacts_lie_within_each_other() {
    let table = r#"
        ann sign_in plane=platform                               | signed_in
        public guido
        contact anna
        contact berta
        contact clara
        contact dora
        sue update_contact account=anna status=public            | contact_updated
        sue update_contact account=berta status=listed           | contact_updated
        sue update_contact account=clara member_type=Regular     | contact_updated
        sue update_contact account=pat member_type=Student       | contact_updated
        # Until a set is defined it is empty: staff alone see others, and everyone themselves.
        may ann contact.view anna                                | yes
        may pat contact.view anna                                | no V1
        may pat contact.view pat                                 | yes
        may guest contact.view anna                              | no V1
        # Errors by descending precedence.
        ann define_contact_visibility audience=nobody condition={} | 422
        ann define_contact_visibility audience=everyone condition={"status":"public"} | 403 S2
        sue define_contact_visibility audience=everyone condition={"status":"Public"} | contact_visibility_defined@sue-admin
        sue define_contact_visibility audience=everyone condition={"status":"Public"} | 409 V1
        sue define_contact_visibility audience=authenticated condition={"any":[{"status":"listed"}]} | contact_visibility_defined
        sue define_contact_visibility audience=members condition={"member_type":["Regular","Student"]} | contact_visibility_defined
        # A for everyone.
        may guest contact.view anna                              | yes
        may guest contact.view berta                             | no V1
        may guest contact.view clara                             | no V1
        # A and B for whoever is signed in.
        may guido contact.view anna                              | yes
        may guido contact.view berta                             | yes
        may guido contact.view clara                             | no V1
        # A, B and C for members.
        may pat contact.view anna                                | yes
        may pat contact.view berta                               | yes
        may pat contact.view clara                               | yes
        may pat contact.view dora                                | no V1
        # All for staff.
        may ann contact.view dora                                | yes
        # An account that is shut out sees not even what guests see.
        sue disable_account account=pat                          | account_disabled
        may pat contact.view anna                                | no C8
        sue enable_account account=pat                           | account_enabled
        # What changes of a contact, or of a viewer, counts at once.
        sue update_contact account=anna status=null              | contact_updated
        may guest contact.view anna                              | no V1
        sue disable_account account=guido                        | account_disabled
        may guido contact.view berta                             | no C8
        sue update_contact account=pat member_type=null          | contact_updated
        may pat contact.view clara                               | no V1
        # Nobody who was removed is seen, and an emptied set is empty.
        sue define_contact_visibility audience=everyone condition={} | contact_visibility_defined
        may guest contact.view dora                              | yes
        sue remove_account account=dora                          | account_removed
        may guest contact.view dora                              | no V1
        sue define_contact_visibility audience=everyone condition={"any":[]} | contact_visibility_defined
        may guest contact.view clara                             | no V1
    "#;
    check(World::with_admin(), table);
}

// rules: A7, V1
#[test]
fn who_was_no_member_for_a_while_sees_what_members_see_from_the_next_sign_in_on() {
    let table = r#"
        contact clara
        sue update_contact account=clara member_type=Regular     | contact_updated
        sue update_contact account=pat member_type=Student       | contact_updated
        sue define_contact_visibility audience=members condition={"member_type":"Regular"} | contact_visibility_defined
        in: pat sign_in plane=platform                           | signed_in
        # Another type is one as well.
        sue update_contact account=pat member_type=Regular       | contact_updated
        may pat@in contact.view clara                            | yes
        sue update_contact account=pat member_type=null          | contact_updated
        may pat@in contact.view clara                            | no V1
        sue update_contact account=pat member_type=Student       | contact_updated
        may pat@in contact.view clara                            | no V1
        may pat contact.view clara                               | yes
    "#;
    check(World::with_admin(), table);
}
