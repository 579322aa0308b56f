//! The drill: sends marked test orders at a steady rate, injects a fault into one replica, and measures what customers would notice.

use serde::{Deserialize, Serialize};

/// Permitted rates, in orders per second.
pub const RATES: std::ops::RangeInclusive<u32> = 1..=200;
/// Permitted durations, in seconds.
pub const SECONDS: std::ops::RangeInclusive<u32> = 5..=60;
/// Length of one bucket of [`Drill::series`], in milliseconds.
pub const BUCKET_MS: u32 = 250;

/// The fault that a drill injects into a replica.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DrillFault {
    /// No fault, for comparison.
    None,
    /// The replica ends at once, as if killed.
    #[default]
    Kill,
    /// The replica stops for a moment, then continues.
    Hang,
    /// The admin state is set to down, then to up.
    Down,
    /// The admin state is set to draining, then to up.
    Drain,
}

/// Body of `POST /api/v1/status/drills`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DrillPlan {
    /// Within [`RATES`].
    pub rate_per_second: u32,
    /// Within [`SECONDS`]; the fault is injected after a third of them.
    pub seconds: u32,
    pub fault: DrillFault,
    /// The replica to inject the fault into; absent: the primary.
    pub replica: Option<String>,
}

/// Phase of a drill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DrillPhase {
    /// Orders are being sent.
    Running,
    /// The last responses arrive, and the store is queried for every acknowledged order.
    Counting,
    Finished,
    /// Stopped before its end.
    Cancelled,
}

/// The current state of a drill, or its final state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drill {
    pub plan: DrillPlan,
    pub phase: DrillPhase,
    pub started_at_ms: i64,
    /// When the fault was injected, in milliseconds since the start.
    pub fault_ms: Option<u32>,
    /// Why the fault could not be injected, as text for the operator.
    pub fault_failed: Option<String>,
    pub sent: u32,
    pub acknowledged: u32,
    /// Orders answered with anything but an order.
    pub failed: u32,
    /// The longest time that an order took, in milliseconds.
    pub slowest_ms: f32,
    pub series: DrillSeries,
    /// Absent until the drill has ended.
    pub result: Option<DrillResult>,
}

/// Figures per bucket of [`BUCKET_MS`], oldest first, for the orders that were sent in the bucket and have been answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DrillSeries {
    pub acknowledged: Vec<u32>,
    pub failed: Vec<u32>,
    /// Milliseconds; 0 for a bucket without orders.
    pub slowest_ms: Vec<f32>,
}

/// Outcome of a drill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DrillResult {
    /// Acknowledged orders that are not in the store. Absent: the store could not be queried.
    pub lost: Option<u32>,
    /// Orders that are in the store more than once. Absent: the store could not be queried.
    pub duplicated: Option<u32>,
    /// Orders sent before the fault; without a fault, in the first third.
    pub before: DrillTimes,
    /// Orders sent after the fault.
    pub after: DrillTimes,
    /// Time within which an order counts as in time, in milliseconds.
    pub in_time_ms: f32,
    /// Time from the fault until every order was in time again, for at least a second. Absent without a fault, and if that did not
    /// happen.
    pub recovered_ms: Option<u32>,
}

/// Response times of a drill's orders.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DrillTimes {
    /// Median time of an order, in milliseconds.
    pub p50_ms: f32,
    /// 99th percentile of the times, in milliseconds.
    pub p99_ms: f32,
    /// The replica that sent the last response.
    pub replica: Option<String>,
}

/// Body of `POST /internal/v1/faults` to a replica: the fault to inject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum ReplicaFault {
    Kill,
    Hang {
        /// At most [`MAX_HANG_MS`].
        for_ms: u32,
    },
}

/// Maximum length of a hang, in milliseconds: half of the time after which a supervisor treats a process without notifications as
/// hung.
pub const MAX_HANG_MS: u32 = 5_000;

/// Response of `GET /internal/v1/drill-orders/{run}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillOrders {
    /// The numbers of the run's orders in the store, in ascending order. A duplicated order is listed twice.
    pub numbers: Vec<u32>,
}

/// The idempotency key of the `number`th order of a run. `run` consists of letters and digits.
#[must_use]
pub fn key(run: &str, number: u32) -> String {
    format!("{}{number:05}", prefix(run))
}

/// The prefix of all keys of a run.
#[must_use]
pub fn prefix(run: &str) -> String {
    format!("drill-{run}-")
}

/// The number in a key of [`key`]; `None` for other keys.
#[must_use]
pub fn number(key: &str) -> Option<u32> {
    key.strip_prefix("drill-")?.split_once('-')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_valid_and_returns_its_number() {
        let key = key("0a1b2c3d", 12_000);
        assert_eq!(crate::api::idempotency_key(&key), Some(key.as_str()));
        assert_eq!(number(&key), Some(12_000));
        for other in ["drill-0a1b2c3d", "order-0a-00001", "drill-0a-1b", ""] {
            assert_eq!(number(other), None, "{other}");
        }
    }
}
