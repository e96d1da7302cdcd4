//! The table's rows, one file a kind of work.

mod append;
mod as_of;
mod at_rest;
pub(crate) mod checks;
mod cold_start;
mod hash_tree;
mod http;
mod memory;
mod rebuild;
mod stored;

use crate::Setting;
use crate::contest::Row;

/// A row that can be measured.
pub(crate) struct Entry {
    /// Its name, for `--only`.
    pub(crate) name: &'static str,
    /// Measures it.
    pub(crate) measure: fn(&Setting) -> anyhow::Result<Row>,
}

/// Every row, in the order of the table.
pub(crate) const ALL: [Entry; 16] = [
    Entry { name: "append-1024", measure: |setting| append::many(setting, 1024) },
    Entry { name: "append-256", measure: |setting| append::many(setting, 256) },
    Entry { name: "append-64", measure: |setting| append::many(setting, 64) },
    Entry { name: "append-1", measure: append::one },
    Entry { name: "http", measure: http::one_a_post },
    Entry { name: "http-lists", measure: http::lists },
    Entry { name: "rebuild", measure: rebuild::row },
    Entry { name: "checks", measure: checks::with_peers },
    Entry { name: "checks-of-many", measure: checks::of_many },
    Entry { name: "as-of", measure: as_of::row },
    Entry { name: "at-rest", measure: at_rest::row },
    Entry { name: "cold-start", measure: cold_start::row },
    Entry { name: "cold-start-kept", measure: cold_start::from_kept_views },
    Entry { name: "hash-tree", measure: hash_tree::row },
    Entry { name: "memory-account", measure: memory::of_an_account },
    Entry { name: "memory-transition", measure: memory::of_a_transition },
];
