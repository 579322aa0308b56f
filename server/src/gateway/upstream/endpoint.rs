//! One replica as the gateway sees it: its address, its connections, and what is measured of its traffic.
//!
//! Must not decide whether the replica is healthy (see `health`) or preferred (see `balance`). The two flags that the fleet sets
//! here, suspect and failing, only publish its decision to the requests in flight.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::buffer_budget::BufferBudget;
use super::connection_pool::ConnectionPool;
use super::hedge_delay::HedgeDelay;
use super::meter::{Meter, Reading};
use crate::gateway::config::HedgeBounds;
use crate::sync::lock;

pub struct Endpoint {
    pub id: String,
    pub address: String,
    pub pool: ConnectionPool,
    pub buffers: BufferBudget,
    created: Instant,
    in_flight: AtomicU32,
    /// Requests without an answer that expect a prompt one, and all answers ever given.
    waiting: AtomicU32,
    answers: AtomicU32,
    /// Notified when the first request waits.
    work: Notify,
    meter: Mutex<Meter>,
    hedge_delay: Mutex<HedgeDelay>,
    /// The hedge delay in microseconds, readable without the lock.
    hedge_delay_us: AtomicU64,
    suspect: watch::Sender<bool>,
    failing: AtomicBool,
}

impl Endpoint {
    pub fn new(id: String, address: String, hedge: HedgeBounds) -> Self {
        Self {
            id,
            address,
            pool: ConnectionPool::default(),
            buffers: BufferBudget::default(),
            created: Instant::now(),
            in_flight: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            answers: AtomicU32::new(0),
            work: Notify::new(),
            meter: Mutex::default(),
            hedge_delay_us: AtomicU64::new(in_us(hedge.ceiling)),
            hedge_delay: Mutex::new(HedgeDelay::new(hedge)),
            suspect: watch::Sender::new(false),
            failing: AtomicBool::new(false),
        }
    }

    /// Counts a request as in flight until the guard is dropped.
    pub fn count_in_flight(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Counts a request as waiting for a prompt answer until the guard is dropped.
    pub fn count_waiting(self: &Arc<Self>) -> WaitingRequest {
        if self.waiting.fetch_add(1, Ordering::Relaxed) == 0 {
            self.work.notify_one();
        }
        WaitingRequest(Arc::clone(self))
    }

    pub fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Waits until at least one request is waiting for a prompt answer.
    pub async fn until_waiting(&self) {
        while self.waiting() == 0 {
            self.work.notified().await;
        }
    }

    /// Counts an answer whose head has arrived.
    pub fn count_answer(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// How many answers were ever counted; wraps.
    pub fn answers(&self) -> u32 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Adds a finished request to the panel's figures.
    pub fn record_request(&self, latency: Duration) {
        let second = self.created.elapsed().as_secs();
        lock(&self.meter).record(second, latency.as_secs_f32() * 1000.0);
    }

    pub fn reading(&self) -> Reading {
        lock(&self.meter).read(self.created.elapsed().as_secs())
    }

    /// Adds the latency of an answer that depends on nothing but the replica and its store to the hedge delay.
    pub fn record_latency(&self, latency: Duration) {
        let mut hedge_delay = lock(&self.hedge_delay);
        if hedge_delay.record(latency) {
            self.hedge_delay_us
                .store(in_us(hedge_delay.delay()), Ordering::Relaxed);
        }
    }

    /// The time after which an answer is late and its request is hedged.
    pub fn hedge_delay(&self) -> Duration {
        Duration::from_micros(self.hedge_delay_us.load(Ordering::Relaxed))
    }

    /// Publishes whether the replica hangs or may hang, so that requests in flight are hedged.
    pub fn set_suspect(&self, suspect: bool) {
        self.suspect
            .send_if_modified(|current| std::mem::replace(current, suspect) != suspect);
    }

    pub fn is_suspect(&self) -> bool {
        *self.suspect.borrow()
    }

    pub async fn until_suspect(&self) {
        let mut suspect = self.suspect.subscribe();
        // The sender lives as long as the endpoint.
        let _ = suspect.wait_for(|suspect| *suspect).await;
    }

    /// Publishes whether requests failed since the last answer, so that the next answer is reported.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::Relaxed);
    }

    pub fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }
}

/// Counts a request as in flight.
pub struct InFlight(Arc<Endpoint>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts a request as waiting for a prompt answer.
pub struct WaitingRequest(Arc<Endpoint>);

impl Drop for WaitingRequest {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

fn in_us(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
impl Endpoint {
    /// An endpoint that no test sends anything to.
    pub fn for_tests(id: &str) -> Arc<Self> {
        let hedge = HedgeBounds {
            floor: Duration::from_millis(1),
            ceiling: Duration::from_millis(1),
        };
        Arc::new(Self::new(id.to_owned(), String::new(), hedge))
    }
}
