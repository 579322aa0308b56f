//! Learning of changes: in time, by everybody who waits, and without one being lost.

use std::time::{Duration, Instant};

use model::status::AdminState;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::{LEASE_MS, World, replica};

crate::over_all_registries!(
    every_kind_of_change_is_told,
    a_change_is_told_within_250_ms,
    everybody_who_waits_is_told,
    a_change_between_two_calls_is_not_lost,
    a_change_that_is_undone_at_once_is_told,
    the_end_of_a_lease_is_a_change,
    a_kept_lease_wakes_nobody,
);

const FAR_TOO_LONG: Duration = Duration::from_secs(20);

async fn told(changes: &mut watch::Receiver<u64>) {
    timeout(FAR_TOO_LONG, changes.changed())
        .await
        .expect("the change is told")
        .expect("the registry is there");
}

/// Waits until a snapshot through `world.one` satisfies `right`, looking only when a change is told.
async fn seen(
    world: &World,
    changes: &mut watch::Receiver<u64>,
    right: impl Fn(&[registry::Registration]) -> bool,
) {
    while !right(&world.one.snapshot().await.unwrap()) {
        told(changes).await;
    }
}

async fn every_kind_of_change_is_told(world: World) {
    let mut changes = world.one.changes();
    let lease = world.other.register(replica("replica-1")).await.unwrap();
    told(&mut changes).await;
    seen(&world, &mut changes, |living| living.len() == 1).await;

    world
        .other
        .set_admin_state("replica-1", AdminState::Down)
        .await
        .unwrap();
    seen(&world, &mut changes, |living| {
        living[0].admin_state == AdminState::Down
    })
    .await;

    let before = world.one.snapshot().await.unwrap()[0].position;
    let successor = world.other.register(replica("replica-1")).await.unwrap();
    seen(&world, &mut changes, |living| living[0].position != before).await;

    world.other.deregister(&lease).await.unwrap();
    world.other.deregister(&successor).await.unwrap();
    seen(&world, &mut changes, <[_]>::is_empty).await;
}

async fn a_change_is_told_within_250_ms(world: World) {
    let mut changes = world.one.changes();
    world.other.register(replica("replica-1")).await.unwrap();
    told(&mut changes).await;
    let mut best = FAR_TOO_LONG;
    // The best of a few, since the machine that runs the tests may be doing something else.
    for wanted in [AdminState::Down, AdminState::Up, AdminState::Draining] {
        world
            .other
            .set_admin_state("replica-1", wanted)
            .await
            .unwrap();
        let written_at = Instant::now();
        told(&mut changes).await;
        seen(&world, &mut changes, |living| {
            living[0].admin_state == wanted
        })
        .await;
        best = best.min(written_at.elapsed());
    }
    assert!(best <= Duration::from_millis(250), "took {best:?}");
}

async fn everybody_who_waits_is_told(world: World) {
    let waiting: Vec<_> = (0..8)
        .map(|number| {
            let registry = if number % 2 == 0 {
                world.one.clone()
            } else {
                world.other.clone()
            };
            let mut changes = registry.changes();
            tokio::spawn(async move { told(&mut changes).await })
        })
        .collect();
    world.register("replica-1").await;
    for waiter in waiting {
        waiter.await.unwrap();
    }
}

async fn a_change_between_two_calls_is_not_lost(world: World) {
    let mut changes = world.one.changes();
    assert!(world.one.snapshot().await.unwrap().is_empty());
    world.other.register(replica("replica-1")).await.unwrap();
    // Another task of this process looks at the registry in the meantime.
    world.one.snapshot().await.unwrap();
    told(&mut changes).await;
}

async fn a_change_that_is_undone_at_once_is_told(world: World) {
    for _ in 0..10 {
        let mut changes = world.one.changes();
        let lease = world.other.register(replica("replica-1")).await.unwrap();
        // Woken by something else, this process looks just now.
        changes.borrow_and_update();
        assert_eq!(world.one.snapshot().await.unwrap().len(), 1);
        world.other.deregister(&lease).await.unwrap();
        told(&mut changes).await;
    }
}

async fn the_end_of_a_lease_is_a_change(world: World) {
    let mut changes = world.one.changes();
    let leaves = world.register("replica-1").await;
    seen(&world, &mut changes, |living| living.len() == 1).await;
    world.clock.advance(LEASE_MS - 1);
    world.one.heartbeat(&leaves).await.unwrap();
    world.clock.advance(LEASE_MS);
    seen(&world, &mut changes, <[_]>::is_empty).await;
}

async fn a_kept_lease_wakes_nobody(world: World) {
    let lease = world.register("replica-1").await;
    let mut changes = world.other.changes();
    // Late news of the registration may still come; then a heartbeat from elsewhere, then a marker that is certainly told.
    for _ in 0..20 {
        world.one.heartbeat(&lease).await.unwrap();
    }
    world.register("marker").await;
    told(&mut changes).await;
    let woken = *changes.borrow_and_update();
    assert!(
        woken <= 4,
        "woken {woken} times by 20 heartbeats and 2 registrations"
    );
}
