//! The admission queue of a replica: admits as many requests as the adaptive limit allows, keeps a short queue of the others, and
//! refuses the rest at once.
//!
//! A burst may wait for a moment, since it passes. A queue that lasts is overload: it is kept so short that a request that joins it
//! is admitted almost at once, and the others are refused while a retry is still of use. Queued requests are not refused in favour
//! of later ones.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::adaptive_limit::AdaptiveLimit;
use crate::gateway::config::{
    BURST_DURATION, LimitBounds, MAX_BURST_WAIT, MAX_OVERLOAD_WAIT, MAX_QUEUED, MAX_WAIT_FACTOR,
};
use crate::sync::lock;

pub struct AdmissionQueue(Mutex<QueueState>);

struct QueueState {
    limit: AdaptiveLimit,
    admitted: u32,
    queued: VecDeque<QueuedRequest>,
    /// Since when the queue has not been empty.
    queue_since: Option<Instant>,
    /// When a request was last refused.
    last_refused_at: Option<Instant>,
}

struct QueuedRequest {
    deadline: Instant,
    permit: oneshot::Sender<Permit>,
}

/// The replica has more requests than it can answer in time.
#[derive(Debug, PartialEq, Eq)]
pub struct Overloaded;

/// Admits one request to the replica until it is dropped.
pub struct Permit {
    queue: Arc<AdmissionQueue>,
    admitted_at: Instant,
    answered: bool,
}

impl AdmissionQueue {
    pub fn new(bounds: LimitBounds, now: Instant) -> Arc<Self> {
        Arc::new(Self(Mutex::new(QueueState {
            limit: AdaptiveLimit::new(bounds, now),
            admitted: 0,
            queued: VecDeque::new(),
            queue_since: None,
            last_refused_at: None,
        })))
    }

    /// Waits to be admitted.
    ///
    /// # Errors
    /// When that would take too long.
    pub async fn admit(self: &Arc<Self>) -> Result<Permit, Overloaded> {
        let (permit, deadline) = {
            let now = Instant::now();
            let mut state = lock(&self.0);
            if state.queued.is_empty() && state.admitted < state.limit.limit() {
                state.admitted += 1;
                return Ok(self.permit(now));
            }
            let max_wait = state.max_wait(now);
            if !state.has_room(max_wait) {
                state.last_refused_at = Some(now);
                return Err(Overloaded);
            }
            let deadline = now + max_wait * MAX_WAIT_FACTOR;
            let (sender, permit) = oneshot::channel();
            state.queued.push_back(QueuedRequest {
                deadline,
                permit: sender,
            });
            state.queue_since.get_or_insert(now);
            (permit, deadline)
        };
        match tokio::time::timeout_at(deadline, permit).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(Overloaded),
        }
    }

    /// Whether requests are queued.
    pub fn has_queue(&self) -> bool {
        lock(&self.0).queue_since.is_some()
    }

    /// How many requests may be admitted at once.
    pub fn limit(&self) -> u32 {
        lock(&self.0).limit.limit()
    }

    /// How many requests are queued.
    pub fn queued(&self) -> usize {
        lock(&self.0).queued.len()
    }

    fn permit(self: &Arc<Self>, now: Instant) -> Permit {
        Permit {
            queue: Arc::clone(self),
            admitted_at: now,
            answered: false,
        }
    }

    fn release(self: &Arc<Self>, latency: Option<Duration>) {
        // Permits whose requests were cancelled meanwhile are dropped after the lock, because that releases them in turn.
        let mut cancelled = Vec::new();
        let now = Instant::now();
        let mut state = lock(&self.0);
        if let Some(latency) = latency {
            let in_flight = state.admitted;
            state.limit.record(latency, in_flight, now);
        }
        state.admitted -= 1;
        while state.admitted < state.limit.limit() {
            let Some(next) = state.queued.pop_front() else {
                break;
            };
            // Skip cancelled and overdue requests.
            if next.permit.is_closed() || now > next.deadline {
                continue;
            }
            state.admitted += 1;
            cancelled.extend(next.permit.send(self.permit(now)).err());
        }
        if state.queued.is_empty() {
            state.queue_since = None;
        }
        drop(state);
        drop(cancelled);
    }
}

impl QueueState {
    /// The longest expected wait at which a request may join the queue now.
    fn max_wait(&self, now: Instant) -> Duration {
        let is_long_ago = |at| now.duration_since(at) > BURST_DURATION;
        let lasts = self.queue_since.is_some_and(is_long_ago);
        // The queue of an overload may be empty for a moment.
        let refused_lately = self.last_refused_at.is_some_and(|at| !is_long_ago(at));
        if lasts || refused_lately {
            MAX_OVERLOAD_WAIT
        } else {
            MAX_BURST_WAIT
        }
    }

