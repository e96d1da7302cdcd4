//! Entries decoded on several cores, hashed too where they are to be vouched for, and taken in their order.
//!
//! Only reading and taking have an order. So every hand does all of it, a chunk at a time: it reads a chunk when it is its turn to
//! read, decodes it beside the others, and takes it when it is its turn to take. An entry is read, decoded, folded and dropped by one
//! core, in whose cache it lies, and nobody waits for anybody who has less to do.

use std::collections::VecDeque;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use grantbook_encoding::{DecodeError, decode};
use grantbook_events::{Entry, Position};
use grantbook_evidence::{Hash, leaf_hash};
use grantbook_journal::Damage;

/// How many entries a hand has at once: decoded they are still in its core's cache when they are folded. A stream that has fewer is
/// decoded where it is asked for.
const CHUNK: usize = 512;
/// How many bytes of entries do, but for the last entry's: one has up to a MiB.
const CHUNK_BYTES: usize = 1 << 22;
/// Folding takes a third of the work, and one hand at a time: more hands would wait for it, and what is folded into would go from
/// cache to cache.
const MOST_HANDS: usize = 4;

/// An entry as it was stored.
#[derive(Debug)]
pub struct Decoded {
    /// Where.
    pub position: u64,
    /// What it says.
    pub entry: Entry,
    /// The hash of its bytes, as a leaf of the tree.
    pub leaf: Hash,
    /// How many bytes these are.
    pub length: usize,
}

/// Why an entry could not be decoded.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The store could not give it out whole.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// Its bytes encode no entry.
    #[error("position {position}: {error}")]
    Undecodable {
        /// Where.
        position: u64,
        /// What is wrong.
        error: DecodeError,
    },
}

impl Unreadable {
    /// Where.
    pub fn position(&self) -> u64 {
        match self {
            Unreadable::Damaged(damage) => damage.position,
            Unreadable::Undecodable { position, .. } => *position,
        }
    }

    /// What is wrong there.
    pub fn what(&self) -> String {
        match self {
            Unreadable::Damaged(damage) => damage.to_string(),
            Unreadable::Undecodable { error, .. } => error.to_string(),
        }
    }
}

/// An entry as the store gives it out: its position and its bytes.
pub type Read = Result<(u64, Vec<u8>), Damage>;

/// Shows every entry of `stored` to `take`, in order, as what `decode` makes of it: on the thread that asks, and on others, one after
/// the other. Errors: the first entry that cannot be decoded, after those before it were taken; what `take` says, after which
/// nothing more is taken.
pub fn in_order<D: Send, E: From<Unreadable> + Send>(
    mut stored: impl Iterator<Item = Read> + Send,
    decode: fn(Read) -> Result<D, Unreadable>,
    mut take: impl FnMut(&D) -> Result<(), E> + Send,
) -> Result<(), E> {
    let first = chunk(&mut stored);
    let all = !first.is_full;
    for read in first.reads {
        take(&decode(read)?)?;
    }
    if all {
        return Ok(());
    }
    let hands = thread::available_parallelism().map_or(1, NonZero::get);
    shared_out(hands.min(MOST_HANDS), stored, decode, take)
}

/// The same among so many hands, of which the thread that asks is one.
fn shared_out<D: Send, E: From<Unreadable> + Send>(
    hands: usize,
    stored: impl Iterator<Item = Read> + Send,
    decode: fn(Read) -> Result<D, Unreadable>,
    take: impl FnMut(&D) -> Result<(), E> + Send,
) -> Result<(), E> {
    let mut hands = turns(hands, stored)
        .into_iter()
        .zip(turns(hands, take))
        .map(|(reading, taking)| move || Hand { reading, taking, decode }.work());
    let own = hands.next();
    thread::scope(|scope| {
        let others: Vec<_> = hands.map(|hand| scope.spawn(hand)).collect();
        let own = own.map_or(Ok(()), |own| own());
        // At most one has an error to tell: nothing is taken after it.
        let others = others.into_iter().map(|hand| hand.join().unwrap_or_else(|panic| resume_unwind(panic)));
        others.fold(own, Result::and)
    })
}

