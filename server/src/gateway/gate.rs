//! The way in to a replica: so many requests at once, a short queue for the rest, and beyond that a refusal at once.
//!
//! A burst may wait a while, since it will pass. A queue that does not end is more than the replica can do: it is kept so short that
//! whoever joins it is let in at once, and whoever finds it long is told so at once, while trying again is still of use. Those who
//! wait already are not sent away for those who come.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::concurrency::{Concurrency, LimitBounds};
use crate::sync::lock;

/// What waits here costs some kilobytes each.
const MOST_WAITING: usize = 4_096;
/// A queue that lasts longer than this is no burst.
const BURST: Duration = Duration::from_secs(1);
/// Who would wait longer, as answers come, does not join the queue: of a burst, and of one that lasts.
const LONGEST_BURST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_millis(20);
/// Who has waited so many times as long all the same is told that it was in vain.
const MISJUDGED: u32 = 2;

pub struct Gate(Mutex<State>);

struct State {
    concurrency: Concurrency,
    inside: u32,
    waiting: VecDeque<Waiting>,
    /// Since when somebody has waited all the time.
    queue_since: Option<Instant>,
    /// When somebody was told last that there is no room.
    refused_at: Option<Instant>,
}

struct Waiting {
    until: Instant,
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
            refused_at: None,
        })))
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// When there will be none soon.
    pub async fn enter(self: &Arc<Self>) -> Result<Admitted, Overloaded> {
        let (admitted, until) = {
            let now = Instant::now();
            let mut state = lock(&self.0);
            if state.waiting.is_empty() && state.inside < state.concurrency.limit() {
                state.inside += 1;
                return Ok(self.admitted(now));
            }
            let longest = state.longest(now);
            if !state.has_room(longest) {
                state.refused_at = Some(now);
                return Err(Overloaded);
            }
            let until = now + longest * MISJUDGED;
            let (admit, admitted) = oneshot::channel();
            state.waiting.push_back(Waiting { until, admit });
            state.queue_since.get_or_insert(now);
            (admitted, until)
        };
        match tokio::time::timeout_at(until, admitted).await {
            Ok(Ok(admitted)) => Ok(admitted),
            Ok(Err(_)) | Err(_) => Err(Overloaded),
        }
    }

    /// Somebody waits.
    pub fn has_queue(&self) -> bool {
        lock(&self.0).queue_since.is_some()
    }

    /// How many may be inside.
    pub fn limit(&self) -> u32 {
        lock(&self.0).concurrency.limit()
    }

    /// How many wait.
    pub fn queued(&self) -> usize {
        lock(&self.0).waiting.len()
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
        let mut state = lock(&self.0);
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
            if next.admit.is_closed() || now > next.until {
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
    /// How long anybody waits who comes now.
    fn longest(&self, now: Instant) -> Duration {
        let for_long = |since| now.duration_since(since) > BURST;
        let lasts = self.queue_since.is_some_and(for_long);
        // It may be empty for a moment, and is the same one.
        let lasted = self.refused_at.is_some_and(|at| !for_long(at));
        if lasts || lasted {
            LONGEST
        } else {
            LONGEST_BURST
        }
    }

    fn has_room(&self, longest: Duration) -> bool {
        let others = self.waiting.len();
        others < MOST_WAITING && self.concurrency.wait_behind(others) <= longest
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
    use std::task::Poll;

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

    /// Answers come after this long, and the gate has seen it.
    const TAKES: Duration = Duration::from_millis(100);

    async fn that_knows_how_long_answers_take() -> Arc<Gate> {
        let gate = gate();
        for _ in 0..20 {
            let admitted = gate.enter().await.unwrap();
            tokio::time::sleep(TAKES).await;
            admitted.answered();
        }
        gate
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_waits_as_long_as_it_passes_soon() {
        let gate = that_knows_how_long_answers_take().await;
        let _inside = full(&gate).await;
        let began = Instant::now();
        let mut queue = Vec::new();
        let refused = loop {
            let mut next = Box::pin(gate.enter());
            match futures_util::poll!(&mut next) {
                Poll::Pending => queue.push(next),
                Poll::Ready(outcome) => break outcome.err(),
            }
        };
        assert_eq!(refused, Some(Overloaded));
        assert_eq!(
            queue.len(),
            20,
            "two at a time, each for a tenth of the second"
        );
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn while_a_queue_lasts_those_who_come_are_told_and_those_who_wait_are_let_in() {
        let gate = that_knows_how_long_answers_take().await;
        let [one, _two] = full(&gate).await;
        let mut waits = Box::pin(gate.enter());
        assert!(futures_util::poll!(&mut waits).is_pending());
        tokio::time::sleep(BURST + Duration::from_millis(1)).await;
        let began = Instant::now();
        assert_eq!(gate.enter().await.err(), Some(Overloaded));
        assert_eq!(began.elapsed(), Duration::ZERO);
        drop(one);
        assert!(waits.await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waited_in_vain_is_told_in_the_end() {
        let gate = gate();
        let _inside = full(&gate).await;
        let began = Instant::now();
        assert_eq!(gate.enter().await.err(), Some(Overloaded));
        assert!(began.elapsed() <= LONGEST_BURST * MISJUDGED + Duration::from_millis(1));
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
