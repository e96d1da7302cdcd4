//! The console's routes, one a line.

use axum::Router;
use axum::routing::{get, post};

use super::{
    Console, accounts, assets, book, commands, compare, dashboard, door, enrol, entry, investigate, journal, lineage,
    lists, objects, organisations, overview, person, reviews, time, timeline, views, what_if, who_can, why,
};

/// What browsers reach.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/", get(door::start))
        .route("/sign-in", get(door::back).post(door::sign_in))
        .route("/change-password", get(door::change_page).post(door::change_password))
        .route("/forgot-password", get(door::forgot_page).post(door::forgot_password))
        .route("/console/style.css", get(assets::style))
        .route("/console/console.js", get(assets::script))
        .route("/console/icon.svg", get(assets::icon))
        .route("/t/{cloud_id}", get(overview::page))
        .route("/t/{cloud_id}/", get(overview::page))
        .route("/t/{cloud_id}/sign-out", post(door::sign_out))
        .route("/t/{cloud_id}/enrol", get(enrol::page).post(enrol::enrol))
        .route("/t/{cloud_id}/setup", get(dashboard::setup))
        .route("/t/{cloud_id}/admins", get(dashboard::admins))
        .route("/t/{cloud_id}/apps", get(dashboard::apps))
        .route("/t/{cloud_id}/background", get(dashboard::background))
        .route("/t/{cloud_id}/people", get(accounts::page))
        .route("/t/{cloud_id}/people/{account}", get(person::page))
        .route("/t/{cloud_id}/people/{account}/lineage", get(lineage::page))
        .route("/t/{cloud_id}/why", get(why::page))
        .route("/t/{cloud_id}/who-can", get(who_can::page))
        .route("/t/{cloud_id}/compare", get(compare::page))
        .route("/t/{cloud_id}/investigate", get(investigate::page))
        .route("/t/{cloud_id}/timeline", get(timeline::page))
        .route("/t/{cloud_id}/what-if", get(what_if::page))
        .route("/t/{cloud_id}/data/what-if", get(what_if::data))
        .route("/t/{cloud_id}/reviews", get(reviews::list))
        .route("/t/{cloud_id}/reviews/{review}", get(reviews::one))
        .route("/t/{cloud_id}/roles", get(lists::roles))
        .route("/t/{cloud_id}/groups", get(lists::groups))
        .route("/t/{cloud_id}/objects", get(objects::page))
        .route("/t/{cloud_id}/organisations", get(organisations::page))
        .route("/t/{cloud_id}/view", get(views::list))
        .route("/t/{cloud_id}/view/{view}", get(views::page))
        .route("/t/{cloud_id}/findings", get(book::findings))
        .route("/t/{cloud_id}/settings", get(book::settings))
        .route("/t/{cloud_id}/journal", get(journal::page))
        .route("/t/{cloud_id}/journal/{position}", get(entry::page))
        .route("/t/{cloud_id}/time", get(time::page))
        .route("/t/{cloud_id}/do", get(commands::list))
        .route("/t/{cloud_id}/do/{command}", get(commands::page).post(commands::give_form))
        .route("/t/{cloud_id}/data/{*path}", get(views::data))
        .route("/t/{cloud_id}/{*path}", get(views::missing))
        .fallback(door::nowhere)
}
