//! Reading what is durable: entry by entry where they are asked for, or all of a stretch, decoded on all cores.

use std::ops::RangeInclusive;

use grantbook_events::{Entry, Position};
use grantbook_journal::Store;

use crate::decoding::{Unreadable, in_order, unhashed};
use crate::error::LedgerError;
use crate::handle::TenantHandle;
use crate::tenant::Tenant;

/// Why looking at entries ended before the last.
enum Looked {
    /// Nothing more is wanted.
    Enough,
    /// An entry cannot be read.
    Unreadable(Unreadable),
}

impl From<Unreadable> for Looked {
    fn from(wrong: Unreadable) -> Looked {
        Looked::Unreadable(wrong)
    }
}

/// The durable entries of a tenant from a position on.
pub(crate) fn entries<'a>(
    store: &'a Store,
    tenant: &Tenant,
    from: Position,
) -> impl Iterator<Item = Result<(Position, Entry), LedgerError>> + use<'a> {
    stored(store, tenant, from).map(|read| read.map(|(position, entry, _)| (position, entry)))
}

/// The same, each with the bytes that it is stored as.
pub(crate) fn stored<'a>(
    store: &'a Store,
    tenant: &Tenant,
    from: Position,
) -> impl Iterator<Item = Result<(Position, Entry, Vec<u8>), LedgerError>> + use<'a> {
    let last = tenant.durable().0;
    let read = store.read(&tenant.stream, from.0.max(1));
    read.take_while(move |read| read.as_ref().map_or(true, |(position, _)| *position <= last)).map(|read| {
        let (position, bytes) = read.map_err(|damage| {
            tracing::error!(%damage, "an entry could not be read");
            LedgerError::Storage
        })?;
        let entry = grantbook_encoding::decode(&bytes).map_err(|error| {
            tracing::error!(%error, position, "an entry could not be decoded");
            LedgerError::Storage
        })?;
        Ok((Position(position), entry, bytes))
    })
}

impl TenantHandle {
    /// The durable entries from a position on, oldest first.
    pub fn entries(&self, from: Position) -> impl Iterator<Item = Result<(Position, Entry), LedgerError>> + use<'_> {
        entries(&self.shared.store, &self.open.tenant, from)
    }

    /// Looks at the durable entries of some stretches, which are in order, for as long as `look` says so; they are read and
    /// decoded beside it, on all cores. Blocks.
    ///
    /// Errors: an entry cannot be read, after those before it were looked at.
    pub fn look_at(
        &self,
        stretches: Vec<RangeInclusive<Position>>,
        mut look: impl FnMut(Position, &Entry) -> bool + Send,
    ) -> Result<(), LedgerError> {
        let last = self.last();
        let stored = stretches.into_iter().flat_map(|stretch| {
            let to = *stretch.end().min(&last);
            let stored = self.shared.store.read(&self.open.tenant.stream, stretch.start().0.max(1));
            stored.take_while(move |read| read.as_ref().map_or(true, |(position, _)| *position <= to.0))
        });
        let looked = in_order(stored, unhashed, |(position, entry)| match look(*position, entry) {
            true => Ok(()),
            false => Err(Looked::Enough),
        });
        match looked {
            Ok(()) | Err(Looked::Enough) => Ok(()),
            Err(Looked::Unreadable(wrong)) => {
                tracing::error!(position = wrong.position(), what = wrong.what(), "an entry could not be read");
                Err(LedgerError::Storage)
            }
        }
    }
}
