//! Room: journal.
