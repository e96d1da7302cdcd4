//! The clock, as a value that tests can set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use grantbook_events::Instant;

/// What tells the time.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that stands until it is set: microseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `instant` until it is set.
    pub fn standing_at(instant: Instant) -> Clock {
        Clock::Manual(Arc::new(AtomicI64::new(instant.microseconds())))
    }

    /// Sets a standing clock; the machine's is left alone.
    pub fn set(&self, instant: Instant) {
        if let Clock::Manual(microseconds) = self {
            microseconds.store(instant.microseconds(), Ordering::SeqCst);
        }
    }

    /// What the clock reads.
    pub fn now(&self) -> Instant {
        match self {
            Clock::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Instant::from_microseconds(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
            }
            Clock::Manual(microseconds) => Instant::from_microseconds(microseconds.load(Ordering::SeqCst)),
        }
    }
}
