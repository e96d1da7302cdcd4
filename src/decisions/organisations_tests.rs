//! Tables of organisations.

use grantbook_events::OrganisationKind;
use grantbook_rights::Extent;

use crate::table_for_tests::{World, check};

/// Two companies, a committee, a chapter with a fee and one without, each with an administrator and a member, under the
/// licence. `ca`, `ka`, `fa` and `na` administer `acme`, `board`, `north` and `south`; `cm`, `km`, `fm` and `nm` are members.
fn world() -> World {
    let given = "
        support record_licence cloud_id=abcimis licence=group_admin_plus ticket=T-1
        ann sign_in plane=platform
        sue create_organisation organisation=acme kind=company full_name=Acme
        sue create_organisation organisation=brick kind=company
        sue create_organisation organisation=board kind=committee
        sue create_organisation organisation=north kind=chapter_fee
        sue create_organisation organisation=south kind=chapter_non_fee
        public ca
        public ka
        public fa
        public na
        contact cm
        contact km
        contact fm
        contact nm
        ann add_organisation_member organisation=acme account=ca
        ann add_organisation_member organisation=acme account=cm
        ann add_organisation_member organisation=board account=ka
        ann add_organisation_member organisation=board account=km position=Clerk
        ann record_chapter_payment organisation=north account=fa
        ann record_chapter_payment organisation=north account=fm
        ann add_organisation_member organisation=south account=na
        ann add_organisation_member organisation=south account=nm
        ca-admin: ann assign_organisation_admin organisation=acme account=ca
        ka-admin: ann assign_organisation_admin organisation=board account=ka
        fa-admin: ann assign_organisation_admin organisation=north account=fa
        na-admin: ann assign_organisation_admin organisation=south account=na
        ca sign_in plane=platform
        ka sign_in plane=platform
        fa sign_in plane=platform
        na sign_in plane=platform
    ";
    check(World::with_admin(), given)
}

/// The rulebook's rows O2 to O13 as what can be asked: company, committee, chapter with a fee, chapter without one.
const EXPECTED: [(&str, &str, [bool; 4]); 14] = [
    ("add_contact", "O2", [true, true, false, true]),
    ("add_existing_contact", "O2", [false, true, false, false]),
    ("edit_contact", "O3", [true, false, true, true]),
    ("edit", "O4", [true, false, false, true]),
    ("add_role", "O5", [true, true, true, true]),
    ("edit_role", "O6", [true, true, false, true]),
    ("delete_role", "O7", [true, false, true, true]),
    ("assign_admin", "O8", [true, true, true, true]),
    ("edit_relationships", "O9", [false, false, false, false]),
    ("select_queries", "O10", [false, false, false, false]),
    ("pay", "O11", [true, false, true, true]),
    ("bill", "O11", [true, false, false, false]),
    ("register_event", "O12", [true, false, false, false]),
    ("donate", "O13", [false, false, false, false]),
];

// rules: O2, O3, O4, O5, O6, O7, O8, O9, O10, O11, O12, O13, S1, S4, G9
#[test]
fn administrators_may_what_the_matrix_says_on_their_own_organisation_and_nothing_on_another() {
    let mut table = String::new();
    let administrators = [("ca", "acme"), ("ka", "board"), ("fa", "north"), ("na", "south")];
    for (right, rule, cells) in EXPECTED {
        for ((who, own), may) in administrators.into_iter().zip(cells) {
            let answer = if may { format!("yes@{who}-admin") } else { format!("no {rule}") };
            table += &format!("may {who} organisation.{right} {own} | {answer}\n");
            for (_, other) in administrators.into_iter().filter(|(other, _)| *other != who) {
                table += &format!("may {who} organisation.{right} {other} | no {rule}\n");
            }
            table += &format!("may {who} organisation.{right} brick | no {rule}\n");
            table += &format!("may sue organisation.{right} {own} | yes\n");
            // What concerns people is plain staff's too; the organisation itself is not, nor is billing anything but a company.
            let staff = right != "edit" && (right != "bill" || own == "acme");
            let answer = if staff { "yes".to_owned() } else { format!("no {rule}") };
            table += &format!("may ann organisation.{right} {own} | {answer}\n");
            table += &format!("may pat organisation.{right} {own} | no {rule}\n");
            table += &format!("may guest organisation.{right} {own} | no {rule}\n");
        }
    }
    check(world(), &table);
}

