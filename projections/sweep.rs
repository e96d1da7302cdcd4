//! Since when a state has been so: a walk over the moments at which it may have changed.

use grantbook_events::Instant;

use crate::history::{AsOf, Cause};
use crate::timeline::Timeline;

/// The moments at which a state may have changed, in order, each with the point from which to look at it.
pub struct Moments {
    moments: Vec<(AsOf, Cause)>,
}

impl Moments {
    /// Puts causes in order. What lies after `as_of` is left out; where an entry and the clock fall together the entry
    /// counts as the cause.
    pub fn new(timeline: &Timeline, causes: Vec<Cause>, as_of: AsOf) -> Moments {
        // What was recorded after `as_of` at the very instant that its clock reads must not move the clock's moments.
        let seen = |cause| match (point(timeline, cause), cause) {
            (point, Cause::Entry(_)) => point,
            (point, Cause::Clock(_)) => AsOf { position: point.position.min(as_of.position), ..point },
        };
        let mut moments: Vec<(AsOf, Cause)> = causes.into_iter().map(|cause| (seen(cause), cause)).collect();
        moments.retain(|(point, _)| point.position <= as_of.position && point.clock <= as_of.clock);
        moments.sort_by_key(|(point, cause)| (point.position, point.clock, *cause));
        moments.dedup_by(|later, earlier| later.0 == earlier.0);
        Moments { moments }
    }

    /// What brought about that `holds` has been as it is now without a break; `None` where nothing ever changed.
    pub fn since(&self, as_of: AsOf, holds: &dyn Fn(AsOf) -> bool) -> Option<Cause> {
        let now = holds(as_of);
        let mut since = None;
        for (point, cause) in self.moments.iter().rev() {
            if holds(*point) != now {
                break;
            }
            since = Some(*cause);
        }
        since
    }

    /// The stretches in which `holds` was true: what began each, and what ended it.
    pub fn stretches(&self, holds: &dyn Fn(AsOf) -> bool) -> Vec<(Cause, Option<Cause>)> {
        let mut stretches: Vec<(Cause, Option<Cause>)> = Vec::new();
        for (point, cause) in &self.moments {
            let open = stretches.last().is_some_and(|(_, end)| end.is_none());
            match (open, holds(*point)) {
                (false, true) => stretches.push((*cause, None)),
                (true, false) => {
                    if let Some((_, end)) = stretches.last_mut() {
                        *end = Some(*cause);
                    }
                }
                (false, false) | (true, true) => {}
            }
        }
        stretches
    }
}

/// The point from which to look at what a cause did.
fn point(timeline: &Timeline, cause: Cause) -> AsOf {
    match cause {
        Cause::Entry(position) => timeline.as_of(position),
        Cause::Clock(instant) => AsOf { position: timeline.position_at(instant), clock: instant },
    }
}

/// When a cause took effect.
pub fn instant_of(timeline: &Timeline, cause: Cause) -> Instant {
    point(timeline, cause).clock
}

#[cfg(test)]
mod tests {
    use super::*;
    use grantbook_events::{Entry, Position};

    fn told(instants: &[i64]) -> Timeline {
        let mut timeline = Timeline::default();
        for at in instants {
            let entry = Entry::bare(Instant::from_microseconds(*at));
            timeline.begin(&mut crate::names::Numbers::default(), &entry);
        }
        timeline
    }

    #[test]
    fn what_comes_later_at_the_same_instant_hides_no_moment_of_the_clock() {
        let end = Instant::from_microseconds(50);
        let holds = |point: AsOf| point.clock < end;
        for instants in [&[10, 50][..], &[10, 50, 50, 50]] {
            let timeline = told(instants);
            let as_of = timeline.as_of(Position(2));
            let moments = Moments::new(&timeline, vec![Cause::Entry(Position(1)), Cause::Clock(end)], as_of);
            assert_eq!(moments.since(as_of, &holds), Some(Cause::Clock(end)), "{instants:?}");
        }
    }
}
