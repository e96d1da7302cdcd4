//! The console: what people open in a browser, at `/`. Rendered on the server; one small script makes it better, and
//! everything works without.
//!
//! An address at which there is nothing is told on a page to whoever takes pages; programs are told the problem.
//!
//! # Invariants
//! - The console is a client of the API, in this process and with the token of whoever is signed in: what one may not ask
//!   there one may not see here, what is recorded there is recorded here (rules: U1, U3).
//! - A token lives in a cookie that no script reads and no other site sends. Whatever changes something is a form with a
//!   secret of its session, from this origin.
//! - Whatever is shown is escaped by its template. No page holds a script or a style of its own, and the browser is told
//!   so; nothing is loaded from another host.
//! - A page looks at one point in time, which its address says: links keep it.

mod accounts;
mod answer;
mod ask;
mod assets;
mod book;
mod commands;
mod compare;
mod cookies;
mod dashboard;
mod door;
mod enrol;
mod entry;
mod forms;
mod integrity;
mod investigate;
mod journal;
mod json;
mod lineage;
mod lists;
mod objects;
mod organisations;
mod overview;
mod page;
mod parts;
mod person;
mod put_in;
mod reviews;
mod routes;
mod show;
mod svg;
mod time;
mod timeline;
mod views;
mod visitor;
mod what_if;
mod when;
mod who_can;
mod why;

use axum::Router;
use axum::extract::FromRef;

use crate::api::Api;

/// What every page has at hand: the API, asked in this process.
#[derive(Clone)]
pub(crate) struct Console {
    api: Api,
    /// The routes of the API, without the log line that the page itself has.
    asked: Router,
}

impl FromRef<Console> for Api {
    fn from_ref(console: &Console) -> Api {
        console.api.clone()
    }
}

/// The console over an API whose routes are `asked`.
pub(crate) fn console(api: Api, asked: Router) -> Router {
    routes::routes().layer(axum::middleware::from_fn(answer::headers)).with_state(Console { api, asked })
}
