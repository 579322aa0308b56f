//! A drill in words and figures, and the data of its chart. Pure; must not know how it is drawn.

use model::drill::{BUCKET_MS, Drill, DrillFault, DrillPhase, DrillTimes};

use super::super::text::{Severity, format_count, format_decimal};

/// The faults in the order in which they are offered.
pub const FAULTS: [DrillFault; 5] = [
    DrillFault::Kill,
    DrillFault::Hang,
    DrillFault::Down,
    DrillFault::Drain,
    DrillFault::None,
];

/// The limit of being in time until the result has the drill's own, in milliseconds.
const DEFAULT_IN_TIME_MS: f32 = 50.0;

/// A fault as it is offered.
#[must_use]
pub fn fault_label(fault: DrillFault) -> &'static str {
    match fault {
        DrillFault::Kill => "It is killed",
        DrillFault::Hang => "It hangs for a moment",
        DrillFault::Down => "It is switched down",
        DrillFault::Drain => "It drains",
        DrillFault::None => "Nothing is broken",
    }
}

/// What the fault will do to the replica.
#[must_use]
pub fn fault_warning(fault: DrillFault, replica: &str) -> String {
    let effect = match fault {
        DrillFault::Kill => {
            "ends at once, with all that it has in hand. Its supervisor starts it again, if it has one; otherwise it stays away until you do."
        }
        DrillFault::Hang => {
            "stands still for a few seconds in the middle of its work, then goes on. Where it holds the store's lock the others end it instead, and its supervisor starts it again, if it has one."
        }
        DrillFault::Down => {
            "refuses every request for a third of the time, then it is switched up again."
        }
        DrillFault::Drain => {
            "gets nothing new for a third of the time, then it is switched up again."
        }
        DrillFault::None => {
            return "Test orders alone: how quick the answers are as things stand.".to_owned();
        }
    };
    format!("{replica} {effect} Customers should notice nothing.")
}

/// The label of the fault in the chart.
#[must_use]
pub fn fault_mark(fault: DrillFault) -> &'static str {
    match fault {
        DrillFault::Kill => "killed",
        DrillFault::Hang => "hangs",
        DrillFault::Down => "down",
        DrillFault::Drain => "drains",
        DrillFault::None => "",
    }
}

/// Formats milliseconds: `4.2 ms`, `85 ms`, `1.2 s`.
#[must_use]
pub fn format_ms(ms: f32) -> String {
    if ms < 9.95 {
        format!("{} ms", format_decimal(ms))
    } else if ms < 999.5 {
        format!("{} ms", format_count((ms + 0.5) as u64))
    } else {
        format_seconds(ms)
    }
}

/// Formats milliseconds as seconds: `0.3 s`.
#[must_use]
pub fn format_seconds(ms: f32) -> String {
    format!("{} s", format_decimal(ms / 1_000.0))
}

#[must_use]
pub fn is_in_progress(drill: &Drill) -> bool {
    matches!(drill.phase, DrillPhase::Running | DrillPhase::Counting)
}

/// A drill's progress or outcome in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillHeadline {
    pub severity: Severity,
    pub text: String,
}

/// The headline; the worst of what happened decides.
#[must_use]
pub fn headline(drill: &Drill) -> DrillHeadline {
    let (severity, text) = match &drill.result {
        None => (Severity::Warning, progress_text(drill)),
        Some(result) => match (result.lost, result.duplicated) {
            (Some(0), Some(0)) if drill.failed > 0 => {
                (Severity::Critical, "Nothing lost, but orders were refused")
            }
            (Some(0), Some(0)) => {
                let severity = match drill.fault_failed {
                    Some(_) => Severity::Warning,
                    None => Severity::Normal,
                };
                (severity, "Nothing lost, nothing duplicated, nothing failed")
            }
            (Some(_), Some(_)) => (Severity::Critical, "Orders were lost or duplicated"),
            (None, _) | (_, None) => (
                Severity::Critical,
                "The store could not be asked what it has",
            ),
        },
    };
    DrillHeadline {
        severity,
        text: text.to_owned(),
    }
}

fn progress_text(drill: &Drill) -> &'static str {
    match drill.phase {
        DrillPhase::Counting => "Asking for every order…",
        _ if drill.fault_ms.is_some() => "Orders go on after the fault…",
        _ => "Orders go out, nothing is broken yet…",
    }
}

/// One figure of a drill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillFigure {
    pub label: &'static str,
    pub value: String,
    /// Whether it is worse than it should be.
    pub marked: bool,
}

impl DrillFigure {
    fn new(label: &'static str, value: String) -> Self {
        Self {
            label,
            value,
            marked: false,
        }
    }

    /// A count that should be 0; `None` where it is not known, which is as bad.
    fn expected_zero(label: &'static str, count: Option<u32>) -> Self {
        Self {
            label,
            value: match count {
                Some(count) => format_count(count.into()),
                None => "?".to_owned(),
            },
            marked: count != Some(0),
        }
    }
}

