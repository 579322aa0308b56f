//! Staying in the registry and following it, over both registries and through the loss of the file.

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
const FAR_TOO_LONG: Duration = Duration::from_secs(20);

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

/// A registry whose clock stands still: nothing runs out unless a test lets it.
fn sqlite(folder: &Path) -> Arc<SqliteRegistry> {
    let clock = ManualClock::at(START_MS);
    Arc::new(SqliteRegistry::open(&folder.join("registry.db"), LEASE, clock).unwrap())
}

async fn until<T>(
    receiver: &mut watch::Receiver<T>,
    right: impl FnMut(&T) -> bool,
) -> impl std::ops::Deref<Target = T> + '_ {
    timeout(FAR_TOO_LONG, receiver.wait_for(right))
        .await
        .expect("it comes true")
        .expect("somebody tells")
}

async fn member(membership: &Membership) {
    until(&mut membership.state(), |state| {
        *state == MembershipState::Registered
    })
    .await;
}

/// Looks until `right`; for what no watch tells, such as a heartbeat.
async fn looked<F: Future<Output = bool>>(mut right: impl FnMut() -> F) {
    let mut every = tokio::time::interval(Duration::from_millis(5));
    let looking = async {
        while !right().await {
            every.tick().await;
        }
    };
    timeout(FAR_TOO_LONG, looking).await.expect("it comes true");
}

async fn only(registry: &dyn Registry) -> Registration {
    let mut snapshot = registry.snapshot().await.unwrap();
    assert_eq!(snapshot.len(), 1, "{snapshot:?}");
    snapshot.remove(0)
}

#[tokio::test]
async fn a_member_keeps_its_lease_and_gives_it_up_when_it_leaves() {
    let (registry, clock) = memory();
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    member(&membership).await;
    let first = only(&*registry).await;
    for _ in 0..3 {
        clock.advance(LEASE_MS - 1);
        let extended = clock_end(&clock);
        looked(|| async {
            let snapshot = registry.snapshot().await.unwrap();
            snapshot
                .first()
                .is_some_and(|found| found.expires_at_ms == extended)
        })
        .await;
    }
    assert_eq!(only(&*registry).await.position, first.position);
    let mut state = membership.state();
    membership.leave().await;
    assert!(registry.snapshot().await.unwrap().is_empty());
    assert_eq!(*state.borrow_and_update(), MembershipState::Deregistered);
}

fn clock_end(clock: &ManualClock) -> i64 {
    use process::clock::Clock;
    clock.now_ms() + LEASE_MS
}

#[tokio::test]
async fn a_lease_that_ran_out_is_taken_out_again() {
    let (registry, clock) = memory();
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    member(&membership).await;
    let before = only(&*registry).await.position;
    // As if the process had been stopped for longer than its lease.
    clock.advance(LEASE_MS);
    looked(|| async {
        let snapshot = registry.snapshot().await.unwrap();
        snapshot
            .first()
            .is_some_and(|found| found.position > before)
    })
    .await;
    member(&membership).await;
}

#[tokio::test]
async fn who_lost_its_id_to_another_process_stays_out() {
    let (registry, _clock) = memory();
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    member(&membership).await;
    let other = NewRegistration {
        process_id: 4712,
        ..replica("replica-1")
    };
    let lease: Lease = registry.register(other).await.unwrap();
    let holder = only(&*registry).await;
    until(&mut membership.state(), |state| {
        *state == MembershipState::Replaced
    })
    .await;
    membership.leave().await;
    assert_eq!(only(&*registry).await, holder);
    assert!(registry.heartbeat(&lease).await.is_ok());
}

#[tokio::test]
async fn the_operators_switch_is_learned_between_heartbeats() {
    let (registry, _clock) = memory();
    // After the first heartbeat the next is an hour away.
    let rarely = LeaseTiming {
        lease: Duration::from_secs(5 * 60 * 60),
        ..TIMING
    };
    let membership = Membership::start(registry.clone(), replica("replica-1"), rarely);
    member(&membership).await;
    let mut admin_state = membership.admin_state();
    for wanted in [AdminState::Down, AdminState::Draining, AdminState::Up] {
        registry.set_admin_state("replica-1", wanted).await.unwrap();
        until(&mut admin_state, |now| *now == wanted).await;
    }
}

