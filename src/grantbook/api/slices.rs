//! Long questions a slice at a time: all slices as of one point, in between writers and other readers get their turn, and
//! whoever goes away ends the question there.

use std::sync::{Arc, Weak};

use grantbook_events::{Entry, Position};
use grantbook_inquiries::Shown;
use grantbook_ledger::{LedgerError, Point, TenantHandle};
use grantbook_projections::AsOf;

use super::problem::{Problem, ProblemKind};
use super::views::shown;

/// How many accounts or rows are looked at in one slice.
pub(crate) const AT_ONCE: usize = 512;

/// Asks slice after slice, as long as a slice says that there is more.
pub(crate) async fn in_slices(
    tenant: &TenantHandle,
    as_of: AsOf,
    mut slice: impl FnMut(&Shown<'_>) -> bool,
) -> Result<(), Problem> {
    // The point is the one that was found first, whatever was written meanwhile.
    let at = Point::At(as_of.position);
    while tenant.ask(at, |views, _| shown(tenant, views, as_of, &mut slice)).await? {
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// Somebody waits for an answer.
struct Waiting(Arc<()>);

/// Tells whoever works on an answer whether somebody still waits for it.
struct Wanted(Weak<()>);

impl Waiting {
    fn begin() -> (Waiting, Wanted) {
        let waiting = Arc::new(());
        let wanted = Wanted(Arc::downgrade(&waiting));
        (Waiting(waiting), wanted)
    }
}

impl Wanted {
    fn still(&self) -> bool {
        self.0.strong_count() > 0
    }
}

/// Looks at the entries from one position to another, on a thread that may wait for the disk. It ends when nobody waits for it
/// any more.
pub(crate) async fn walked<T: Send + 'static>(
    tenant: &TenantHandle,
    (from, last): (Position, Position),
    mut state: T,
    look: impl Fn(&mut T, Position, &Entry) + Send + 'static,
) -> Result<T, Problem> {
    let (waiting, wanted) = Waiting::begin();
    let walk = move |tenant: &TenantHandle| {
        tenant.look_at((from, last), |position, entry| {
            look(&mut state, position, &entry);
            wanted.still()
        })?;
        Ok::<T, LedgerError>(state)
    };
    let walked = tenant.aside(walk).await;
    drop(waiting.0);
    let lost = || Problem::new(ProblemKind::Unexpected, "the entries could not be read");
    Ok(walked.ok_or_else(lost)??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_wanted_as_long_as_somebody_waits_for_it() {
        let (waiting, wanted) = Waiting::begin();
        assert!(wanted.still());
        drop(waiting);
        assert!(!wanted.still());
    }
}
