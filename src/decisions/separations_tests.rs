//! Tables of separations of duties.

use crate::table_for_tests::{World, check};

// rule: S2
#[test]
fn separations_are_defined_and_removed_by_sysadmins() {
    let table = "
        ann sign_in plane=platform                               | signed_in
        ann define_separation separation=keys one=roles.assign other=dashboard.manage_admins | 403 S2
        bob define_separation separation=keys one=roles.assign other=dashboard.manage_admins | 403 S2
        ann remove_separation separation=nothing                 | 403 S2
        sue remove_separation separation=nothing                 | 404
        sue define_separation separation=keys one=roles.assign other=dashboard.manage_admins | separation_defined{separation=keys one=roles.assign other=dashboard.manage_admins}@sue-admin
        sue define_separation separation=Keys one=app.use other=contacts.access | 409 S2
        sue remove_separation separation=KEYS                    | separation_removed{separation=keys}@sue-admin
        sue remove_separation separation=keys                    | 404
        sue define_separation separation=Keys one=app.use other=contacts.access | separation_defined{separation=Keys}
    ";
    check(World::with_admin(), table);
}
