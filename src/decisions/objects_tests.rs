//! Tables of objects and the access to them.

use crate::table_for_tests::{World, check};

// rules: N1, N2, N3
#[test]
fn an_object_inherits_until_it_has_a_setting_of_its_own() {
    let table = r#"
        # Missing ancestors come to exist as inheriting folders; the root is Staff Full Control.
        made: sue create_object object=/a/b/c kind=content       | object_created@sue-admin
        may ann object.full_control /a/b/c                       | yes
        may ann object.full_control /a                           | yes
        may pat object.read /a/b/c                               | no N2
        may guest object.read /a/b/c                             | no N2
        # A set is inherited by what lies below.
        sue set_access object=/a set=everyone-read               | access_set
        may guest object.read /a/b/c                             | yes
        may guest object.edit /a/b/c                             | no N2
        may ann object.edit /a/b/c                               | no N2
        may sue object.edit /a/b/c                               | yes@sue-admin
        sue set_access object=/a set=everyone-read               | 409 N2
        # The first right granted starts a set that is empty but for it.
        read: sue grant_access object=/a/b principal={"account":"pat"} rights=["read"] | access_granted
        may pat object.read /a/b/c                               | yes@read
        may pat object.edit /a/b/c                               | no N2
        may guest object.read /a/b/c                             | no N2
        may ann object.read /a/b/c                               | no N2
        may guest object.read /a                                 | yes
        # The last right taken away leaves nobody, SysAdmins aside (rule: G9).
        sue revoke_access object=/a/b principal={"account":"pat"} rights=["read"] | access_revoked
        may pat object.read /a/b/c                               | no N2
        may guest object.read /a/b                               | no N2
        may sue object.read /a/b                                 | yes
        # Clearing inherits again.
        sue clear_access object=/a/b                             | access_cleared
        may guest object.read /a/b/c                             | yes
        sue clear_access object=/a/b                             | 409 N3
        sue clear_access object=/a                               | access_cleared
        may guest object.read /a/b/c                             | no N2
        may ann object.delete /a/b/c                             | yes
        # What a former custom set gave is gone when a new one starts, also after a preconfigured set.
        sue grant_access object=/a principal={"staff":true} rights=["full_control"] | access_granted
        sue set_access object=/a set=sysadmin-only               | access_set
        sue grant_access object=/a principal={"account":"pat"} rights=["add"] | access_granted
        access /a                                                | add
        may ann object.read /a                                   | no N2
        may pat object.add /a/b                                  | yes
    "#;
    check(World::with_admin(), table);
}

// rules: N2, G10
#[test]
fn rights_are_granted_and_revoked_one_by_one() {
    let table = r#"
        ann sign_in plane=platform                               | signed_in
        sue create_object object=/a kind=site public=true        | object_created
        sue create_group group=helpers                           | group_created
        # Errors by descending precedence.
        ann grant_access object=/x principal={"group":"x"} rights=[] | 422
        ann grant_access object=/x principal={"group":"x"} rights=["read"] | 403 S2
        sue grant_access object=/x principal={"group":"x"} rights=["read"] | 404
        sue grant_access object=/a principal={"group":"x"} rights=["read"] | 404
        sue grant_access object=/a principal={"role":"x"} rights=["read"] | 404
        sue grant_access object=/a principal={"account":"x"} rights=["read"] | 404
        sue grant_access object=/a principal={"member_type":"x"} rights=["read"] until=2026-01-01 | 409 G10
        sue grant_access object=/a principal={"group":"HELPERS"} rights=["read","edit"] | access_granted{right=read}, access_granted{right=edit}
        sue grant_access object=/a principal={"group":"helpers"} rights=["delete","read"] | 409 N2
        access /a                                                | read edit
        # Full control includes the others: a part of what is held changes nothing.
        sue grant_access object=/a principal={"group":"helpers"} rights=["full_control"] | access_granted
        sue grant_access object=/a principal={"group":"helpers"} rights=["add"] | 409 N2
        sue grant_access object=/a principal={"group":"helpers"} rights=["add"] until=2026-02-01 | 409 N2
        sue grant_access object=/a principal={"group":"helpers"} rights=["full_control"] | 409 N2
        # Unless it ends earlier than what is given.
        sue grant_access object=/a principal={"group":"helpers"} rights=["full_control"] until=2026-02-01 | access_granted
        sue grant_access object=/a principal={"group":"helpers"} rights=["add"] until=2026-01-31 | 409 N2
        sue grant_access object=/a principal={"group":"helpers"} rights=["add"] until=2026-03-01 | access_granted
        sue grant_access object=/a principal={"group":"helpers"} rights=["delete"] | access_granted
        sue add_group_member group=helpers account=pat           | group_member_added
        may pat object.full_control /a                           | yes
        sue revoke_access object=/a principal={"group":"helpers"} rights=["read","full_control"] | access_revoked, access_revoked
        sue revoke_access object=/a principal={"group":"helpers"} rights=["edit","read"] | 409 N2
        may pat object.edit /a                                   | yes
        may pat object.read /a                                   | no N2
        at 2026-03-02T00:00:00Z
        may pat object.add /a                                    | no N2
        sue sign_in plane=platform                               | signed_in
        sue revoke_access object=/a principal={"group":"helpers"} rights=["add"] | 409 N2
    "#;
    check(World::with_admin(), table);
}

