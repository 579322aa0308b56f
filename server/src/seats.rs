//! The places for clients' connections. There are only so many; when all are taken, one that keeps a place for little makes room,
//! so that clients who hold connections and ask nothing, or ask it slowly, keep nobody out.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::Poll;
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::sync::locked;

/// While somebody waits for a place, it is looked this often who could make room by now.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// What a phone with a good line needs for a whole request many times over.
const TIME_TO_SEND: Duration = Duration::from_secs(1);

pub struct Seats {
    free: Arc<Semaphore>,
    began: Instant,
    taken: Mutex<Vec<Weak<Seat>>>,
}

/// Of one connection, until dropped.
pub struct Seat {
    began: Instant,
    use_of: AtomicU64,
    /// A [`Leave`] as a number; 0 while it may stay. Looked at with every request, which locks nothing.
    leave: AtomicU8,
    /// Woken by it.
    leaves: AtomicWaker,
    _place: Option<OwnedSemaphorePermit>,
}

/// Why a connection is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Somebody else needs the place more.
    Needed = 1,
    /// The server ends.
    Closing,
}

/// What a place is used for; those that could make room, in this order. As a number: the variant above since when, in milliseconds
/// since the seats began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// Nothing is asked.
    Idle,
    /// The body of a request is on its way.
    Sends,
    /// An answer goes on for as long as anybody listens.
    Listens,
    /// A request is being answered.
    Busy,
}

const SINCE_BITS: u32 = 56;

impl Use {
    fn since(self, ms: u64) -> u64 {
        (self as u64) << SINCE_BITS | ms
    }
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
        let seat = Arc::new(Seat {
            began: self.began,
            use_of: AtomicU64::new(0),
            leave: AtomicU8::new(0),
            leaves: AtomicWaker::new(),
            _place: self.place().await,
        });
        seat.is_idle();
        let mut taken = locked(&self.taken);
        if taken.len() == taken.capacity() {
            taken.retain(|seat| seat.strong_count() > 0);
        }
        taken.push(Arc::downgrade(&seat));
        seat
    }

    /// The semaphore is never closed.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        let free = || Arc::clone(&self.free);
        if let Ok(place) = free().try_acquire_owned() {
            return Some(place);
        }
        // One wait, so that nobody who comes later is let in first.
        let mut place = std::pin::pin!(free().acquire_owned());
        loop {
            self.make_room();
            if let Ok(place) = timeout(LOOK_EVERY, place.as_mut()).await {
                return place.ok();
            }
        }
    }

    fn make_room(&self) {
        let sending = Use::Sends.since(0)..Use::Listens.since(0);
        let long_since = millis(self.began).checked_sub(millis_of(TIME_TO_SEND));
        let long_since = long_since.map(|ms| Use::Sends.since(ms));
        let taken = locked(&self.taken);
        let least = taken
            .iter()
            .filter_map(Weak::upgrade)
            .filter(|seat| seat.asked_to_leave().is_none())
            .map(|seat| (seat.use_of.load(Ordering::Relaxed), seat))
            .filter(|(used, _)| *used < Use::Busy.since(0))
            .filter(|(used, _)| !sending.contains(used) || Some(*used) <= long_since)
            .min_by_key(|(used, _)| *used);
        if let Some((_, seat)) = least {
            seat.ask_to_leave(Leave::Needed);
        }
    }

    /// Everybody is to leave; nobody takes a place any more.
    pub fn close(&self) {
        let taken = std::mem::take(&mut *locked(&self.taken));
        for seat in taken.iter().filter_map(Weak::upgrade) {
            seat.ask_to_leave(Leave::Closing);
        }
    }
}

impl Seat {
    /// A request has been read.
    pub fn is_busy(&self) {
        self.uses(Use::Busy);
    }

    /// The rest of a request is waited for.
    pub fn is_sending(&self) {
        self.uses(Use::Sends);
    }

    /// An answer has begun that may have no end.
    pub fn is_listening(&self) {
        self.uses(Use::Listens);
    }

    pub fn is_idle(&self) {
        self.uses(Use::Idle);
    }

    fn uses(&self, what: Use) {
        self.use_of
            .store(what.since(millis(self.began)), Ordering::Relaxed);
    }

    pub fn serves(&self) -> bool {
        self.use_of.load(Ordering::Relaxed) >= Use::Busy.since(0)
    }

    /// Until it is to leave.
    pub async fn leaves(&self) -> Leave {
        poll_fn(|context| {
            self.leaves.register(context.waker());
            self.asked_to_leave().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    fn ask_to_leave(&self, why: Leave) {
        self.leave.store(why as u8, Ordering::Release);
        self.leaves.wake();
    }

    fn asked_to_leave(&self) -> Option<Leave> {
        let why = self.leave.load(Ordering::Acquire);
        [Leave::Needed, Leave::Closing]
            .into_iter()
            .find(|leave| *leave as u8 == why)
    }
}

fn millis(since: Instant) -> u64 {
    millis_of(since.elapsed())
}

fn millis_of(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX >> (u64::BITS - SINCE_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn later() {
        tokio::time::advance(Duration::from_millis(5)).await;
    }

    fn asked_to_leave(seat: &Seat) -> bool {
        seat.asked_to_leave() == Some(Leave::Needed)
    }

    #[tokio::test]
    async fn all_are_told_that_the_server_ends() {
        let seats = Seats::new(2);
        let (first, second) = (seats.take().await, seats.take().await);
        let mut leaves = Box::pin(first.leaves());
        assert!(futures_util::poll!(&mut leaves).is_pending());
        seats.close();
        assert_eq!(leaves.await, Leave::Closing);
        assert_eq!(second.leaves().await, Leave::Closing);
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
    async fn who_becomes_idle_while_somebody_waits_makes_room() {
        let seats = Seats::new(1);
        let only = seats.take().await;
        only.is_busy();
        let mut next = Box::pin(seats.take());
        assert!(futures_util::poll!(&mut next).is_pending());
        only.is_idle();
        tokio::time::advance(LOOK_EVERY).await;
        assert!(futures_util::poll!(&mut next).is_pending());
        assert!(asked_to_leave(&only));
        drop(only);
        next.await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_for_long_makes_room_and_who_listens_only_where_nobody_else_can() {
        let seats = Seats::new(3);
        let listens = seats.take().await;
        let sends = seats.take().await;
        listens.is_listening();
        later().await;
        sends.is_sending();
        let idle = seats.take().await;
        let mut next = Box::pin(seats.take());
        let left = async |next: &mut std::pin::Pin<Box<_>>, what: &Arc<Seat>| {
            assert!(futures_util::poll!(next).is_pending());
            asked_to_leave(what)
        };
        assert!(left(&mut next, &idle).await && !asked_to_leave(&sends));
        drop(idle);
        let idle = next.await;
        idle.is_busy();
        // Those who have only begun to send are let finish; before them goes who listens.
        let mut next = Box::pin(seats.take());
        assert!(left(&mut next, &listens).await && !asked_to_leave(&sends));
        drop(listens);
        let busy = next.await;
        busy.is_busy();
        let mut next = Box::pin(seats.take());
        assert!(!left(&mut next, &sends).await);
        tokio::time::advance(TIME_TO_SEND).await;
        assert!(left(&mut next, &sends).await);
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
