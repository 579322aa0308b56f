//! One drill: orders leave on a fixed schedule, however long the answers take, as customers come.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use model::api;
use model::drill::{self, DrillPhase};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::reckoning::{Count, Ended};
use super::{Parts, Running, counting, faults};
use crate::events::span;
use crate::sync::locked;

/// How often those who watch are shown how it goes.
const SHOWN_EVERY: Duration = Duration::from_millis(250);

pub async fn run(running: Arc<Running>, parts: Parts) {
    let began = Instant::now();
    let going = async {
        tokio::join!(
            send(&running, &parts, began),
            faults::strike(&running, &parts, began)
        );
        locked(&running.state).phase = DrillPhase::Counting;
        let acknowledged = locked(&running.state).tally.acknowledged_numbers();
        counting::count(&parts.gateway, &running.run, &acknowledged).await
    };
    let count = tokio::select! {
        count = going => count,
        () = show(&parts) => return,
    };
    end(&running, &parts, count);
}

/// Rings for those who watch, for as long as it is polled.
async fn show(parts: &Parts) {
    let mut ticks = interval(SHOWN_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        parts.events.ring();
    }
}

/// Sends all of them, or until it is cancelled, and waits for every answer: the gateway sees to it that there is one.
async fn send(running: &Arc<Running>, parts: &Parts, began: Instant) {
    let rate = running.plan.rate_per_second;
    let mut orders = JoinSet::new();
    for number in 1..=rate * running.plan.seconds {
        let at = Duration::from_secs_f64(f64::from(number - 1) / f64::from(rate));
        tokio::select! {
            biased;
            () = running.cancel.cancelled() => break,
            () = sleep_until(began + at) => {}
        }
        locked(&running.state).sent += 1;
        let (running, gateway) = (Arc::clone(running), Arc::clone(&parts.gateway));
        orders.spawn(async move {
            let key = drill::key(&running.run, number);
            let response = gateway.place_for_drill(&key).await;
            let replica = response.headers().get(api::REPLICA);
            let ended = Ended {
                number,
                sent_ms: millis(at),
                // From when it was to be sent, so that a late sending counts.
                took_ms: millis(began.elapsed().saturating_sub(at)),
                acknowledged: response.status() == StatusCode::CREATED,
                replica: replica.and_then(|id| id.to_str().ok()).map(Arc::from),
            };
            locked(&running.state).tally.take(ended);
        });
        while orders.try_join_next().is_some() {}
    }
    while orders.join_next().await.is_some() {}
}

fn end(running: &Running, parts: &Parts, count: Option<Count>) {
    let cancelled = running.cancel.is_cancelled();
    let mut state = locked(&running.state);
    let result = state.tally.result(&running.plan, state.fault_ms, count);
    state.tally.forget_orders();
    let number = |counted: Option<u32>| counted.map_or("?".to_owned(), |it| it.to_string());
    let recovered = match (result.recovered_ms, state.fault_ms) {
        (Some(ms), _) => format!("; in time again after {}", span(ms.into())),
        (None, Some(_)) => "; not in time again before its end".to_owned(),
        (None, None) => String::new(),
    };
    let message = format!(
        "drill {}: {} sent, {} failed, {} lost, {} duplicated; the slowest took {}{recovered}",
        if cancelled { "stopped" } else { "ended" },
        state.sent,
        state.tally.failed,
        number(result.lost),
        number(result.duplicated),
        span(state.tally.slowest_ms.into()),
    );
    state.result = Some(result);
    state.phase = if cancelled {
        DrillPhase::Cancelled
    } else {
        DrillPhase::Finished
    };
    drop(state);
    parts.tell(running, message);
}

fn millis(duration: Duration) -> f32 {
    duration.as_secs_f32() * 1000.0
}
