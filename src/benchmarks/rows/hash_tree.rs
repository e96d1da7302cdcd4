//! The hash tree over a history, verified on two threads, each over its own half, beside nothing but its SHA-256.

use std::hint::black_box;
use std::time::Instant;

use grantbook::bench::disk::Payloads;
use grantbook_evidence::{Tree, leaf_hash};
use sha2::{Digest, Sha256};

use crate::Setting;
use crate::contest::{Aim, Contest, Row, Side, Turn, Unit};

/// Threads, each with a tree of its own.
const THREADS: usize = 2;
/// Bytes of a leaf, as an entry of one event has.
const LEAF_BYTES: usize = 100;
/// Bytes that the hash of a node is over: a mark and two hashes.
const NODE_BYTES: usize = 65;

/// Leaves a second.
pub(crate) fn row(setting: &Setting) -> anyhow::Result<Row> {
    let leaves = Payloads::new(LEAF_BYTES).next(setting.scaled(100_000, 1_000_000));
    let work = format!("the hash tree over {} leaves of {LEAF_BYTES} bytes, on {THREADS} threads", leaves.len());
    let mut contest = Contest::new("hash-tree", work, Unit::PerSecond).aim(Aim::Figure(4.5e6));
    contest.takes_part(Side::Limit, "SHA-256 of a leaf and of a node", || {
        on_threads(&leaves, |leaves| {
            let node = [1_u8; NODE_BYTES];
            for leaf in leaves {
                black_box(Sha256::new().chain_update([0_u8]).chain_update(leaf).finalize());
                black_box(Sha256::digest(node));
            }
        })
    });
    contest.takes_part(Side::Ours, "Grantbook", || {
        on_threads(&leaves, |leaves| {
            let mut tree = Tree::default();
            for leaf in leaves {
                tree.push(leaf_hash(leaf));
            }
            black_box(tree.root());
        })
    });
    contest.run(setting.rounds)
}

fn on_threads(leaves: &[Vec<u8>], work: impl Fn(&[Vec<u8>]) + Sync) -> anyhow::Result<Turn> {
    let (began, work) = (Instant::now(), &work);
    std::thread::scope(|scope| {
        for part in leaves.chunks(leaves.len().div_ceil(THREADS)) {
            scope.spawn(move || work(part));
        }
    });
    Ok(Turn::of(leaves.len() as f64 / began.elapsed().as_secs_f64()))
}
