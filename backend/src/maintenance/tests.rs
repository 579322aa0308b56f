use std::path::Path;

use model::OrderState;
use process::clock::ManualClock;

use super::*;
use crate::domain::Catalogue;
use crate::samples::{self, NOW_MS};
use crate::store::{Fingerprint, OUTAGE_MS, Placement, SqliteStore};

const SHOP: &str = "the-copper-pan";
const WINDOW_MS: i64 = 600_000;
const RETENTION_MS: i64 = 86_400_000;
/// Shorter than an outage.
const STEP_MS: i64 = OUTAGE_MS / 2;

fn maintenance(data: &Path, clock: &Arc<ManualClock>) -> OrderMaintenance {
    OrderMaintenance {
        store: Arc::new(SqliteStore::open(data).unwrap()),
        clock: Arc::clone(clock) as SharedClock,
        deadlines: Deadlines::new(Catalogue::new([samples::shop(SHOP)]), WINDOW_MS),
        retention_ms: RETENTION_MS,
        replica: ReplicaHandle::new("replica-1", NOW_MS),
        last_runs: LastRuns::default(),
    }
}

async fn placed(store: &Arc<dyn Store>) -> String {
    let order = samples::new_order(SHOP).expiring_at(NOW_MS + WINDOW_MS);
    let key = Fingerprint::of(b"a");
    match store.place_order("key", key, order).await.unwrap() {
        Placement::Placed(response) => response.token,
        other => panic!("{other:?}"),
    }
}

async fn state(store: &Arc<dyn Store>, token: &str) -> OrderState {
    let order = store.order_by_token(token).await.unwrap();
    order.unwrap().state
}

/// Advances the clock in steps and runs the maintenance of the replicas after each step.
async fn advance(clock: &ManualClock, by_ms: i64, replicas: &mut [&mut OrderMaintenance]) {
    for _ in 0..by_ms / STEP_MS {
        clock.advance(STEP_MS);
        for replica in replicas.iter_mut() {
            replica.expire_due_orders().await;
        }
    }
}

#[tokio::test]
async fn an_order_that_is_not_accepted_expires_once_whichever_replica_is_left() {
    let data = tempfile::tempdir().unwrap();
    let clock = ManualClock::at(NOW_MS);
    let (mut one, mut other) = (
        maintenance(data.path(), &clock),
        maintenance(data.path(), &clock),
    );
    let token = placed(&one.store).await;
    one.expire_due_orders().await;
    advance(&clock, WINDOW_MS / 2, &mut [&mut one, &mut other]).await;
    // From here on the first replica does not run.
    advance(&clock, WINDOW_MS / 2 - STEP_MS, &mut [&mut other]).await;
    assert_eq!(state(&other.store, &token).await, OrderState::Placed);
    advance(&clock, STEP_MS, &mut [&mut other]).await;
    advance(&clock, STEP_MS, &mut [&mut one, &mut other]).await;
    let order = one.store.order_by_token(&token).await.unwrap().unwrap();
    assert_eq!((order.state, order.version), (OrderState::Expired, 2));
    assert_eq!(order.history[1].at_ms, NOW_MS + WINDOW_MS);
}

#[tokio::test]
async fn after_an_outage_the_staff_get_a_whole_new_window() {
    let data = tempfile::tempdir().unwrap();
    let clock = ManualClock::at(NOW_MS);
    let mut before = maintenance(data.path(), &clock);
    before.expire_due_orders().await;
    let token = placed(&before.store).await;
    advance(&clock, WINDOW_MS - STEP_MS, &mut [&mut before]).await;
    drop(before);

    clock.advance(60 * 60_000);
    let mut after = [
        maintenance(data.path(), &clock),
        maintenance(data.path(), &clock),
    ];
    for replica in &mut after {
        replica.expire_due_orders().await;
    }
    let [one, other] = &mut after;
    advance(&clock, WINDOW_MS - STEP_MS, &mut [one, other]).await;
    assert_eq!(state(&one.store, &token).await, OrderState::Placed);
    advance(&clock, STEP_MS, &mut [one, other]).await;
    assert_eq!(state(&one.store, &token).await, OrderState::Expired);
}

#[tokio::test]
async fn a_clock_that_is_ahead_looks_like_an_outage_only_once() {
    let data = tempfile::tempdir().unwrap();
    let (clock, ahead) = (
        ManualClock::at(NOW_MS),
        ManualClock::at(NOW_MS + 4 * OUTAGE_MS),
    );
    let (mut one, mut other) = (
        maintenance(data.path(), &clock),
        maintenance(data.path(), &ahead),
    );
    one.expire_due_orders().await;
    other.expire_due_orders().await;
    let token = placed(&one.store).await;
    for _ in 0..WINDOW_MS / STEP_MS {
        clock.advance(STEP_MS);
        ahead.advance(STEP_MS);
        one.expire_due_orders().await;
        other.expire_due_orders().await;
    }
    assert_eq!(state(&one.store, &token).await, OrderState::Expired);
}

#[tokio::test]
async fn personal_data_is_purged_after_its_retention_period_at_intervals() {
    let data = tempfile::tempdir().unwrap();
    let clock = ManualClock::at(NOW_MS);
    let mut maintenance = maintenance(data.path(), &clock);
    let token = placed(&maintenance.store).await;
    let store = Arc::clone(&maintenance.store);
    let name = async || {
        let order = store.order_by_token(&token).await.unwrap();
        order.unwrap().customer_name
    };
    clock.advance(RETENTION_MS);
    maintenance.purge_personal_data().await;
    assert_eq!(maintenance.last_runs.purge_ms, Some(NOW_MS + RETENTION_MS));
    assert_ne!(name().await, "");
    clock.advance(PURGE_INTERVAL_MS - 1);
    maintenance.purge_personal_data().await;
    assert_ne!(name().await, "");
    clock.advance(1);
    maintenance.purge_personal_data().await;
    assert_eq!(name().await, "");
}
