//! Weekly opening hours as a restaurant states them: local times without a date. `opening` turns them into instants.

use std::fmt;

use jiff::civil::Weekday;
use model::menu::DayHours;

const DAY_MINUTES: u32 = 24 * 60;

pub const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// One opening of a day, at most 24 hours long; it may continue past midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DailyRange {
    start_minute: u32,
    length_minutes: u32,
}

impl DailyRange {
    /// Parses `11:30-14:30`. An end at or before the start is on the next day; `00:00-24:00` is all day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (start, end) = text.split_once('-')?;
        let (start, end) = (minute_of_day(start.trim())?, minute_of_day(end.trim())?);
        if start == DAY_MINUTES {
            return None;
        }
        let end = if end <= start { end + DAY_MINUTES } else { end };
        Some(Self {
            start_minute: start,
            length_minutes: end - start,
        })
    }

    #[must_use]
    pub fn start_minute(self) -> u32 {
        self.start_minute
    }

    /// Minutes from the midnight at which the day starts; above 24 × 60 for a range that continues into the next day.
    #[must_use]
    pub fn end_minute(self) -> u32 {
        self.start_minute + self.length_minutes
    }
}

/// Parses `HH:MM`, up to `24:00`, to minutes after midnight.
fn minute_of_day(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits = |text: &str| {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u32>().ok())
            .flatten()
    };
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= DAY_MINUTES).then_some(minute)
}

/// Formats a range as `11:30–14:30` or `All day`.
impl fmt::Display for DailyRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.start_minute == 0 && self.length_minutes == DAY_MINUTES {
            return f.write_str("All day");
        }
        let end = match self.end_minute() % DAY_MINUTES {
            // `24:00` and not `00:00`: it shows that the range ends on the same evening.
            0 => DAY_MINUTES,
            minute => minute,
        };
        write!(
            f,
            "{:02}:{:02}–{:02}:{:02}",
            self.start_minute / 60,
            self.start_minute % 60,
            end / 60,
            end % 60
        )
    }
}

/// The opening ranges of a week, Monday first, in order within a day and without overlaps, also past midnight.
#[derive(Clone, Debug)]
pub struct WeeklyHours([Vec<DailyRange>; 7]);

/// A range that starts before an earlier one has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// Day of the later range, Monday = 0; `index` is its position in the list passed to [`WeeklyHours::new`].
    pub day: usize,
    pub index: usize,
    pub earlier_day: usize,
    pub earlier: DailyRange,
}

impl WeeklyHours {
    /// # Errors
    /// Returns all overlaps.
    pub fn new(mut days: [Vec<DailyRange>; 7]) -> Result<Self, Vec<Overlap>> {
        let mut week: Vec<(u32, u32, usize, usize)> = Vec::new();
        for (day, ranges) in days.iter().enumerate() {
            for (index, range) in ranges.iter().enumerate() {
                let midnight = u32::try_from(day).unwrap_or_default() * DAY_MINUTES;
                week.push((
                    midnight + range.start_minute(),
                    midnight + range.end_minute(),
                    day,
                    index,
                ));
            }
        }
        week.sort_unstable();
        let week_minutes = 7 * DAY_MINUTES;
        let mut overlaps = Vec::new();
        for (position, &(start, _, day, index)) in week.iter().enumerate() {
            // The first range of the week follows the last one of the previous week.
            let (earlier, back) = match position {
                0 => (week[week.len() - 1], week_minutes),
                _ => (week[position - 1], 0),
            };
            if earlier.1 > start + back && (week.len() > 1) {
                overlaps.push(Overlap {
                    day,
                    index,
                    earlier_day: earlier.2,
                    earlier: days[earlier.2][earlier.3],
                });
            }
        }
        if !overlaps.is_empty() {
            return Err(overlaps);
        }
        for ranges in &mut days {
            ranges.sort_unstable();
        }
        Ok(Self(days))
    }

    /// The ranges that start on a weekday.
    #[must_use]
    pub fn ranges_on(&self, weekday: Weekday) -> &[DailyRange] {
        let day = usize::try_from(weekday.to_monday_zero_offset()).unwrap_or_default();
        &self.0[day]
    }

    /// Describes each day for display, Monday first.
    #[must_use]
    pub fn describe(&self) -> Vec<DayHours> {
        DAYS.iter()
            .zip(&self.0)
            .map(|(day, ranges)| DayHours {
                day: (*day).to_owned(),
                hours: match ranges.as_slice() {
                    [] => "Closed".to_owned(),
                    ranges => ranges
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(", "),
                },
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> DailyRange {
        DailyRange::parse(text).unwrap_or_else(|| panic!("{text} does not parse"))
    }

    fn week(days: [&[&str]; 7]) -> Result<WeeklyHours, Vec<Overlap>> {
        WeeklyHours::new(days.map(|ranges| ranges.iter().map(|text| range(text)).collect()))
    }

    #[test]
    fn ranges_parse_and_print() {
        for (written, minutes, shown) in [
            ("11:30-14:30", (690, 870), "11:30–14:30"),
            ("17:00-02:00", (1020, 1560), "17:00–02:00"),
            ("17:00 - 24:00", (1020, 1440), "17:00–24:00"),
            ("17:00-00:00", (1020, 1440), "17:00–24:00"),
            ("00:00-24:00", (0, 1440), "All day"),
            ("09:00-09:00", (540, 1980), "09:00–09:00"),
        ] {
            let parsed = range(written);
            assert_eq!((parsed.start_minute(), parsed.end_minute()), minutes);
            assert_eq!(parsed.to_string(), shown);
        }
    }

    #[test]
    fn malformed_ranges_are_refused() {
        for text in [
            "",
            "11:30",
            "11.30-14.30",
            "9:00-17:00",
            "11:60-12:00",
            "24:00-02:00",
            "23:00-24:01",
            "25:00-26:00",
            "+1:00-02:00",
            "11:30–14:30",
        ] {
            assert_eq!(DailyRange::parse(text), None, "{text}");
        }
    }

    #[test]
    fn ranges_may_touch_but_not_overlap() {
        assert!(week([&["00:00-24:00"]; 7]).is_ok());
        assert!(week([&["17:00-02:00"], &["02:00-10:00"], &[], &[], &[], &[], &[]]).is_ok());

        let within_a_day = week([
            &["17:00-23:00", "11:30-17:30"],
            &[],
            &[],
            &[],
            &[],
            &[],
            &[],
        ]);
        assert_eq!(
            within_a_day.unwrap_err(),
            [Overlap {
                day: 0,
                index: 0,
                earlier_day: 0,
                earlier: range("11:30-17:30"),
            }]
        );
        let past_midnight = week([&["17:00-02:00"], &["01:00-03:00"], &[], &[], &[], &[], &[]]);
        assert_eq!(past_midnight.unwrap_err()[0].day, 1);
        let past_the_week = week([&["00:30-03:00"], &[], &[], &[], &[], &[], &["20:00-01:00"]]);
        assert_eq!(past_the_week.unwrap_err()[0].day, 0);
    }

    #[test]
    fn a_week_reads_as_text() {
        let hours = week([
            &[],
            &["17:00-23:00", "11:30-14:30"],
            &[],
            &[],
            &[],
            &[],
            &["00:00-24:00"],
        ])
        .unwrap();
        let text = hours.describe();
        assert_eq!(text[0].hours, "Closed");
        assert_eq!(
            (text[1].day.as_str(), text[1].hours.as_str()),
            ("Tuesday", "11:30–14:30, 17:00–23:00")
        );
        assert_eq!(text[6].hours, "All day");
    }
}
