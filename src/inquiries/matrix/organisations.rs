//! Administrators of companies, committees and chapters, each on its own organisation and on the others (rules: O2 to O13).
//! The rows go by the rulebook's, organisation by organisation; where a row says "only", a row of its own says what is beyond.

use serde_json::{Value, json};

use super::Plan;

pub(super) const PLAN: Plan = Plan {
    name: "organisations",
    words: "what administrators of companies, committees and chapters may do (O1 to O13), under the licence Group Admin PLUS",
    actors: &[
        ("company", "company"),
        ("committee", "committee"),
        ("chapter-fee", "chapter-fee"),
        ("chapter-non-fee", "chapter-non-fee"),
        ("staff", "staff"),
        ("sysadmin", "sysadmin"),
    ],
    history,
    rows: &[
        ("add new contacts: company", "organisation.add_contact", Some("company")),
        ("add new contacts: committee", "organisation.add_contact", Some("committee")),
        ("add new contacts: chapter-fee", "organisation.add_contact", Some("chapter-fee")),
        ("add new contacts: chapter-non-fee", "organisation.add_contact", Some("chapter-non-fee")),
        ("add existing contacts: company", "organisation.add_existing_contact", Some("company")),
        ("add existing contacts: committee", "organisation.add_existing_contact", Some("committee")),
        ("add existing contacts: chapter-fee", "organisation.add_existing_contact", Some("chapter-fee")),
        ("add existing contacts: chapter-non-fee", "organisation.add_existing_contact", Some("chapter-non-fee")),
        ("edit contacts: company", "organisation.edit_contact", Some("company")),
        ("edit contacts: committee", "organisation.edit_contact", Some("committee")),
        ("edit contacts: chapter-fee", "organisation.edit_contact", Some("chapter-fee")),
        ("edit contacts: chapter-non-fee", "organisation.edit_contact", Some("chapter-non-fee")),
        ("edit the organisation itself: company", "organisation.edit", Some("company")),
        ("edit the organisation itself: committee", "organisation.edit", Some("committee")),
        ("edit the organisation itself: chapter-fee", "organisation.edit", Some("chapter-fee")),
        ("edit the organisation itself: chapter-non-fee", "organisation.edit", Some("chapter-non-fee")),
        ("add roles: company", "organisation.add_role", Some("company")),
        ("add roles: committee", "organisation.add_role", Some("committee")),
        ("add roles: chapter-fee", "organisation.add_role", Some("chapter-fee")),
        ("add roles: chapter-non-fee", "organisation.add_role", Some("chapter-non-fee")),
        ("give members a position: company", "organisation.add_position", Some("company")),
        ("give members a position: committee", "organisation.add_position", Some("committee")),
        ("give members a position: chapter-fee", "organisation.add_position", Some("chapter-fee")),
        ("give members a position: chapter-non-fee", "organisation.add_position", Some("chapter-non-fee")),
        ("edit roles: company", "organisation.edit_role", Some("company")),
        ("edit roles: committee", "organisation.edit_role", Some("committee")),
        ("edit roles: chapter-fee", "organisation.edit_role", Some("chapter-fee")),
        ("edit roles: chapter-non-fee", "organisation.edit_role", Some("chapter-non-fee")),
        ("edit positions: company", "organisation.edit_position", Some("company")),
        ("edit positions: committee", "organisation.edit_position", Some("committee")),
        ("edit positions: chapter-fee", "organisation.edit_position", Some("chapter-fee")),
        ("edit positions: chapter-non-fee", "organisation.edit_position", Some("chapter-non-fee")),
        ("delete roles: company", "organisation.delete_role", Some("company")),
        ("delete roles: committee", "organisation.delete_role", Some("committee")),
        ("delete roles: chapter-fee", "organisation.delete_role", Some("chapter-fee")),
        ("delete roles: chapter-non-fee", "organisation.delete_role", Some("chapter-non-fee")),
        ("end memberships and positions: company", "organisation.remove_member", Some("company")),
        ("end memberships and positions: committee", "organisation.remove_member", Some("committee")),
        ("end memberships and positions: chapter-fee", "organisation.remove_member", Some("chapter-fee")),
        ("end memberships and positions: chapter-non-fee", "organisation.remove_member", Some("chapter-non-fee")),
        ("make others administrators: company", "organisation.assign_admin", Some("company")),
        ("make others administrators: committee", "organisation.assign_admin", Some("committee")),
        ("make others administrators: chapter-fee", "organisation.assign_admin", Some("chapter-fee")),
        ("make others administrators: chapter-non-fee", "organisation.assign_admin", Some("chapter-non-fee")),
        ("edit relationships on profiles: company", "organisation.edit_relationships", Some("company")),
        ("edit relationships on profiles: committee", "organisation.edit_relationships", Some("committee")),
        ("edit relationships on profiles: chapter-fee", "organisation.edit_relationships", Some("chapter-fee")),
        ("edit relationships on profiles: chapter-non-fee", "organisation.edit_relationships", Some("chapter-non-fee")),
        ("select other queries or email: company", "organisation.select_queries", Some("company")),
        ("select other queries or email: committee", "organisation.select_queries", Some("committee")),
        ("select other queries or email: chapter-fee", "organisation.select_queries", Some("chapter-fee")),
        ("select other queries or email: chapter-non-fee", "organisation.select_queries", Some("chapter-non-fee")),
        ("pay for members and join on their behalf: company", "organisation.pay", Some("company")),
        ("pay for members and join on their behalf: committee", "organisation.pay", Some("committee")),
        ("pay for members and join on their behalf: chapter-fee", "organisation.pay", Some("chapter-fee")),
        ("pay for members and join on their behalf: chapter-non-fee", "organisation.pay", Some("chapter-non-fee")),
        ("bill the organisation: company", "organisation.bill", Some("company")),
        ("bill the organisation: committee", "organisation.bill", Some("committee")),
        ("bill the organisation: chapter-fee", "organisation.bill", Some("chapter-fee")),
        ("bill the organisation: chapter-non-fee", "organisation.bill", Some("chapter-non-fee")),
        (
            "register members for events, in one's primary company: company",
            "organisation.register_event",
            Some("company"),
        ),
        (
            "register members for events, in one's primary company: committee",
            "organisation.register_event",
            Some("committee"),
        ),
        (
            "register members for events, in one's primary company: chapter-fee",
            "organisation.register_event",
            Some("chapter-fee"),
        ),
        (
            "register members for events, in one's primary company: chapter-non-fee",
            "organisation.register_event",
            Some("chapter-non-fee"),
        ),
        ("donate on behalf of contacts: company", "organisation.donate", Some("company")),
        ("donate on behalf of contacts: committee", "organisation.donate", Some("committee")),
        ("donate on behalf of contacts: chapter-fee", "organisation.donate", Some("chapter-fee")),
        ("donate on behalf of contacts: chapter-non-fee", "organisation.donate", Some("chapter-non-fee")),
    ],
};

