//! Slots for clients' connections, limited in number.
//!
//! When all slots are taken, the connection that needs its slot least is closed for the next one, so that clients that hold
//! connections and send nothing, or send slowly, do not keep others out. A semaphore alone, as tower's `ConcurrencyLimit` is one,
//! would let them.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::Poll;
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::sync::lock;

/// How often a connection to close is looked for while another one waits for a slot.
const RECLAIM_INTERVAL: Duration = Duration::from_millis(50);
/// How long a connection may wait for a request's body before its slot may be reclaimed. A phone on a good network needs a
/// fraction of it for a whole request.
const RECEIVE_GRACE: Duration = Duration::from_secs(1);

pub struct ConnectionSlots {
    free: Arc<Semaphore>,
    epoch: Instant,
    taken: Mutex<Vec<Weak<Slot>>>,
}

/// The slot of one connection, free again when dropped.
pub struct Slot {
    epoch: Instant,
    activity: AtomicU64,
    /// A [`CloseReason`] as a number; 0 while the connection may stay. An atomic, since each request reads it.
    close_reason: AtomicU8,
    close_waker: AtomicWaker,
    _permit: Option<OwnedSemaphorePermit>,
}

/// Why a connection is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// Another connection needs the slot more.
    Reclaimed = 1,
    /// The server shuts down.
    Shutdown,
}

/// What a connection does, in the order in which slots are reclaimed. Stored as one number: the variant in the upper bits, below it
/// the time of the change in milliseconds since the epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Activity {
    /// No request is under way.
    Idle,
    /// A request's body is being received.
    Receiving,
    /// A response of unknown length is being sent, such as an endless stream of events.
    Streaming,
    /// A request is being processed. Such a slot is never reclaimed.
    Processing,
}

const TIME_BITS: u32 = 56;

impl Activity {
    fn since(self, ms: u64) -> u64 {
        (self as u64) << TIME_BITS | ms
    }
}

impl ConnectionSlots {
    pub fn new(number: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(number)),
            epoch: Instant::now(),
            taken: Mutex::default(),
        }
    }

    /// Takes a slot. Waits while all connections process requests.
    pub async fn acquire(&self) -> Arc<Slot> {
        let slot = Arc::new(Slot {
            epoch: self.epoch,
            activity: AtomicU64::new(0),
            close_reason: AtomicU8::new(0),
            close_waker: AtomicWaker::new(),
            _permit: self.permit().await,
        });
        slot.set_idle();
        let mut taken = lock(&self.taken);
        if taken.len() == taken.capacity() {
            taken.retain(|slot| slot.strong_count() > 0);
        }
        taken.push(Arc::downgrade(&slot));
        slot
    }

    /// Always `Some`: the semaphore is never closed.
    async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        let free = || Arc::clone(&self.free);
        if let Ok(permit) = free().try_acquire_owned() {
            return Some(permit);
        }
        // One future for all rounds keeps this connection's place in the semaphore's queue.
        let mut permit = std::pin::pin!(free().acquire_owned());
        loop {
            self.reclaim_one();
            if let Ok(permit) = timeout(RECLAIM_INTERVAL, permit.as_mut()).await {
                return permit.ok();
            }
        }
    }

    fn reclaim_one(&self) {
        let receiving = Activity::Receiving.since(0)..Activity::Streaming.since(0);
        let grace_ended = millis_since(self.epoch).checked_sub(millis(RECEIVE_GRACE));
        let grace_ended = grace_ended.map(|ms| Activity::Receiving.since(ms));
        let taken = lock(&self.taken);
        let least_active = taken
            .iter()
            .filter_map(Weak::upgrade)
            .filter(|slot| slot.close_reason().is_none())
            .map(|slot| (slot.activity.load(Ordering::Relaxed), slot))
            .filter(|(activity, _)| *activity < Activity::Processing.since(0))
            .filter(|(activity, _)| !receiving.contains(activity) || Some(*activity) <= grace_ended)
            .min_by_key(|(activity, _)| *activity);
        if let Some((_, slot)) = least_active {
            slot.close(CloseReason::Reclaimed);
        }
    }

    /// Asks all connections to close. No slot may be acquired afterwards.
    pub fn shut_down(&self) {
        let taken = std::mem::take(&mut *lock(&self.taken));
        for slot in taken.iter().filter_map(Weak::upgrade) {
            slot.close(CloseReason::Shutdown);
        }
    }
}

impl Slot {
    /// A request's head has been read.
    pub fn set_processing(&self) {
        self.set(Activity::Processing);
    }

    /// The rest of a request is awaited.
    pub fn set_receiving(&self) {
        self.set(Activity::Receiving);
    }

    /// A response of unknown length has begun.
    pub fn set_streaming(&self) {
        self.set(Activity::Streaming);
    }

    pub fn set_idle(&self) {
        self.set(Activity::Idle);
    }

