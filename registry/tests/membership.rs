//! Membership and snapshots, over both registries and across the loss of the file.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::status::AdminState;
use process::clock::ManualClock;
use registry::{
    Lease, LeaseTiming, Membership, MembershipState, MemoryRegistry, NewRegistration, Registration,
    Registry, RegistryError, Role, Snapshot, SqliteRegistry, follow,
};
use tokio::sync::watch;
use tokio::time::timeout;

const LEASE: Duration = Duration::from_millis(400);
const LEASE_MS: i64 = 400;
const START_MS: i64 = 1_700_000_000_000;
const DEADLINE: Duration = Duration::from_secs(20);

const TIMING: LeaseTiming = LeaseTiming {
    lease: LEASE,
    jitter: || 0.5,
};

fn replica(id: &str) -> NewRegistration {
    NewRegistration {
        id: id.to_owned(),
        role: Role::Replica,
        address: "127.0.0.1:40123".to_owned(),
        public_url: None,
        version: "0.1.0".to_owned(),
        started_at_ms: START_MS,
        process_id: 4711,
    }
}

fn memory() -> (Arc<MemoryRegistry>, Arc<ManualClock>) {
    let clock = ManualClock::at(START_MS);
    let registry = MemoryRegistry::new(LEASE, clock.clone()).unwrap();
    (Arc::new(registry), clock)
}

/// A registry whose clock does not advance: no lease expires.
fn sqlite(folder: &Path) -> Arc<SqliteRegistry> {
    let clock = ManualClock::at(START_MS);
    Arc::new(SqliteRegistry::open(&folder.join("registry.db"), LEASE, clock).unwrap())
}

/// Waits until the value satisfies `condition`.
async fn wait_for<T>(
    receiver: &mut watch::Receiver<T>,
    condition: impl FnMut(&T) -> bool,
) -> impl std::ops::Deref<Target = T> + '_ {
    timeout(DEADLINE, receiver.wait_for(condition))
        .await
        .expect("the condition holds before the deadline")
        .expect("the sender is alive")
}

async fn wait_until_registered(membership: &Membership) {
    wait_for(&mut membership.state(), |state| {
        *state == MembershipState::Registered
    })
    .await;
}

/// Polls until `condition` holds, for conditions without a watch channel, such as a heartbeat.
async fn poll_until<F: Future<Output = bool>>(mut condition: impl FnMut() -> F) {
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    let polling = async {
        while !condition().await {
            ticks.tick().await;
        }
    };
    timeout(DEADLINE, polling)
        .await
        .expect("the condition holds before the deadline");
}

/// The only registration of `registry`.
async fn single_registration(registry: &dyn Registry) -> Registration {
    let mut snapshot = registry.snapshot().await.unwrap();
    assert_eq!(snapshot.len(), 1, "{snapshot:?}");
    snapshot.remove(0)
}

#[tokio::test]
async fn a_member_extends_its_lease_and_ends_it_when_it_leaves() {
    let (registry, clock) = memory();
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    wait_until_registered(&membership).await;
    let first = single_registration(&*registry).await;
    for _ in 0..3 {
        clock.advance(LEASE_MS - 1);
        let expected_expiry = lease_end(&clock);
        poll_until(|| async {
            let snapshot = registry.snapshot().await.unwrap();
            snapshot
                .first()
                .is_some_and(|found| found.expires_at_ms == expected_expiry)
        })
        .await;
    }
    assert_eq!(
        single_registration(&*registry).await.position,
        first.position
    );
    let mut state = membership.state();
    membership.leave().await;
    assert!(registry.snapshot().await.unwrap().is_empty());
    assert_eq!(*state.borrow_and_update(), MembershipState::Deregistered);
}

fn lease_end(clock: &ManualClock) -> i64 {
    use process::clock::Clock;
    clock.now_ms() + LEASE_MS
}

#[tokio::test]
async fn a_member_registers_again_after_its_lease_expires() {
    let (registry, clock) = memory();
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    wait_until_registered(&membership).await;
    let before = single_registration(&*registry).await.position;
    // The process was stopped for longer than its lease.
    clock.advance(LEASE_MS);
    poll_until(|| async {
        let snapshot = registry.snapshot().await.unwrap();
        snapshot
            .first()
            .is_some_and(|found| found.position > before)
    })
    .await;
    wait_until_registered(&membership).await;
}

#[tokio::test]
async fn a_replaced_member_does_not_register_again() {
    let (registry, _clock) = memory();
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    wait_until_registered(&membership).await;
    let other = NewRegistration {
        process_id: 4712,
        ..replica("replica-1")
    };
    let lease: Lease = registry.register(other).await.unwrap();
    let holder = single_registration(&*registry).await;
    wait_for(&mut membership.state(), |state| {
        *state == MembershipState::Replaced
    })
    .await;
    membership.leave().await;
    assert_eq!(single_registration(&*registry).await, holder);
    assert!(registry.heartbeat(&lease).await.is_ok());
}