// rules: N2, X1, G3
#[test]
fn each_preconfigured_set_admits_whom_it_names() {
    // guest, public, member (a contact with a member type), staff, in the group Reporting, SysAdmin; r reads, f everything
    for (set, expected) in [
        ("everyone-full-control", "f f f f f f"),
        ("everyone-read", "r r r r r f"),
        ("authenticated-full-control", "- f f f f f"),
        ("authenticated-read", "- r r r r f"),
        ("members-read", "- - r - - f"),
        ("staff-full-control", "- - - f - f"),
        ("staff-read", "- - - r - f"),
        ("reporting-full-control", "- - - - f f"),
        ("sysadmin-only", "- - - - - f"),
    ] {
        let mut table = format!(
            "
            public mem
            sue update_contact account=mem member_type=regular   | contact_updated
            public rep
            sue add_group_member group=Reporting account=rep     | group_member_added
            sue create_object object=/a kind=folder              | object_created
            sue set_access object=/a set={set}                   | access_set
            "
        );
        for (who, has) in ["guest", "pat", "mem", "ann", "rep", "sue"].iter().zip(expected.split(' ')) {
            let read = if has == "-" { "no N2" } else { "yes" };
            let full = if has == "f" { "yes" } else { "no N2" };
            table += &format!("may {who} object.read /a | {read}\n");
            for right in ["add", "edit", "delete", "full_control"] {
                table += &format!("may {who} object.{right} /a | {full}\n");
            }
        }
        // Whoever is shut out has not even what everybody has, and is told what shuts them out where the set has them.
        table += "sue disable_account account=pat | account_disabled\n";
        let had = set.starts_with("everyone") || set.starts_with("authenticated");
        table += &format!("may pat object.read /a | {}\n", if had { "no C8" } else { "no N2" });
        check(World::with_admin(), &table);
    }
}

// rules: N1, N3
#[test]
fn objects_come_and_go_from_the_leaves() {
    let table = r#"
        sue delete_object object=/a                              | 404
        sue set_access object=/a set=staff-read                  | 404
        sue clear_access object=/a                               | 404
        sue create_object object=/a/b kind=document              | object_created
        sue create_object object=/a/b kind=document              | 409 N1
        # One that is there only because of what lies below may still be created in its own right.
        sue create_object object=/a kind=site public=true        | object_created
        sue create_object object=/a kind=site                    | 409 N1
        sue create_object object=/A kind=site                    | object_created
        sue delete_object object=/a                              | 409 N1
        sue set_access object=/a/b set=everyone-read             | access_set
        sue delete_object object=/a/b                            | object_deleted
        sue delete_object object=/a/b                            | 404
        # A new one of the path starts afresh.
        sue create_object object=/a/b kind=document              | object_created
        may guest object.read /a/b                               | no N2
        sue grant_access object=/a/b principal={"account":"pat"} rights=["read"] | access_granted
        sue delete_object object=/a/b                            | object_deleted
        sue create_object object=/a/b kind=document              | object_created
        sue grant_access object=/a/b principal={"account":"ann"} rights=["read"] | access_granted
        may pat object.read /a/b                                 | no N2
    "#;
    check(World::with_admin(), table);
}

// rules: A7, N2
#[test]
fn a_session_reads_only_by_groups_that_its_account_was_in_at_its_sign_in() {
    let table = r#"
        sue create_group group=growers                           | group_created
        sue create_object object=/beds kind=folder               | object_created
        given: sue grant_access object=/beds principal={"group":"growers"} rights=["read"] | access_granted
        before: pat sign_in plane=platform                       | signed_in
        sue add_group_member group=growers account=pat           | group_member_added
        may pat@before object.read /beds                         | no N2
        may pat object.read /beds                                | yes@given
        after: pat sign_in plane=platform                        | signed_in
        may pat@after object.read /beds                          | yes@given
    "#;
    check(World::with_admin(), table);
}

// rules: N2, V1, X4
#[test]
fn a_member_type_is_one_principal_however_it_is_spelt() {
    let table = r#"
        public mem
        sue update_contact account=mem member_type=ÄRZTE         | contact_updated
        sue create_object object=/a kind=folder                  | object_created
        sue grant_access object=/a principal={"member_type":"ärzte"} rights=["read"] | access_granted
        may mem object.read /a                                   | yes
        sue grant_access object=/a principal={"member_type":"Ärzte"} rights=["read"] | 409 N2
        # Another end is of the right that is held.
        sue grant_access object=/a principal={"member_type":"ÄRZTE"} rights=["read"] until=2026-12-31 | access_granted{right=read}
        sue grant_access object=/a principal={"member_type":"ÄRZTE"} rights=["full_control"] | access_granted
        sue grant_access object=/a principal={"member_type":"ärzte"} rights=["edit"] | 409 N2
        sue revoke_access object=/a principal={"member_type":"ärzte"} rights=["full_control","read"] | access_revoked{right=full_control}, access_revoked{right=read}
        may mem object.read /a                                   | no N2
        sue revoke_access object=/a principal={"member_type":"ärzte"} rights=["read"] | 409 N2
    "#;
    check(World::with_admin(), table);
    // Histories that hold two spellings of one are revoked in both, and a new end is of both.
    let mut world = check(World::with_admin(), "sue create_object object=/a kind=folder");
    world.granted_as_spelt("/a", &["Fellow", "fellow"]);
    let table = r#"
        sue grant_access object=/a principal={"member_type":"FELLOW"} rights=["read"] | 409 N2
        sue grant_access object=/a principal={"member_type":"FELLOW"} rights=["read"] until=2026-12-31 | access_granted{right=read}, access_granted{right=read}
        sue revoke_access object=/a principal={"member_type":"FELLOW"} rights=["read"] | access_revoked, access_revoked
        sue revoke_access object=/a principal={"member_type":"Fellow"} rights=["read"] | 409 N2
    "#;
    check(world, table);
}