// rules: O1, O2, O3, O4, O5, O6, O7, O8, O9, O10, O11, O12, O13
#[test]
fn the_matrix_says_what_the_rulebook_says() {
    const RULEBOOK: [&str; 13] = [
        "O1 | no | no | yes | yes",
        "O2 | new ones only | new and existing | no | new ones",
        "O3 | yes | no | yes | yes",
        "O4 | yes | no | no | yes",
        "O5 | yes | yes | Chapter Administrator only | Chapter Administrator only",
        "O6 | Member and Company Administrator only | yes, positions and terms | no | yes",
        "O7 | yes | no | Chapter Administrator only | yes",
        "O8 | yes, of the same company | yes | yes | yes",
        "O9 | no | no | no | no",
        "O10 | no | no | no | no",
        "O11 | yes, may bill the company | no | yes, never billed to the chapter | yes, never billed to the chapter",
        "O12 | yes, own primary organisation only | no | no | no",
        "O13 | no | no | no | no",
    ];
    let rows = grantbook_rights::MATRIX.iter().map(|row| {
        let cells = OrganisationKind::ALL.iter().map(|kind| Extent::words(row.cell(*kind)));
        [row.rule].into_iter().chain(cells).collect::<Vec<_>>().join(" | ")
    });
    assert_eq!(rows.collect::<Vec<_>>(), RULEBOOK);
}

// rules: O2, O16, O18, O22, S1, S2, C15
#[test]
fn members_come_by_hand_by_payment_and_by_themselves() {
    let table = "
        pat sign_in plane=platform                                     | signed_in
        ann create_organisation organisation=x kind=company            | 403 S2
        sue create_organisation organisation=ACME kind=company         | 409 O4
        sue create_organisation organisation=x kind=club               | 422
        # New contacts, by administrators: no duplicate check, the membership in the same entry.
        ca add_contact account=new1 full_name=Cm organisation=acme     | contact_added@ca-admin, organisation_member_added{organisation=acme account=new1}@ca-admin
        ka add_contact account=new2 full_name=New organisation=board   | contact_added, organisation_member_added@ka-admin
        fa add_contact account=new3 full_name=New organisation=north   | 403 O2
        na add_contact account=new4 full_name=New organisation=south   | contact_added, organisation_member_added
        ann add_contact account=new5 full_name=New organisation=north  | 409 O18
        ann add_contact account=new5 full_name=New organisation=South  | contact_added, organisation_member_added{organisation=south}
        ca add_contact account=new6 full_name=New                      | 403 S1
        ca add_contact account=new6 full_name=New organisation=brick   | 403 O2
        ca add_contact account=new6 full_name=New organisation=nothing | 403 O2
        ann add_contact account=new6 full_name=New organisation=nothing | 404
        ca add_contact account=con full_name=New organisation=acme     | 409 C15
        # Rights may depend on these.
        ca add_contact account=new6 full_name=New organisation=acme member_type=regular | 403 O2
        ann add_contact account=new6 full_name=New organisation=acme member_type=regular | contact_added, organisation_member_added
        # Existing contacts.
        ca add_organisation_member organisation=acme account=con       | 403 O2
        fa add_organisation_member organisation=north account=con      | 403 O2
        na add_organisation_member organisation=south account=con      | 403 O2
        ka add_organisation_member organisation=board account=con      | organisation_member_added{account=con}@ka-admin
        ka add_organisation_member organisation=board account=con      | 409 G10
        ka add_organisation_member organisation=board account=nobody   | 404
        ann add_organisation_member organisation=north account=con     | 409 O18
        sue add_organisation_member organisation=north account=con     | 409 O18
        ann add_organisation_member organisation=south account=con until=2026-01-01 | 409 G10
        # By payment.
        fa record_chapter_payment organisation=north account=con until=2026-12-31 | chapter_payment_recorded{account=con until=2027-01-01T00:00:00.000000Z}@fa-admin, organisation_member_added{account=con until=2027-01-01T00:00:00.000000Z}@fa-admin
        fa record_chapter_payment organisation=north account=con until=2026-12-31 | 409 G10
        fa record_chapter_payment organisation=north account=con until=2027-12-31 | chapter_payment_recorded{until=2028-01-01T00:00:00.000000Z}, organisation_member_edited{until=2028-01-01T00:00:00.000000Z}
        # Nobody's own, staff or not; a SysAdmin can do everything (rule: G9).
        fa record_chapter_payment organisation=north account=fa        | 403 O18
        ann record_chapter_payment organisation=north account=ann      | 403 O18
        dry sue record_chapter_payment organisation=north account=sue  | chapter_payment_recorded, organisation_member_added
        na record_chapter_payment organisation=south account=con       | 409 O18
        ca record_chapter_payment organisation=acme account=con        | 409 O18
        ka record_chapter_payment organisation=board account=con       | 403 O11
        pat record_chapter_payment organisation=north account=pat      | 403 O11
        # By themselves, but not where one pays.
        pat join_organisation organisation=acme                        | organisation_member_added{account=pat}
        pat join_organisation organisation=acme                        | 409 G10
        pat join_organisation organisation=south                       | organisation_member_added
        pat join_organisation organisation=north                       | 409 O18
        pat join_organisation organisation=nothing                     | 404
        guest join_organisation organisation=acme                      | 403 O22
        import-begins
        import join_organisation organisation=acme                     | 409 O22
        import add_organisation_member organisation=acme account=con   | organisation_member_added
    ";
    check(world(), table);
}

