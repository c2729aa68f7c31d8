use chrono::{DateTime, Utc};
use sea_orm::DeriveValueType;

/// An instant as the database holds it: whole microseconds since 1970-01-01T00:00:00Z.
///
/// An integer, because that is the one form in which SQLite and PostgreSQL compare, group and add instants by the
/// same statements, and the one in which neither keeps more digits than the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct Timestamp(pub i64);

impl From<DateTime<Utc>> for Timestamp {
    /// Digits below the microsecond are dropped.
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.timestamp_micros())
    }
}

impl From<Timestamp> for DateTime<Utc> {
    /// Beyond chrono's years (±262,000) the nearest one that it can tell.
    fn from(timestamp: Timestamp) -> Self {
        Self::from_timestamp_micros(timestamp.0).unwrap_or(if timestamp.0 < 0 {
            Self::MIN_UTC
        } else {
            Self::MAX_UTC
        })
    }
}
