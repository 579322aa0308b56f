//! One replica as the gateway sees it: where it is, its warm connections, and what is counted of it.
//!
//! Judges nothing: see `health`. Decides nothing: see `selection`.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::concurrency::LimitBounds;
use super::connection::Pool;
use super::gate::Gate;
use super::meter::{Meter, Reading};
use super::pace::{LateBounds, Pace};
use super::room::Room;
use crate::sync::lock;

/// Requests that may wait for the geocoding services hold a place for long and cost little; how long they take tells nothing.
const SLOW: LimitBounds = LimitBounds {
    floor: 512,
    ceiling: 512,
};
/// A few are enough to see an answer, and cost little.
const MOST_WITNESSES: u32 = 8;

pub struct Endpoint {
    pub id: String,
    pub address: String,
    pub pool: Pool,
    /// For its answers.
    pub room: Room,
    /// For requests that depend on nobody but the replica, and for the others.
    gate: Arc<Gate>,
    slow_gate: Arc<Gate>,
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
    /// It hangs, or may: what is in flight had better go elsewhere too.
    distrusted: watch::Sender<bool>,
    pace: Mutex<Pace>,
    /// After how many microseconds an answer is late.
    late_us: AtomicU64,
    /// Requests that others have answered meanwhile, kept to see whether it does.
    witnesses: AtomicU32,
    /// Its next answer is to be told to the judge.
    wary: AtomicBool,
}

impl Endpoint {
    pub fn new(id: String, address: String, late: LateBounds, limit: LimitBounds) -> Self {
        let now = Instant::now();
        Self {
            id,
            address,
            pool: Pool::default(),
            room: Room::default(),
            gate: Gate::new(limit, now),
            slow_gate: Gate::new(SLOW, now),
            began: now,
            in_flight: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            answers: AtomicU32::new(0),
            work: Notify::new(),
            doubt: watch::Sender::new(false),
            meter: Mutex::default(),
            check_now: Notify::new(),
            distrusted: watch::Sender::new(false),
            late_us: AtomicU64::new(in_us(late.ceiling)),
            pace: Mutex::new(Pace::new(late)),
            witnesses: AtomicU32::new(0),
            wary: AtomicBool::new(false),
        }
    }

    /// Where a request has to wait while the replica has enough to do.
    pub fn gate(&self, prompt: bool) -> &Arc<Gate> {
        if prompt { &self.gate } else { &self.slow_gate }
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
        lock(&self.meter).record(second, took.as_secs_f32() * 1000.0);
    }

    pub fn reading(&self) -> Reading {
        lock(&self.meter).read(self.began.elapsed().as_secs())
    }

    pub fn ask_for_check(&self) {
        self.check_now.notify_one();
    }

    pub async fn check_asked_for(&self) {
        self.check_now.notified().await;
    }

    pub fn distrust(&self, distrusted: bool) {
        self.distrusted
            .send_if_modified(|now| std::mem::replace(now, distrusted) != distrusted);
    }

    pub fn is_distrusted(&self) -> bool {
        *self.distrusted.borrow()
    }

    /// Until it is.
    pub async fn distrusted(&self) {
        let mut distrusted = self.distrusted.subscribe();
        // The sender is the endpoint's own.
        let _ = distrusted.wait_for(|distrusted| *distrusted).await;
    }

    /// An answer that depends on nobody but the replica took so long.
    pub fn keeps_pace(&self, took: Duration) {
        let mut pace = lock(&self.pace);
        if pace.record(took) {
            self.late_us.store(in_us(pace.late()), Ordering::Relaxed);
        }
    }

    /// After how long an answer is late.
    pub fn late(&self) -> Duration {
        Duration::from_micros(self.late_us.load(Ordering::Relaxed))
    }

    /// Takes in one more witness, if more are of use.
    pub fn witness(self: &Arc<Self>) -> Option<Witness> {
        let before = self.witnesses.fetch_add(1, Ordering::Relaxed);
        let witness = Witness(Arc::clone(self));
        (before < MOST_WITNESSES).then_some(witness)
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

/// A request that is kept in flight although it has been answered elsewhere.
pub struct Witness(Arc<Endpoint>);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.witnesses.fetch_sub(1, Ordering::Relaxed);
    }
}

fn in_us(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
impl Endpoint {
    /// One that nobody sends anything to.
    pub fn for_tests(id: &str) -> Arc<Self> {
        let late = LateBounds {
            floor: Duration::from_millis(1),
            ceiling: Duration::from_millis(1),
        };
        let limit = LimitBounds {
            floor: 1,
            ceiling: 1,
        };
        Arc::new(Self::new(id.to_owned(), String::new(), late, limit))
    }
}
