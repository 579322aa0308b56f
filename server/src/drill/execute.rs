//! Runs one drill. Its orders leave on a fixed schedule, whatever time the responses take, as customers' orders do.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use model::api;
use model::drill::{self, DrillPhase};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::audit::audit_orders;
use super::faults::inject_fault;
use super::run::{DrillContext, DrillRun};
use super::stats::{OrderAudit, OrderOutcome};
use crate::fleet_history::format_ms;
use crate::sync::lock;

/// How often the status panel gets the drill's progress.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

pub async fn execute_drill(run: Arc<DrillRun>, context: DrillContext) {
    let began = Instant::now();
    let phases = async {
        tokio::join!(
            send_orders(&run, &context, began),
            inject_fault(&run, &context, began)
        );
        lock(&run.state).phase = DrillPhase::Counting;
        let acknowledged = lock(&run.state).stats.acknowledged_numbers();
        audit_orders(&context.gateway, &run.id, &acknowledged).await
    };
    let audit = tokio::select! {
        audit = phases => audit,
        () = notify_progress(&context) => return,
    };
    finish(&run, &context, audit);
}

/// Runs until dropped.
async fn notify_progress(context: &DrillContext) {
    let mut ticks = interval(PROGRESS_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        context.history.notify();
    }
}

/// Sends all orders, or fewer if the drill is cancelled, and waits for every response; the gateway bounds the time of each.
async fn send_orders(run: &Arc<DrillRun>, context: &DrillContext, began: Instant) {
    let rate = run.plan.rate_per_second;
    let mut orders = JoinSet::new();
    for number in 1..=rate * run.plan.seconds {
        let due = Duration::from_secs_f64(f64::from(number - 1) / f64::from(rate));
        tokio::select! {
            biased;
            () = run.cancel.cancelled() => break,
            () = sleep_until(began + due) => {}
        }
        lock(&run.state).sent += 1;
        let (run, gateway) = (Arc::clone(run), Arc::clone(&context.gateway));
        orders.spawn(async move {
            let key = drill::key(&run.id, number);
            let response = gateway.place_for_drill(&key).await;
            let replica = response.headers().get(api::REPLICA);
            let outcome = OrderOutcome {
                number,
                due_ms: millis(due),
                // Measured from the scheduled time, so that a delay of this process counts (coordinated omission).
                took_ms: millis(began.elapsed().saturating_sub(due)),
                acknowledged: response.status() == StatusCode::CREATED,
                replica: replica.and_then(|id| id.to_str().ok()).map(Arc::from),
            };
            lock(&run.state).stats.record(outcome);
        });
        while orders.try_join_next().is_some() {}
    }
    while orders.join_next().await.is_some() {}
}

fn finish(run: &DrillRun, context: &DrillContext, audit: Option<OrderAudit>) {
    let cancelled = run.cancel.is_cancelled();
    let mut state = lock(&run.state);
    let result = state.stats.result(&run.plan, state.fault_ms, audit);
    state.stats.drop_orders();
    let number = |count: Option<u32>| count.map_or("?".to_owned(), |it| it.to_string());
    let recovered = match (result.recovered_ms, state.fault_ms) {
        (Some(ms), _) => format!("; in time again after {}", format_ms(ms.into())),
        (None, Some(_)) => "; not in time again before its end".to_owned(),
        (None, None) => String::new(),
    };
    let message = format!(
        "drill {}: {} sent, {} failed, {} lost, {} duplicated; the slowest took {}{recovered}",
        if cancelled { "stopped" } else { "ended" },
        state.sent,
        state.stats.failed,
        number(result.lost),
        number(result.duplicated),
        format_ms(state.stats.slowest_ms.into()),
    );
    state.result = Some(result);
    state.phase = if cancelled {
        DrillPhase::Cancelled
    } else {
        DrillPhase::Finished
    };
    drop(state);
    context.record(run, message);
}

fn millis(duration: Duration) -> f32 {
    duration.as_secs_f32() * 1000.0
}
