//! The figures of a drill, from the outcomes of its orders. No clock and no I/O.

use std::collections::HashSet;
use std::sync::Arc;

use model::drill::{BUCKET_MS, DrillPlan, DrillResult, DrillSeries, DrillTimes};

/// An order that takes no longer than this is in time in any case, because customers do not notice the delay.
const MIN_IN_TIME_MS: f32 = 50.0;
/// Otherwise an order is in time within this multiple of the 99th percentile before the fault.
const IN_TIME_FACTOR: f32 = 2.0;
/// The service has recovered when every order has been in time for so long. Shorter would let one fast order end an outage.
const SETTLED_MS: f32 = 1_000.0;

#[derive(Clone, Debug)]
pub struct OrderOutcome {
    pub number: u32,
    /// When the order was due to be sent, in milliseconds since the start.
    pub due_ms: f32,
    pub took_ms: f32,
    pub acknowledged: bool,
    /// The replica that answered, if one did.
    pub replica: Option<Arc<str>>,
}

impl OrderOutcome {
    fn ended_ms(&self) -> f32 {
        self.due_ms + self.took_ms
    }
}

/// The outcomes so far.
#[derive(Debug, Default)]
pub struct OrderStats {
    orders: Vec<OrderOutcome>,
    pub acknowledged: u32,
    pub failed: u32,
    pub slowest_ms: f32,
    pub series: DrillSeries,
}

/// The acknowledged orders as found in the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderAudit {
    pub lost: u32,
    pub duplicated: u32,
}

impl OrderStats {
    pub fn record(&mut self, outcome: OrderOutcome) {
        let moment = (outcome.due_ms / BUCKET_MS as f32) as usize;
        let series = &mut self.series;
        if moment >= series.slowest_ms.len() {
            series.acknowledged.resize(moment + 1, 0);
            series.failed.resize(moment + 1, 0);
            series.slowest_ms.resize(moment + 1, 0.0);
        }
        let slowest = &mut series.slowest_ms[moment];
        *slowest = slowest.max(outcome.took_ms);
        if outcome.acknowledged {
            self.acknowledged += 1;
            series.acknowledged[moment] += 1;
        } else {
            self.failed += 1;
            series.failed[moment] += 1;
        }
        self.slowest_ms = self.slowest_ms.max(outcome.took_ms);
        self.orders.push(outcome);
    }

    pub fn acknowledged_numbers(&self) -> Vec<u32> {
        let acknowledged = self.orders.iter().filter(|order| order.acknowledged);
        acknowledged.map(|order| order.number).collect()
    }

    /// Frees the outcomes, which the result does not need.
    pub fn drop_orders(&mut self) {
        self.orders = Vec::new();
    }

    pub fn result(
        &self,
        plan: &DrillPlan,
        fault_ms: Option<u32>,
        audit: Option<OrderAudit>,
    ) -> DrillResult {
        let third_ms = plan.seconds * 1_000 / 3;
        let split_ms = fault_ms.unwrap_or(third_ms) as f32;
        let (before, after): (Vec<&OrderOutcome>, Vec<&OrderOutcome>) = self
            .orders
            .iter()
            .partition(|order| order.ended_ms() < split_ms);
        let before = times(before);
        let in_time_ms = (before.p99_ms * IN_TIME_FACTOR).max(MIN_IN_TIME_MS);
        DrillResult {
            lost: audit.map(|audit| audit.lost),
            duplicated: audit.map(|audit| audit.duplicated),
            recovered_ms: fault_ms.and_then(|_| recovery_ms(&after, split_ms, in_time_ms)),
            after: times(after),
            before,
            in_time_ms,
        }
    }
}

fn times(mut orders: Vec<&OrderOutcome>) -> DrillTimes {
    let last = orders
        .iter()
        .filter(|order| order.replica.is_some())
        .max_by(|one, other| one.ended_ms().total_cmp(&other.ended_ms()));
    let replica = last.and_then(|order| order.replica.as_deref().map(str::to_owned));
    orders.sort_unstable_by(|one, other| one.took_ms.total_cmp(&other.took_ms));
    // Nearest rank.
    let percentile = |percent: usize| {
        let rank = (orders.len() * percent).div_ceil(100).max(1);
        orders.get(rank - 1).map_or(0.0, |order| order.took_ms)
    };
    DrillTimes {
        p50_ms: percentile(50),
        p99_ms: percentile(99),
        replica,
    }
}

/// The time from the fault to the response to the last late order before [`SETTLED_MS`] without one. `None` if the drill ended
/// before.
fn recovery_ms(after: &[&OrderOutcome], fault_ms: f32, in_time_ms: f32) -> Option<u32> {
    let mut late: Vec<&&OrderOutcome> = after
        .iter()
        .filter(|order| !order.acknowledged || order.took_ms > in_time_ms)
        .collect();
    late.sort_unstable_by(|one, other| one.due_ms.total_cmp(&other.due_ms));
    let mut since_ms = fault_ms;
    for order in late {
        if order.due_ms >= since_ms + SETTLED_MS {
            break;
        }
        since_ms = since_ms.max(order.ended_ms());
    }
    let sent = after.iter().map(|order| order.due_ms);
    let last_due_ms = sent.fold(0.0, f32::max);
    (last_due_ms >= since_ms + SETTLED_MS).then_some((since_ms - fault_ms).round() as u32)
}

/// `stored` has the numbers of all of the drill's orders in the store, `not_found` those that a look-up by key did not find.
pub fn compare_orders(acknowledged: &[u32], stored: &[u32], not_found: &[u32]) -> OrderAudit {
    let mut present = HashSet::new();
    let mut repeated = HashSet::new();
    for number in stored {
        if !present.insert(number) {
            repeated.insert(number);
        }
    }
    let lost = acknowledged
        .iter()
        .filter(|number| !present.contains(number) || not_found.contains(number));
    OrderAudit {
        lost: lost.count() as u32,
        duplicated: repeated.len() as u32,
    }
}

#[cfg(test)]
mod tests;
