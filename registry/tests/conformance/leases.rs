//! Who is there: registration, heartbeats, expiry, take-over, leaving.

use std::time::Duration;

use model::status::AdminState;
use registry::{NewRegistration, Role};

use crate::{LEASE_MS, START_MS, World, is_lost, is_taken, replica, server};

crate::over_all_registries!(
    a_registration_is_seen_as_it_was_made,
    the_order_is_that_of_registration,
    positions_are_never_given_twice,
    a_heartbeat_extends_the_lease,
    a_lease_that_is_not_kept_runs_out,
    a_lease_that_ran_out_cannot_be_kept,
    whose_lease_ran_out_lately_is_known_unless_it_was_given_up,
    who_was_taken_over_learns_it,
    a_zombie_cannot_end_the_registration_of_its_successor,
    leaving_ends_the_lease_at_once_and_may_be_repeated,
    a_lease_that_nobody_gave_is_worth_nothing,
    a_server_and_a_replica_may_have_one_id,
    where_phones_reach_a_server_is_told_and_follows_its_next_registration,
    many_at_once_all_get_in,
);

async fn a_registration_is_seen_as_it_was_made(world: World) {
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

async fn where_phones_reach_a_server_is_told_and_follows_its_next_registration(world: World) {
    let told = async || {
        let snapshot = world.other.snapshot().await.unwrap();
        snapshot
            .into_iter()
            .map(|found| found.public_url)
            .collect::<Vec<_>>()
    };
    world.register("one").await;
    world.one.register(server("one")).await.unwrap();
    let url = Some("https://one.shop.test".to_owned());
    assert_eq!(told().await, [None, url]);
    let without = NewRegistration {
        public_url: None,
        ..server("one")
    };
    world.one.register(without).await.unwrap();
    assert_eq!(told().await, [None, None]);
}

async fn the_order_is_that_of_registration(world: World) {
    for id in ["zebra", "ant", "mole"] {
        world.register(id).await;
    }
    assert_eq!(world.living().await, ["zebra", "ant", "mole"]);
    world.register("zebra").await;
    assert_eq!(world.living().await, ["ant", "mole", "zebra"]);
}

async fn positions_are_never_given_twice(world: World) {
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

async fn a_lease_that_is_not_kept_runs_out(world: World) {
    world.register("replica-1").await;
    world.clock.advance(LEASE_MS - 1);
    assert_eq!(world.living().await, ["replica-1"]);
    world.clock.advance(1);
    assert!(world.living().await.is_empty());
}

async fn a_lease_that_ran_out_cannot_be_kept(world: World) {
    let lease = world.register("replica-1").await;
    world.clock.advance(LEASE_MS);
    assert!(is_lost(&world.one.heartbeat(&lease).await));
    assert!(world.living().await.is_empty());
    let again = world.register("replica-1").await;
    assert!(world.one.heartbeat(&again).await.is_ok());
}

async fn whose_lease_ran_out_lately_is_known_unless_it_was_given_up(world: World) {
    let lapsed = async |within_ms| {
        let within = Duration::from_millis(within_ms);
        let found = world.other.recently_expired(within).await.unwrap();
        found.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    world.register("zebra").await;
    world.register("ant").await;
    let leaves = world.register("mole").await;
    world.one.deregister(&leaves).await.unwrap();
    world.clock.advance(LEASE_MS - 1);
    assert!(lapsed(1_000).await.is_empty());
    world.clock.advance(1);
    assert_eq!(lapsed(1_000).await, ["zebra", "ant"]);
    world.clock.advance(999);
    assert_eq!(lapsed(1_000).await, ["zebra", "ant"]);
    world.register("zebra").await;
    assert_eq!(lapsed(1_000).await, ["ant"]);
    world.clock.advance(1);
    assert!(lapsed(1_000).await.is_empty());
}

async fn who_was_taken_over_learns_it(world: World) {
    let old = world.register("replica-1").await;
    let new = world.other.register(replica("replica-1")).await.unwrap();
    assert!(is_taken(&world.one.heartbeat(&old).await));
    assert!(world.other.heartbeat(&new).await.is_ok());
    // Once the successor is gone as well, nobody holds the id, and the old one may come back.
    world.clock.advance(LEASE_MS);
    assert!(is_lost(&world.one.heartbeat(&old).await));
}

async fn a_zombie_cannot_end_the_registration_of_its_successor(world: World) {
    let old = world.register("replica-1").await;
    world.clock.advance(LEASE_MS);
    let new = world.other.register(replica("replica-1")).await.unwrap();
    let before = world.other.snapshot().await.unwrap();
    assert!(is_taken(&world.one.heartbeat(&old).await));
    world.one.deregister(&old).await.unwrap();
    assert_eq!(world.other.snapshot().await.unwrap(), before);
    assert!(world.other.heartbeat(&new).await.is_ok());
}

async fn leaving_ends_the_lease_at_once_and_may_be_repeated(world: World) {
    let lease = world.register("replica-1").await;
    world.one.deregister(&lease).await.unwrap();
    assert!(world.living().await.is_empty());
    world.one.deregister(&lease).await.unwrap();
    assert!(is_lost(&world.one.heartbeat(&lease).await));
}

async fn a_lease_that_nobody_gave_is_worth_nothing(world: World) {
    let mut forged = world.register("replica-1").await;
    forged.id = "replica-2".to_owned();
    assert!(is_lost(&world.one.heartbeat(&forged).await));
    forged.id = "replica-1".to_owned();
    forged.token = "guessed".to_owned();
    assert!(is_taken(&world.one.heartbeat(&forged).await));
    world.one.deregister(&forged).await.unwrap();
    assert_eq!(world.living().await, ["replica-1"]);
}

async fn a_server_and_a_replica_may_have_one_id(world: World) {
    let replica = world.register("tiffin").await;
    let server = world.one.register(server("tiffin")).await.unwrap();
    assert_eq!(world.living().await.len(), 2);
    world.one.deregister(&replica).await.unwrap();
    assert!(world.one.heartbeat(&server).await.is_ok());
    assert_eq!(world.other.snapshot().await.unwrap()[0].role, Role::Server);
}

async fn many_at_once_all_get_in(world: World) {
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
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
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
async fn a_process_with_another_clock_takes_nothing_from_the_living() {
    let world = World::sqlite();
    let lease = world.register("replica-1").await;
    let ahead = world.ahead_by(90_000).unwrap();
    ahead.register(replica("replica-2")).await.unwrap();
    assert_eq!(world.living().await, ["replica-1", "replica-2"]);
    world.one.heartbeat(&lease).await.unwrap();
}
