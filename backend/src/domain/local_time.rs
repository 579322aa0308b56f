//! Conversion between instants and local time, including the two nights a year on which the clock changes.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp};
use model::restaurant::Slot;

pub const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: u32 = 24 * 60;

/// An IANA time zone.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// Looks up a zone by its exact IANA name; `None` where there is none. Other spellings (`europe/london`) are refused, because
    /// browsers are given the name too.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let rules = TimeZone::get(name).ok()?;
        (rules.iana_name() == Some(name)).then(|| Self {
            name: name.to_owned(),
            rules,
        })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The local date and time of an instant.
    #[must_use]
    pub fn local(&self, instant_ms: i64) -> DateTime {
        self.rules.to_datetime(timestamp(instant_ms))
    }

    #[must_use]
    pub fn date(&self, instant_ms: i64) -> Date {
        self.local(instant_ms).date()
    }

    /// Converts a local time, in minutes after the midnight of `date`, to an instant; minutes beyond a day count into the following
    /// days. A local time that the clock skips becomes the instant of the jump; of one that occurs twice the first counts. So a later
    /// local time is never an earlier instant.
    #[must_use]
    pub fn instant_ms(&self, date: Date, minutes: u32) -> i64 {
        let date = days_after(date, minutes / DAY_MINUTES);
        let minutes = minutes % DAY_MINUTES;
        // The casts are lossless: both values are below 60.
        let local = date.at((minutes / 60) as i8, (minutes % 60) as i8, 0, 0);
        let instant = match self.rules.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset }
            | AmbiguousOffset::Fold { before: offset, .. } => offset.to_timestamp(local),
            AmbiguousOffset::Gap { after, .. } => after.to_timestamp(local).map(|before_jump| {
                self.rules
                    .following(before_jump)
                    .next()
                    .map_or(before_jump, |jump| jump.timestamp())
            }),
        };
        // The conversion fails only at the ends of the calendar, in the years -9999 and 9999.
        instant.unwrap_or(Timestamp::MAX).as_millisecond()
    }

    /// The first instant, at or after this one, whose local time of day is a multiple of `minutes`.
    #[must_use]
    pub fn align_up(&self, instant_ms: i64, minutes: u32) -> i64 {
        let step_ms = i64::from(minutes) * MINUTE_MS;
        let offset = self.rules.to_offset(timestamp(instant_ms));
        let local_ms = instant_ms.saturating_add(i64::from(offset.seconds()) * 1000);
        let past_ms = local_ms.rem_euclid(step_ms);
        if past_ms == 0 {
            return instant_ms;
        }
        instant_ms.saturating_add(step_ms - past_ms)
    }

    /// Formats the local time as `17:00`.
    #[must_use]
    pub fn format_time(&self, instant_ms: i64) -> String {
        let local = self.local(instant_ms);
        format!("{:02}:{:02}", local.hour(), local.minute())
    }

    /// Describes an instant as `17:00 today`, `17:00 tomorrow`, `17:00 on Friday` or `17:00 on Friday 2 January`.
    #[must_use]
    pub fn describe_instant(&self, instant_ms: i64, now_ms: i64) -> String {
        let time = self.format_time(instant_ms);
        let (date, today) = (self.date(instant_ms), self.date(now_ms));
        if date == today {
            format!("{time} today")
        } else if date == days_after(today, 1) {
            format!("{time} tomorrow")
        } else if today < date && date < days_after(today, 7) {
            format!("{time} on {}", date.strftime("%A"))
        } else {
            format!("{time} on {}", date.strftime("%A %-d %B"))
        }
    }

    /// Describes a slot as `18:00–18:15 on Friday 2 January`.
    #[must_use]
    pub fn describe_slot(&self, slot: Slot) -> String {
        let date = self.date(slot.start_ms);
        format!(
            "{}–{} on {}",
            self.format_time(slot.start_ms),
            self.format_time(slot.end_ms),
            date.strftime("%A %-d %B")
        )
    }
}

#[must_use]
pub fn days_after(date: Date, days: u32) -> Date {
    date.saturating_add(Span::new().days(days))
}

#[must_use]
pub fn day_before(date: Date) -> Date {
    date.yesterday().unwrap_or(date)
}

fn timestamp(instant_ms: i64) -> Timestamp {
    let limit = if instant_ms < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    Timestamp::from_millisecond(instant_ms).unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn london() -> Zone {
        Zone::named("Europe/London").unwrap()
    }

    fn utc(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_zone_is_found_by_its_exact_name() {
        assert!(Zone::named("Europe/London").is_some());
        assert!(Zone::named("europe/london").is_none());
        assert!(Zone::named("Europe/Durham").is_none());
    }

    #[test]
    fn a_skipped_local_time_is_the_instant_of_the_jump() {
        let spring = date(2026, 3, 29);
        for minutes in [60, 75, 119, 120] {
            assert_eq!(
                london().instant_ms(spring, minutes),
                utc("2026-03-29T01:00:00Z"),
                "{minutes}"
            );
        }
        assert_eq!(
            london().instant_ms(spring, 121),
            utc("2026-03-29T01:01:00Z")
        );
    }

    #[test]
    fn a_repeated_local_time_is_the_first_of_the_two() {
        let autumn = date(2026, 10, 25);
        assert_eq!(london().instant_ms(autumn, 90), utc("2026-10-25T00:30:00Z"));
        assert_eq!(
            london().instant_ms(autumn, 120),
            utc("2026-10-25T02:00:00Z")
        );
    }

    #[test]
    fn minutes_beyond_midnight_count_into_the_next_day() {
        let friday = date(2026, 1, 2);
        assert_eq!(
            london().instant_ms(friday, 26 * 60),
            utc("2026-01-03T02:00:00Z")
        );
    }

    #[test]
    fn alignment_is_to_the_local_hour() {
        let kathmandu = Zone::named("Asia/Kathmandu").unwrap();
        // 17:50 local time, at an offset of 5 h 45 min.
        let aligned = kathmandu.align_up(utc("2026-01-02T12:05:00Z"), 30);
        assert_eq!(aligned, utc("2026-01-02T12:15:00Z"));
        assert_eq!(kathmandu.format_time(aligned), "18:00");
        assert_eq!(kathmandu.align_up(aligned, 30), aligned);
    }

    #[test]
    fn instants_are_described_relative_to_today() {
        let now = utc("2026-01-02T12:00:00Z");
        let describe = |text| london().describe_instant(utc(text), now);
        assert_eq!(describe("2026-01-02T17:00:00Z"), "17:00 today");
        assert_eq!(describe("2026-01-03T00:30:00Z"), "00:30 tomorrow");
        assert_eq!(describe("2026-01-05T17:00:00Z"), "17:00 on Monday");
        assert_eq!(
            describe("2026-01-09T17:00:00Z"),
            "17:00 on Friday 9 January"
        );
    }

    #[test]
    fn instants_beyond_the_calendar_do_not_panic() {
        for instant_ms in [i64::MIN, i64::MAX] {
            let date = london().date(instant_ms);
            let _ = london().instant_ms(date, 1440);
            let _ = london().align_up(instant_ms, 15);
            let _ = london().describe_instant(instant_ms, 0);
        }
    }
}
