//! Tables of webhooks.

use crate::table_for_tests::{World, check};

// rule: S2
#[test]
fn webhooks_are_added_and_removed_by_sysadmins() {
    let table = "
        ann sign_in plane=platform                               | signed_in
        ann add_webhook webhook=siem url=https://siem.example.org/in | 403 S2
        bob add_webhook webhook=siem url=https://siem.example.org/in | 403 S2
        ann remove_webhook webhook=siem                          | 403 S2
        bob redeliver_webhook webhook=siem                       | 403 S2
        sue remove_webhook webhook=siem                          | 404
        sue add_webhook webhook=siem url=https://siem.example.org/in | webhook_added{webhook=siem url=https://siem.example.org/in}@sue-admin
        sue add_webhook webhook=SIEM url=https://other.example.org/ | 409 S2
        sue redeliver_webhook webhook=siem                       | 409 S2
        sue redeliver_webhook webhook=siem position=1            | 404
        sue redeliver_webhook webhook=other                      | 404
        sue remove_webhook webhook=Siem                          | webhook_removed{webhook=siem}@sue-admin
        sue remove_webhook webhook=siem                          | 404
        sue add_webhook webhook=SIEM url=https://other.example.org/ | webhook_added{webhook=SIEM}
    ";
    check(World::with_admin(), table);
}

// rule: S2
#[test]
fn a_tenant_has_so_many_webhooks_and_no_more() {
    let mut table = String::new();
    for number in 1..=20 {
        table.push_str(&format!(
            "sue add_webhook webhook=w{number} url=https://w{number}.example.org/ | webhook_added\n"
        ));
    }
    table.push_str("sue add_webhook webhook=w21 url=https://w21.example.org/ | 409 S2\n");
    table.push_str("sue remove_webhook webhook=w7 | webhook_removed\n");
    table.push_str("sue add_webhook webhook=w21 url=https://w21.example.org/ | webhook_added\n");
    check(World::with_admin(), &table);
}
