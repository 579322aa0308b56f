//! Admin states set by the operator.

use model::status::AdminState::{Down, Draining, Up};
use registry::RegistryError;

use crate::{LEASE_MS, World, server};

crate::test_all_registries!(
    an_admin_state_is_in_snapshots_and_returned_by_the_heartbeat,
    an_admin_state_outlives_a_replacement,
    an_admin_state_outlives_the_lease,
    an_admin_state_outlives_deregistration,
    setting_an_admin_state_keeps_lease_and_order,
    an_admin_state_can_be_set_for_live_replicas_only,
);

async fn an_admin_state_is_in_snapshots_and_returned_by_the_heartbeat(world: World) {
    let lease = world.register("replica-1").await;
    for state in [Down, Draining, Up] {
        let registration = world
            .other
            .set_admin_state("replica-1", state)
            .await
            .unwrap();
        assert_eq!(
            (registration.id.as_str(), registration.admin_state),
            ("replica-1", state)
        );
        assert_eq!(world.one.snapshot().await.unwrap()[0].admin_state, state);
        assert_eq!(world.one.heartbeat(&lease).await.unwrap(), state);
    }
}

async fn an_admin_state_outlives_a_replacement(world: World) {
    world.register("replica-1").await;
    world
        .other
        .set_admin_state("replica-1", Down)
        .await
        .unwrap();
    let lease = world.register("replica-1").await;
    assert_eq!(world.one.heartbeat(&lease).await.unwrap(), Down);
}

async fn an_admin_state_outlives_the_lease(world: World) {
    world.register("replica-1").await;
    world
        .other
        .set_admin_state("replica-1", Down)
        .await
        .unwrap();
    world.clock.advance(LEASE_MS * 100);
    // Another registration deletes old rows, but not this one.
    world.register("replica-2").await;
    let lease = world.register("replica-1").await;
    assert_eq!(world.one.heartbeat(&lease).await.unwrap(), Down);
}

async fn an_admin_state_outlives_deregistration(world: World) {
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

async fn setting_an_admin_state_keeps_lease_and_order(world: World) {
    world.register("replica-1").await;
    world.register("replica-2").await;
    let before = world.one.snapshot().await.unwrap();
    let registration = world
        .other
        .set_admin_state("replica-1", Down)
        .await
        .unwrap();
    let after = world.one.snapshot().await.unwrap();
    assert_eq!(after[0], registration);
    assert_eq!(after[0].position, before[0].position);
    assert_eq!(after[0].expires_at_ms, before[0].expires_at_ms);
    assert_eq!(after[1], before[1]);
}

async fn an_admin_state_can_be_set_for_live_replicas_only(world: World) {
    world.register("replica-1").await;
    world.one.register(server("server-1")).await.unwrap();
    for id in ["replica-9", "server-1"] {
        let result = world.one.set_admin_state(id, Down).await;
        assert!(
            matches!(result, Err(RegistryError::NotRegistered { id: unknown }) if unknown == id)
        );
    }
    world.clock.advance(LEASE_MS);
    let result = world.one.set_admin_state("replica-1", Down).await;
    assert!(matches!(result, Err(RegistryError::NotRegistered { .. })));
}
