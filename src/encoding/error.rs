//! What can be wrong with bytes and entries. Offsets count from the first byte of the entry, its format byte.

/// Why an entry has no encoding.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EncodeError {
    /// It is longer than an entry may be: the command does too much at once.
    #[error("an entry may have {limit} bytes and this one would have more")]
    TooLarge {
        /// The greatest length, in bytes.
        limit: usize,
    },
    /// A value in it cannot be written. A mistake in the program.
    #[error("the entry cannot be written: {message}")]
    Unwritable {
        /// What the writer said.
        message: String,
    },
}

/// Why bytes are not an entry.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecodeError {
    /// They end before an entry of no events would.
    #[error("expected at least {expected} bytes, found {found}")]
    TooShort {
        /// The least length.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// They are more than an entry may have.
    #[error("expected at most {expected} bytes, found {found}")]
    TooLong {
        /// The greatest length.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// The first byte names no format of this version of the program.
    #[error("byte 0: expected a known format (01), found {found:02x}")]
    UnknownFormat {
        /// The byte found.
        found: u8,
    },
    /// The stated length of the payload is not that of the bytes given: something was cut off or added.
    #[error("byte 1: expected a payload of {stated} bytes as stated, found {found}")]
    Length {
        /// What the bytes state.
        stated: u32,
        /// How long the payload is.
        found: usize,
    },
    /// The checksum does not match: bytes were changed.
    #[error("byte {at}: expected the checksum {computed:08x} of the bytes before, found {stated:08x}")]
    Checksum {
        /// Where the checksum is.
        at: usize,
        /// What the bytes state.
        stated: u32,
        /// What they come to.
        computed: u32,
    },
    /// The payload is not an entry of its format, though its checksum is right: written by something else.
    #[error("byte {at}: {message}")]
    Payload {
        /// Up to where it was read.
        at: usize,
        /// What was expected there and what was found.
        message: String,
    },
    /// Bytes are left over after the entry.
    #[error("byte {at}: expected the end of the payload, found {count} more bytes")]
    LeftOver {
        /// Where the entry ends.
        at: usize,
        /// How many follow.
        count: usize,
    },
    /// It can be read, but the same entry is written differently.
    #[error("byte {at}: not the one way to write this entry: expected {expected:02x?}, found {found:02x?}")]
    NotCanonical {
        /// Where the first difference is.
        at: usize,
        /// What is written there; `None` for the end.
        expected: Option<u8>,
        /// What was found there; `None` for the end.
        found: Option<u8>,
    },
}