/// Something that one hand has at a time, and then the next in the ring: who has its turn does not pass it on until it is done.
struct Turn<T> {
    mine: Receiver<T>,
    next: SyncSender<T>,
}

/// A turn for each of so many hands; the first one's has come. Where a hand ends without passing it on, no other one comes.
fn turns<T>(hands: usize, of: T) -> Vec<Turn<T>> {
    let (nexts, mines): (Vec<_>, Vec<_>) = (0..hands).map(|_| sync_channel(1)).unzip();
    if let Some(first) = nexts.first() {
        // There is room, and the first hand is there.
        let _ = first.send(of);
    }
    let mut nexts: VecDeque<_> = nexts.into();
    nexts.rotate_left(1);
    mines.into_iter().zip(nexts).map(|(mine, next)| Turn { mine, next }).collect()
}

/// One that reads, decodes and takes.
struct Hand<R, D, T> {
    reading: Turn<R>,
    taking: Turn<T>,
    decode: fn(Read) -> Result<D, Unreadable>,
}

impl<R: Iterator<Item = Read>, D, T> Hand<R, D, T> {
    /// Chunk after chunk, in its turns.
    ///
    /// Errors: as [`in_order`]; there are no turns afterwards.
    fn work<E: From<Unreadable>>(self) -> Result<(), E>
    where
        T: FnMut(&D) -> Result<(), E>,
    {
        let mut room = Vec::new();
        while let Ok(mut stored) = self.reading.mine.recv() {
            let Taken { reads, is_full } = chunk(&mut stored);
            if is_full {
                // Where the next hand has ended, nobody reads on.
                let _ = self.reading.next.send(stored);
            }
            let decoded = decoded_into(&mut room, reads, self.decode);
            let Ok(mut take) = self.taking.mine.recv() else { break };
            room.drain(..).try_for_each(|one| take(&one))?;
            decoded?;
            if !is_full {
                break;
            }
            let _ = self.taking.next.send(take);
        }
        Ok(())
    }
}

/// Decodes up to the first that cannot be decoded.
fn decoded_into<D>(
    room: &mut Vec<D>,
    reads: Vec<Read>,
    decode: fn(Read) -> Result<D, Unreadable>,
) -> Result<(), Unreadable> {
    for read in reads {
        room.push(decode(read)?);
    }
    Ok(())
}

/// Entries as they were stored, as many as a hand has at once.
struct Taken {
    reads: Vec<Read>,
    /// Whether there may be more.
    is_full: bool,
}

fn chunk(stored: &mut impl Iterator<Item = Read>) -> Taken {
    let (mut reads, mut bytes) = (Vec::new(), 0);
    while reads.len() < CHUNK && bytes < CHUNK_BYTES {
        let Some(read) = stored.next() else { return Taken { reads, is_full: false } };
        bytes += read.as_ref().map_or(0, |(_, entry)| entry.len());
        reads.push(read);
    }
    Taken { reads, is_full: true }
}

/// An entry, with the hash of its bytes.
///
/// Errors: it is damaged, or not canonical.
pub fn decoded(read: Read) -> Result<Decoded, Unreadable> {
    let (position, bytes) = read?;
    let entry = decode(&bytes).map_err(|error| Unreadable::Undecodable { position, error })?;
    Ok(Decoded { position, entry, leaf: leaf_hash(&bytes), length: bytes.len() })
}

