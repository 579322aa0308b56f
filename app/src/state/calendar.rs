//! Calendar days and spans of time as numbers and words. Pure.

/// Days since the epoch of a date written `2025-03-07`.
#[must_use]
pub fn day_number(date: &str) -> Option<i64> {
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    // Years begin in March here, so that the leap day is a year's last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(year * 365 + leap_days + (month * 153 + 2) / 5 + day - 719_469)
}

/// `4 s ago`, `3 min ago`, `2 h ago`.
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

/// `40 s`, `12 min`, `3 h 5 min`, `2 days`: how long something has been so.
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
        assert_eq!(day_number("1970-01-01"), Some(0));
        assert_eq!(day_number("2024-02-29"), Some(19_782));
        assert_eq!(day_number("2024-03-01"), Some(19_783));
        assert_eq!(day_number("2025-12-31"), Some(20_453));
        assert_eq!(day_number("2026-01-01"), Some(20_454));
        assert_eq!(day_number("nonsense"), None);
        assert_eq!(day_number(""), None);
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
