//! Time as a value. Nothing here reads a clock: instants and days come in from outside.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A number of an entry within its tenant, from 1 without gaps; 0 is before everything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Position(pub u64);

impl Position {
    /// Before the first entry.
    pub const START: Position = Position(0);
    /// The greatest position that every program can hold as a number: 2^53 - 1.
    pub const GREATEST: Position = Position((1 << 53) - 1);

    /// The position after this one.
    pub fn next(self) -> Position {
        Position(self.0 + 1)
    }

    /// The position before this one; 0 stays 0.
    pub fn before(self) -> Position {
        Position(self.0.saturating_sub(1))
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A moment: microseconds since 1970-01-01T00:00:00Z. Text form: RFC 3339 in UTC with six digits of a second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Instant(i64);

/// A day of the calendar in UTC, as days since 1970-01-01. Text form: `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date(i32);

const DAY_MICROSECONDS: i64 = 86_400_000_000;
const MINUTE_MICROSECONDS: i64 = 60_000_000;

impl Instant {
    /// Before every moment that people write down.
    pub const EARLIEST: Instant = Instant(jiff_earliest());
    /// After every moment that people write down.
    pub const LATEST: Instant = Instant(253_402_207_199_999_999);

    /// From microseconds since 1970, held within the years that text can show.
    pub fn from_microseconds(microseconds: i64) -> Instant {
        Instant(microseconds.clamp(Self::EARLIEST.0, Self::LATEST.0))
    }

    /// Microseconds since 1970.
    pub fn microseconds(self) -> i64 {
        self.0
    }

    /// From RFC 3339 text with a date, a time and an offset. Errors: a sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Instant, String> {
        let expected = || "expected an RFC 3339 instant such as 2026-11-21T09:30:00Z".to_owned();
        // jiff also takes the colon-less and annotated forms; what has no `T` between date and time is not RFC 3339 here.
        if !text.contains(['T', 't']) {
            return Err(expected());
        }
        match text.parse::<jiff::Timestamp>() {
            Ok(moment) => Ok(Instant::from_microseconds(moment.as_microsecond())),
            Err(_) => beyond(text).ok_or_else(expected),
        }
    }

    /// The smallest step later.
    pub fn just_after(self) -> Instant {
        Instant::from_microseconds(self.0 + 1)
    }

    /// The smallest step earlier.
    pub fn just_before(self) -> Instant {
        Instant::from_microseconds(self.0 - 1)
    }

    /// So many minutes later.
    pub fn plus_minutes(self, minutes: u32) -> Instant {
        Instant::from_microseconds(self.0.saturating_add(i64::from(minutes) * MINUTE_MICROSECONDS))
    }

    /// So many days of 24 hours later.
    pub fn plus_days(self, days: u32) -> Instant {
        Instant::from_microseconds(self.0.saturating_add(i64::from(days) * DAY_MICROSECONDS))
    }

    /// So many days of 24 hours earlier.
    pub fn minus_days(self, days: u32) -> Instant {
        Instant::from_microseconds(self.0.saturating_sub(i64::from(days) * DAY_MICROSECONDS))
    }

    /// The day in UTC on which the moment lies.
    pub fn date(self) -> Date {
        Date(i32::try_from(self.0.div_euclid(DAY_MICROSECONDS)).unwrap_or(i32::MAX))
    }
}

/// The first and the last hours of the years that text can show are no timestamps of jiff's, which leaves room there for every
/// offset: such a text is taken for the earliest or the latest moment.
fn beyond(text: &str) -> Option<Instant> {
    let pieces = jiff::fmt::temporal::Pieces::parse(text).ok()?;
    let (time, offset) = (pieces.time()?, pieces.to_numeric_offset()?);
    let local = pieces.date().to_datetime(time).duration_since(EPOCH.to_datetime(jiff::civil::Time::midnight()));
    let seconds = local.as_secs().checked_sub(i64::from(offset.seconds()))?;
    let instant = Instant::from_microseconds(seconds.checked_mul(1_000_000)?);
    // What lies between them is refused for another reason.
    (instant == Instant::EARLIEST || instant == Instant::LATEST).then_some(instant)
}

const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);

