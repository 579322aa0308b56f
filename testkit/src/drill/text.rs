//! Formats the progress and the result of a drill for a terminal. Pure.

use std::fmt::Write;

use model::drill::{BUCKET_MS, Drill, DrillFault, DrillTimes};

/// Maximum width of the chart in columns.
const MAX_COLUMNS: usize = 72;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Formats the progress in one line.
pub(super) fn format_progress(drill: &Drill) -> String {
    let orders = drill.plan.rate_per_second * drill.plan.seconds;
    format!(
        "{} of {orders} orders sent, {} acknowledged, {} failed, the slowest took {}",
        drill.sent,
        drill.acknowledged,
        drill.failed,
        format_ms(drill.slowest_ms),
    )
}

/// Formats the result in several lines.
#[must_use]
pub fn format_report(drill: &Drill) -> String {
    let mut text = String::new();
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<14} {value}");
    };
    let replica = drill.plan.replica.as_deref().unwrap_or_default();
    row(
        "fault",
        &format!("{} {replica}", fault_name(drill.plan.fault)),
    );
    if let Some(reason) = &drill.fault_failed {
        row("", &format!("the fault failed: {reason}"));
    }
    row("sent", &drill.sent.to_string());
    row("failed", &drill.failed.to_string());
    if let Some(result) = &drill.result {
        let number = |count: Option<u32>| {
            count.map_or_else(
                || "? (the store could not be read)".to_owned(),
                |count| count.to_string(),
            )
        };
        row("lost", &number(result.lost));
        row("duplicated", &number(result.duplicated));
        row("slowest", &format_ms(drill.slowest_ms));
        if drill.fault_ms.is_some() {
            let limit = format_ms(result.in_time_ms);
            let recovered = match result.recovered_ms {
                Some(0) => format!("at once (every response within {limit})"),
                Some(ms) => format!("{} (every response within {limit})", format_ms(ms as f32)),
                None => format!("not within this time (every response within {limit})"),
            };
            row("recovered in", &recovered);
        }
        row("before", &format_times(&result.before));
        row("after", &format_times(&result.after));
    }
    text + &draw_chart(drill)
}

fn fault_name(fault: DrillFault) -> &'static str {
    match fault {
        DrillFault::None => "none; primary is",
        DrillFault::Kill => "killed",
        DrillFault::Hang => "hung",
        DrillFault::Down => "switched down",
        DrillFault::Drain => "drained",
    }
}

fn format_times(times: &DrillTimes) -> String {
    let replica = times.replica.as_deref().unwrap_or("no replica");
    format!(
        "half within {}, 99 of 100 within {}, by {replica}",
        format_ms(times.p50_ms),
        format_ms(times.p99_ms),
    )
}

/// Draws the slowest order of each interval from left to right, with `!` below where an order failed and `^` where the fault began.
fn draw_chart(drill: &Drill) -> String {
    let slowest = &drill.series.slowest_ms;
    let per_column = slowest.len().div_ceil(MAX_COLUMNS).max(1);
    let top_ms = drill.slowest_ms.max(1.0);
    let bars: String = slowest
        .chunks(per_column)
        .map(|moments| {
            let slowest = moments.iter().copied().fold(0.0, f32::max);
            if slowest == 0.0 {
                return ' ';
            }
            let step = (slowest / top_ms * BARS.len() as f32).ceil() as usize;
            BARS[step.clamp(1, BARS.len()) - 1]
        })
        .collect();
    let fault = drill
        .fault_ms
        .map(|ms| (ms / BUCKET_MS) as usize / per_column);
    let failed = drill.series.failed.chunks(per_column);
    let marks: String = failed
        .enumerate()
        .map(
            |(column, failed)| match failed.iter().any(|count| *count > 0) {
                true => '!',
                false if fault == Some(column) => '^',
                false => ' ',
            },
        )
        .collect();
    let interval_ms = per_column as u32 * BUCKET_MS;
    format!(
        "\n  slowest order of every {interval_ms} ms, up to {}\n  {bars}\n  {}\n",
        format_ms(top_ms),
        marks.trim_end()
    )
}

fn format_ms(ms: f32) -> String {
    match ms {
        ms if ms < 9.95 => format!("{ms:.1} ms"),
        ms if ms < 999.5 => format!("{ms:.0} ms"),
        ms => format!("{:.1} s", ms / 1_000.0),
    }
}

#[cfg(test)]
mod tests {
    use model::drill::{DrillPhase, DrillPlan, DrillResult, DrillSeries};

    use super::*;

    fn drill() -> Drill {
        Drill {
            plan: DrillPlan {
                rate_per_second: 4,
                seconds: 5,
                fault: DrillFault::Kill,
                replica: Some("replica-1".to_owned()),
            },
            phase: DrillPhase::Finished,
            started_at_ms: 0,
            fault_ms: Some(600),
            fault_failed: None,
            sent: 20,
            acknowledged: 19,
            failed: 1,
            slowest_ms: 80.0,
            series: DrillSeries {
                acknowledged: vec![1; 5],
                failed: vec![0, 0, 0, 1, 0],
                slowest_ms: vec![10.0, 20.0, 80.0, 40.0, 0.0],
            },
            result: Some(DrillResult {
                lost: Some(0),
                duplicated: None,
                before: DrillTimes {
                    p50_ms: 4.0,
                    p99_ms: 12.0,
                    replica: Some("replica-1".to_owned()),
                },
                after: DrillTimes::default(),
                in_time_ms: 50.0,
                recovered_ms: Some(1_250),
            }),
        }
    }

    #[test]
    fn the_report_has_every_figure() {
        let report = format_report(&drill());
        for line in [
            "fault          killed replica-1",
            "sent           20",
            "failed         1",
            "lost           0",
            "duplicated     ? (the store could not be read)",
            "slowest        80 ms",
            "recovered in   1.2 s (every response within 50 ms)",
            "before         half within 4.0 ms, 99 of 100 within 12 ms, by replica-1",
        ] {
            assert!(report.contains(line), "{line}\n{report}");
        }
        assert!(!super::super::is_clean(&drill()));
    }

    #[test]
    fn the_chart_marks_the_fault_and_failed_orders() {
        let chart = draw_chart(&drill());
        assert!(chart.ends_with("up to 80 ms\n  ▁▂█▄ \n    ^!\n"), "{chart}");
    }

    #[test]
    fn a_long_drill_fits_into_a_terminal() {
        let mut long = drill();
        long.series.slowest_ms = vec![10.0; 240];
        long.series.failed = vec![0; 240];
        long.fault_ms = Some(20_000);
        let chart = draw_chart(&long);
        let lines: Vec<&str> = chart.lines().collect();
        assert!(lines[1].contains("every 1000 ms"), "{chart}");
        assert_eq!(lines[2].trim().chars().count(), 60);
        assert_eq!(lines[3].find('^'), Some(22));
    }
}
