//! Tables of roles and levels.

use crate::table_for_tests::{World, check};

// rules: G1, G3, G6, G7, G10
#[test]
fn roles_are_made_by_sysadmins_and_system_roles_stay() {
    let mut table = "
        # Errors by descending precedence.
        ann sign_in plane=platform                               | signed_in
        ann edit_role role=nothing new_name=SysAdmin             | 403 G6
        sue edit_role role=nothing new_name=SysAdmin             | 404
        sue create_role role=Helper description=x                | role_created@sue-admin
        sue create_role role=HELPER description=x                | 409 G6
        sue create_role role=Other description=x                 | role_created
        sue edit_role role=helper new_name=other                 | 409 G6
        sue edit_role role=helper new_name=sysadmin              | 409 G6
        sue edit_role role=helper new_name=Aide description=y    | role_edited{role=Helper new_name=Aide}
        sue assign_role account=pat role=helper                  | 404
        given: sue assign_role account=pat role=AIDE             | role_assigned{role=Aide}
        sue assign_role account=con role=Aide until=2026-02-01   | role_assigned
        ann assign_role account=nobody role=nothing              | 403 G7
        sue assign_role account=nobody role=nothing              | 404
        sue assign_role account=pat role=Aide until=2026-01-04   | 409 G10
        sue assign_role account=pat role=Aide                    | 409 G10
        sue assign_role account=con role=Aide until=2026-02-01   | 409 G10
        sue assign_role account=con role=Aide until=2026-03-01   | role_assigned
        sue remove_role account=ann role=Aide                    | 409 G7
        # A renamed role keeps its holders and its rights on objects.
        sue create_object object=/a kind=folder                  | object_created
        sue grant_access object=/a principal={\"role\":\"aide\"} rights=[\"read\"] | access_granted
        sue edit_role role=Aide new_name=Helpmate                | role_edited, access_revoked, access_granted
        holds pat Helpmate                                       | yes
        may pat object.read /a                                   | yes
        # Deleting one ends its assignments and its rights; a later one of the name finds none.
        sue delete_role role=helpmate                            | role_removed{account=con role=Helpmate}, role_removed{account=pat}, access_revoked, role_deleted@sue-admin
        sue delete_role role=Helpmate                            | 404
        sue create_role role=Helpmate description=x              | role_created
        holds pat Helpmate                                       | no
        access /a                                                | 
    "
    .to_owned();
    for role in [
        "SysAdmin",
        "CompanyAdministrator",
        "OnBehalfOf",
        "RemoteService",
        "Everyone",
        "Content-Administrator",
        "Auditor",
    ] {
        // A name with a space cannot stand in a row; it is quoted by escaping.
        let role = role.replace('-', "\\u0020").to_lowercase();
        let quoted = format!("\"{role}\"");
        table += &format!("sue delete_role role={quoted} | 409 G1\n");
        table += &format!("sue edit_role role={quoted} new_name=Mine | 409 G1\n");
        table += &format!("sue edit_role role={quoted} description=mine | 409 G1\n");
        table += &format!("sue create_role role={quoted} description=x | 409 G6\n");
    }
    for computed in ["\"Everyone\"", "\"Content\\u0020Administrator\""] {
        table += &format!("sue assign_role account=ann role={computed} | 409 G3\n");
        table += &format!("sue remove_role account=ann role={computed} | 409 G3\n");
    }
    check(World::with_admin(), &table);
}

// rules: G2, G4, G5, G8, M2
#[test]
fn some_roles_ask_for_class_full() {
    let table = "
        sue assign_role account=con role=SysAdmin                | 409 G2
        sue assign_role account=pat role=SysAdmin                | 409 G2
        sue assign_role account=pat role=OnBehalfOf              | 409 G4
        sue assign_role account=con role=OnBehalfOf              | 409 G4
        sue assign_role account=pat role=CompanyAdministrator    | role_assigned
        sue assign_role account=con role=RemoteService           | role_assigned
        sue assign_role account=ann role=OnBehalfOf              | role_assigned
        sue assign_role account=ann role=SysAdmin until=9999-12-31 | role_assigned{until=null}
        sue assign_role account=ann role=SysAdmin until=2026-06-01 | role_assigned
        sue assign_role account=manager role=SysAdmin until=2026-06-01 | 409 M2
        sue assign_role account=manager role=SysAdmin            | 409 G10
        sue assign_role account=manager role=RemoteService       | role_assigned
        # Role and level in one entry.
        sue assign_role account=cy role=SysAdmin ; set_level account=cy module=System level=8 | role_assigned, level_set
    ";
    check(World::with_admin(), table);
}

// rules: L1, L3, M1, M2, G10
#[test]
fn levels_are_set_by_sysadmins_on_staff_alone() {
    let table = "
        ann sign_in plane=platform                               | signed_in
        # Errors by descending precedence.
        ann set_level account=nobody module=nothing level=9      | 422
        ann set_level account=nobody module=nothing level=8      | 403 L1
        sue set_level account=nobody module=nothing level=8      | 404
        sue set_level account=pat module=nothing level=8         | 404
        sue set_level account=manager module=Customers level=7   | 409 M2
        sue set_level account=pat module=customers level=1       | 409 L1
        sue set_level account=con module=customers level=1       | 409 L1
        sue set_level account=ann module=customers level=0       | 409 G10
        sue set_level account=ann module=customers level=4 until=2026-01-04 | 409 G10
        sue set_level account=ann module=customers level=4       | level_set{module=Customers level=4}@sue-admin
        sue set_level account=ann module=Customers level=4       | 409 G10
        sue set_level account=ann module=Customers level=4 until=2026-02-01 | level_set
        sue set_level account=ann module=Customers level=5       | level_set
        # What is taken away has no end.
        sue set_level account=ann module=Customers level=0 until=2026-02-01 | level_set{level=0 until=null}
        # A new module: MANAGER has it at 8 from the start.
        support add_module cloud_id=abcimis module=customers ticket=T-2 | 409 L1 `from the start`
        support add_module cloud_id=abcimis module=Events ticket=T-2 | module_added@null, level_set{account=manager level=8}@null
        support add_module cloud_id=abcimis module=events ticket=T-2 | 409 L1 `since position `
        holds manager level=Events                               | 8
        sue set_level account=manager module=Events level=7      | 409 M2
        sue make_system_administrator account=manager            | 409 L3
        # One command makes a system administrator of whoever has credentials and an email.
        ann make_system_administrator account=pat                | 403 S2
        sue make_system_administrator account=nobody             | 404
        sue make_system_administrator account=con                | 409 C1
        sue make_system_administrator account=pat                | user_class_set{user_class=full}, role_assigned{role=SysAdmin}, level_set{level=8}, level_set{level=8}, level_set{level=8}
        sue make_system_administrator account=pat                | 409 L3
        sue set_level account=pat module=Events level=3          | level_set
        sue make_system_administrator account=pat                | level_set{module=Events level=8}
        sue assign_role account=cy role=SysAdmin until=2026-02-01 | role_assigned
        sue make_system_administrator account=cy                 | role_assigned{until=null}, level_set, level_set, level_set
        # As every grant it may have an end, but MANAGER's.
        sue make_system_administrator account=cy until=2026-01-04 | 409 G10
        sue make_system_administrator account=cy until=2026-02-01 | role_assigned{until=2026-02-02T00:00:00.000000Z}, level_set, level_set, level_set
        sue make_system_administrator account=cy until=2026-02-01 | 409 L3
        sue make_system_administrator account=manager until=2026-02-01 | 409 M2
        sue make_system_administrator account=cy                 | role_assigned{until=null}, level_set, level_set, level_set
    ";
    check(World::with_admin(), table);
}

// rules: G9, U4
#[test]
fn an_authority_is_the_oldest_of_the_grants_that_would_do() {
    let table = "
        staff tom RemoteService
        contact new
        level: manager set_level account=tom module=Customers level=4 | level_set
        tom sign_in plane=platform                               | signed_in
        dry tom create_credentials account=new username=new password=Start-7-word user_class=public | credentials_created@level
        role: manager assign_role account=tom role=SysAdmin      | role_assigned
        tom sign_in plane=platform                               | session_ended, signed_in
        dry tom create_credentials account=new username=new password=Start-7-word user_class=public | credentials_created@level
        dry tom create_credentials account=new username=new password=Start-7-word user_class=full | credentials_created@level
        dry tom set_user_class account=pat user_class=casual     | user_class_set@role
        # Given again with another end, it rests on that entry; taken away, on what is left.
        later: manager set_level account=tom module=Customers level=8 | level_set
        dry tom create_credentials account=new username=new password=Start-7-word user_class=public | credentials_created@role
        manager remove_role account=tom role=SysAdmin            | role_removed
        dry tom create_credentials account=new username=new password=Start-7-word user_class=public | credentials_created@later
        # In a list the authority is one from before it, and every command must still be allowed.
        manager assign_role account=tom role=SysAdmin            | role_assigned
        tom sign_in plane=platform                               | session_ended, signed_in
        tom remove_role account=tom role=SysAdmin ; assign_role account=tom role=SysAdmin | 403 G7
        tom assign_role account=pat role=Auditor ; remove_role account=tom role=SysAdmin | role_assigned, role_removed
        tom assign_role account=pat role=Auditor                 | 403 G7
        # Support, guests and the system act by no entry.
        support add_app cloud_id=abcimis app=x title=X audience=staff ticket=T-2 | app_added@null
        guest add_contact account=x full_name=X                  | 403 S1
    ";
    check(World::with_admin(), table);
}
