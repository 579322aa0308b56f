//! The places for clients' connections. There are only so many; when all are taken, the one that has been idle for longest makes room,
//! so that clients who hold connections and ask nothing keep nobody out.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::sync::locked;

/// A seat that serves a request, instead of since when it is idle.
const BUSY: u64 = u64::MAX;

pub struct Seats {
    free: Arc<Semaphore>,
    began: Instant,
    taken: Mutex<Vec<Weak<Seat>>>,
}

/// Of one connection, until dropped.
pub struct Seat {
    began: Instant,
    /// In milliseconds since `began`.
    idle_since_ms: AtomicU64,
    leave: CancellationToken,
    _place: Option<OwnedSemaphorePermit>,
}

impl Seats {
    pub fn new(number: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(number)),
            began: Instant::now(),
            taken: Mutex::default(),
        }
    }

    /// Waits for a place if every connection is at a request.
    pub async fn take(&self) -> Arc<Seat> {
        let free = || Arc::clone(&self.free);
        let place = if let Ok(place) = free().try_acquire_owned() {
            Some(place)
        } else {
            self.make_room();
            // The semaphore is never closed.
            free().acquire_owned().await.ok()
        };
        let seat = Arc::new(Seat {
            began: self.began,
            idle_since_ms: AtomicU64::new(0),
            leave: CancellationToken::new(),
            _place: place,
        });
        seat.is_idle();
        let mut taken = locked(&self.taken);
        if taken.len() == taken.capacity() {
            taken.retain(|seat| seat.strong_count() > 0);
        }
        taken.push(Arc::downgrade(&seat));
        seat
    }

    fn make_room(&self) {
        let taken = locked(&self.taken);
        let longest_idle = taken
            .iter()
            .filter_map(Weak::upgrade)
            .filter(|seat| !seat.leave.is_cancelled())
            .map(|seat| (seat.idle_since_ms.load(Ordering::Relaxed), seat))
            .filter(|(since, _)| *since != BUSY)
            .min_by_key(|(since, _)| *since);
        if let Some((_, seat)) = longest_idle {
            seat.leave.cancel();
        }
    }
}

impl Seat {
    /// A request has been read.
    pub fn is_busy(&self) {
        self.idle_since_ms.store(BUSY, Ordering::Relaxed);
    }

    /// Nothing is asked.
    pub fn is_idle(&self) {
        let since = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(BUSY - 1);
        self.idle_since_ms.store(since, Ordering::Relaxed);
    }

    pub fn serves(&self) -> bool {
        self.idle_since_ms.load(Ordering::Relaxed) == BUSY
    }

    /// Until somebody else needs the place more.
    pub async fn is_needed(&self) {
        self.leave.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn later() {
        tokio::time::advance(Duration::from_millis(5)).await;
    }

    fn asked_to_leave(seat: &Seat) -> bool {
        seat.leave.is_cancelled()
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_idle_makes_room() {
        let seats = Seats::new(3);
        let first = seats.take().await;
        later().await;
        let second = seats.take().await;
        later().await;
        let third = seats.take().await;
        later().await;
        first.is_busy();
        let mut fourth = Box::pin(seats.take());
        assert!(futures_util::poll!(&mut fourth).is_pending());
        assert!(asked_to_leave(&second) && !asked_to_leave(&first) && !asked_to_leave(&third));
        drop(second);
        fourth.await;
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_who_is_being_served_is_asked_to_leave() {
        let seats = Seats::new(1);
        let only = seats.take().await;
        only.is_busy();
        let mut next = Box::pin(seats.take());
        assert!(futures_util::poll!(&mut next).is_pending());
        assert!(!asked_to_leave(&only));
        drop(only);
        next.await;
    }

    #[tokio::test(start_paused = true)]
    async fn seats_that_are_gone_are_forgotten() {
        let seats = Seats::new(2);
        for _ in 0..10_000 {
            seats.take().await;
        }
        assert!(locked(&seats.taken).capacity() < 64);
    }
}
