//! Entries as they come.
