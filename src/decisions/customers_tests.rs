//! Tables of customers and their Cloud IDs, on the installation's own ledger, and of tenants that end.

use crate::table_for_tests::{World, check};

/// What a customer goes through up to its first Cloud ID.
const READY: &str = "
    support register_customer customer=ABC full_name=ABC contact_email=it@abc.example ticket=T-1 | customer_registered@null
    running: support record_subscription customer=ABC app=datastation status=trial from=2026-01-01 ticket=T-1 | customer_subscription_recorded@null
    asked: support request_cloud_id customer=ABC purpose=production requester_name=Bob requester_email=bob@abc.example organisation=ABC url=https://abc.example/ region=europe ticket=T-1 | cloud_id_requested
    checked: support check_readiness customer=ABC url=https://ABC.example ticket=T-1 | readiness_checked{passed=true}
";

// rules: T2, T3, U4
#[test]
fn a_cloud_id_is_given_after_a_subscription_a_request_and_a_check_that_passed() {
    let assign = "assign_cloud_id customer=ABC cloud_id=abcimis purpose=production edition=cloud ticket=T-1";
    let request = "request_cloud_id customer=ABC purpose=production requester_name=Bob requester_email=bob@abc.example organisation=ABC region=europe ticket=T-1";
    let table = format!(
        "
        support {assign}                                         | 404
        support check_readiness customer=ABC url=https://abc.example/ ticket=T-1 | 404
        support {request} url=https://abc.example/               | 404
        support record_subscription customer=ABC app=datastation status=active from=2026-01-01 ticket=T-1 | 404
        support register_customer customer=ABC full_name=ABC contact_email=it@abc.example | 422
        support register_customer customer=ABC full_name=ABC contact_email=nowhere ticket=T-1 | 422
        guest register_customer customer=ABC full_name=ABC contact_email=it@abc.example ticket=T-1 | 422
        support register_customer customer=ABC full_name=ABC contact_email=it@abc.example ticket=T-1 | customer_registered
        # Without case it is the same.
        support register_customer customer=abc full_name=abc contact_email=it@abc.example ticket=T-1 | 409 T2
        support register_customer customer=local full_name=us contact_email=it@abc.example ticket=T-1 | 409 T7
        support {assign}                                         | 409 T2
        support record_subscription customer=abc app=no-such status=demo from=2026-01-01 ticket=T-1 | 404
        support record_subscription customer=abc app=no-such status=demo from=2026-01-01 until=2025-01-01 ticket=T-1 | 404
        # One that has ended, and one that is still to begin, are none that runs.
        support record_subscription customer=ABC app=datastation status=ended from=2026-01-01 ticket=T-1 | customer_subscription_recorded
        support record_subscription customer=ABC app=cloud-sso status=active from=2026-02-01 ticket=T-1 | customer_subscription_recorded
        support {assign}                                         | 409 T2
        at 2026-02-01T00:00:00Z
        support {assign}                                         | 409 T3
        support {request} url=https://not_https.example/         | cloud_id_requested
        support {assign}                                         | 409 T3
        support check_readiness customer=ABC url=https://other.example/ ticket=T-1 | readiness_checked{{passed=true}}
        support {assign}                                         | 409 T3
        support check_readiness customer=ABC url=https://not_https.example/ ticket=T-1 | readiness_checked{{passed=false}}
        support {assign}                                         | 409 T3
        # The newest request for the purpose counts, and the newest check of its site.
        asked: support {request} url=https://other.example       | cloud_id_requested
        support assign_cloud_id customer=ABC cloud_id=abctest purpose=test edition=cloud ticket=T-1 | 409 T3
        support {assign}                                         | cloud_id_assigned{{customer=ABC}}@null, cloud_id_terms_recorded{{purpose=production}}@null
        "
    );
    check(World::installation(), &table);
}