const KINDS: [(&str, &str); 4] = [
    ("company", "company"),
    ("committee", "committee"),
    ("chapter-fee", "chapter_fee"),
    ("chapter-non-fee", "chapter_non_fee"),
];

fn history() -> Vec<Value> {
    let mut history = vec![json!({"name": "record_licence", "cloud_id": "example", "licence": "group_admin_plus",
        "ticket": "examples"})];
    for id in ["company", "committee", "chapter-fee", "chapter-non-fee", "staff", "sysadmin"] {
        let class = if ["staff", "sysadmin"].contains(&id) { "full" } else { "public" };
        let email = format!("{id}@example.org");
        history.push(json!({"name": "add_contact", "account": id, "full_name": id, "email": email}));
        history.push(json!({"name": "create_credentials", "account": id, "username": id, "password": "Example-1",
            "user_class": class}));
    }
    history.push(json!({"name": "make_system_administrator", "account": "sysadmin"}));
    for (name, kind) in KINDS {
        history.push(json!({"name": "create_organisation", "organisation": name, "kind": kind}));
        let joins = if kind == "chapter_fee" { "record_chapter_payment" } else { "add_organisation_member" };
        history.push(json!({"name": joins, "organisation": name, "account": name}));
        history.push(json!({"name": "assign_organisation_admin", "organisation": name, "account": name}));
    }
    history
}