const fn jiff_earliest() -> i64 {
    // -9999-01-02T01:59:59Z, the least that jiff holds
    -377_705_023_201_000_000
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => write!(f, "{moment:.6}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

impl Date {
    /// From `YYYY-MM-DD`. Errors: a sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Date, String> {
        let expected = || "expected a day such as 2026-11-21".to_owned();
        if text.len() != 10 {
            return Err(expected());
        }
        let day: jiff::civil::Date = text.parse().map_err(|_| expected())?;
        Ok(Date::from_civil(day))
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i32 {
        self.0
    }

    /// From days since 1970-01-01.
    pub fn from_days(days: i32) -> Date {
        Date(days)
    }

    /// The first moment of the day.
    pub fn start(self) -> Instant {
        Instant::from_microseconds(i64::from(self.0) * DAY_MICROSECONDS)
    }

    /// The first moment after the day.
    pub fn end(self) -> Instant {
        Instant::from_microseconds((i64::from(self.0) + 1) * DAY_MICROSECONDS)
    }

    /// The same day so many years later; 29 February goes to 28 February (rule: C10).
    pub fn plus_years(self, years: u32) -> Date {
        let years = i32::try_from(years).unwrap_or(i32::MAX);
        self.civil()
            .and_then(|day| day.checked_add(jiff::Span::new().try_years(years).ok()?).ok())
            .map_or(self, Date::from_civil)
    }

    fn civil(self) -> Option<jiff::civil::Date> {
        EPOCH.checked_add(jiff::Span::new().try_days(self.0).ok()?).ok()
    }

    fn from_civil(day: jiff::civil::Date) -> Date {
        // Not by way of a timestamp, of which there is none on the last day of the calendar.
        let days = day.duration_since(EPOCH).as_secs().div_euclid(DAY_MICROSECONDS / 1_000_000);
        Date(i32::try_from(days).unwrap_or(i32::MAX))
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.civil() {
            Some(day) => day.fmt(f),
            None => write!(f, "day {}", self.0),
        }
    }
}

/// Numbers where bytes are stored, text where people read.
impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { to.collect_str(self) } else { to.serialize_i64(self.0) }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            Instant::parse(&String::deserialize(from)?).map_err(D::Error::custom)
        } else {
            let stored = i64::deserialize(from)?;
            let instant = Instant::from_microseconds(stored);
            let shown = (instant.0 == stored).then_some(instant);
            shown.ok_or_else(|| D::Error::custom("an instant beyond the years that text can show"))
        }
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { to.collect_str(self) } else { to.serialize_i32(self.0) }
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            Date::parse(&String::deserialize(from)?).map_err(D::Error::custom)
        } else {
            i32::deserialize(from).map(Date)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_read_and_show_rfc_3339() {
        let moment = Instant::parse("2026-11-21T10:30:00+01:00").unwrap();
        assert_eq!(moment.to_string(), "2026-11-21T09:30:00.000000Z");
        assert_eq!(moment.date().to_string(), "2026-11-21");
        for wrong in ["", "2026-11-21", "2026-11-21T09:30:00", "yesterday", "2026-11-21 09:30:00Z"] {
            assert!(Instant::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Instant::EARLIEST.to_string().len(), "-009999-01-02T01:59:59.000000Z".len());
        assert!(Instant::LATEST.to_string().starts_with("9999-"));
    }

    // rules: C9, C10, G10
    #[test]
    fn the_last_day_of_the_calendar_is_a_day_like_any_other_and_lasts_for_ever() {
        for text in ["9999-12-31", "9999-12-30", "9999-01-01", "0001-01-01", "1969-12-31"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
        let (last, before) = (Date::parse("9999-12-31").unwrap(), Date::parse("9999-12-30").unwrap());
        assert_eq!(last.days(), before.days() + 1);
        assert_eq!((last.start(), last.end()), (Instant::LATEST, Instant::LATEST));
        for text in ["9999-12-31T23:59:59Z", "9999-12-31T00:00:00+02:00", "9999-12-30T22:30:00.5Z"] {
            assert_eq!(Instant::parse(text), Ok(Instant::LATEST), "{text}");
        }
        for wrong in ["9999-12-31T23:59:59", "9999-13-31T23:59:59Z", "10000-01-01T00:00:00Z", "9999-12-31 23:59:59Z"] {
            assert!(Instant::parse(wrong).is_err(), "{wrong}");
        }
    }

    // rule: C10
    #[test]
    fn years_later_is_the_same_day_and_leap_days_go_to_the_28th() {
        let day = |text| Date::parse(text).unwrap();
        assert_eq!(day("2018-01-01").plus_years(3), day("2021-01-01"));
        assert_eq!(day("2024-02-29").plus_years(1), day("2025-02-28"));
        assert_eq!(day("2024-02-29").plus_years(4), day("2028-02-29"));
        assert_eq!(day("1969-12-31").days(), -1);
        assert_eq!(day("1970-01-02").start(), Instant::from_microseconds(86_400_000_000));
        assert_eq!(day("1970-01-01").end(), day("1970-01-02").start());
    }
}