// rules: T1, T2, T7
#[test]
fn one_production_and_one_test_and_no_cloud_id_twice() {
    let request = "request_cloud_id customer=ABC requester_name=Bob requester_email=bob@abc.example organisation=ABC url=https://abc.example region=europe ticket=T-2";
    let table = format!(
        "
        {READY}
        support assign_cloud_id customer=ABC cloud_id=abcimis purpose=production edition=cloud ticket=T-1 | cloud_id_assigned, cloud_id_terms_recorded
        support {request} purpose=production                     | cloud_id_requested
        support assign_cloud_id customer=ABC cloud_id=abctwo purpose=production edition=cloud ticket=T-2 | 409 T2
        support assign_cloud_id customer=ABC cloud_id=abctest purpose=test edition=\"2017\" ticket=T-2 | 409 T3
        support {request} purpose=test                           | cloud_id_requested
        support assign_cloud_id customer=ABC cloud_id=abcimis purpose=test edition=\"2017\" ticket=T-2 | 409 T1
        support assign_cloud_id customer=ABC cloud_id=abctest purpose=test edition=\"2017\" ticket=T-2 | cloud_id_assigned, cloud_id_terms_recorded{{edition=2017}}
        support assign_cloud_id customer=ABC cloud_id=abcthree purpose=test edition=cloud ticket=T-2 | 409 T2
        # What is closed is held no longer, and its Cloud ID is nobody's for ever.
        support close_tenant cloud_id=abcnone ticket=T-3         | 404
        support close_tenant cloud_id=abcimis ticket=T-3         | cloud_id_closed{{cloud_id=abcimis}}@null
        support close_tenant cloud_id=abcimis ticket=T-3         | 409 T7
        support assign_cloud_id customer=ABC cloud_id=abcimis purpose=production edition=cloud ticket=T-3 | 409 T7
        support assign_cloud_id customer=ABC cloud_id=abctwo purpose=production edition=cloud ticket=T-3 | cloud_id_assigned, cloud_id_terms_recorded
        # A request is answered once.
        support close_tenant cloud_id=abctwo ticket=T-3          | cloud_id_closed
        support assign_cloud_id customer=ABC cloud_id=abcfour purpose=production edition=cloud ticket=T-3 | 409 T3
        "
    );
    check(World::installation(), &table);
}

// rules: F8, F14, M1, T2, T3, T7, A1, A2, L1
#[test]
fn the_installations_catalogue_and_customer_local() {
    let table = "
        # MANAGER is no Admin User in edition cloud, so a tenant that waits for it would never have one.
        support assign_cloud_id customer=local cloud_id=trialimis purpose=test edition=cloud first_admin=manager ticket=T-1 | 409 F8
        support assign_cloud_id customer=local cloud_id=trialimis purpose=test edition=cloud first_admin=MANAGER ticket=T-1 | 409 F8
        dry support assign_cloud_id customer=local cloud_id=trialimis purpose=test edition=\"2017\" first_admin=manager ticket=T-1 | cloud_id_assigned, cloud_id_terms_recorded{first_admin=manager}
        support assign_cloud_id customer=local cloud_id=trialimis purpose=test edition=cloud first_admin=bob ticket=T-1 | cloud_id_assigned{customer=local}, cloud_id_terms_recorded{first_admin=bob request=null check=null}
        support record_subscription customer=local app=datastation status=active from=2026-01-01 ticket=T-1 | 409 T7
        support add_app app=datastation title=X audience=staff ticket=T-1 | 409 A1
        support add_app app=surveys title=Surveys audience=anyone ticket=T-1 | app_added@null
        support add_app app=SURVEYS title=Surveys audience=anyone ticket=T-1 | 409 A1
        support add_module module=system ticket=T-1              | 409 L1
        support add_module module=Events ticket=T-1              | module_added@null
        support register_customer customer=ABC full_name=ABC contact_email=it@abc.example ticket=T-1 | customer_registered
        support record_subscription customer=ABC app=surveys status=active from=2026-02-01 until=2026-01-31 ticket=T-1 | 409 A2
        support record_subscription customer=ABC app=SURVEYS status=active from=2026-02-01 ticket=T-1 | customer_subscription_recorded{app=surveys}
    ";
    check(World::installation(), table);
}

// rules: A2, T2
#[test]
fn the_subscriptions_of_a_customers_tenant_come_from_the_customer() {
    let table = "
        support record_subscription cloud_id=abcimis app=datastation status=active from=2026-01-01 ticket=T-1 | 409 A2
        relay record_subscription customer=ABC app=datastation status=active from=2026-01-01 ticket=T-1 | subscription_recorded@null
        manager record_subscription cloud_id=abcimis app=datastation status=active from=2026-01-01 ticket=T-1 | 422
    ";
    check(World::of_customer("ABC"), table);
}

// rules: T7, C11
#[test]
fn in_a_closed_tenant_nothing_happens_any_more() {
    let table = "
        in: sue sign_in plane=platform browser=9                 | session_ended, signed_in
        relay close_tenant cloud_id=abcimis ticket=T-9           | session_ended, session_ended, session_ended, tenant_closed{cloud_id=abcimis}@null
        may bob dashboard.sign_in                                | no T7
        may sue roles.assign                                     | no T7
        may manager ledger.read                                  | no T7
        sue@in assign_role account=ann role=SysAdmin             | 401
        bob sign_in                                              | 403 T7
        bob sign_in password=x                                   | 403 C11
        nobody sign_in                                           | 403 C11
        ann change_password old=Own-7-word new=Other-7-word      | 403 T7
        ann change_password old=x new=Other-7-word               | 403 C11
        support restore_admin cloud_id=abcimis account=ann ticket=T-9 | 409 T7
        support record_licence cloud_id=abcimis licence=api_connector ticket=T-9 | 409 T7
        relay add_app app=surveys title=Surveys audience=anyone ticket=T-9 | 409 T7
        relay close_tenant cloud_id=abcimis ticket=T-9           | 409 T7
    ";
    check(World::with_admin(), table);
}
