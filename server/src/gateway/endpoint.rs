//! One replica as the gateway sees it: where it is, its warm connections, and what is counted of it.
//!
//! Judges nothing: see `health`. Decides nothing: see `selection`.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::connection::Pool;
use crate::meter::{Meter, Reading};
use crate::sync::locked;

pub struct Endpoint {
    pub id: String,
    pub address: String,
    pub pool: Pool,
    began: Instant,
    in_flight: AtomicU32,
    meter: Mutex<Meter>,
    /// Rung when traffic makes one doubt it.
    check_now: Notify,
    /// How often it was found to hang.
    hangs: AtomicU32,
    /// Its next answer is to be told to the judge.
    wary: AtomicBool,
}

impl Endpoint {
    pub fn new(id: String, address: String) -> Self {
        Self {
            id,
            address,
            pool: Pool::default(),
            began: Instant::now(),
            in_flight: AtomicU32::new(0),
            meter: Mutex::default(),
            check_now: Notify::new(),
            hangs: AtomicU32::new(0),
            wary: AtomicBool::new(false),
        }
    }

    /// Counts a request as in flight until the answer is dropped.
    pub fn enter(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub fn answered(&self, took: Duration) {
        let second = self.began.elapsed().as_secs();
        locked(&self.meter).record(second, took.as_secs_f32() * 1000.0);
    }

    pub fn reading(&self) -> Reading {
        locked(&self.meter).read(self.began.elapsed().as_secs())
    }

    pub fn ask_for_check(&self) {
        self.check_now.notify_one();
    }

    pub async fn check_asked_for(&self) {
        self.check_now.notified().await;
    }

    pub fn found_to_hang(&self) {
        self.hangs.fetch_add(1, Ordering::Release);
    }

    pub fn hangs(&self) -> u32 {
        self.hangs.load(Ordering::Acquire)
    }

    pub fn be_wary(&self, wary: bool) {
        self.wary.store(wary, Ordering::Relaxed);
    }

    pub fn is_wary(&self) -> bool {
        self.wary.load(Ordering::Relaxed)
    }
}

pub struct InFlight(Arc<Endpoint>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
