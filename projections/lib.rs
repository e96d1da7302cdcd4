//! Room: projections.
