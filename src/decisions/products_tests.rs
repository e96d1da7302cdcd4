//! Products, purchases, and that nobody gives themselves anything by them (rule: X3).

use crate::table_for_tests::{World, check};

// rules: X3, G10
#[test]
fn a_purchase_makes_the_buyer_a_member_of_the_group_that_the_product_names() {
    let table = "
        ann sign_in plane=platform                               | signed_in
        sue create_group group=readers                           | group_created
        ann register_product product=guide group=readers         | 403 X3
        sue register_product product=guide group=nothing         | 404
        sue register_product product=guide group=Readers         | product_registered{product=guide group=readers}@sue-admin
        sue register_product product=Guide group=readers         | 409 X3
        sue register_product product=pen                         | product_registered{product=pen}
        sue register_product product=pen                         | 409 X3
        ann record_purchase product=nothing account=con          | 404
        ann record_purchase product=guide account=nobody         | 404
        con record_purchase product=guide account=con            | 401
        guest record_purchase product=guide account=con          | 403 X3
        pat sign_in plane=platform                               | signed_in
        pat record_purchase product=guide account=pat            | 403 X3
        pat record_purchase product=guide account=con            | 403 X3
        ann record_purchase product=GUIDE account=con            | purchase_recorded{product=guide account=con}, group_member_added{group=readers account=con}
        holds con group=readers                                  | yes
        # Bought again it changes no membership, and neither does one that would end earlier.
        ann record_purchase product=guide account=con            | purchase_recorded
        ann record_purchase product=guide account=con until=2026-02-01 | purchase_recorded
        ann record_purchase product=pen account=con              | purchase_recorded
        # For a time, and then for longer.
        ann record_purchase product=guide account=pat until=2026-01-04 | 409 G10
        ann record_purchase product=guide account=pat until=2026-02-01 | purchase_recorded, group_member_added
        ann record_purchase product=guide account=pat until=2026-01-20 | purchase_recorded
        ann record_purchase product=guide account=pat until=2026-03-01 | purchase_recorded, group_member_added
        at 2026-03-02T00:00:00Z
        holds pat group=readers                                  | no
        ann sign_in plane=platform                               | signed_in
        ann record_purchase product=guide account=pat            | purchase_recorded, group_member_added
        # What was bought is taken back by hand, and only by those who assign members.
        ann remove_group_member group=readers account=pat        | 403 X2
    ";
    check(World::with_admin(), table);
}

// rules: X2, X3
#[test]
fn a_product_gives_nobody_what_they_may_not_give_themselves() {
    let table = "
        ann sign_in plane=platform                               | signed_in
        # What the built-in groups give is not sold, whoever asks.
        ann register_product product=power group=CampaignAdmin   | 403 X3
        sue register_product product=power group=campaignadmin   | 409 X3
        sue register_product product=power                       | product_registered
        ann register_product product=power group=CampaignAdmin   | 403 X3
        # Staff do not buy for themselves what opens something.
        sue create_group group=insiders                          | group_created
        sue register_product product=pass group=insiders         | product_registered
        sue create_object object=/inside kind=content            | object_created
        sue set_access object=/inside set=sysadmin-only          | access_set
        sue grant_access object=/inside principal={\"group\":\"insiders\"} rights=[\"read\"] | access_granted
        ann record_purchase product=pass account=ann             | 403 X3
        may ann object.read /inside                              | no N2
        ann record_purchase product=pass account=pat             | purchase_recorded, group_member_added{account=pat}
        may pat object.read /inside                              | yes
        sue record_purchase product=pass account=sue             | purchase_recorded, group_member_added
        # A product does not follow a group's name.
        sue delete_group group=insiders                          | group_member_removed, group_member_removed, access_revoked, product_unlinked{product=pass group=insiders}, group_deleted
        sue create_group group=insiders                          | group_created
        ann record_purchase product=pass account=con             | purchase_recorded
        holds con group=insiders                                 | no
        # A purchase in a list rests on the right just before, like any other command.
        ann record_purchase product=pass account=con ; record_purchase product=pass account=ann | 403 X3
    ";
    check(World::with_admin(), table);
}
