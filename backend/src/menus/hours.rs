//! Reader of opening hours.

use super::reader::Value;
use super::values;
use crate::domain::hours::{DAYS, DailyRange, WeeklyHours};

const DAY_KEYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Reads the ranges of each weekday, and reports those that overlap.
pub fn read_hours(value: &Value<'_, '_>) -> Option<WeeklyHours> {
    let fields = value.table()?;
    let days = DAY_KEYS.map(|key| {
        fields
            .required(key)
            .and_then(|value| values::read_list(&value, read_range))
    });
    let hours = if days.iter().all(Option::is_some) {
        WeeklyHours::new(days.map(Option::unwrap_or_default))
            .map_err(|overlaps| {
                for overlap in overlaps {
                    fields.report_item(
                        DAY_KEYS[overlap.day],
                        overlap.index,
                        format!(
                            "begins before {} on {} has ended; let one end before the next begins",
                            overlap.earlier, DAYS[overlap.earlier_day]
                        ),
                    );
                }
            })
            .ok()
    } else {
        None
    };
    fields.finish();
    hours
}

fn read_range(value: &Value<'_, '_>) -> Option<DailyRange> {
    let text = value.text()?;
    let range = DailyRange::parse(text);
    if range.is_none() {
        value.report(format!(
            "\"{text}\" is no range of hours; write it like \"11:30-14:30\", and \"00:00-24:00\" for all day"
        ));
    }
    range
}
