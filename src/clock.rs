//! What time it is, as an argument: tests and frozen reports set it.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

/// Where "now" comes from.
#[derive(Clone, Copy, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// Always this instant.
    Fixed(DateTime<Utc>),
    /// As many seconds after 1970 as it is set to.
    Set(&'static AtomicI64),
}

impl Clock {
    /// The current instant.
    pub fn now(self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Fixed(instant) => instant,
            Self::Set(seconds) => {
                DateTime::from_timestamp(seconds.load(Ordering::SeqCst), 0).unwrap_or(DateTime::UNIX_EPOCH)
            }
        }
    }
}
