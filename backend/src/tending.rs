//! Looks after orders that wait to be accepted, and after personal data whose time is over, for as long as the process runs.
//!
//! Every replica does, as often, and none needs to know of another: the store sees to it that what is due happens once.

use std::sync::Arc;
use std::time::Duration;

use model::status::AdminState;
use process::clock::SharedClock;
use tokio::time::{MissedTickBehavior, interval};

use crate::domain::expiry::Deadlines;
use crate::replica::ReplicaHandle;
use crate::store::Store;

/// An order ends this late at most. More often costs a write to the disk each time; it must be far more often than
/// [`crate::store::OUTAGE_MS`].
const EVERY: Duration = Duration::from_secs(3);
/// Personal data stays that much longer at most.
const FORGETS_EVERY_MS: i64 = 60 * 60_000;

/// What looking after orders needs.
pub struct Tending {
    pub store: Arc<dyn Store>,
    pub clock: SharedClock,
    pub deadlines: Deadlines,
    /// How long personal data is kept, in milliseconds.
    pub keeps_ms: i64,
    pub replica: ReplicaHandle,
    pub rounds: Rounds,
}

/// When this replica did what it does, in milliseconds by its own clock.
#[derive(Default)]
pub struct Rounds {
    tended_ms: Option<i64>,
    forgot_ms: Option<i64>,
}

