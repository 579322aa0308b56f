//! Registration, heartbeats, expiry, replacement and deregistration.

use std::time::Duration;

use model::status::AdminState;
use registry::{NewRegistration, Role};

use crate::{LEASE_MS, START_MS, World, is_lost, is_taken, replica, server};

crate::test_all_registries!(
    a_snapshot_returns_a_registration_as_submitted,
    a_snapshot_is_in_the_order_of_registration,
    positions_are_never_reused,
    a_heartbeat_extends_the_lease,
    a_lease_without_heartbeats_expires,
    an_expired_lease_cannot_be_extended,
    recently_expired_lists_expired_leases_but_not_ended_ones,
    a_replaced_holder_learns_it_from_its_heartbeat,
    a_replaced_holder_cannot_end_the_registration_of_its_successor,
    deregistering_ends_the_lease_at_once_and_may_be_repeated,
    a_forged_lease_is_rejected,
    a_server_and_a_replica_may_have_the_same_id,
    a_public_url_is_returned_and_replaced_by_the_next_registration,
    concurrent_registrations_all_succeed,
);

async fn a_snapshot_returns_a_registration_as_submitted(world: World) {
    world.register("replica-1").await;
    let snapshot = world.other.snapshot().await.unwrap();
    let [found] = &snapshot[..] else {
        panic!("{snapshot:?}");
    };
    assert_eq!(
        (found.id.as_str(), found.role),
        ("replica-1", Role::Replica)
    );
    assert_eq!(
        (found.address.as_str(), found.version.as_str()),
        ("127.0.0.1:40123", "0.1.0")
    );
    assert_eq!(
        (found.started_at_ms, found.process_id),
        (START_MS - 5, 4711)
    );
    assert_eq!(found.registered_at_ms, START_MS);
    assert_eq!(found.expires_at_ms, START_MS + LEASE_MS);
    assert_eq!(found.admin_state, AdminState::Up);
}

async fn a_public_url_is_returned_and_replaced_by_the_next_registration(world: World) {
    let urls = async || {
        let snapshot = world.other.snapshot().await.unwrap();
        snapshot
            .into_iter()
            .map(|registration| registration.public_url)
            .collect::<Vec<_>>()
    };
    world.register("one").await;
    world.one.register(server("one")).await.unwrap();
    let url = Some("https://one.shop.test".to_owned());
    assert_eq!(urls().await, [None, url]);
    let without = NewRegistration {
        public_url: None,
        ..server("one")
    };
    world.one.register(without).await.unwrap();
    assert_eq!(urls().await, [None, None]);
}

async fn a_snapshot_is_in_the_order_of_registration(world: World) {
    for id in ["zebra", "ant", "mole"] {
        world.register(id).await;
    }
    assert_eq!(world.live_ids().await, ["zebra", "ant", "mole"]);
    world.register("zebra").await;
    assert_eq!(world.live_ids().await, ["ant", "mole", "zebra"]);
}

async fn positions_are_never_reused(world: World) {
    let lease = world.register("one").await;
    let first = world.one.snapshot().await.unwrap()[0].position;
    world.one.deregister(&lease).await.unwrap();
    world.register("two").await;
    let second = world.one.snapshot().await.unwrap()[0].position;
    world.clock.advance(LEASE_MS);
    world.register("three").await;
    let third = world.one.snapshot().await.unwrap()[0].position;
    assert!(
        first < second && second < third,
        "{first}, {second}, {third}"
    );
}

async fn a_heartbeat_extends_the_lease(world: World) {
    let lease = world.register("replica-1").await;
    for _ in 0..3 {
        world.clock.advance(LEASE_MS - 1);
        assert_eq!(world.one.heartbeat(&lease).await.unwrap(), AdminState::Up);
    }
    let snapshot = world.other.snapshot().await.unwrap();
    assert_eq!(
        snapshot[0].expires_at_ms,
        START_MS + 3 * (LEASE_MS - 1) + LEASE_MS
    );
}

async fn a_lease_without_heartbeats_expires(world: World) {
    world.register("replica-1").await;
    world.clock.advance(LEASE_MS - 1);
    assert_eq!(world.live_ids().await, ["replica-1"]);
    world.clock.advance(1);
    assert!(world.live_ids().await.is_empty());
}

async fn an_expired_lease_cannot_be_extended(world: World) {
    let lease = world.register("replica-1").await;
    world.clock.advance(LEASE_MS);
    assert!(is_lost(&world.one.heartbeat(&lease).await));
    assert!(world.live_ids().await.is_empty());
    let again = world.register("replica-1").await;
    assert!(world.one.heartbeat(&again).await.is_ok());
}

