//! Counts the gateway's requests by outcome, for the panel and for metrics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use model::status::Traffic;
use prometheus_client::metrics::histogram::Histogram;

use crate::gateway::config::DURATION_BUCKETS_S;

pub struct RequestCounts {
    received: AtomicU64,
    /// Answered 502, 503 or 504 by the gateway itself.
    failed: AtomicU64,
    /// Answered from the response cache.
    cached: AtomicU64,
    /// Attempts after a failed one.
    retried: AtomicU64,
    /// Attempts beside one to a suspect replica or one that was late.
    hedged: AtomicU64,
    /// Time until a replica's answer, all attempts included.
    duration: Histogram,
}

impl Default for RequestCounts {
    fn default() -> Self {
        Self {
            received: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            cached: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            hedged: AtomicU64::new(0),
            duration: Histogram::new(DURATION_BUCKETS_S),
        }
    }
}

impl RequestCounts {
    pub fn record_received(&self) {
        self.received.fetch_add(1, Ordering::Relaxed);
    }

    pub fn record_cached(&self) {
        self.cached.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request that was sent `attempts` times, `hedges` of them beside another attempt.
    pub fn record_dispatched(&self, attempts: u32, hedges: u32, answered: bool, took: Duration) {
        if attempts > 1 {
            let retries = attempts - 1 - hedges;
            self.hedged.fetch_add(hedges.into(), Ordering::Relaxed);
            self.retried.fetch_add(retries.into(), Ordering::Relaxed);
        }
        if answered {
            self.duration.observe(took.as_secs_f64());
        } else {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    pub fn cached(&self) -> u64 {
        self.cached.load(Ordering::Relaxed)
    }

    pub fn retried(&self) -> u64 {
        self.retried.load(Ordering::Relaxed)
    }

    pub fn hedged(&self) -> u64 {
        self.hedged.load(Ordering::Relaxed)
    }

    pub fn duration(&self) -> Histogram {
        self.duration.clone()
    }

    /// The panel's figures, without the rate.
    pub fn traffic(&self) -> Traffic {
        Traffic {
            requests: self.received(),
            failed: self.failed(),
            repeated: self.retried() + self.hedged(),
            requests_per_second: 0.0,
        }
    }
}