#[tokio::test]
async fn an_admin_state_change_is_received_between_heartbeats() {
    let (registry, _clock) = memory();
    // The next heartbeat after the first is an hour away.
    let timing = LeaseTiming {
        lease: Duration::from_secs(5 * 60 * 60),
        ..TIMING
    };
    let membership = Membership::start(registry.clone(), replica("replica-1"), timing);
    wait_until_registered(&membership).await;
    let mut admin_state = membership.admin_state();
    for wanted in [AdminState::Down, AdminState::Draining, AdminState::Up] {
        registry.set_admin_state("replica-1", wanted).await.unwrap();
        wait_for(&mut admin_state, |now| *now == wanted).await;
    }
}

#[tokio::test]
async fn a_member_knows_its_admin_state_before_it_is_registered() {
    let (registry, _clock) = memory();
    registry.register(replica("replica-1")).await.unwrap();
    registry
        .set_admin_state("replica-1", AdminState::Down)
        .await
        .unwrap();
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    wait_until_registered(&membership).await;
    assert_eq!(*membership.admin_state().borrow(), AdminState::Down);
}

#[tokio::test]
async fn members_survive_the_loss_of_the_file_and_snapshots_keep_their_content() {
    let folder = tempfile::tempdir().unwrap();
    let (file, aside) = (
        folder.path().join("registry.db"),
        folder.path().join("aside.db"),
    );
    let registry = sqlite(folder.path());
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    wait_until_registered(&membership).await;
    let clock = ManualClock::at(START_MS);
    let mut snapshots = follow(registry.clone(), clock.clone(), TIMING).await;
    let registration = single_registration(&*registry).await;

    std::fs::rename(&file, &aside).unwrap();
    {
        let snapshot = wait_for(&mut snapshots, |snapshot: &Snapshot| !snapshot.readable).await;
        assert_eq!(snapshot.registrations[0].position, registration.position);
        assert_eq!(snapshot.read_at_ms, START_MS);
        let reason = snapshot.reason.clone().unwrap();
        assert!(reason.contains("registry.db"), "{reason}");
    }
    let result = registry.snapshot().await;
    assert!(matches!(result, Err(RegistryError::Unavailable(_))));

    clock.advance(7);
    std::fs::rename(&aside, &file).unwrap();
    wait_for(&mut snapshots, |snapshot: &Snapshot| snapshot.readable).await;
    assert_eq!(snapshots.borrow().read_at_ms, START_MS + 7);
    assert_eq!(
        single_registration(&*registry).await.position,
        registration.position
    );
    membership.leave().await;
    wait_for(&mut snapshots, |snapshot: &Snapshot| {
        snapshot.registrations.is_empty()
    })
    .await;
}

#[tokio::test]
async fn a_member_registers_in_a_file_that_replaced_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let registry = sqlite(folder.path());
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    wait_until_registered(&membership).await;
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    // Another process starts and creates a new file.
    let other = sqlite(folder.path());
    poll_until(|| async { other.snapshot().await.unwrap().len() == 1 }).await;
    membership.leave().await;
    assert!(other.snapshot().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_member_started_without_a_registry_registers_when_it_is_available() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("registry.db");
    let registry = sqlite(folder.path());
    std::fs::rename(&file, folder.path().join("aside.db")).unwrap();
    let mut snapshots = follow(registry.clone(), ManualClock::at(START_MS), TIMING).await;
    assert!(!snapshots.borrow().readable);
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    poll_until(|| async { registry.snapshot().await.is_err() }).await;
    assert_eq!(*membership.state().borrow(), MembershipState::Registering);
    std::fs::rename(folder.path().join("aside.db"), &file).unwrap();
    wait_until_registered(&membership).await;
    wait_for(&mut snapshots, |snapshot: &Snapshot| {
        snapshot.replicas().count() == 1
    })
    .await;
}

#[tokio::test]
async fn a_locked_file_can_be_read_and_the_write_error_names_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let registry = sqlite(folder.path());
    let lease = registry.register(replica("replica-1")).await.unwrap();
    let holder = rusqlite::Connection::open(folder.path().join("registry.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let message = registry.heartbeat(&lease).await.unwrap_err().to_string();
    assert!(message.contains("locked"), "{message}");
    assert_eq!(registry.snapshot().await.unwrap().len(), 1);
    holder.execute_batch("ROLLBACK").unwrap();
    assert!(registry.heartbeat(&lease).await.is_ok());
}

#[tokio::test]
async fn the_error_of_a_damaged_file_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("registry.db");
    std::fs::write(
        &file,
        "not a database, although it is long enough to be one",
    )
    .unwrap();
    let opened = SqliteRegistry::open(&file, LEASE, ManualClock::at(START_MS));
    let message = opened.err().unwrap().to_string();
    assert!(
        message.contains("damaged") && message.contains("remove"),
        "{message}"
    );
}

#[test]
fn processes_that_start_together_share_one_registry() {
    let folder = tempfile::tempdir().unwrap();
    let registries: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| sqlite(folder.path())))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        for (number, registry) in registries.iter().enumerate() {
            let new = replica(&format!("replica-{number}"));
            registry.register(new).await.unwrap();
        }
        assert_eq!(registries[0].snapshot().await.unwrap().len(), 8);
    });
}