#[tokio::test]
async fn a_member_is_told_what_the_operator_wants_before_it_is_one() {
    let (registry, _clock) = memory();
    registry.register(replica("replica-1")).await.unwrap();
    registry
        .set_admin_state("replica-1", AdminState::Down)
        .await
        .unwrap();
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    member(&membership).await;
    assert_eq!(*membership.admin_state().borrow(), AdminState::Down);
}

#[tokio::test]
async fn members_outlive_the_loss_of_the_file_and_followers_go_on_with_what_they_knew() {
    let folder = tempfile::tempdir().unwrap();
    let (file, aside) = (
        folder.path().join("registry.db"),
        folder.path().join("aside.db"),
    );
    let registry = sqlite(folder.path());
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    member(&membership).await;
    let clock = ManualClock::at(START_MS);
    let mut followed = follow(registry.clone(), clock.clone(), TIMING).await;
    let known = only(&*registry).await;

    std::fs::rename(&file, &aside).unwrap();
    {
        let snapshot = until(&mut followed, |snapshot: &Snapshot| !snapshot.readable).await;
        assert_eq!(snapshot.registrations[0].position, known.position);
        assert_eq!(snapshot.read_at_ms, START_MS);
        let reason = snapshot.reason.clone().unwrap();
        assert!(reason.contains("registry.db"), "{reason}");
    }
    let answer = registry.snapshot().await;
    assert!(matches!(answer, Err(RegistryError::Unavailable(_))));

    clock.advance(7);
    std::fs::rename(&aside, &file).unwrap();
    until(&mut followed, |snapshot: &Snapshot| snapshot.readable).await;
    assert_eq!(followed.borrow().read_at_ms, START_MS + 7);
    assert_eq!(only(&*registry).await.position, known.position);
    membership.leave().await;
    until(&mut followed, |snapshot: &Snapshot| {
        snapshot.registrations.is_empty()
    })
    .await;
}

#[tokio::test]
async fn a_member_registers_in_the_file_that_took_the_place_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let registry = sqlite(folder.path());
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    member(&membership).await;
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    // Another process starts, and makes a new file.
    let other = sqlite(folder.path());
    looked(|| async { other.snapshot().await.unwrap().len() == 1 }).await;
    membership.leave().await;
    assert!(other.snapshot().await.unwrap().is_empty());
}

#[tokio::test]
async fn who_starts_while_the_registry_is_away_joins_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("registry.db");
    let registry = sqlite(folder.path());
    std::fs::rename(&file, folder.path().join("aside.db")).unwrap();
    let mut followed = follow(registry.clone(), ManualClock::at(START_MS), TIMING).await;
    assert!(!followed.borrow().readable);
    let membership = Membership::start(registry.clone(), replica("replica-1"), TIMING);
    looked(|| async { registry.snapshot().await.is_err() }).await;
    assert_eq!(*membership.state().borrow(), MembershipState::Registering);
    std::fs::rename(folder.path().join("aside.db"), &file).unwrap();
    member(&membership).await;
    until(&mut followed, |snapshot: &Snapshot| {
        snapshot.replicas().count() == 1
    })
    .await;
}

#[tokio::test]
async fn a_locked_file_can_be_read_and_says_why_it_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let registry = sqlite(folder.path());
    let lease = registry.register(replica("replica-1")).await.unwrap();
    let holder = rusqlite::Connection::open(folder.path().join("registry.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let told = registry.heartbeat(&lease).await.unwrap_err().to_string();
    assert!(told.contains("locked"), "{told}");
    assert_eq!(registry.snapshot().await.unwrap().len(), 1);
    holder.execute_batch("ROLLBACK").unwrap();
    assert!(registry.heartbeat(&lease).await.is_ok());
}

#[tokio::test]
async fn a_damaged_file_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("registry.db");
    std::fs::write(&file, "not a database, however long one looks at it").unwrap();
    let opened = SqliteRegistry::open(&file, LEASE, ManualClock::at(START_MS));
    let told = opened.err().unwrap().to_string();
    assert!(
        told.contains("damaged") && told.contains("remove"),
        "{told}"
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
