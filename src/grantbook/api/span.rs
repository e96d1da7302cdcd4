//! A span between two points, as questions about change take it.

use grantbook_ledger::{LedgerError, Point, TenantHandle};
use grantbook_projections::{AsOf, Views};

use super::params::Params;
use super::problem::Problem;

/// A span: `from` a point `to` another.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    from: Point,
    pub(crate) to: Point,
    /// What the question is asked as of: the span does not end after it.
    as_of: Point,
}

impl Span {
    /// From the beginning to where the question looks from.
    pub(crate) fn whole(as_of: Point) -> Span {
        Span { from: Point::At(grantbook_events::Position::START), to: as_of, as_of }
    }

    /// Takes out `from` and `to`. Without `from` the span begins with the tenant, without `to` it ends where the question
    /// looks from; `None` where neither is given. Errors: one of them is no point, or they contradict one another.
    pub(crate) fn of(params: &mut Params, as_of: Point) -> Result<Option<Span>, Problem> {
        let (from, to) = (params.point("from")?, params.point("to")?);
        if from.is_none() && to.is_none() {
            return Ok(None);
        }
        let whole = Span::whole(as_of);
        let span = Span { from: from.unwrap_or(whole.from), to: to.unwrap_or(whole.to), as_of };
        // What needs no book to be seen is told before whether the asker may ask.
        if surely_after(span.to, as_of) {
            return Err(ends_too_late());
        }
        if surely_after(span.from, span.to) { Err(begins_too_late("from")) } else { Ok(Some(span)) }
    }

    /// Where the span begins, seen from its end. Errors: it begins after that, ends after what it is asked as of, or one of
    /// these positions is beyond the last.
    pub(crate) fn begin(&self, tenant: &TenantHandle, views: &Views, end: AsOf) -> Result<AsOf, Problem> {
        within_the_book(tenant, self.as_of)?;
        within_the_book(tenant, self.from)?;
        let bound = resolved(views, self.as_of, end);
        if end.position > bound.position || end.clock > bound.clock {
            return Err(ends_too_late());
        }
        let begin = resolved(views, self.from, end);
        let after = match self.from {
            Point::At(position) => position > end.position,
            Point::Now | Point::Instant(_) => begin.position > end.position || begin.clock > end.clock,
        };
        if after { Err(begins_too_late("from")) } else { Ok(begin) }
    }
}

/// A position must be there. Errors: it is beyond the last.
pub(crate) fn within_the_book(tenant: &TenantHandle, point: Point) -> Result<(), Problem> {
    let last = tenant.last();
    match point {
        Point::At(asked) if asked > last => Err(LedgerError::Beyond { asked, last }.into()),
        Point::At(_) | Point::Now | Point::Instant(_) => Ok(()),
    }
}

/// Whether a point is after another in whatever book; of a position and an instant only a book can say.
pub(crate) fn surely_after(one: Point, other: Point) -> bool {
    match (one, other) {
        (Point::At(one), Point::At(other)) => one > other,
        (Point::Instant(one), Point::Instant(other)) => one > other,
        (Point::Now | Point::At(_) | Point::Instant(_), _) => false,
    }
}

pub(crate) fn begins_too_late(field: &str) -> Problem {
    Problem::malformed(field, "the span must not begin after it ends")
}

fn ends_too_late() -> Problem {
    Problem::malformed("to", "the span must not end after `as_of`")
}

fn resolved(views: &Views, point: Point, now: AsOf) -> AsOf {
    match point {
        Point::Now => now,
        Point::At(position) => views.timeline.as_of(position),
        Point::Instant(clock) => AsOf { position: views.timeline.position_at(clock), clock },
    }
}
