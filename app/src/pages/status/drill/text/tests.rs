use model::drill::{DrillPlan, DrillResult, DrillSeries};

use super::*;

fn finished_drill() -> Drill {
    Drill {
        plan: DrillPlan {
            rate_per_second: 8,
            seconds: 1,
            fault: DrillFault::Kill,
            replica: Some("replica-1".into()),
        },
        phase: DrillPhase::Finished,
        started_at_ms: 0,
        fault_ms: Some(500),
        fault_failed: None,
        sent: 1_200,
        acknowledged: 1_200,
        failed: 0,
        slowest_ms: 80.0,
        series: DrillSeries {
            acknowledged: vec![2, 2, 2, 0],
            failed: vec![0, 0, 0, 0],
            slowest_ms: vec![4.0, 6.5, 80.0, 0.0],
        },
        result: Some(DrillResult {
            lost: Some(0),
            duplicated: Some(0),
            before: DrillTimes {
                p50_ms: 3.0,
                p99_ms: 12.4,
                replica: Some("replica-1".into()),
            },
            after: DrillTimes::default(),
            in_time_ms: 50.0,
            recovered_ms: Some(250),
        }),
    }
}

fn with(change: impl FnOnce(&mut Drill)) -> Drill {
    let mut drill = finished_drill();
    change(&mut drill);
    drill
}

#[test]
fn times_are_rounded_to_a_fitting_unit() {
    assert_eq!(format_ms(4.24), "4.2 ms");
    assert_eq!(format_ms(9.97), "10 ms");
    assert_eq!(format_ms(999.2), "999 ms");
    assert_eq!(format_ms(1_250.0), "1.3 s");
}

#[test]
fn the_headline_reports_the_worst() {
    let of = |change: fn(&mut Drill)| headline(&with(change));
    assert_eq!(of(|_| {}).severity, Severity::Normal);
    let failed = of(|drill| drill.failed = 3);
    assert_eq!(failed.severity, Severity::Critical);
    assert!(failed.text.contains("refused"));
    let lost = of(|drill| {
        drill.failed = 3;
        drill.result.as_mut().unwrap().lost = Some(1);
    });
    assert!(lost.text.contains("lost or duplicated"));
    let unknown = of(|drill| drill.result.as_mut().unwrap().lost = None);
    assert_eq!(unknown.severity, Severity::Critical);
    let harmless = of(|drill| drill.fault_failed = Some("it has left".into()));
    assert_eq!(harmless.severity, Severity::Warning);
    let running = of(|drill| {
        drill.result = None;
        drill.phase = DrillPhase::Running;
    });
    assert_eq!(running.severity, Severity::Warning);
}

#[test]
fn figures_that_should_be_zero_are_marked_where_they_are_not() {
    let marked = |drill: &Drill| -> Vec<&'static str> {
        let figures = figures(drill);
        figures
            .iter()
            .filter(|figure| figure.marked)
            .map(|figure| figure.label)
            .collect()
    };
    assert_eq!(marked(&finished_drill()), [""; 0]);
    let bad = with(|drill| {
        drill.failed = 1;
        let result = drill.result.as_mut().unwrap();
        (result.lost, result.duplicated) = (None, Some(2));
        result.recovered_ms = None;
    });
    assert_eq!(
        marked(&bad),
        ["Failed", "Lost", "Duplicated", "In time again"]
    );
    let values: Vec<String> = figures(&finished_drill())
        .into_iter()
        .map(|figure| figure.value)
        .collect();
    assert_eq!(values, ["1,200", "0", "0", "0", "80 ms", "250 ms"]);
    let without = with(|drill| drill.fault_ms = None);
    assert_eq!(figures(&without).len(), 5);
}

#[test]
fn the_chart_has_a_bar_for_each_moment_and_its_marks() {
    let chart = chart_data(&finished_drill());
    assert_eq!(chart.top, "100 ms");
    assert_eq!(chart.bars.matches('M').count(), 3);
    assert!(
        chart.bars.starts_with("M2.5,100v-4.0h20.0v4.0z"),
        "{}",
        chart.bars
    );
    assert!(chart.bars.contains("M52.5,100v-80.0h20.0v80.0z"));
    assert_eq!((chart.fault, chart.recovery), (Some(50.0), Some(25.0)));
    assert_eq!(chart.in_time, Some(50.0));
    assert_eq!(chart.failed, [0.0; 0]);
    let failing = with(|drill| drill.series.failed[1] = 2);
    assert_eq!(chart_data(&failing).failed, [37.5]);
}

#[test]
fn the_scale_ends_at_a_number_that_is_easily_read() {
    for (ms, top) in [
        (3.0, 10.0),
        (50.0, 50.0),
        (51.0, 100.0),
        (101.0, 200.0),
        (2_001.0, 5_000.0),
    ] {
        assert_eq!(round_up(ms), top, "{ms}");
    }
}

#[test]
fn the_description_has_what_the_chart_shows() {
    assert_eq!(
        chart_description(&finished_drill()),
        "The slowest order of each quarter of a second: at most 6.5 ms before the fault at 0.5 s, at most 80 ms after it. \
         No order failed."
    );
    let calm = with(|drill| drill.fault_ms = None);
    assert!(chart_description(&calm).contains("at most 80 ms. No order"));
    // No order has ended since the fault.
    let early = with(|drill| drill.series.slowest_ms.truncate(1));
    assert!(chart_description(&early).ends_with("No order failed."));
}

#[test]
fn details_have_the_times_and_the_replica_that_answered() {
    let lines = details(&finished_drill());
    assert_eq!(
        lines[0],
        "Before: half within 3.0 ms, 99 of 100 within 12 ms, answered by replica-1."
    );
    let failed = details(&with(|drill| {
        drill.fault_failed = Some("it has left".into())
    }));
    assert_eq!(failed[0], "The fault did not go as planned: it has left");
}

#[test]
fn the_warning_names_the_replica_and_its_fate() {
    let kill = fault_warning(DrillFault::Kill, "replica-2");
    assert!(kill.starts_with("replica-2 ends at once"), "{kill}");
    assert!(kill.contains("supervisor"), "{kill}");
    assert!(!fault_warning(DrillFault::None, "replica-2").contains("replica-2"));
}
