//! A drill in words and figures, and the shape of its chart. Pure; must not know how it is drawn.

use model::drill::{BUCKET_MS, Drill, DrillFault, DrillPhase, DrillPlan, DrillTimes};

use super::super::words::{Shape, tenths, thousands};

pub const FAULTS: [DrillFault; 5] = [
    DrillFault::Kill,
    DrillFault::Hang,
    DrillFault::Down,
    DrillFault::Drain,
    DrillFault::None,
];

/// What is chosen.
#[must_use]
pub fn fault(fault: DrillFault) -> &'static str {
    match fault {
        DrillFault::Kill => "It is killed",
        DrillFault::Hang => "It hangs for a moment",
        DrillFault::Down => "It is switched down",
        DrillFault::Drain => "It drains",
        DrillFault::None => "Nothing is broken",
    }
}

/// What will happen, before anything does.
#[must_use]
pub fn warning(fault: DrillFault, replica: &str) -> String {
    let what = match fault {
        DrillFault::Kill => {
            " ends at once, with all that it has in hand. Its supervisor starts it again, if it has one; otherwise it stays away until you do."
        }
        DrillFault::Hang => {
            " stands still for a few seconds in the middle of its work, then goes on. Where it holds the store's lock the others end it instead, and its supervisor starts it again, if it has one."
        }
        DrillFault::Down => {
            " refuses every request for a third of the time, then it is switched up again."
        }
        DrillFault::Drain => {
            " gets nothing new for a third of the time, then it is switched up again."
        }
        DrillFault::None => {
            return "Test orders alone: how quick the answers are as things stand.".into();
        }
    };
    [replica, what, " Customers should notice nothing."].concat()
}

/// Where the fault stands in the chart.
#[must_use]
pub fn mark(fault: DrillFault) -> &'static str {
    match fault {
        DrillFault::Kill => "killed",
        DrillFault::Hang => "hangs",
        DrillFault::Down => "down",
        DrillFault::Drain => "drains",
        DrillFault::None => "",
    }
}

/// `4.2 ms`, `85 ms`, `1.2 s`.
#[must_use]
pub fn millis(ms: f32) -> String {
    if ms < 9.95 {
        [&tenths(ms), " ms"].concat()
    } else if ms < 999.5 {
        [&thousands((ms + 0.5) as u64), " ms"].concat()
    } else {
        seconds(ms)
    }
}

/// `0.3 s`.
#[must_use]
pub fn seconds(ms: f32) -> String {
    [&tenths(ms / 1_000.0), " s"].concat()
}

#[must_use]
pub fn is_going_on(drill: &Drill) -> bool {
    matches!(drill.phase, DrillPhase::Running | DrillPhase::Counting)
}

/// What it came to, or comes to, in one line.
#[must_use]
pub fn headline(drill: &Drill) -> (Shape, String) {
    let Some(result) = &drill.result else {
        return (
            Shape::Between,
            match drill.phase {
                DrillPhase::Counting => "Asking for every order…",
                _ if drill.fault_ms.is_some() => "Orders go on after the fault…",
                _ => "Orders go out, nothing is broken yet…",
            }
            .into(),
        );
    };
    let (Some(lost), Some(duplicated)) = (result.lost, result.duplicated) else {
        return (
            Shape::Stopped,
            "The store could not be asked what it has".into(),
        );
    };
    if lost + duplicated > 0 {
        return (Shape::Stopped, "Orders were lost or duplicated".into());
    }
    if drill.failed > 0 {
        return (
            Shape::Stopped,
            "Nothing lost, but orders were refused".into(),
        );
    }
    let shape = if drill.fault_failed.is_some() {
        Shape::Between
    } else {
        Shape::Good
    };
    (
        shape,
        "Nothing lost, nothing duplicated, nothing failed".into(),
    )
}

/// Its figures with their names; those that should be nothing and are not are marked.
#[must_use]
pub fn figures(drill: &Drill) -> Vec<(&'static str, String, bool)> {
    let counted = |count: Option<u32>| count.map_or("?".into(), |count| thousands(count.into()));
    let mut figures = vec![
        ("Sent", thousands(drill.sent.into()), false),
        ("Failed", thousands(drill.failed.into()), drill.failed > 0),
    ];
    if let Some(result) = &drill.result {
        figures.push(("Lost", counted(result.lost), result.lost != Some(0)));
        let twice = result.duplicated;
        figures.push(("Duplicated", counted(twice), twice != Some(0)));
    }
    figures.push(("Slowest", millis(drill.slowest_ms), false));
    if let Some(result) = &drill.result
        && drill.fault_ms.is_some()
    {
        let recovered = result.recovered_ms;
        figures.push((
            "In time again",
            match recovered {
                Some(0) => "at once".into(),
                Some(ms) => millis(ms as f32),
                None => "not yet".into(),
            },
            recovered.is_none(),
        ));
    }
    figures
}

