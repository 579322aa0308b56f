//! One replica as the gateway sees it: where it is, its warm connections, and what is counted of it.
//!
//! Judges nothing: see `health`. Decides nothing: see `selection`.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
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
    /// Requests that wait for an answer and should get it soon, and all answers ever given.
    waiting: AtomicU32,
    answers: AtomicU32,
    /// Rung when the first of some requests waits.
    work: Notify,
    /// Nobody gets an answer.
    doubt: watch::Sender<bool>,
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
            waiting: AtomicU32::new(0),
            answers: AtomicU32::new(0),
            work: Notify::new(),
            doubt: watch::Sender::new(false),
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

    /// Counts a request as waiting until what is returned is dropped.
    pub fn wait(self: &Arc<Self>) -> Waiting {
        if self.waiting.fetch_add(1, Ordering::Relaxed) == 0 {
            self.work.notify_one();
        }
        Waiting(Arc::clone(self))
    }

    pub fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Until some request waits.
    pub async fn has_work(&self) {
        while self.waiting() == 0 {
            self.work.notified().await;
        }
    }

    /// It said something to somebody.
    pub fn progressed(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    pub fn answers(&self) -> u32 {
        self.answers.load(Ordering::Relaxed)
    }

    pub fn doubt(&self, doubtful: bool) {
        let changed = self
            .doubt
            .send_if_modified(|doubt| std::mem::replace(doubt, doubtful) != doubtful);
        if changed && doubtful {
            self.ask_for_check();
        }
    }

    pub async fn in_doubt(&self) {
        let mut doubt = self.doubt.subscribe();
        // The sender is the endpoint's own.
        let _ = doubt.wait_for(|doubt| *doubt).await;
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

pub struct Waiting(Arc<Endpoint>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
