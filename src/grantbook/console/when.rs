//! The point in time that a page looks from: how people write it, where it lies in the history, and the marks of where
//! much happened.

use grantbook_events::{Date, Instant, Position};
use grantbook_ledger::Point;
use grantbook_projections::{AsOf, Timeline};

use super::parts::short;
use super::svg;

/// The steps of the slider.
pub(crate) const STEPS: i64 = 1_000;

/// How many bars stand above the slider.
const BARS: usize = 125;

/// Reads what a person writes: nothing or `now`, a position, a day (its end, in UTC), a day and a time (in UTC), or an
/// RFC 3339 instant. What comes out is what links carry; `None` for now. Errors: a sentence that says what was expected.
pub(crate) fn read(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("now") {
        return Ok(None);
    }
    let text = text.strip_prefix('#').unwrap_or(text);
    if let Ok(day) = Date::parse(text) {
        return Ok(Some(format!("{day}T23:59:59.999999Z")));
    }
    if Point::parse(text).is_ok() {
        return Ok(Some(text.to_owned()));
    }
    // `2026-03-01 09:30`, with or without seconds, with or without a zone.
    let with_t = text.replacen(' ', "T", 1);
    for zone in ["", "Z", ":00Z"] {
        if let Ok(instant) = Instant::parse(&format!("{with_t}{zone}")) {
            return Ok(Some(instant.to_string()));
        }
    }
    Err(format!(
        "`{text}` is no point in time: expected a day such as 2026-03-01, a day and a time (UTC) such as 2026-03-01 09:30, \
         or a position"
    ))
}

/// Where a page looks from, within the history.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The last entry that counts.
    pub(crate) position: Position,
    /// What the clock reads.
    pub(crate) clock: Instant,
    /// The last entry there is.
    pub(crate) last: Position,
    first_at: Instant,
    last_at: Instant,
    /// How many entries lie in each of the equal parts of the history.
    counts: Vec<u64>,
}

impl Seen {
    /// Looks at where `as_of` lies; counts entries where the marks are for the reader.
    pub(crate) fn of(timeline: &Timeline, as_of: AsOf, last: Position, counted: bool) -> Seen {
        let (first_at, last_at) = (timeline.at(Position(1)), timeline.at(last));
        let mut seen =
            Seen { position: as_of.position, clock: as_of.clock, last, first_at, last_at, counts: Vec::new() };
        if counted && seen.slides() {
            let bounds = (0..=BARS).map(|bar| match bar {
                0 => 0,
                BARS => last.0,
                _ => timeline.position_at(seen.instant_at(bar as i64, BARS as i64)).0, // any other lies between
            });
            let bounds: Vec<u64> = bounds.collect();
            seen.counts = bounds.iter().zip(bounds.iter().skip(1)).map(|(from, to)| to.saturating_sub(*from)).collect();
        }
        seen
    }

    /// Whether there is a span to slide over.
    pub(crate) fn slides(&self) -> bool {
        self.last.0 > 1 && self.last_at > self.first_at
    }

    fn instant_at(&self, part: i64, of: i64) -> Instant {
        let span = i128::from(self.last_at.microseconds() - self.first_at.microseconds());
        let within = i64::try_from(span * i128::from(part) / i128::from(of)).unwrap_or(i64::MAX);
        Instant::from_microseconds(self.first_at.microseconds().saturating_add(within))
    }

    /// What the slider at `step` means: an instant, or now at its end.
    pub(crate) fn at_step(&self, step: i64) -> Option<String> {
        (step < STEPS && self.slides()).then(|| self.instant_at(step.max(0), STEPS).to_string())
    }

    /// Where the slider stands.
    fn step(&self, past: bool) -> i64 {
        if !past || !self.slides() {
            return STEPS;
        }
        let span = i128::from(self.last_at.microseconds() - self.first_at.microseconds());
        let within = i128::from(self.clock.max(self.first_at).microseconds() - self.first_at.microseconds());
        i64::try_from((within * i128::from(STEPS) / span).clamp(0, i128::from(STEPS))).unwrap_or(STEPS)
    }

    fn instant(&self) -> String {
        if self.clock > Instant::EARLIEST { short(&self.clock.to_string()) } else { "the beginning".to_owned() }
    }
}

/// The time machine as the frame shows it.
#[derive(Clone, Debug)]
pub(crate) struct When {
    pub(crate) past: bool,
    pub(crate) position: u64,
    pub(crate) last: u64,
    pub(crate) instant: String,
    pub(crate) instant_in_full: String,
    /// The page one entry earlier, and later.
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    /// The page as of now.
    pub(crate) now: String,
    /// The page's path, and what its address says besides the point in time.
    pub(crate) here: String,
    pub(crate) kept: Vec<(String, String)>,
    pub(crate) slides: bool,
    pub(crate) step: i64,
    pub(crate) first: String,
    pub(crate) marks: String,
}

impl When {
    /// The time machine of the page `here`, whose address says `kept` besides; `past` where it says a point in time.
    pub(crate) fn new(seen: &Seen, past: bool, here: String, kept: Vec<(String, String)>) -> When {
        let at = |as_of: Option<String>| {
            let as_of = as_of.map(|as_of| ("as_of".to_owned(), as_of));
            let pairs: Vec<(String, String)> = kept.iter().cloned().chain(as_of).collect();
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            super::ask::address(&here, &pairs)
        };
        let (position, last) = (seen.position.0, seen.last.0);
        When {
            past,
            position,
            last,
            instant: seen.instant(),
            instant_in_full: if seen.clock > Instant::EARLIEST { seen.clock.to_string() } else { seen.instant() },
            before: (position > 0).then(|| at(Some((position - 1).to_string()))),
            after: (past && position < last).then(|| at(Some((position + 1).to_string()))),
            now: at(None),
            slides: seen.slides(),
            step: seen.step(past),
            first: short(&seen.first_at.to_string()).chars().take(10).collect(),
            marks: svg::marks(&seen.counts),
            here,
            kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_in_time_is_read_as_people_write_it() {
        for (text, read_as) in [
            ("", None),
            (" now ", None),
            ("17", Some("17")),
            ("#17", Some("17")),
            ("2026-03-01", Some("2026-03-01T23:59:59.999999Z")),
            ("2026-03-01 09:30", Some("2026-03-01T09:30:00.000000Z")),
            ("2026-03-01 09:30:15", Some("2026-03-01T09:30:15.000000Z")),
            ("2026-03-01T09:30:15+01:00", Some("2026-03-01T09:30:15+01:00")),
        ] {
            assert_eq!(read(text).unwrap().as_deref(), read_as, "{text}");
        }
        assert!(read("next week").unwrap_err().contains("expected a day"));
    }
}
