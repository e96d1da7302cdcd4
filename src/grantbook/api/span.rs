//! A span between two points, as questions about change take it.

use grantbook_ledger::Point;
use grantbook_projections::{AsOf, Views};

use super::params::Params;
use super::problem::Problem;

/// A span: `from` a point `to` another.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    from: Point,
    pub(crate) to: Point,
}

impl Span {
    /// Takes out `from` and `to`. Without `from` the span begins with the tenant, without `to` it ends now; `None` where
    /// neither is given. Errors: one of them is no point.
    pub(crate) fn of(params: &mut Params) -> Result<Option<Span>, Problem> {
        let (from, to) = (params.point("from")?, params.point("to")?);
        if from.is_none() && to.is_none() {
            return Ok(None);
        }
        let beginning = Point::At(grantbook_events::Position::START);
        Ok(Some(Span { from: from.unwrap_or(beginning), to: to.unwrap_or_default() }))
    }

    /// Where the span begins, seen from its end. Errors: it begins after that.
    pub(crate) fn begin(&self, views: &Views, end: AsOf) -> Result<AsOf, Problem> {
        let begin = match self.from {
            Point::Now => end,
            Point::At(position) => views.timeline.as_of(position),
            Point::Instant(clock) => AsOf { position: views.timeline.position_at(clock), clock },
        };
        let after = match self.from {
            Point::At(position) => position > end.position,
            Point::Now | Point::Instant(_) => begin.position > end.position || begin.clock > end.clock,
        };
        if after { Err(Problem::malformed("from", "the span must not begin after it ends")) } else { Ok(begin) }
    }
}