    fn has_room(&self, max_wait: Duration) -> bool {
        let queued = self.queued.len();
        queued < MAX_QUEUED && self.limit.expected_wait(queued) <= max_wait
    }
}

impl Permit {
    /// Releases the permit of a request that was answered, so that its latency counts for the limit.
    pub fn release_answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let latency = self.answered.then(|| self.admitted_at.elapsed());
        self.queue.release(latency);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;

    const BOUNDS: LimitBounds = LimitBounds {
        floor: 2,
        ceiling: 2,
    };

    fn new_queue() -> Arc<AdmissionQueue> {
        AdmissionQueue::new(BOUNDS, Instant::now())
    }

    async fn fill(queue: &Arc<AdmissionQueue>) -> [Permit; 2] {
        [queue.admit().await.unwrap(), queue.admit().await.unwrap()]
    }

    #[tokio::test(start_paused = true)]
    async fn released_permits_go_to_queued_requests_in_order() {
        let queue = new_queue();
        let [one, two] = fill(&queue).await;
        let mut third = Box::pin(queue.admit());
        let mut fourth = Box::pin(queue.admit());
        assert!(futures_util::poll!(&mut third).is_pending());
        assert!(futures_util::poll!(&mut fourth).is_pending());
        drop(one);
        let third = third.await.unwrap();
        assert!(futures_util::poll!(&mut fourth).is_pending());
        drop((two, third));
        assert!(fourth.await.is_ok());
        assert!(!queue.has_queue());
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_request_takes_no_permit() {
        let queue = new_queue();
        let [one, two] = fill(&queue).await;
        let mut cancelled = Box::pin(queue.admit());
        assert!(futures_util::poll!(&mut cancelled).is_pending());
        drop(cancelled);
        drop((one, two));
        fill(&queue).await;
        // Admitted, and cancelled before it was polled again.
        let [one, _two] = fill(&queue).await;
        let mut cancelled = Box::pin(queue.admit());
        assert!(futures_util::poll!(&mut cancelled).is_pending());
        drop(one);
        drop(cancelled);
        assert!(queue.admit().await.is_ok());
    }

    /// The latency of all answers in these tests.
    const LATENCY: Duration = Duration::from_millis(100);

    async fn queue_that_knows_the_latency() -> Arc<AdmissionQueue> {
        let queue = new_queue();
        for _ in 0..20 {
            let permit = queue.admit().await.unwrap();
            tokio::time::sleep(LATENCY).await;
            permit.release_answered();
        }
        queue
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_queued_up_to_the_longest_wait() {
        let queue = queue_that_knows_the_latency().await;
        let _admitted = fill(&queue).await;
        let began = Instant::now();
        let mut queued = Vec::new();
        let refused = loop {
            let mut next = Box::pin(queue.admit());
            match futures_util::poll!(&mut next) {
                Poll::Pending => queued.push(next),
                Poll::Ready(outcome) => break outcome.err(),
            }
        };
        assert_eq!(refused, Some(Overloaded));
        assert_eq!(
            queued.len(),
            20,
            "two at a time, each for a tenth of the second"
        );
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn in_overload_new_requests_are_refused_and_queued_ones_admitted() {
        let queue = queue_that_knows_the_latency().await;
        let [one, _two] = fill(&queue).await;
        let mut waiting = Box::pin(queue.admit());
        assert!(futures_util::poll!(&mut waiting).is_pending());
        tokio::time::sleep(BURST_DURATION + Duration::from_millis(1)).await;
        let began = Instant::now();
        assert_eq!(queue.admit().await.err(), Some(Overloaded));
        assert_eq!(began.elapsed(), Duration::ZERO);
        drop(one);
        assert!(waiting.await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_queued_request_is_refused_at_its_deadline() {
        let queue = new_queue();
        let _admitted = fill(&queue).await;
        let began = Instant::now();
        assert_eq!(queue.admit().await.err(), Some(Overloaded));
        assert!(began.elapsed() <= MAX_BURST_WAIT * MAX_WAIT_FACTOR + Duration::from_millis(1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_is_bounded() {
        let queue = new_queue();
        let _admitted = fill(&queue).await;
        let mut waiting: Vec<_> = (0..MAX_QUEUED).map(|_| Box::pin(queue.admit())).collect();
        for one in &mut waiting {
            assert!(futures_util::poll!(one).is_pending());
        }
        let began = Instant::now();
        assert_eq!(queue.admit().await.err(), Some(Overloaded));
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