// rules: O5, O6, O7, O20, G10
#[test]
fn positions_and_terms_go_by_the_matrix() {
    let table = "
        # A company: Member and Company Administrator can be edited, other positions given and taken.
        ca edit_organisation_member organisation=acme account=cm until=2026-12-31 | organisation_member_edited@ca-admin
        ca edit_organisation_member organisation=acme account=cm until=2026-12-31 | 409 G10
        ca edit_organisation_member organisation=acme account=cm position=Buyer until=2027-12-31 | 403 O6
        ca edit_organisation_member organisation=acme account=cm until=null    | organisation_member_edited
        ca edit_organisation_member organisation=acme account=cm position=Buyer | organisation_member_edited{position=Buyer}
        ca edit_organisation_member organisation=acme account=cm position=Seller | 403 O6
        ca edit_organisation_member organisation=acme account=cm until=2026-12-31 | 403 O6
        ca edit_organisation_member organisation=acme account=cm position=null | organisation_member_edited
        ca edit_organisation_member organisation=acme account=con position=X   | 409 O6
        # A committee: positions and terms, and nobody is put out.
        ka edit_organisation_member organisation=board account=km position=Chair from=2026-02-01 until=2026-12-31 | organisation_member_edited{position=Chair from=2026-02-01}@ka-admin
        ka edit_organisation_member organisation=board account=km from=2027-02-01 | 409 O6
        ka edit_organisation_member organisation=board account=km position=null | 403 O7
        ka remove_organisation_member organisation=board account=km            | 403 O7
        ka add_organisation_member organisation=board account=con position=Chair | organisation_member_added{position=Chair}
        # Adding who is a member already changes no more than editing would.
        ka add_organisation_member organisation=board account=con              | 403 O7
        ka add_organisation_member organisation=board account=con until=2026-06-30 | 403 O7
        ka add_organisation_member organisation=board account=con position=Vice until=2026-06-30 | organisation_member_added{position=Vice}
        ka add_organisation_member organisation=board account=con position=Vice until=2026-06-30 | 409 G10
        ann add_organisation_member organisation=board account=con             | organisation_member_added{account=con}
        ka remove_organisation_admin organisation=board account=ka             | 403 O7
        # A chapter with a fee: the role of its administrators, nothing else.
        fa edit_organisation_member organisation=north account=fm position=X   | 403 O6
        fa remove_organisation_member organisation=north account=fm            | 403 O7
        ann edit_organisation_member organisation=north account=fm position=X  | organisation_member_edited
        ann edit_organisation_member organisation=north account=fm until=2026-06-30 | organisation_member_edited
        ann edit_organisation_member organisation=north account=fm until=2026-12-31 | 409 O18
        # A chapter without one: all but new positions.
        na edit_organisation_member organisation=south account=nm position=X   | 403 O5
        na edit_organisation_member organisation=south account=nm until=2026-12-31 | organisation_member_edited
        ann edit_organisation_member organisation=south account=nm position=X  | organisation_member_edited
        na edit_organisation_member organisation=south account=nm position=Y   | organisation_member_edited@na-admin
        na edit_organisation_member organisation=south account=nm position=null | organisation_member_edited
        na remove_organisation_member organisation=south account=nm            | organisation_member_removed@na-admin
        na remove_organisation_member organisation=south account=nm            | 409 O7
        # The organisation itself.
        ca edit_organisation organisation=acme full_name=Acme2                 | organisation_edited@ca-admin
        na edit_organisation organisation=south description=d                  | organisation_edited@na-admin
        ka edit_organisation organisation=board full_name=B                    | 403 O4
        fa edit_organisation organisation=north full_name=N                    | 403 O4
        ann edit_organisation organisation=acme full_name=B                    | 403 O4
        sue edit_organisation organisation=acme full_name=B                    | organisation_edited@sue-admin
        sue edit_organisation organisation=acme                                | 422
    ";
    check(world(), table);
}

