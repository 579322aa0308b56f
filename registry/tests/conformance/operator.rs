//! What the operator wants of a replica.

use model::status::AdminState::{Down, Draining, Up};
use registry::RegistryError;

use crate::{LEASE_MS, World, server};

crate::over_all_registries!(
    a_switch_is_seen_by_all_and_told_with_the_heartbeat,
    a_switch_outlives_a_take_over,
    a_switch_outlives_the_lease,
    a_switch_outlives_leaving,
    a_switch_keeps_lease_and_order,
    only_living_replicas_can_be_switched,
);

async fn a_switch_is_seen_by_all_and_told_with_the_heartbeat(world: World) {
    let lease = world.register("replica-1").await;
    for wanted in [Down, Draining, Up] {
        let told = world
            .other
            .set_admin_state("replica-1", wanted)
            .await
            .unwrap();
        assert_eq!((told.id.as_str(), told.admin_state), ("replica-1", wanted));
        assert_eq!(world.one.snapshot().await.unwrap()[0].admin_state, wanted);
        assert_eq!(world.one.heartbeat(&lease).await.unwrap(), wanted);
    }
}

async fn a_switch_outlives_a_take_over(world: World) {
    world.register("replica-1").await;
    world
        .other
        .set_admin_state("replica-1", Down)
        .await
        .unwrap();
    let lease = world.register("replica-1").await;
    assert_eq!(world.one.heartbeat(&lease).await.unwrap(), Down);
}

async fn a_switch_outlives_the_lease(world: World) {
    world.register("replica-1").await;
    world
        .other
        .set_admin_state("replica-1", Down)
        .await
        .unwrap();
    world.clock.advance(LEASE_MS * 100);
    // Another that comes in between tidies up, but not this.
    world.register("replica-2").await;
    let lease = world.register("replica-1").await;
    assert_eq!(world.one.heartbeat(&lease).await.unwrap(), Down);
}

async fn a_switch_outlives_leaving(world: World) {
    let lease = world.register("replica-1").await;
    world
        .other
        .set_admin_state("replica-1", Draining)
        .await
        .unwrap();
    world.one.deregister(&lease).await.unwrap();
    let lease = world.register("replica-1").await;
    assert_eq!(world.one.heartbeat(&lease).await.unwrap(), Draining);
}

async fn a_switch_keeps_lease_and_order(world: World) {
    world.register("replica-1").await;
    world.register("replica-2").await;
    let before = world.one.snapshot().await.unwrap();
    let told = world
        .other
        .set_admin_state("replica-1", Down)
        .await
        .unwrap();
    let after = world.one.snapshot().await.unwrap();
    assert_eq!(after[0], told);
    assert_eq!(after[0].position, before[0].position);
    assert_eq!(after[0].expires_at_ms, before[0].expires_at_ms);
    assert_eq!(after[1], before[1]);
}

async fn only_living_replicas_can_be_switched(world: World) {
    world.register("replica-1").await;
    world.one.register(server("server-1")).await.unwrap();
    for stranger in ["replica-9", "server-1"] {
        let answer = world.one.set_admin_state(stranger, Down).await;
        assert!(matches!(answer, Err(RegistryError::NotRegistered { id }) if id == stranger));
    }
    world.clock.advance(LEASE_MS);
    let answer = world.one.set_admin_state("replica-1", Down).await;
    assert!(matches!(answer, Err(RegistryError::NotRegistered { .. })));
}
