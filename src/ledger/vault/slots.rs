//! Slots: the places in the vault's file where secrets lie, one secret a slot, and never a second copy.
//!
//! SQLite's `secure_delete` alone does not erase. When a table's pages split and merge, rows are copied to other pages, and
//! bytes of the old copy can stay in a page's unused middle; deleting the row later zeroes its last place only. (Random
//! histories of rows with their secrets inside left whole hashes of long retired passwords in the file.) So a secret never
//! lies in a row that moves:
//! - Rows of `slots` have one size, are only ever appended in the order of their numbers, and are never deleted. SQLite then
//!   starts a new page for the next row and moves none.
//! - A secret is written over a slot's bytes, and zeros are written over the secret, in place.
//! - Which slot is whose, and which is free, lies in other tables. Those rows move, and hold no secret.

use rusqlite::{OptionalExtension, Row, Transaction, params};
use zeroize::Zeroizing;

/// The size of every slot: a byte that says how long the secret is, the secret, zeros. The longest secret is a PHC string of at
/// most 118 bytes.
const SLOT_BYTES: usize = 128;

/// Puts a secret into a free slot, or a new one at the end, and gives its number. `None`: the secret is longer than a slot.
pub(super) fn fill(batch: &Transaction<'_>, secret: &[u8]) -> Result<Option<i64>, rusqlite::Error> {
    let mut bytes = Zeroizing::new([0; SLOT_BYTES]);
    let (Some((length, rest)), Ok(secret_length)) = (bytes.split_first_mut(), u8::try_from(secret.len())) else {
        return Ok(None);
    };
    let Some(place) = rest.get_mut(..secret.len()) else { return Ok(None) };
    *length = secret_length;
    place.copy_from_slice(secret);

    let free: Option<i64> = batch
        .prepare_cached("DELETE FROM free_slots WHERE slot = (SELECT min(slot) FROM free_slots) RETURNING slot")?
        .query_row([], |row| row.get(0))
        .optional()?;
    match free {
        Some(slot) => overwrite(batch, slot, &bytes).map(|()| Some(slot)),
        None => batch.prepare_cached("INSERT INTO slots (bytes) VALUES (?1)")?.insert([bytes.as_slice()]).map(Some),
    }
}

/// Writes zeros over a slot and marks it free.
pub(super) fn empty(batch: &Transaction<'_>, slot: i64) -> Result<(), rusqlite::Error> {
    overwrite(batch, slot, &[0; SLOT_BYTES])?;
    batch.prepare_cached("INSERT INTO free_slots (slot) VALUES (?1)")?.execute([slot]).map(|_| ())
}

/// The secret in a slot that was read into this column; `None` where there is no such slot, or it holds nothing.
pub(super) fn secret_in<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a [u8]>, rusqlite::Error> {
    let Some(bytes) = row.get_ref(column)?.as_blob_or_null()? else { return Ok(None) };
    let secret = bytes.split_first().and_then(|(length, rest)| rest.get(..usize::from(*length)));
    Ok(secret.filter(|secret| !secret.is_empty()))
}

/// Rows of one size are overwritten where they lie.
fn overwrite(batch: &Transaction<'_>, slot: i64, bytes: &[u8; SLOT_BYTES]) -> Result<(), rusqlite::Error> {
    match batch.prepare_cached("UPDATE slots SET bytes = ?2 WHERE slot = ?1")?.execute(params![slot, bytes])? {
        1 => Ok(()),
        other => Err(rusqlite::Error::StatementChangedRows(other)),
    }
}