impl Tending {
    /// Never ends by itself.
    pub async fn run(mut self) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // One that is switched down behaves as dead; what it would do counts as done by nobody.
            if self.replica.admin_state() != AdminState::Down {
                self.once().await;
                self.forget().await;
            }
        }
    }

    /// Where that was not done for a while: a replica does it at its start, too.
    async fn forget(&mut self) {
        let now_ms = self.clock.now_ms();
        if self
            .rounds
            .forgot_ms
            .is_some_and(|at_ms| (0..FORGETS_EVERY_MS).contains(&(now_ms - at_ms)))
        {
            return;
        }
        match self.store.drop_personal_data(now_ms - self.keeps_ms).await {
            Ok(0) => self.rounds.forgot_ms = Some(now_ms),
            // There may be more.
            Ok(orders) => tracing::info!(orders, "personal data was dropped: its time is over"),
            Err(error) => {
                tracing::warn!(%error, "personal data could not be dropped; the next round will");
            }
        }
    }

    async fn once(&mut self) {
        let now_ms = self.clock.now_ms();
        let ran_ms = self.rounds.tended_ms;
        let tended = self.store.tend(now_ms, ran_ms, self.deadlines.clone());
        match tended.await {
            Ok(tended) => {
                self.rounds.tended_ms = Some(now_ms);
                if let Some(outage_ms) = tended.outage_ms {
                    tracing::warn!(
                        outage_ms,
                        "no replica ran for a while; orders that wait get a new window to be accepted in"
                    );
                }
                if tended.expired > 0 {
                    tracing::info!(
                        expired = tended.expired,
                        "orders that nobody accepted have ended"
                    );
                }
            }
            Err(error) => {
                tracing::warn!(%error, "orders that wait could not be looked after; the next round will");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use model::OrderState;
    use process::clock::ManualClock;

    use super::*;
    use crate::domain::Catalogue;
    use crate::samples::{self, NOW_MS};
    use crate::store::{Fingerprint, OUTAGE_MS, Placement, SqliteStore};

    const SHOP: &str = "the-copper-pan";
    const WINDOW_MS: i64 = 600_000;
    const KEEPS_MS: i64 = 86_400_000;
    /// Shorter than an outage.
    const STEP_MS: i64 = OUTAGE_MS / 2;

    fn tending(data: &Path, clock: &Arc<ManualClock>) -> Tending {
        Tending {
            store: Arc::new(SqliteStore::open(data).unwrap()),
            clock: Arc::clone(clock) as SharedClock,
            deadlines: Deadlines::new(Catalogue::new([samples::shop(SHOP)]), WINDOW_MS),
            keeps_ms: KEEPS_MS,
            replica: ReplicaHandle::new("replica-1", NOW_MS),
            rounds: Rounds::default(),
        }
    }

    async fn placed(store: &Arc<dyn Store>) -> String {
        let order = samples::new_order(SHOP).expiring_at(NOW_MS + WINDOW_MS);
        let key = Fingerprint::of(b"a");
        match store.place_order("key", key, order).await.unwrap() {
            Placement::Placed(answer) => answer.token,
            other => panic!("{other:?}"),
        }
    }

    async fn state(store: &Arc<dyn Store>, token: &str) -> OrderState {
        let order = store.order_by_token(token).await.unwrap();
        order.unwrap().state
    }

    /// The clock moves on, with the replicas at work after each step.
    async fn pass(clock: &ManualClock, for_ms: i64, at_work: &mut [&mut Tending]) {
        for _ in 0..for_ms / STEP_MS {
            clock.advance(STEP_MS);
            for tending in at_work.iter_mut() {
                tending.once().await;
            }
        }
    }

    #[tokio::test]
    async fn an_order_that_nobody_accepts_ends_once_whichever_replica_is_left() {
        let data = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(NOW_MS);
        let (mut one, mut other) = (tending(data.path(), &clock), tending(data.path(), &clock));
        let token = placed(&one.store).await;
        one.once().await;
        pass(&clock, WINDOW_MS / 2, &mut [&mut one, &mut other]).await;
        // The first is gone from here on.
        pass(&clock, WINDOW_MS / 2 - STEP_MS, &mut [&mut other]).await;
        assert_eq!(state(&other.store, &token).await, OrderState::Placed);
        pass(&clock, STEP_MS, &mut [&mut other]).await;
        pass(&clock, STEP_MS, &mut [&mut one, &mut other]).await;
        let order = one.store.order_by_token(&token).await.unwrap().unwrap();
        assert_eq!((order.state, order.version), (OrderState::Expired, 2));
        assert_eq!(order.history[1].at_ms, NOW_MS + WINDOW_MS);
    }

    #[tokio::test]
    async fn after_all_were_away_the_staff_get_a_whole_new_window() {
        let data = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(NOW_MS);
        let mut before = tending(data.path(), &clock);
        before.once().await;
        let token = placed(&before.store).await;
        pass(&clock, WINDOW_MS - STEP_MS, &mut [&mut before]).await;
        drop(before);

        clock.advance(60 * 60_000);
        let mut after = [tending(data.path(), &clock), tending(data.path(), &clock)];
        for replica in &mut after {
            replica.once().await;
        }
        let [one, other] = &mut after;
        pass(&clock, WINDOW_MS - STEP_MS, &mut [one, other]).await;
        assert_eq!(state(&one.store, &token).await, OrderState::Placed);
        pass(&clock, STEP_MS, &mut [one, other]).await;
        assert_eq!(state(&one.store, &token).await, OrderState::Expired);
    }

    #[tokio::test]
    async fn a_clock_that_is_ahead_looks_like_an_outage_once_and_not_for_ever() {
        let data = tempfile::tempdir().unwrap();
        let (clock, ahead) = (
            ManualClock::at(NOW_MS),
            ManualClock::at(NOW_MS + 4 * OUTAGE_MS),
        );
        let (mut one, mut other) = (tending(data.path(), &clock), tending(data.path(), &ahead));
        one.once().await;
        other.once().await;
        let token = placed(&one.store).await;
        for _ in 0..WINDOW_MS / STEP_MS {
            clock.advance(STEP_MS);
            ahead.advance(STEP_MS);
            one.once().await;
            other.once().await;
        }
        assert_eq!(state(&one.store, &token).await, OrderState::Expired);
    }

    #[tokio::test]
    async fn personal_data_goes_when_its_time_is_over_and_is_looked_for_now_and_then() {
        let data = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(NOW_MS);
        let mut tending = tending(data.path(), &clock);
        let token = placed(&tending.store).await;
        let store = Arc::clone(&tending.store);
        let name = async || {
            let order = store.order_by_token(&token).await.unwrap();
            order.unwrap().customer_name
        };
        clock.advance(KEEPS_MS);
        tending.forget().await;
        assert_eq!(tending.rounds.forgot_ms, Some(NOW_MS + KEEPS_MS));
        assert_ne!(name().await, "");
        clock.advance(FORGETS_EVERY_MS - 1);
        tending.forget().await;
        assert_ne!(name().await, "");
        clock.advance(1);
        tending.forget().await;
        assert_eq!(name().await, "");
    }
}
