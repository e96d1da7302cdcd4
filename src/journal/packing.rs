//! What a record holds, made smaller: entries of one time resemble each other. It costs less than the writing that it spares.

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};

/// The fastest of zstd's levels that still finds what entries have in common: another makes them hardly smaller.
const LEVEL: i32 = -1;
/// Payloads of fewer bytes are left as they are: hardly anything in them is said twice.
const WORTH_PACKING: usize = 512;

/// Whoever packs the payloads of records.
pub struct Packing(Option<Compressor<'static>>);

impl Packing {
    /// Leaves everything as it is.
    pub fn none() -> Packing {
        Packing(None)
    }

    /// Packs with zstd; leaves everything as it is where there is no memory for that.
    pub fn zstd() -> Packing {
        Packing(Compressor::new(LEVEL).ok())
    }

    /// The payload made smaller; `None` where that is not worth it.
    pub(crate) fn pack(&mut self, payload: &[u8]) -> Option<Vec<u8>> {
        let compressor = self.0.as_mut().filter(|_| payload.len() >= WORTH_PACKING)?;
        compressor.compress(payload).ok().filter(|packed| packed.len() < payload.len() / 8 * 7)
    }
}

thread_local! {
    /// Making one takes longer than its work on a record.
    static UNPACKING: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The payload of `length` bytes that was packed. Errors: it is none, or of another length; in words.
pub(crate) fn unpacked(packed: &[u8], length: usize) -> Result<Vec<u8>, String> {
    let payload = UNPACKING.with_borrow_mut(|kept| {
        let unpacking = match kept.as_mut() {
            Some(unpacking) => unpacking,
            None => kept.insert(Decompressor::new()?),
        };
        unpacking.decompress(packed, length)
    });
    match payload {
        Ok(payload) if payload.len() == length => Ok(payload),
        Ok(payload) => Err(format!("{} bytes", payload.len())),
        Err(error) => Err(error.to_string()),
    }
}
