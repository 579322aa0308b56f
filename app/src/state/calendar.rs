//! Calendar days and spans of time as numbers and words. Pure.

/// From Sunday.
const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The date and time of an instant in some zone.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalTime {
    year: i64,
    month: i64,
    day: i64,
    /// `18:30`.
    pub clock: String,
}

impl LocalTime {
    /// Parses the browser's British format: `07/03/2025, 18:30`.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, clock) = text.split_once(", ")?;
        let mut parts = date.split('/').map(|part| part.parse::<i64>().ok());
        let (day, month, year) = (parts.next()??, parts.next()??, parts.next()??);
        Some(Self {
            year,
            month,
            day,
            clock: clock.to_owned(),
        })
    }

    /// The number of days since 1 January 1970.
    pub fn day_number(&self) -> i64 {
        // Counted with years that begin in March, so that the leap day is the last day of its year.
        let (year, month) = if self.month > 2 {
            (self.year, self.month - 3)
        } else {
            (self.year - 1, self.month + 9)
        };
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        year * 365 + leap_days + (month * 153 + 2) / 5 + self.day - 719_469
    }

    /// `Friday 7 March`.
    pub fn date(&self) -> String {
        let weekday = (self.day_number() + 4).rem_euclid(7) as usize;
        let month = (self.month - 1).rem_euclid(12) as usize;
        [
            WEEKDAYS[weekday],
            " ",
            &self.day.to_string(),
            " ",
            MONTHS[month],
        ]
        .concat()
    }
}

/// An age: `4 s ago`, `3 min ago`, `2 h ago`.
#[must_use]
pub fn ago(ms: i64) -> String {
    let seconds = (ms / 1_000).max(0);
    match seconds {
        0 => "just now".into(),
        1..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// A duration: `40 s`, `12 min`, `3 h 5 min`, `2 days`.
#[must_use]
pub fn span(ms: i64) -> String {
    let seconds = (ms / 1_000).max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_months_years_and_leap_days() {
        for (date, number, words) in [
            ("01/01/1970", 0, "Thursday 1 January"),
            ("29/02/2024", 19_782, "Thursday 29 February"),
            ("01/03/2024", 19_783, "Friday 1 March"),
            ("31/12/2025", 20_453, "Wednesday 31 December"),
            ("01/01/2026", 20_454, "Thursday 1 January"),
        ] {
            let local = LocalTime::parse(&format!("{date}, 18:30")).unwrap();
            assert_eq!((local.day_number(), local.date().as_str()), (number, words));
            assert_eq!(local.clock, "18:30");
        }
        for invalid in ["nonsense", "", "01/01, 18:30", "01/01/2026"] {
            assert_eq!(LocalTime::parse(invalid), None);
        }
    }

    #[test]
    fn spans_are_short_words() {
        assert_eq!(ago(400), "just now");
        assert_eq!(ago(4_200), "4 s ago");
        assert_eq!(ago(185_000), "3 min ago");
        assert_eq!(ago(-5_000), "just now");
        assert_eq!(span(11_100_000), "3 h 5 min");
        assert_eq!(span(200_000_000), "2 days");
    }
}
