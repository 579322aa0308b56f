//! The drill: marked test orders at a steady rate, a fault on one replica, and what customers would have noticed of it.

use serde::{Deserialize, Serialize};

/// Orders a second that a drill may send.
pub const RATES: std::ops::RangeInclusive<u32> = 1..=200;
/// How many seconds it may send them for.
pub const SECONDS: std::ops::RangeInclusive<u32> = 5..=60;
/// Milliseconds of one moment of [`Drill::series`].
pub const MOMENT_MS: u32 = 250;

/// What is done to the replica.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DrillFault {
    /// Nothing: how it goes without.
    None,
    /// It ends at once, as if killed.
    #[default]
    Kill,
    /// It stops for a moment in the middle of whatever it does, then goes on.
    Hang,
    /// It is switched down, and up again.
    Down,
    /// It is switched to draining, and up again.
    Drain,
}

/// Body of `POST /api/v1/status/drills`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DrillPlan {
    /// Within [`RATES`].
    pub rate_per_second: u32,
    /// Within [`SECONDS`]; the fault comes after a third of them.
    pub seconds: u32,
    pub fault: DrillFault,
    /// The replica that it is done to; absent: the primary.
    pub replica: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DrillPhase {
    /// Orders go out.
    Running,
    /// The last answers come in, and the store is asked for every order that was acknowledged.
    Counting,
    Finished,
    /// Stopped before its end.
    Cancelled,
}

/// A drill as it is now, or as it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drill {
    pub plan: DrillPlan,
    pub phase: DrillPhase,
    pub started_at_ms: i64,
    /// When the fault came, in milliseconds since the start.
    pub fault_ms: Option<u32>,
    /// Why the fault could not be done, for people.
    pub fault_failed: Option<String>,
    pub sent: u32,
    pub acknowledged: u32,
    /// Answered otherwise than with an order.
    pub failed: u32,
    /// The longest that an order took, in milliseconds.
    pub slowest_ms: f32,
    pub series: DrillSeries,
    /// Once it has ended.
    pub result: Option<DrillResult>,
}

/// Its moments of [`MOMENT_MS`] each, oldest first: one figure each for the orders that were sent in it and have ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DrillSeries {
    pub acknowledged: Vec<u32>,
    pub failed: Vec<u32>,
    /// Milliseconds; 0 where there was none.
    pub slowest_ms: Vec<f32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DrillResult {
    /// Acknowledged, and not found afterwards. Absent where the store could not be asked.
    pub lost: Option<u32>,
    /// Orders that are in the store more than once. Absent where the store could not be asked.
    pub duplicated: Option<u32>,
    /// Sent before the fault; without one, in the first third.
    pub before: DrillTimes,
    /// Sent after it.
    pub after: DrillTimes,
    /// An order is in time within so many milliseconds.
    pub in_time_ms: f32,
    /// From the fault until every order was in time again, for a second at least. Absent without a fault, and where that did
    /// not come to pass.
    pub recovered_ms: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DrillTimes {
    /// Milliseconds that half of the orders took at most.
    pub p50_ms: f32,
    /// Milliseconds that 99 of 100 took at most.
    pub p99_ms: f32,
    /// The replica that answered last.
    pub replica: Option<String>,
}

/// Body of `POST /internal/v1/faults` to a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Strike {
    Kill,
    Hang {
        /// At most [`LONGEST_HANG_MS`].
        for_ms: u32,
    },
}

/// Half of what a supervisor waits before it takes a silent process for a hung one.
pub const LONGEST_HANG_MS: u32 = 5_000;

/// Answer to `GET /internal/v1/drill-orders/{run}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillOrders {
    /// The numbers of the orders that the store has of this run, in order: one that is there twice stands here twice.
    pub numbers: Vec<u32>,
}

/// The idempotency key of the `number`th order of a run. `run` is made of letters and digits.
#[must_use]
pub fn key(run: &str, number: u32) -> String {
    format!("{}{number:05}", prefix(run))
}

/// What the keys of a run begin with.
#[must_use]
pub fn prefix(run: &str) -> String {
    format!("drill-{run}-")
}

/// The number in a key that [`key`] made.
#[must_use]
pub fn number(key: &str) -> Option<u32> {
    key.strip_prefix("drill-")?.split_once('-')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_and_gives_its_number_back() {
        let key = key("0a1b2c3d", 12_000);
        assert_eq!(crate::api::idempotency_key(&key), Some(key.as_str()));
        assert_eq!(number(&key), Some(12_000));
        for stranger in ["drill-0a1b2c3d", "order-0a-00001", "drill-0a-1b", ""] {
            assert_eq!(number(stranger), None, "{stranger}");
        }
    }
}