#[cfg(test)]
mod tests {
    // rules: O2, O3, O4, O5, O6, O7, O8, O9, O10, O11, O12, O13
    #[test]
    fn the_matrix_of_organisations_is_the_rulebooks() {
        let table = "
            organisation.add_contact company yes - - - yes yes
            organisation.add_contact committee - yes - - yes yes
            organisation.add_contact chapter-fee - - - - yes yes
            organisation.add_contact chapter-non-fee - - - yes yes yes
            organisation.add_existing_contact company - - - - yes yes
            organisation.add_existing_contact committee - yes - - yes yes
            organisation.add_existing_contact chapter-fee - - - - yes yes
            organisation.add_existing_contact chapter-non-fee - - - - yes yes
            organisation.edit_contact company yes - - - yes yes
            organisation.edit_contact committee - - - - yes yes
            organisation.edit_contact chapter-fee - - yes - yes yes
            organisation.edit_contact chapter-non-fee - - - yes yes yes
            organisation.edit company yes - - - - yes
            organisation.edit committee - - - - - yes
            organisation.edit chapter-fee - - - - - yes
            organisation.edit chapter-non-fee - - - yes - yes
            organisation.add_role company yes - - - yes yes
            organisation.add_role committee - yes - - yes yes
            organisation.add_role chapter-fee - - yes - yes yes
            organisation.add_role chapter-non-fee - - - yes yes yes
            organisation.add_position company yes - - - yes yes
            organisation.add_position committee - yes - - yes yes
            organisation.add_position chapter-fee - - - - yes yes
            organisation.add_position chapter-non-fee - - - - yes yes
            organisation.edit_role company yes - - - yes yes
            organisation.edit_role committee - yes - - yes yes
            organisation.edit_role chapter-fee - - - - yes yes
            organisation.edit_role chapter-non-fee - - - yes yes yes
            organisation.edit_position company - - - - yes yes
            organisation.edit_position committee - yes - - yes yes
            organisation.edit_position chapter-fee - - - - yes yes
            organisation.edit_position chapter-non-fee - - - yes yes yes
            organisation.delete_role company yes - - - yes yes
            organisation.delete_role committee - - - - yes yes
            organisation.delete_role chapter-fee - - yes - yes yes
            organisation.delete_role chapter-non-fee - - - yes yes yes
            organisation.remove_member company yes - - - yes yes
            organisation.remove_member committee - - - - yes yes
            organisation.remove_member chapter-fee - - - - yes yes
            organisation.remove_member chapter-non-fee - - - yes yes yes
            organisation.assign_admin company yes - - - yes yes
            organisation.assign_admin committee - yes - - yes yes
            organisation.assign_admin chapter-fee - - yes - yes yes
            organisation.assign_admin chapter-non-fee - - - yes yes yes
            organisation.edit_relationships company - - - - yes yes
            organisation.edit_relationships committee - - - - yes yes
            organisation.edit_relationships chapter-fee - - - - yes yes
            organisation.edit_relationships chapter-non-fee - - - - yes yes
            organisation.select_queries company - - - - yes yes
            organisation.select_queries committee - - - - yes yes
            organisation.select_queries chapter-fee - - - - yes yes
            organisation.select_queries chapter-non-fee - - - - yes yes
            organisation.pay company yes - - - yes yes
            organisation.pay committee - - - - yes yes
            organisation.pay chapter-fee - - yes - yes yes
            organisation.pay chapter-non-fee - - - yes yes yes
            organisation.bill company yes - - - yes yes
            organisation.bill committee - - - - - yes
            organisation.bill chapter-fee - - - - - yes
            organisation.bill chapter-non-fee - - - - - yes
            organisation.register_event company yes - - - yes yes
            organisation.register_event committee - - - - yes yes
            organisation.register_event chapter-fee - - - - yes yes
            organisation.register_event chapter-non-fee - - - - yes yes
            organisation.donate company - - - - yes yes
            organisation.donate committee - - - - yes yes
            organisation.donate chapter-fee - - - - yes yes
            organisation.donate chapter-non-fee - - - - yes yes
        ";
        super::super::for_tests::check("organisations", table);
    }
}