    fn set(&self, activity: Activity) {
        self.activity
            .store(activity.since(millis_since(self.epoch)), Ordering::Relaxed);
    }

    pub fn is_processing(&self) -> bool {
        self.activity.load(Ordering::Relaxed) >= Activity::Processing.since(0)
    }

    /// Waits until the connection is to be closed.
    pub async fn closed(&self) -> CloseReason {
        poll_fn(|context| {
            self.close_waker.register(context.waker());
            self.close_reason().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    fn close(&self, reason: CloseReason) {
        self.close_reason.store(reason as u8, Ordering::Release);
        self.close_waker.wake();
    }

    fn close_reason(&self) -> Option<CloseReason> {
        let number = self.close_reason.load(Ordering::Acquire);
        [CloseReason::Reclaimed, CloseReason::Shutdown]
            .into_iter()
            .find(|reason| *reason as u8 == number)
    }
}

fn millis_since(instant: Instant) -> u64 {
    millis(instant.elapsed())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX >> (u64::BITS - TIME_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn advance() {
        tokio::time::advance(Duration::from_millis(5)).await;
    }

    fn is_reclaimed(slot: &Slot) -> bool {
        slot.close_reason() == Some(CloseReason::Reclaimed)
    }

    #[tokio::test]
    async fn a_shutdown_closes_all_connections() {
        let slots = ConnectionSlots::new(2);
        let (first, second) = (slots.acquire().await, slots.acquire().await);
        let mut closed = Box::pin(first.closed());
        assert!(futures_util::poll!(&mut closed).is_pending());
        slots.shut_down();
        assert_eq!(closed.await, CloseReason::Shutdown);
        assert_eq!(second.closed().await, CloseReason::Shutdown);
    }

    #[tokio::test(start_paused = true)]
    async fn the_slot_that_is_idle_for_longest_is_reclaimed() {
        let slots = ConnectionSlots::new(3);
        let first = slots.acquire().await;
        advance().await;
        let second = slots.acquire().await;
        advance().await;
        let third = slots.acquire().await;
        advance().await;
        first.set_processing();
        let mut fourth = Box::pin(slots.acquire());
        assert!(futures_util::poll!(&mut fourth).is_pending());
        assert!(is_reclaimed(&second) && !is_reclaimed(&first) && !is_reclaimed(&third));
        drop(second);
        fourth.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_whose_request_is_processed_is_not_reclaimed() {
        let slots = ConnectionSlots::new(1);
        let only = slots.acquire().await;
        only.set_processing();
        let mut next = Box::pin(slots.acquire());
        assert!(futures_util::poll!(&mut next).is_pending());
        assert!(!is_reclaimed(&only));
        drop(only);
        next.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_that_becomes_idle_while_another_connection_waits_is_reclaimed() {
        let slots = ConnectionSlots::new(1);
        let only = slots.acquire().await;
        only.set_processing();
        let mut next = Box::pin(slots.acquire());
        assert!(futures_util::poll!(&mut next).is_pending());
        only.set_idle();
        tokio::time::advance(RECLAIM_INTERVAL).await;
        assert!(futures_util::poll!(&mut next).is_pending());
        assert!(is_reclaimed(&only));
        drop(only);
        next.await;
    }

    #[tokio::test(start_paused = true)]
    async fn streaming_slots_are_reclaimed_after_idle_ones_and_receiving_ones_after_the_grace() {
        let slots = ConnectionSlots::new(3);
        let streaming = slots.acquire().await;
        let receiving = slots.acquire().await;
        streaming.set_streaming();
        advance().await;
        receiving.set_receiving();
        let idle = slots.acquire().await;
        let mut next = Box::pin(slots.acquire());
        let reclaimed = async |next: &mut std::pin::Pin<Box<_>>, slot: &Arc<Slot>| {
            assert!(futures_util::poll!(next).is_pending());
            is_reclaimed(slot)
        };
        assert!(reclaimed(&mut next, &idle).await && !is_reclaimed(&receiving));
        drop(idle);
        let idle = next.await;
        idle.set_processing();
        // Within its grace a receiving connection stays; the streaming one goes before it.
        let mut next = Box::pin(slots.acquire());
        assert!(reclaimed(&mut next, &streaming).await && !is_reclaimed(&receiving));
        drop(streaming);
        let processing = next.await;
        processing.set_processing();
        let mut next = Box::pin(slots.acquire());
        assert!(!reclaimed(&mut next, &receiving).await);
        tokio::time::advance(RECEIVE_GRACE).await;
        assert!(reclaimed(&mut next, &receiving).await);
    }

    #[tokio::test(start_paused = true)]
    async fn the_list_of_slots_does_not_grow_with_connections_that_are_gone() {
        let slots = ConnectionSlots::new(2);
        for _ in 0..10_000 {
            slots.acquire().await;
        }
        assert!(lock(&slots.taken).capacity() < 64);
    }
}
