//! What came of a drill's orders, in figures. Pure: no clock, no I/O.

use std::collections::HashSet;
use std::sync::Arc;

use model::drill::{BUCKET_MS, DrillPlan, DrillResult, DrillSeries, DrillTimes};

/// An order is in time within this, however quick the replica was before: nobody notices less.
const ALWAYS_IN_TIME_MS: f32 = 50.0;
/// Otherwise within so many times what 99 of 100 took before the fault.
const SLOWER: f32 = 2.0;
/// So long every order must have been in time again: a single quick one is luck.
const SETTLED_MS: f32 = 1_000.0;

/// How one order ended.
#[derive(Clone, Debug)]
pub struct Ended {
    pub number: u32,
    /// When it was to be sent, since the start.
    pub sent_ms: f32,
    pub took_ms: f32,
    pub acknowledged: bool,
    /// Who answered, where a replica did.
    pub replica: Option<Arc<str>>,
}

impl Ended {
    fn ended_ms(&self) -> f32 {
        self.sent_ms + self.took_ms
    }
}

/// All that have ended so far.
#[derive(Debug, Default)]
pub struct Tally {
    orders: Vec<Ended>,
    pub acknowledged: u32,
    pub failed: u32,
    pub slowest_ms: f32,
    pub series: DrillSeries,
}

/// Of the orders that were acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub lost: u32,
    pub duplicated: u32,
}

impl Tally {
    pub fn take(&mut self, ended: Ended) {
        let moment = (ended.sent_ms / BUCKET_MS as f32) as usize;
        let series = &mut self.series;
        if moment >= series.slowest_ms.len() {
            series.acknowledged.resize(moment + 1, 0);
            series.failed.resize(moment + 1, 0);
            series.slowest_ms.resize(moment + 1, 0.0);
        }
        let slowest = &mut series.slowest_ms[moment];
        *slowest = slowest.max(ended.took_ms);
        if ended.acknowledged {
            self.acknowledged += 1;
            series.acknowledged[moment] += 1;
        } else {
            self.failed += 1;
            series.failed[moment] += 1;
        }
        self.slowest_ms = self.slowest_ms.max(ended.took_ms);
        self.orders.push(ended);
    }

    pub fn acknowledged_numbers(&self) -> Vec<u32> {
        let acknowledged = self.orders.iter().filter(|order| order.acknowledged);
        acknowledged.map(|order| order.number).collect()
    }

    /// Once the result is known, single orders take memory for nothing.
    pub fn forget_orders(&mut self) {
        self.orders = Vec::new();
    }

    pub fn result(
        &self,
        plan: &DrillPlan,
        fault_ms: Option<u32>,
        count: Option<Count>,
    ) -> DrillResult {
        let third_ms = plan.seconds * 1_000 / 3;
        let parted_ms = fault_ms.unwrap_or(third_ms) as f32;
        let (before, after): (Vec<&Ended>, Vec<&Ended>) = self
            .orders
            .iter()
            .partition(|order| order.ended_ms() < parted_ms);
        let before = times(before);
        let in_time_ms = (before.p99_ms * SLOWER).max(ALWAYS_IN_TIME_MS);
        DrillResult {
            lost: count.map(|count| count.lost),
            duplicated: count.map(|count| count.duplicated),
            recovered_ms: fault_ms.and_then(|_| recovered(&after, parted_ms, in_time_ms)),
            after: times(after),
            before,
            in_time_ms,
        }
    }
}

fn times(mut orders: Vec<&Ended>) -> DrillTimes {
    let last = orders
        .iter()
        .filter(|order| order.replica.is_some())
        .max_by(|one, other| one.ended_ms().total_cmp(&other.ended_ms()));
    let replica = last.and_then(|order| order.replica.as_deref().map(str::to_owned));
    orders.sort_unstable_by(|one, other| one.took_ms.total_cmp(&other.took_ms));
    // Nearest rank.
    let part = |hundredths: usize| {
        let rank = (orders.len() * hundredths).div_ceil(100).max(1);
        orders.get(rank - 1).map_or(0.0, |order| order.took_ms)
    };
    DrillTimes {
        p50_ms: part(50),
        p99_ms: part(99),
        replica,
    }
}

/// From the fault to the end of the last late order that was not followed by a second without any. `None` where the orders ended
/// before such a second did.
fn recovered(after: &[&Ended], fault_ms: f32, in_time_ms: f32) -> Option<u32> {
    let mut late: Vec<&&Ended> = after
        .iter()
        .filter(|order| !order.acknowledged || order.took_ms > in_time_ms)
        .collect();
    late.sort_unstable_by(|one, other| one.sent_ms.total_cmp(&other.sent_ms));
    let mut since_ms = fault_ms;
    for order in late {
        if order.sent_ms >= since_ms + SETTLED_MS {
            break;
        }
        since_ms = since_ms.max(order.ended_ms());
    }
    let sent = after.iter().map(|order| order.sent_ms);
    let last_sent_ms = sent.fold(0.0, f32::max);
    (last_sent_ms >= since_ms + SETTLED_MS).then_some((since_ms - fault_ms).round() as u32)
}

/// `stored` has the numbers of all orders in the store, `missed` those that nobody found when asked by their key.
pub fn count(acknowledged: &[u32], stored: &[u32], missed: &[u32]) -> Count {
    let mut there = HashSet::new();
    let mut twice = HashSet::new();
    for number in stored {
        if !there.insert(number) {
            twice.insert(number);
        }
    }
    let lost = acknowledged
        .iter()
        .filter(|number| !there.contains(number) || missed.contains(number));
    Count {
        lost: lost.count() as u32,
        duplicated: twice.len() as u32,
    }
}

#[cfg(test)]
mod tests;