/// The figures of a drill, as far as they are known.
#[must_use]
pub fn figures(drill: &Drill) -> Vec<DrillFigure> {
    let mut figures = vec![
        DrillFigure::new("Sent", format_count(drill.sent.into())),
        DrillFigure::expected_zero("Failed", Some(drill.failed)),
    ];
    if let Some(result) = &drill.result {
        figures.push(DrillFigure::expected_zero("Lost", result.lost));
        figures.push(DrillFigure::expected_zero("Duplicated", result.duplicated));
    }
    figures.push(DrillFigure::new("Slowest", format_ms(drill.slowest_ms)));
    if let Some(result) = &drill.result
        && drill.fault_ms.is_some()
    {
        figures.push(DrillFigure {
            label: "In time again",
            value: match result.recovered_ms {
                Some(0) => "at once".to_owned(),
                Some(ms) => format_ms(ms as f32),
                None => "not yet".to_owned(),
            },
            marked: result.recovered_ms.is_none(),
        });
    }
    figures
}

/// Sentences that explain the figures.
#[must_use]
pub fn details(drill: &Drill) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(reason) = &drill.fault_failed {
        lines.push(format!("The fault did not go as planned: {reason}"));
    }
    let Some(result) = &drill.result else {
        return lines;
    };
    lines.push(times("Before", &result.before));
    lines.push(times("After", &result.after));
    if drill.fault_ms.is_some() {
        lines.push(format!(
            "In time is an answer within {}; recovered is a whole second of them.",
            format_ms(result.in_time_ms)
        ));
    }
    lines
}

fn times(period: &str, times: &DrillTimes) -> String {
    let answered_by = match &times.replica {
        Some(replica) => format!(", answered by {replica}"),
        None => String::new(),
    };
    format!(
        "{period}: half within {}, 99 of 100 within {}{answered_by}.",
        format_ms(times.p50_ms),
        format_ms(times.p99_ms)
    )
}

/// What the chart shows. Positions are in percent, from the left or from the bottom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartData {
    /// A bar for each bucket with orders, as the data of an SVG path in a box of 100 by 100.
    pub bars: String,
    /// The label of the scale's end.
    pub top: String,
    /// The length of the drill.
    pub seconds: u32,
    pub fault: Option<f32>,
    pub fault_label: &'static str,
    /// The width of the recovery, which begins with the fault.
    pub recovery: Option<f32>,
    /// The height below which an order is in time.
    pub in_time: Option<f32>,
    /// Moments in which an order failed.
    pub failed: Vec<f32>,
}

/// Computes the chart of a drill.
#[must_use]
pub fn chart_data(drill: &Drill) -> ChartData {
    let seconds = drill.plan.seconds;
    let total_ms = (seconds * 1_000) as f32;
    let across = |ms: f32| ms / total_ms * 100.0;
    let result = drill.result.as_ref();
    let in_time_ms = result.map_or(DEFAULT_IN_TIME_MS, |result| result.in_time_ms);
    let top_ms = round_up(drill.slowest_ms.max(in_time_ms));
    let width = across(BUCKET_MS as f32);
    let left = |bucket: usize| across(bucket as f32 * BUCKET_MS as f32);
    let slowest = drill.series.slowest_ms.iter().enumerate();
    let failed = drill.series.failed.iter().enumerate();
    ChartData {
        bars: slowest
            .filter(|(_, slowest_ms)| **slowest_ms > 0.0)
            .map(|(bucket, slowest_ms)| bar(left(bucket), width, slowest_ms / top_ms * 100.0))
            .collect(),
        top: format_ms(top_ms),
        seconds,
        fault: drill.fault_ms.map(|ms| across(ms as f32)),
        fault_label: fault_mark(drill.plan.fault),
        recovery: result
            .and_then(|result| result.recovered_ms)
            .map(|ms| across(ms as f32)),
        in_time: result.map(|result| result.in_time_ms / top_ms * 100.0),
        failed: failed
            .filter(|(_, count)| **count > 0)
            .map(|(bucket, _)| left(bucket) + width / 2.0)
            .collect(),
    }
}

/// A bar with a gap on both sides, as the data of an SVG path.
fn bar(left: f32, width: f32, height: f32) -> String {
    /// The least height that can be seen.
    const MIN_HEIGHT: f32 = 1.5;
    let height = format_decimal(height.max(MIN_HEIGHT));
    let (left, width) = (
        format_decimal(left + width * 0.1),
        format_decimal(width * 0.8),
    );
    format!("M{left},100v-{height}h{width}v{height}z")
}

/// Rounds up to 1, 2 or 5 times a power of ten, at least to 10.
fn round_up(ms: f32) -> f32 {
    let mut unit = 10.0;
    loop {
        for step in [1.0, 2.0, 5.0] {
            if ms <= unit * step {
                return unit * step;
            }
        }
        unit *= 10.0;
    }
}

/// Describes the chart for people who do not see it.
#[must_use]
pub fn chart_description(drill: &Drill) -> String {
    let series = &drill.series.slowest_ms;
    let slowest = |part: &[f32]| format_ms(part.iter().copied().fold(0.0, f32::max));
    let failed = match drill.failed {
        0 => "No order failed.".to_owned(),
        failed => format!("{} orders failed.", format_count(failed.into())),
    };
    let fault = drill.fault_ms.and_then(|fault_ms| {
        let (before, after) = series.split_at_checked((fault_ms / BUCKET_MS) as usize)?;
        Some((fault_ms, before, after))
    });
    let times = match fault {
        Some((fault_ms, before, after)) => format!(
            "at most {} before the fault at {}, at most {} after it",
            slowest(before),
            format_seconds(fault_ms as f32),
            slowest(after)
        ),
        None => format!("at most {}", slowest(series)),
    };
    format!("The slowest order of each quarter of a second: {times}. {failed}")
}

#[cfg(test)]
mod tests;
