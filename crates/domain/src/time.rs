//! Instants, as milliseconds since the Unix epoch: what both databases store and compare.
//!
//! There is no clock here; whoever needs "now" is handed it.

use std::fmt;
use std::time::Duration;

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    #[must_use]
    pub const fn from_millis(millis: i64) -> Time {
        Time(millis)
    }

    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 instant (`2026-11-22T08:00:00Z`) or a date, which means its first instant in UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Time> {
        let instant = match text.parse::<jiff::Timestamp>() {
            Ok(instant) => instant,
            Err(_) => text
                .parse::<jiff::civil::Date>()
                .ok()?
                .to_zoned(jiff::tz::TimeZone::UTC)
                .ok()?
                .timestamp(),
        };
        Some(Time(instant.as_millisecond()))
    }

    #[must_use]
    pub fn plus(self, duration: Duration) -> Time {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Time(self.0.saturating_add(millis))
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-22T08:00:00.000Z`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(f, "{instant:.3}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl serde::Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn an_instant_reads_what_it_prints() {
        let time = Time::from_millis(1_795_334_400_123);
        assert_eq!(time.to_string(), "2026-11-22T08:00:00.123Z");
        assert_eq!(Time::parse(&time.to_string()), Some(time));
    }

    #[test]
    fn a_date_is_its_first_instant() {
        assert_eq!(Time::parse("2026-11-22"), Time::parse("2026-11-22T00:00:00Z"));
        assert_eq!(Time::parse("2026-13-01"), None);
        assert_eq!(Time::parse("yesterday"), None);
    }
}
