//! What the gateway counts of the requests that it has brought to an end, for the panel and for those who measure.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::status::Traffic;
use prometheus_client::metrics::histogram::Histogram;

use super::delivery::Delivered;

/// Upper ends of the buckets, in seconds: from what a kept answer takes to the deadline of a request.
const BUCKETS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

pub struct Counts {
    requests: AtomicU64,
    /// Answered 502, 503 or 504 by us.
    failed: AtomicU64,
    /// Answered with what a replica had said a moment before.
    fresh: AtomicU64,
    /// Attempts after one that failed.
    retried: AtomicU64,
    /// Attempts beside one that was in doubt or late.
    hedged: AtomicU64,
    /// How long replicas' answers took, from the request's being whole.
    pub took: Histogram,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            requests: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            fresh: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            hedged: AtomicU64::new(0),
            took: Histogram::new(BUCKETS),
        }
    }
}

impl Counts {
    pub fn came(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub fn kept(&self) {
        self.fresh.fetch_add(1, Ordering::Relaxed);
    }

    pub fn delivered(&self, delivered: &Delivered, took: Duration) {
        if delivered.sent > 1 {
            let hedged = delivered.hedged;
            let retried = delivered.sent - 1 - hedged;
            self.hedged.fetch_add(hedged.into(), Ordering::Relaxed);
            self.retried.fetch_add(retried.into(), Ordering::Relaxed);
        }
        if delivered.from.is_some() {
            self.took.observe(took.as_secs_f64());
        } else {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    pub fn fresh(&self) -> u64 {
        self.fresh.load(Ordering::Relaxed)
    }

    pub fn retried(&self) -> u64 {
        self.retried.load(Ordering::Relaxed)
    }

    pub fn hedged(&self) -> u64 {
        self.hedged.load(Ordering::Relaxed)
    }

    pub fn traffic(&self) -> Traffic {
        Traffic {
            requests: self.requests(),
            failed: self.failed(),
            repeated: self.retried() + self.hedged(),
            requests_per_second: 0.0,
        }
    }
}
