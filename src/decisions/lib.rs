//! Room: decisions.

pub mod command;