// rules: O8, O14, O19, O20, O7, G10
#[test]
fn the_right_to_administer_goes_to_whom_it_may() {
    let table = "
        sue create_organisation organisation=stern kind=chapter_fee
        ca assign_organisation_admin organisation=acme account=con      | 403 O8
        ca assign_organisation_admin organisation=acme account=nobody   | 404
        ca assign_organisation_admin organisation=acme account=ca until=2030-01-01 | 403 O8
        ca assign_organisation_admin organisation=brick account=cm      | 403 O8
        ca assign_organisation_admin organisation=acme account=cm       | organisation_admin_assigned{account=cm}@ca-admin
        ca assign_organisation_admin organisation=acme account=cm       | 409 G10
        # Staff: to members and to contacts outside the company.
        ann assign_organisation_admin organisation=acme account=con     | organisation_admin_assigned
        ann assign_organisation_admin organisation=brick account=con    | organisation_admin_assigned
        ann assign_organisation_admin organisation=board account=con    | 409 O14
        ann assign_organisation_admin organisation=south account=con    | 409 O14
        ka assign_organisation_admin organisation=board account=km      | organisation_admin_assigned@ka-admin
        # An earlier end takes the right away as removing does; a later one, or none, does not.
        ka assign_organisation_admin organisation=board account=km until=2026-01-06 | 403 O7
        ann assign_organisation_admin organisation=board account=km until=2026-06-30 | organisation_admin_assigned
        ka assign_organisation_admin organisation=board account=km until=2026-06-29 | 403 O7
        ka assign_organisation_admin organisation=board account=km until=2026-07-31 | organisation_admin_assigned@ka-admin
        ka assign_organisation_admin organisation=board account=km      | organisation_admin_assigned@ka-admin
        ca assign_organisation_admin organisation=acme account=cm until=2026-07-31 | organisation_admin_assigned@ca-admin
        fa assign_organisation_admin organisation=north account=fm      | organisation_admin_assigned@fa-admin
        fa remove_organisation_admin organisation=north account=fm      | organisation_admin_removed@fa-admin
        fa remove_organisation_admin organisation=north account=fm      | 409 O7
        # Not staff.
        ann add_organisation_member organisation=south account=cy       | organisation_member_added
        ann assign_organisation_admin organisation=south account=cy     | 409 O14
        ca remove_organisation_admin organisation=acme account=con      | organisation_admin_removed@ca-admin
        # With the membership ends the right.
        ca remove_organisation_member organisation=acme account=cm      | organisation_admin_removed{account=cm}, organisation_member_removed{account=cm}
        # Becoming staff lets the right rest.
        sue set_user_class account=na user_class=full                   | user_class_set
        may na organisation.edit south                                  | no O4
        sue set_user_class account=na user_class=public                 | user_class_set
        may na organisation.edit south                                  | yes@na-admin
        # Without the licence the rights on chapters rest, and come back with it.
        support record_licence cloud_id=abcimis licence=group_admin_plus until=2026-01-31 ticket=T-2
        may fa organisation.edit_contact north                          | yes@fa-admin
        at 2026-02-02T09:00:00Z
        fa sign_in plane=platform                                       | signed_in
        ca sign_in plane=platform                                       | signed_in
        ann sign_in plane=platform                                      | signed_in
        may fa organisation.edit_contact north                          | no O19
        may na organisation.edit south                                  | no O19
        may ca organisation.edit acme                                   | yes@ca-admin
        may ka organisation.edit_role board                             | yes@ka-admin
        fa update_contact account=fm city=Oslo                          | 403 O19
        fa assign_organisation_admin organisation=north account=fm      | 403 O19
        ann assign_organisation_admin organisation=north account=fm     | 409 O19
        ann remove_organisation_admin organisation=north account=fa     | organisation_admin_removed
        support record_licence cloud_id=abcimis licence=group_admin_plus ticket=T-3
        may na organisation.edit south                                  | yes@na-admin
        ann assign_organisation_admin organisation=north account=fm     | organisation_admin_assigned
    ";
    check(world(), table);
}

