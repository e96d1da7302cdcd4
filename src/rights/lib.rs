//! Room: rights.
