//! The model: what must hold of every history, tried on random ones; and what people try who should not get through.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

mod attempts;
mod compromise;
mod drawn;
mod histories;
mod imports;
mod installation;
mod invariants;
mod questions;
mod tenants;
mod what_if;
mod world;
