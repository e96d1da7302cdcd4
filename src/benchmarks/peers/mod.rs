//! Who else does the same work, each as its own documentation says it is done fast and durably.

pub(crate) mod casbin;
pub(crate) mod cedar;
pub(crate) mod postgres;
pub(crate) mod redb;
pub(crate) mod sqlite;
