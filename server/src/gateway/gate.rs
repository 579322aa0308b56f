//! The way in to a replica: so many requests at once, a short queue for the rest, and beyond that a refusal at once.
//!
//! A burst may wait a while, since it will pass. A queue that does not end is more than the replica can do, and whoever joins it then
//! would wait for nothing: it is told so while trying again elsewhere, or later, is still of use.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::concurrency::{Concurrency, LimitBounds};
use crate::sync::locked;

/// What waits here costs some kilobytes each.
const MOST_WAITING: usize = 4_096;
/// A queue that lasts longer than this is no burst.
const BURST: Duration = Duration::from_secs(1);
/// How long a request waits in a burst, and how long otherwise.
const PATIENT: Duration = Duration::from_secs(2);
const IMPATIENT: Duration = Duration::from_millis(25);

pub struct Gate(Mutex<State>);

struct State {
    concurrency: Concurrency,
    inside: u32,
    waiting: VecDeque<Waiting>,
    /// Since when somebody has waited all the time.
    queue_since: Option<Instant>,
}

struct Waiting {
    since: Instant,
    admit: oneshot::Sender<Admitted>,
}

/// More is asked of the replica than it can do.
#[derive(Debug, PartialEq, Eq)]
pub struct Overloaded;

/// A place in a replica, until dropped.
pub struct Admitted {
    gate: Arc<Gate>,
    since: Instant,
    answered: bool,
}

impl Gate {
    pub fn new(bounds: LimitBounds, now: Instant) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            concurrency: Concurrency::new(bounds, now),
            inside: 0,
            waiting: VecDeque::new(),
            queue_since: None,
        })))
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// When there will be none soon.
    pub async fn enter(self: &Arc<Self>) -> Result<Admitted, Overloaded> {
        let (admitted, patience) = {
            let now = Instant::now();
            let mut state = locked(&self.0);
            if state.waiting.is_empty() && state.inside < state.concurrency.limit() {
                state.inside += 1;
                return Ok(self.admitted(now));
            }
            if state.waiting.len() >= MOST_WAITING {
                state.forget_those_who_left();
                if state.waiting.len() >= MOST_WAITING {
                    return Err(Overloaded);
                }
            }
            let (admit, admitted) = oneshot::channel();
            state.waiting.push_back(Waiting { since: now, admit });
            state.queue_since.get_or_insert(now);
            (admitted, state.patience(now))
        };
        match tokio::time::timeout(patience, admitted).await {
            Ok(Ok(admitted)) => Ok(admitted),
            Ok(Err(_)) | Err(_) => Err(Overloaded),
        }
    }

    /// Somebody waits.
    pub fn has_queue(&self) -> bool {
        locked(&self.0).queue_since.is_some()
    }

    /// How many may be inside.
    pub fn limit(&self) -> u32 {
        locked(&self.0).concurrency.limit()
    }

    /// How many wait.
    pub fn queued(&self) -> usize {
        locked(&self.0).waiting.len()
    }

    fn admitted(self: &Arc<Self>, now: Instant) -> Admitted {
        Admitted {
            gate: Arc::clone(self),
            since: now,
            answered: false,
        }
    }

    fn leave(self: &Arc<Self>, took: Option<Duration>) {
        // Dropped after the lock is: whoever was admitted and had just gone leaves in turn.
        let mut gone = Vec::new();
        let now = Instant::now();
        let mut state = locked(&self.0);
        if let Some(took) = took {
            let inside = state.inside;
            state.concurrency.answered(took, inside, now);
        }
        state.inside -= 1;
        while state.inside < state.concurrency.limit() {
            let Some(next) = state.waiting.pop_front() else {
                break;
            };
            // The others had better not wait for what nobody wants any more, or for what has waited too long.
            if next.admit.is_closed() || now.duration_since(next.since) > state.patience(now) {
                continue;
            }
            state.inside += 1;
            gone.extend(next.admit.send(self.admitted(now)).err());
        }
        if state.waiting.is_empty() {
            state.queue_since = None;
        }
        drop(state);
        drop(gone);
    }
}

impl State {
    fn patience(&self, now: Instant) -> Duration {
        let lasts = self
            .queue_since
            .is_some_and(|since| now.duration_since(since) > BURST);
        if lasts { IMPATIENT } else { PATIENT }
    }

    fn forget_those_who_left(&mut self) {
        self.waiting.retain(|waiting| !waiting.admit.is_closed());
    }
}

impl Admitted {
    /// It got an answer, so that how long it took tells something.
    pub fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let took = self.answered.then(|| self.since.elapsed());
        self.gate.leave(took);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: LimitBounds = LimitBounds {
        floor: 2,
        ceiling: 2,
    };

    fn gate() -> Arc<Gate> {
        Gate::new(BOUNDS, Instant::now())
    }

    async fn full(gate: &Arc<Gate>) -> [Admitted; 2] {
        [gate.enter().await.unwrap(), gate.enter().await.unwrap()]
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_leaves_lets_the_next_one_in_in_the_order_of_coming() {
        let gate = gate();
        let [one, two] = full(&gate).await;
        let mut third = Box::pin(gate.enter());
        let mut fourth = Box::pin(gate.enter());
        assert!(futures_util::poll!(&mut third).is_pending());
        assert!(futures_util::poll!(&mut fourth).is_pending());
        drop(one);
        let third = third.await.unwrap();
        assert!(futures_util::poll!(&mut fourth).is_pending());
        drop((two, third));
        assert!(fourth.await.is_ok());
        assert!(!gate.has_queue());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_gave_up_waiting_takes_no_place() {
        let gate = gate();
        let [one, two] = full(&gate).await;
        let mut impatient = Box::pin(gate.enter());
        assert!(futures_util::poll!(&mut impatient).is_pending());
        drop(impatient);
        drop((one, two));
        full(&gate).await;
        // Admitted, and gone before it knew.
        let [one, _two] = full(&gate).await;
        let mut gone = Box::pin(gate.enter());
        assert!(futures_util::poll!(&mut gone).is_pending());
        drop(one);
        drop(gone);
        assert!(gate.enter().await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_waits_and_a_queue_that_does_not_end_is_told_at_once() {
        let gate = gate();
        let _inside = full(&gate).await;
        let began = Instant::now();
        let first = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.enter().await.err() }
        });
        tokio::time::sleep(BURST + Duration::from_millis(1)).await;
        let late = Instant::now();
        assert_eq!(gate.enter().await.err(), Some(Overloaded));
        assert!(late.elapsed() <= IMPATIENT + Duration::from_millis(1));
        assert_eq!(first.await.unwrap(), Some(Overloaded));
        assert!(began.elapsed() <= PATIENT + Duration::from_millis(1));
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_waited_too_long_in_an_endless_queue_is_passed_over() {
        let gate = gate();
        let [one, _two] = full(&gate).await;
        let mut old = Box::pin(gate.enter());
        assert!(futures_util::poll!(&mut old).is_pending());
        tokio::time::sleep(BURST + Duration::from_millis(1)).await;
        let mut fresh = Box::pin(gate.enter());
        assert!(futures_util::poll!(&mut fresh).is_pending());
        drop(one);
        assert_eq!(old.await.err(), Some(Overloaded));
        assert!(fresh.await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_has_an_end() {
        let gate = gate();
        let _inside = full(&gate).await;
        let mut waiting: Vec<_> = (0..MOST_WAITING).map(|_| Box::pin(gate.enter())).collect();
        for one in &mut waiting {
            assert!(futures_util::poll!(one).is_pending());
        }
        let began = Instant::now();
        assert_eq!(gate.enter().await.err(), Some(Overloaded));
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
