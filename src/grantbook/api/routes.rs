//! The routes, one a line.

use axum::Router;
use axum::routing::{delete, get, post};

use super::{
    Api, accounts, backup, blast_radius, can, case_file, catalogue, commands, contacts, customers, diff, doors,
    entries, events, evidence, findings, health, import, integrity, lineage, openapi, operator as local, personal_data,
    reach, reconcile, resets, reviews, stream, support, timeline, views, what_if, who_can,
};

/// What everybody reaches.
pub(crate) fn public() -> Router<Api> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/openapi.json", get(openapi::json))
        .route("/docs", get(openapi::docs))
        .route("/v1/capabilities", get(catalogue::capabilities))
        .route("/v1/commands", get(catalogue::commands))
        .route("/v1/settings", get(catalogue::settings))
        .route("/v1/rules", get(catalogue::rules))
        .route("/v1/findings", get(catalogue::findings))
        .route("/v1/support/commands", post(support::give))
        .route("/v1/support/commands/{key}", get(support::outcome))
        .route("/v1/support/customers", get(customers::customers))
        .route("/v1/support/events", get(customers::entries))
        .route("/v1/support/tenants", get(customers::tenants))
        .route("/v1/tenants/{cloud_id}/sign-in", post(doors::sign_in))
        .route("/v1/tenants/{cloud_id}/sign-out", post(doors::sign_out))
        .route("/v1/tenants/{cloud_id}/change-password", post(doors::change_password))
        .route("/v1/tenants/{cloud_id}/forgot-password", post(resets::forgot_password))
        .route("/v1/tenants/{cloud_id}/forgot-username", post(resets::forgot_username))
        .route("/v1/tenants/{cloud_id}/reset-password", get(resets::page).post(resets::reset_password))
        .route("/v1/tenants/{cloud_id}/commands", post(commands::give))
        .route("/v1/tenants/{cloud_id}/commands/{key}", get(commands::outcome))
        .route("/v1/tenants/{cloud_id}/views/{view}", get(views::view))
        .route("/v1/tenants/{cloud_id}/accounts", get(accounts::page))
        .route("/v1/tenants/{cloud_id}/accounts/{account}", get(accounts::one))
        .route("/v1/tenants/{cloud_id}/accounts/{account}/personal-data", get(personal_data::one))
        .route("/v1/tenants/{cloud_id}/contacts", get(contacts::page))
        .route("/v1/tenants/{cloud_id}/contacts/{account}", get(contacts::one))
        .route("/v1/tenants/{cloud_id}/can", get(can::one).post(can::many))
        .route("/v1/tenants/{cloud_id}/why", get(can::why))
        .route("/v1/tenants/{cloud_id}/blast-radius/{account}", get(blast_radius::blast_radius))
        .route("/v1/tenants/{cloud_id}/findings/back-test", get(findings::back_test))
        .route("/v1/tenants/{cloud_id}/what-if", post(what_if::what_if))
        .route("/v1/tenants/{cloud_id}/reconcile", post(reconcile::reconcile))
        .route("/v1/tenants/{cloud_id}/who-can", get(who_can::who_can))
        .route("/v1/tenants/{cloud_id}/timeline", get(timeline::timeline))
        .route("/v1/tenants/{cloud_id}/reach", get(reach::reach))
        .route("/v1/tenants/{cloud_id}/diff", get(diff::diff))
        .route("/v1/tenants/{cloud_id}/lineage", get(lineage::of_entry))
        .route("/v1/tenants/{cloud_id}/lineage/{account}", get(lineage::of_account))
        .route("/v1/tenants/{cloud_id}/reviews/{review}", get(reviews::one))
        .route("/v1/tenants/{cloud_id}/reviews/{review}/report", get(reviews::report))
        .route("/v1/tenants/{cloud_id}/events", get(events::page))
        .route("/v1/tenants/{cloud_id}/events/stream", get(stream::stream))
        .route("/v1/tenants/{cloud_id}/events/{position}", get(entries::one))
        .route("/v1/tenants/{cloud_id}/case-file", post(case_file::create))
        .route("/v1/tenants/{cloud_id}/checkpoint", get(evidence::checkpoint))
        .route("/v1/tenants/{cloud_id}/checkpoint/cosignatures", post(evidence::take_cosignatures))
        .route("/v1/tenants/{cloud_id}/integrity", get(integrity::integrity))
        .route("/v1/tenants/{cloud_id}/proof/inclusion", get(evidence::inclusion))
        .route("/v1/tenants/{cloud_id}/proof/consistency", get(evidence::consistency))
        .route("/v1/tenants/{cloud_id}/tile/{*path}", get(evidence::tile))
}

/// What the local operator reaches beside that.
pub(crate) fn operator() -> Router<Api> {
    Router::new()
        .route("/", get(health::about))
        .route("/operator/health", get(health::in_full))
        .route("/operator/tenants", get(local::tenants).post(local::create_tenant))
        .route("/operator/tenants/{cloud_id}/import", post(import::import))
        .route("/operator/tenants/{cloud_id}/import/abandon", post(import::abandon))
        .route("/operator/tenants/{cloud_id}/checkpoint/rotate-key", post(evidence::rotate_key))
        .route("/operator/witnesses", get(evidence::witnesses).post(evidence::add_witness))
        .route("/operator/witnesses/{*named}", delete(evidence::remove_witness))
        .route("/operator/backup", post(backup::take))
        .route("/operator/support-tokens", get(local::support_tokens).post(local::issue_support_token))
        .route("/operator/support-tokens/{id}", delete(local::revoke_support_token))
}