/// The same without its hash, where nobody is to be told of it.
///
/// Errors: as [`decoded`].
pub(crate) fn unhashed(read: Read) -> Result<(Position, Entry), Unreadable> {
    let (position, bytes) = read?;
    let entry = decode(&bytes).map_err(|error| Unreadable::Undecodable { position, error })?;
    Ok((Position(position), entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use grantbook_encoding::{encode, samples};

    /// Entries that can be told apart by their command's id.
    fn stored(count: u64) -> Vec<Read> {
        let mut entry = samples::samples().remove(0);
        let one = |position: u64| {
            entry.command_id = u128::from(position).to_be_bytes();
            let mut bytes = Vec::new();
            encode(&entry, &mut bytes).unwrap();
            Ok((position, bytes))
        };
        (1..=count).map(one).collect()
    }

    /// What was taken, and why it stopped.
    fn taken(stored: Vec<Read>) -> (u64, Option<String>) {
        let mut last = 0;
        let outcome: Result<(), Unreadable> = in_order(stored.into_iter(), decoded, |decoded| {
            last += 1;
            assert_eq!(decoded.entry.command_id, u128::from(last).to_be_bytes(), "in order");
            Ok(())
        });
        (last, outcome.err().map(|wrong| wrong.to_string()))
    }

    #[test]
    fn entries_are_taken_in_order_however_many_there_are() {
        let chunk = CHUNK as u64;
        for count in [0, 1, chunk - 1, chunk, chunk + 1, 7 * chunk, 9 * chunk + 17] {
            assert_eq!(taken(stored(count)), (count, None));
        }
    }

    #[test]
    fn the_order_is_the_same_among_however_many_hands() {
        for (hands, chunks) in (1..6).flat_map(|hands| (0..8).map(move |chunks| (hands, chunks))) {
            let (count, mut last) = (chunks * CHUNK as u64 + hands, 0);
            let reads = (1..=count).map(|position| Ok((position, Vec::new())));
            let outcome: Result<(), Unreadable> = shared_out(
                hands as usize,
                reads,
                |read| Ok(read?.0),
                |position| {
                    last += 1;
                    assert_eq!(*position, last, "in order");
                    Ok(())
                },
            );
            assert_eq!((last, outcome.is_ok()), (count, true), "{hands} hands, {chunks} chunks");
        }
    }

    #[test]
    #[should_panic(expected = "the last of the third chunk")]
    fn nobody_waits_for_a_hand_that_panics() {
        let mut taken = 0;
        let _: Result<(), Unreadable> = in_order(stored(CHUNK as u64 * 9).into_iter(), decoded, |_| {
            taken += 1;
            assert!(taken < CHUNK * 3, "the last of the third chunk");
            Ok(())
        });
    }

    #[test]
    fn a_hand_has_fewer_of_large_entries() {
        let large = 1 << 20;
        let mut stored = (1..=40).map(|position| Ok((position, vec![0; large])));
        let taken = chunk(&mut stored);
        assert_eq!((taken.reads.len() * large, taken.is_full), (CHUNK_BYTES, true));
        let mut last = 0;
        let outcome: Result<(), Unreadable> = in_order(
            (1..=40).map(|position| Ok((position, vec![0; large]))),
            |read| Ok(read?.0),
            |position| {
                last += 1;
                assert_eq!(*position, last, "in order");
                Ok(())
            },
        );
        assert_eq!((last, outcome.is_ok()), (40, true));
    }

    #[test]
    fn what_stands_before_an_entry_that_is_damaged_is_taken_and_nothing_behind_it() {
        for at in [3, CHUNK * 5 + 3] {
            let mut stored = stored(CHUNK as u64 * 9);
            if let Ok((_, bytes)) = &mut stored[at] {
                bytes[7] ^= 1;
            }
            let (last, why) = taken(stored);
            assert_eq!(last, at as u64);
            assert!(why.unwrap().starts_with(&format!("position {}: ", at + 1)));
        }
    }

    #[test]
    fn whoever_takes_no_more_is_given_no_more() {
        let mut taken = 0;
        let enough = || Unreadable::Undecodable { position: 9, error: DecodeError::UnknownFormat { found: 9 } };
        let outcome: Result<(), Unreadable> = in_order(stored(CHUNK as u64 * 40).into_iter(), decoded, |_| {
            taken += 1;
            if taken == CHUNK * 3 { Err(enough()) } else { Ok(()) }
        });
        assert_eq!((taken, outcome.is_err()), (CHUNK * 3, true));
    }
}
