//! Tests of the journal: one contract for every store, then what only the store on disk promises.

mod bench;
mod bits;
mod contract;
mod crash;
mod head;
mod kill;
mod reopening;
mod seal;
mod support;
