//! Calendar dates, for accepted findings that expire.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// A day: `2026-11-21`.
///
/// ```
/// use typeser::golden::Date;
///
/// let date: Date = "2026-11-21".parse()?;
/// assert!(date < "2027-01-01".parse()?);
/// assert_eq!("2026-02-30".parse::<Date>().unwrap_err().to_string(), "`2026-02-30` is no day: write it as 2026-11-21");
/// # Ok::<(), typeser::golden::DateError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// A text is no day.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no day: write it as 2026-11-21")]
pub struct DateError {
    /// The text.
    pub text: String,
}

crate::text::debug_as_display!(DateError);

impl Date {
    /// The day of this year (0 to 9999), month (from 1) and day of the month (from 1); `None` if there is none.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => return None,
        };
        (year <= 9999 && (1..=days).contains(&day)).then_some(Self { year, month, day })
    }

    /// The day that it is now in Greenwich, by the clock of this machine.
    #[must_use]
    pub fn today() -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self::of_days(seconds / 86_400)
    }

    /// The date this many days after 1970-01-01 (Howard Hinnant's `civil_from_days`).
    fn of_days(days: u64) -> Self {
        // Years begin in March here, so that the day of a leap year comes last; 400 of them are an era.
        let days = days.min(2_932_896) + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        Self { year: (era * 400 + year_of_era + carry) as u16, month: month as u8, day: day as u8 }
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let parse = || {
            let is_date = text.len() == 10
                && text.bytes().enumerate().all(|(at, byte)| match at {
                    4 | 7 => byte == b'-',
                    _ => byte.is_ascii_digit(),
                });
            let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u16>().ok();
            let small = |range| u8::try_from(part(range)?).ok();
            is_date.then(|| Self::new(part(0..4)?, small(5..7)?, small(8..10)?)).flatten()
        };
        parse().ok_or_else(|| DateError { text: text.to_owned() })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn days_since_1970_are_days_of_the_calendar() {
        let days = [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_778, "2026-11-21")];
        for (days, date) in days {
            assert_eq!(Date::of_days(days).to_string(), date);
        }
        // Each day is the one after the one before, and there is such a day.
        for days in 0..60_000 {
            let (one, next) = (Date::of_days(days), Date::of_days(days + 1));
            assert!(one < next);
            assert_eq!(Date::new(next.year, next.month, next.day), Some(next));
        }
        assert_eq!(Date::of_days(u64::MAX).to_string(), "9999-12-31");
    }
}