// rules: O3, O20, O21, C17, M3
#[test]
fn administrators_edit_contacts_of_their_own_organisation() {
    let table = "
        ann assign_organisation_admin organisation=brick account=ka
        ann add_organisation_member organisation=brick account=con
        ka sign_in plane=platform
        ca update_contact account=cm city=Oslo                          | contact_updated@ca-admin
        ca update_contact account=cm member_type=regular                | 403 O3
        ca update_contact account=con city=Oslo                         | 403 S1
        ca update_contact account=nobody city=Oslo                      | 403 S1
        ka update_contact account=km city=Oslo                          | 403 O3
        ka update_contact account=con city=Oslo                         | contact_updated
        fa update_contact account=fm city=Oslo                          | contact_updated@fa-admin
        na update_contact account=nm city=Oslo                          | contact_updated@na-admin
        # MANAGER's contact stays a SysAdmin's matter.
        ann add_organisation_member organisation=acme account=manager   | organisation_member_added
        ca update_contact account=manager email=x@example.org           | 403 C13
        # Whoever pays becomes a member, and by an email somebody else comes in (rule: P6).
        fa record_chapter_payment organisation=north account=con
        fa update_contact account=con email=x@example.org               | 403 O3
        fa update_contact account=fm email=x@example.org                | 403 O3
        fa record_chapter_payment organisation=north account=dee
        fa update_contact account=dee email=x@example.org               | 403 O3
        fa update_contact account=dee city=Oslo                        | contact_updated@fa-admin
        na update_contact account=nm email=x@example.org                | 403 O3
        # Whom they added themselves they write to, until that is somebody who signs in.
        na add_contact account=new full_name=N email=n@example.org organisation=south
        na update_contact account=new email=x@example.org               | contact_updated@na-admin
        sue create_credentials account=new username=new password=Start-7-word user_class=public
        na update_contact account=new email=y@example.org               | 403 O3
        ann update_contact account=new email=y@example.org              | contact_updated
        ca update_contact account=cm email=x@example.org                | contact_updated@ca-admin
        # A contact who administers something gets credentials from a SysAdmin alone.
        manager set_level account=ann module=Customers level=4          | level_set
        ann sign_in plane=platform                                      | session_ended, signed_in
        ann assign_organisation_admin organisation=acme account=cm      | organisation_admin_assigned
        ann create_credentials account=cm username=cm password=Start-7-word user_class=public | 403 C17
        ann create_credentials account=nm username=nm password=Start-7-word user_class=public | credentials_created
        sue create_credentials account=cm username=cm password=Start-7-word user_class=public | credentials_created
    ";
    check(world(), table);
}

