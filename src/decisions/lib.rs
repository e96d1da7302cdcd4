//! Room: decisions.
