//! Where a span begins that a question is asked over. It ends at the point of the file.

use grantbook_events::{Instant, Position};
use grantbook_inquiries::{AskError, Shown};
use grantbook_projections::AsOf;
use serde_json::Value;

/// A position, or an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Begin {
    /// The entry at a position.
    At(Position),
    /// A moment.
    Instant(Instant),
}

impl Begin {
    /// Reads a position, as a number or as text, or an RFC 3339 instant; `None` for anything else.
    pub(crate) fn from_json(json: &Value) -> Option<Begin> {
        let position = |number| Some(Position(number)).filter(|position| *position <= Position::GREATEST);
        match json.as_str() {
            None => position(json.as_u64()?).map(Begin::At),
            Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                position(digits.parse().ok()?).map(Begin::At)
            }
            Some(text) => Instant::parse(text).ok().map(Begin::Instant),
        }
    }

    /// The one form of it.
    pub(crate) fn json(self) -> Value {
        match self {
            Begin::At(position) => position.0.into(),
            Begin::Instant(instant) => instant.to_string().into(),
        }
    }

    /// The point, seen from the span's end. Errors: it begins after that.
    pub(crate) fn point(self, shown: &Shown<'_>) -> Result<AsOf, AskError> {
        let (timeline, end) = (&shown.views.timeline, shown.as_of);
        let (begin, after) = match self {
            Begin::At(position) => (timeline.as_of(position), position > end.position),
            Begin::Instant(clock) => {
                let begin = AsOf { position: timeline.position_at(clock), clock };
                (begin, begin.position > end.position || clock > end.clock)
            }
        };
        let message = "the span must not begin after it ends".to_owned();
        if after { Err(AskError::Malformed { field: "from", message }) } else { Ok(begin) }
    }
}