/// What is worth knowing beside the figures.
#[must_use]
pub fn details(drill: &Drill) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(why) = &drill.fault_failed {
        lines.push(["The fault did not go as planned: ", why].concat());
    }
    let Some(result) = &drill.result else {
        return lines;
    };
    lines.push(times("Before", &result.before));
    lines.push(times("After", &result.after));
    if drill.fault_ms.is_some() {
        lines.push(
            [
                "In time is an answer within ",
                &millis(result.in_time_ms),
                "; recovered is a whole second of them.",
            ]
            .concat(),
        );
    }
    lines
}

fn times(when: &str, times: &DrillTimes) -> String {
    let half = [when, ": half within ", &millis(times.p50_ms)].concat();
    let most = [", 99 of 100 within ", &millis(times.p99_ms)].concat();
    let who = match &times.replica {
        Some(replica) => [", answered by ", replica, "."].concat(),
        None => ".".into(),
    };
    [half, most, who].concat()
}

/// Where things stand, in parts of a hundred from the left and the bottom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// A bar for each moment with orders: the way of a pen in a box of 100 by 100.
    pub bars: String,
    /// What the top stands for.
    pub top: String,
    pub seconds: u32,
    pub fault: Option<f32>,
    /// From the fault to when it had recovered.
    pub recovery: Option<f32>,
    /// What is in time is below.
    pub in_time: Option<f32>,
    /// Moments in which an order failed.
    pub failed: Vec<f32>,
}

#[must_use]
pub fn chart(drill: &Drill) -> Chart {
    let DrillPlan { seconds, .. } = drill.plan;
    let all_ms = (seconds * 1_000) as f32;
    let across = |ms: f32| ms / all_ms * 100.0;
    let in_time_ms = drill
        .result
        .as_ref()
        .map_or(50.0, |result| result.in_time_ms);
    let top_ms = round_up(drill.slowest_ms.max(in_time_ms));
    let width = across(BUCKET_MS as f32);
    let mut bars = String::new();
    let mut failed = Vec::new();
    for (moment, slowest) in drill.series.slowest_ms.iter().enumerate() {
        let left = across(moment as f32 * BUCKET_MS as f32);
        if drill.series.failed.get(moment).is_some_and(|it| *it > 0) {
            failed.push(left + width / 2.0);
        }
        if *slowest > 0.0 {
            // As high as can be seen, at least.
            let height = (slowest / top_ms * 100.0).max(1.5);
            let (left, width) = (tenths(left + width * 0.1), tenths(width * 0.8));
            let height = tenths(height);
            let bar = [
                "M", &left, ",100v-", &height, "h", &width, "v", &height, "z",
            ];
            bars.push_str(&bar.concat());
        }
    }
    let recovered = drill.result.as_ref().and_then(|result| result.recovered_ms);
    Chart {
        bars,
        top: millis(top_ms),
        seconds,
        fault: drill.fault_ms.map(|ms| across(ms as f32)),
        recovery: recovered.map(|ms| across(ms as f32)),
        in_time: drill
            .result
            .as_ref()
            .map(|result| result.in_time_ms / top_ms * 100.0),
        failed,
    }
}

/// To a number that is easily read: 1, 2 or 5 and noughts.
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

/// The chart for those who do not see it.
#[must_use]
pub fn spoken(drill: &Drill) -> String {
    let series = &drill.series.slowest_ms;
    let parted = drill.fault_ms.map(|ms| (ms / BUCKET_MS) as usize);
    let slowest = |part: &[f32]| millis(part.iter().copied().fold(0.0, f32::max));
    let failed = match drill.failed {
        0 => "No order failed.".to_owned(),
        failed => [&thousands(failed.into()), " orders failed."].concat(),
    };
    let first = "The slowest order of each quarter of a second: ";
    match (parted, drill.fault_ms) {
        (Some(at), Some(ms)) if at <= series.len() => [
            first,
            "at most ",
            &slowest(&series[..at]),
            " before the fault at ",
            &seconds(ms as f32),
            ", at most ",
            &slowest(&series[at..]),
            " after it. ",
            &failed,
        ]
        .concat(),
        _ => [first, "at most ", &slowest(series), ". ", &failed].concat(),
    }
}

#[cfg(test)]
mod tests;
