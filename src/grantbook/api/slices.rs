//! Long questions, so that writers and other readers get their turn: a slice at a time, on one core or on all, every slice as of
//! one point; entries on a thread that may wait for the disk; what cannot be sliced, on a copy of the views. Whoever goes away ends
//! what is sliced or walked there.

use std::num::NonZero;
use std::ops::RangeInclusive;
use std::sync::{Arc, Weak};
use std::thread;

use futures_util::future::try_join_all;
use grantbook_events::{Entry, Position};
use grantbook_inquiries::{Shown, Whom};
use grantbook_journal::on_cores;
use grantbook_ledger::{LedgerError, Point, TenantHandle};
use grantbook_projections::{AsOf, Views};
use tokio::sync::Semaphore;

use super::problem::{Problem, ProblemKind};
use super::views::shown;

/// How many accounts or rows are looked at in one slice.
pub(crate) const AT_ONCE: usize = 512;

/// How many questions may be asked of a copy at once, whoever asks, and how many answers of one may be in the making: each is as
/// large as a tenant is.
const LARGE_AT_ONCE: usize = 2;
static LARGE: Semaphore = Semaphore::const_new(LARGE_AT_ONCE);

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

/// How many accounts are looked at in one go where all cores look: short enough that a writer does not notice.
const EACH_AT_ONCE: usize = 128;

/// Looks at each of `whom` on all cores, as of one point, and gives `take` what came of each, in their order, for as long as
/// it says so.
pub(crate) async fn each<T: Send + 'static>(
    tenant: &TenantHandle,
    as_of: AsOf,
    mut whom: Whom,
    look: impl Fn(&Shown<'_>, u32) -> Option<T> + Send + Sync + 'static,
    mut take: impl FnMut(u32, T) -> bool,
) -> Result<(), Problem> {
    let (look, at) = (Arc::new(look), Point::At(as_of.position));
    let together = thread::available_parallelism().map_or(1, NonZero::get) * EACH_AT_ONCE;
    loop {
        let some = tenant.ask(at, |views, _| shown(tenant, views, as_of, |shown| whom.next(shown, together)));
        let some = some.await?;
        if some.is_empty() {
            return Ok(());
        }
        let looked = some.chunks(EACH_AT_ONCE).map(|few| looked(tenant, as_of, few.to_vec(), look.clone()));
        for (who, found) in try_join_all(looked).await?.into_iter().flatten() {
            if !take(who, found) {
                return Ok(());
            }
        }
    }
}

/// What came of a few accounts.
async fn looked<T: Send + 'static>(
    tenant: &TenantHandle,
    as_of: AsOf,
    few: Vec<u32>,
    look: Arc<impl Fn(&Shown<'_>, u32) -> Option<T> + Send + Sync + 'static>,
) -> Result<Vec<(u32, T)>, Problem> {
    let found = tenant.beside(move |tenant| async move {
        let found = tenant.ask(Point::At(as_of.position), |views, _| {
            shown(&tenant, views, as_of, |shown| {
                few.iter().filter_map(|who| Some((*who, look(shown, *who)?))).collect::<Vec<(u32, T)>>()
            })
        });
        found.await
    });
    let lost = || Problem::new(ProblemKind::Unexpected, "the accounts could not be looked at");
    Ok(found.await.ok_or_else(lost)??)
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

/// Looks at the entries of some stretches, on a thread that may wait for the disk. It ends when nobody waits for it any more.
pub(crate) async fn walked<T: Send + 'static>(
    tenant: &TenantHandle,
    stretches: Vec<RangeInclusive<Position>>,
    mut state: T,
    look: impl Fn(&mut T, Position, &Entry) + Send + Sync + 'static,
) -> Result<T, Problem> {
    let (waiting, wanted) = Waiting::begin();
    let walk = move |tenant: &TenantHandle| {
        tenant.look_at(stretches, |position, entry| {
            look(&mut state, position, entry);
            wanted.still()
        })?;
        Ok::<T, LedgerError>(state)
    };
    let walked = tenant.aside(walk).await;
    drop(waiting.0);
    let lost = || Problem::new(ProblemKind::Unexpected, "the entries could not be read");
    Ok(walked.ok_or_else(lost)??)
}

/// Asks what takes long and cannot be told a slice at a time: of a copy of the views, on a thread that may work for long. A writer
/// waits for the copy alone.
pub(crate) async fn of_a_copy<R: Send + 'static>(
    tenant: &TenantHandle,
    as_of: AsOf,
    ask: impl FnOnce(&Copied<'_>) -> R + Send + 'static,
) -> Result<R, Problem> {
    // A turn lasts as long as the work does, even where nobody waits for it any more. Nobody closes the semaphore.
    let turn = LARGE.acquire().await;
    let views = tenant.ask(Point::Now, |views, _| views.clone()).await?;
    let answer = tenant.aside(move |tenant| {
        let _turn = turn;
        ask(&Copied { tenant, views: &views, as_of })
    });
    let answer = answer.await;
    answer.ok_or_else(|| Problem::new(ProblemKind::Unexpected, "the question could not be answered"))
}

/// A copy of the views, to be asked.
pub(crate) struct Copied<'a> {
    tenant: &'a TenantHandle,
    views: &'a Views,
    as_of: AsOf,
}

impl Copied<'_> {
    /// Asks it.
    pub(crate) fn shown<R>(&self, ask: impl FnOnce(&Shown<'_>) -> R) -> R {
        shown(self.tenant, self.views, self.as_of, ask)
    }

    /// Asks it about each of some things that do not wait for one another, [`LARGE_AT_ONCE`] at once.
    pub(crate) fn of_each<T: Sync, R: Send>(&self, things: &[T], ask: impl Fn(&Shown<'_>, &T) -> R + Sync) -> Vec<R> {
        let asked = on_cores(LARGE_AT_ONCE, things.len(), |one| {
            things.get(one).map(|thing| self.shown(|shown| ask(shown, thing)))
        });
        asked.into_iter().flatten().collect()
    }
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
