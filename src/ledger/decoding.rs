//! Entries decoded on all cores, hashed too where they are to be vouched for, and taken in their order on one: folding is what
//! cannot be shared out, so everything else is done beside it.

use std::num::NonZero;
use std::sync::mpsc::{channel, sync_channel};
use std::thread;

use grantbook_encoding::{DecodeError, decode};
use grantbook_events::{Entry, Position};
use grantbook_evidence::{Hash, leaf_hash};
use grantbook_journal::Damage;

/// How many entries go from hand to hand at once. A stream that has fewer is decoded where it is folded.
const CHUNK: usize = 1024;
/// How many bytes of entries do, but for the last entry's: one has up to a MiB.
const CHUNK_BYTES: usize = 1 << 22;
/// Chunks that wait for each hand: what bounds the memory.
const WAITING: usize = 2;

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

/// Shows every entry of `stored` to `take`, in order, as what `decode` makes of it; `take` runs on the thread that asks, and
/// reading and decoding beside it. Errors: the first entry that cannot be decoded, after those before it were taken; what `take`
/// says, after which nothing more is taken.
pub fn in_order<D: Send, E: From<Unreadable>>(
    mut stored: impl Iterator<Item = Read> + Send,
    decode: fn(Read) -> Result<D, Unreadable>,
    mut take: impl FnMut(&D) -> Result<(), E>,
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
    thread::scope(|scope| {
        let (givers, takers): (Vec<_>, Vec<_>) = (0..hands)
            .map(|_| {
                let (give, given) = sync_channel::<Vec<Read>>(WAITING);
                let (hand_on, handed_on) = sync_channel::<Chunk<D>>(WAITING);
                let (give_back, given_back) = channel::<Vec<D>>();
                scope.spawn(move || {
                    for reads in given {
                        let room = given_back.try_recv().unwrap_or_default();
                        if hand_on.send(Chunk::decoded(reads, decode, room)).is_err() {
                            break;
                        }
                    }
                });
                (give, (handed_on, give_back))
            })
            .unzip();
        // The hands are given chunks in turn, and taken from in turn: so the order stays.
        scope.spawn(move || {
            for give in givers.iter().cycle() {
                let Taken { reads, .. } = chunk(&mut stored);
                if reads.is_empty() || give.send(reads).is_err() {
                    break;
                }
            }
        });
        for (handed_on, give_back) in takers.iter().cycle() {
            let Ok(Chunk { decoded, wrong }) = handed_on.recv() else { break };
            for one in &decoded {
                take(one)?;
            }
            if let Some(wrong) = wrong {
                return Err(wrong.into());
            }
            // A hand that has ended needs it no more.
            let _ = give_back.send(decoded);
        }
        Ok(())
    })
}

/// Entries as they were stored, as many as go from hand to hand at once.
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

/// What goes from hand to hand, and back to be dropped and filled again by whoever filled it: memory is given back most cheaply where it was
/// asked for.
struct Chunk<D> {
    decoded: Vec<D>,
    /// Why it ends there.
    wrong: Option<Unreadable>,
}

impl<D> Chunk<D> {
    /// Decodes up to the first that cannot be decoded, into what was given back.
    fn decoded(reads: Vec<Read>, decode: fn(Read) -> Result<D, Unreadable>, mut room: Vec<D>) -> Chunk<D> {
        room.clear();
        for read in reads {
            match decode(read) {
                Ok(one) => room.push(one),
                Err(wrong) => return Chunk { decoded: room, wrong: Some(wrong) },
            }
        }
        Chunk { decoded: room, wrong: None }
    }
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
    fn large_entries_go_from_hand_to_hand_in_fewer() {
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