// rules: O12, O15, O17, O22, A7
#[test]
fn a_setting_extends_the_right_to_companies_that_others_put_one_into() {
    let table = "
        ann add_organisation_member organisation=brick account=ca
        ca join_organisation organisation=south
        sue create_organisation organisation=crane kind=company
        ca join_organisation organisation=crane
        may ca organisation.edit brick                                  | no O4
        sue set_setting setting=company_admins_all_organisations value=1
        may ca organisation.edit brick                                  | yes@ca-admin
        # What it gained after the sign-in shows at the next.
        ca edit_organisation organisation=brick full_name=B             | 403 O4
        ca sign_in plane=platform                                       | signed_in
        ca edit_organisation organisation=brick full_name=B             | organisation_edited@ca-admin
        # Not to chapters, nor to a company that one joined by oneself.
        may ca organisation.edit south                                  | no O4
        may ca organisation.edit crane                                  | no O4
        # Members are registered for events in the primary company alone: the first that was joined.
        may ca organisation.register_event acme                         | yes@ca-admin
        may ca organisation.register_event brick                        | no O12
        ann remove_organisation_member organisation=acme account=ca     | organisation_admin_removed, organisation_member_removed
        may ca organisation.edit brick                                  | no O4
        ann assign_organisation_admin organisation=brick account=ca     | organisation_admin_assigned
        may ca organisation.register_event brick                        | yes
        # The clock takes a membership of a committee, and the right on it rests.
        ann edit_organisation_member organisation=board account=ka until=2026-01-31 | organisation_member_edited
        may ka organisation.add_contact board                           | yes@ka-admin
        at 2026-02-02T09:00:00Z
        may ka organisation.add_contact board                           | no O2
        # A disabled administrator administers nothing.
        sue sign_in plane=platform                                      | signed_in
        sue disable_account account=fa                                  | account_disabled
        may fa organisation.edit_contact north                          | no C8
    ";
    check(world(), table);
}

// rules: A7, O12, O14, O15
#[test]
fn what_is_lost_on_an_organisation_comes_back_with_the_next_sign_in() {
    let table = "
        # Taken and given back.
        ca: ca sign_in plane=platform                                   | signed_in
        may ca@ca organisation.edit acme                                | yes@ca-admin
        ann remove_organisation_admin organisation=acme account=ca      | organisation_admin_removed
        again: ann assign_organisation_admin organisation=acme account=ca | organisation_admin_assigned
        may ca@ca organisation.edit acme                                | no O4
        may ca organisation.edit acme                                   | yes@again
        # All of it within one instant.
        at 2026-01-05T10:00:00Z
        fa: fa sign_in plane=platform                                   | signed_in
        at 2026-01-05T10:00:00Z
        ann remove_organisation_admin organisation=north account=fa     | organisation_admin_removed
        at 2026-01-05T10:00:00Z
        ann assign_organisation_admin organisation=north account=fa     | organisation_admin_assigned
        may fa@fa organisation.edit_contact north                       | no O3
        may fa organisation.edit_contact north                          | yes
        # What is extended to another company goes while the setting does not extend it.
        ann add_organisation_member organisation=brick account=ca       | organisation_member_added
        sue set_setting setting=company_admins_all_organisations value=1 | setting_changed
        wide: ca sign_in plane=platform                                 | signed_in
        may ca@wide organisation.edit brick                             | yes@again
        sue set_setting setting=company_admins_all_organisations value=0 | setting_changed
        sue set_setting setting=company_admins_all_organisations value=1 | setting_changed
        may ca@wide organisation.edit brick                             | no O4
        may ca@wide organisation.edit acme                              | yes@again
        may ca organisation.edit brick                                  | yes@again
        # Ended by the clock, with nothing recorded since the sign-in, and given back; so is what rests on it.
        ann remove_organisation_member organisation=brick account=ca    | organisation_member_removed
        ann edit_organisation_member organisation=acme account=ca until=2026-01-05T12:00:00Z | organisation_member_edited
        ann edit_organisation_member organisation=board account=ka until=2026-01-05T12:00:00Z | organisation_member_edited
        ka: ka sign_in plane=platform                                   | signed_in
        last: ca sign_in plane=platform                                 | signed_in
        at 2026-01-05T11:59:00Z
        may ka@ka organisation.add_contact board                        | yes@ka-admin
        may ca@last organisation.register_event acme                    | yes@again
        at 2026-01-05T12:01:00Z
        ann add_organisation_member organisation=acme account=ca        | organisation_member_added
        ann add_organisation_member organisation=board account=ka       | organisation_member_added
        may ka@ka organisation.add_contact board                        | no O2
        may ka organisation.add_contact board                           | yes@ka-admin
        may ca@last organisation.register_event acme                    | no O12
        may ca organisation.register_event acme                         | yes@again
    ";
    check(world(), table);
}