async fn recently_expired_lists_expired_leases_but_not_ended_ones(world: World) {
    let expired_ids = async |within_ms| {
        let within = Duration::from_millis(within_ms);
        let found = world.other.recently_expired(within).await.unwrap();
        found
            .into_iter()
            .map(|registration| registration.id)
            .collect::<Vec<_>>()
    };
    world.register("zebra").await;
    world.register("ant").await;
    let lease = world.register("mole").await;
    world.one.deregister(&lease).await.unwrap();
    world.clock.advance(LEASE_MS - 1);
    assert!(expired_ids(1_000).await.is_empty());
    world.clock.advance(1);
    assert_eq!(expired_ids(1_000).await, ["zebra", "ant"]);
    world.clock.advance(999);
    assert_eq!(expired_ids(1_000).await, ["zebra", "ant"]);
    world.register("zebra").await;
    assert_eq!(expired_ids(1_000).await, ["ant"]);
    world.clock.advance(1);
    assert!(expired_ids(1_000).await.is_empty());
}

async fn a_replaced_holder_learns_it_from_its_heartbeat(world: World) {
    let old = world.register("replica-1").await;
    let new = world.other.register(replica("replica-1")).await.unwrap();
    assert!(is_taken(&world.one.heartbeat(&old).await));
    assert!(world.other.heartbeat(&new).await.is_ok());
    // Once the successor's lease has expired, no process holds the id, and the first process may register again.
    world.clock.advance(LEASE_MS);
    assert!(is_lost(&world.one.heartbeat(&old).await));
}

async fn a_replaced_holder_cannot_end_the_registration_of_its_successor(world: World) {
    let old = world.register("replica-1").await;
    world.clock.advance(LEASE_MS);
    let new = world.other.register(replica("replica-1")).await.unwrap();
    let before = world.other.snapshot().await.unwrap();
    assert!(is_taken(&world.one.heartbeat(&old).await));
    world.one.deregister(&old).await.unwrap();
    assert_eq!(world.other.snapshot().await.unwrap(), before);
    assert!(world.other.heartbeat(&new).await.is_ok());
}

async fn deregistering_ends_the_lease_at_once_and_may_be_repeated(world: World) {
    let lease = world.register("replica-1").await;
    world.one.deregister(&lease).await.unwrap();
    assert!(world.live_ids().await.is_empty());
    world.one.deregister(&lease).await.unwrap();
    assert!(is_lost(&world.one.heartbeat(&lease).await));
}

async fn a_forged_lease_is_rejected(world: World) {
    let mut forged = world.register("replica-1").await;
    forged.id = "replica-2".to_owned();
    assert!(is_lost(&world.one.heartbeat(&forged).await));
    forged.id = "replica-1".to_owned();
    forged.token = "guessed".to_owned();
    assert!(is_taken(&world.one.heartbeat(&forged).await));
    world.one.deregister(&forged).await.unwrap();
    assert_eq!(world.live_ids().await, ["replica-1"]);
}

async fn a_server_and_a_replica_may_have_the_same_id(world: World) {
    let replica = world.register("tiffin").await;
    let server = world.one.register(server("tiffin")).await.unwrap();
    assert_eq!(world.live_ids().await.len(), 2);
    world.one.deregister(&replica).await.unwrap();
    assert!(world.one.heartbeat(&server).await.is_ok());
    assert_eq!(world.other.snapshot().await.unwrap()[0].role, Role::Server);
}

async fn concurrent_registrations_all_succeed(world: World) {
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let registry = if number % 2 == 0 {
            world.one.clone()
        } else {
            world.other.clone()
        };
        tasks.spawn(async move {
            let lease = registry
                .register(replica(&format!("replica-{number}")))
                .await
                .unwrap();
            registry.heartbeat(&lease).await.unwrap();
        });
    }
    while let Some(result) = tasks.join_next().await {
        result.unwrap();
    }
    let snapshot = world.other.snapshot().await.unwrap();
    assert_eq!(snapshot.len(), 20);
    assert!(
        snapshot
            .windows(2)
            .all(|pair| pair[0].position < pair[1].position)
    );
}

#[tokio::test]
async fn a_process_whose_clock_is_ahead_deletes_no_live_registration() {
    let world = World::sqlite();
    let lease = world.register("replica-1").await;
    let ahead = world.ahead_by(90_000).unwrap();
    ahead.register(replica("replica-2")).await.unwrap();
    assert_eq!(world.live_ids().await, ["replica-1", "replica-2"]);
    world.one.heartbeat(&lease).await.unwrap();
}
