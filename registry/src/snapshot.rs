//! The registry's snapshot, kept up to date for the components that route by it.
//!
//! Knows nothing of health or of routing.

use std::sync::Arc;
use std::time::Duration;

use process::clock::SharedClock;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::{LeaseTiming, Registration, Registry, RegistryError, Role};

/// The registrations as of the last successful read of the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Registrations of both roles, by position. While the registry cannot be read, some of their leases may have expired.
    pub registrations: Vec<Registration>,
    /// Whether the last attempt to read the registry succeeded.
    pub readable: bool,
    /// When `registrations` were read; 0 before the first read. Advances without a change, and then without waking the receivers.
    pub read_at_ms: i64,
    /// Why the registry cannot be read, as text for the operator.
    pub reason: Option<String>,
}

impl Snapshot {
    /// The replicas in the order of registration, which is the order of preference.
    pub fn replicas(&self) -> impl Iterator<Item = &Registration> {
        self.of(Role::Replica)
    }

    pub fn servers(&self) -> impl Iterator<Item = &Registration> {
        self.of(Role::Server)
    }

    fn of(&self, role: Role) -> impl Iterator<Item = &Registration> {
        self.registrations
            .iter()
            .filter(move |registration| registration.role == role)
    }

    /// Stores a successful read, and returns whether it is a change that wakes the receivers. A heartbeat is not.
    fn update(&mut self, registrations: Vec<Registration>, now_ms: i64) -> bool {
        let changed = !self.readable
            || self.registrations.len() != registrations.len()
            || self
                .registrations
                .iter()
                .zip(&registrations)
                .any(|(old, new)| {
                    (old.position, old.admin_state) != (new.position, new.admin_state)
                });
        self.registrations = registrations;
        self.readable = true;
        self.read_at_ms = now_ms;
        self.reason = None;
        changed
    }

    /// Stores a failed read, and returns whether the read before it succeeded.
    fn mark_unreadable(&mut self, error: &RegistryError) -> bool {
        self.reason = Some(error.to_string());
        std::mem::replace(&mut self.readable, false)
    }
}

/// Interval between reads without a change. They keep `read_at_ms` current, and notice a registry that has become unreadable.
const READ_INTERVAL: Duration = Duration::from_secs(1);

/// Reads the registry, then keeps the returned snapshot up to date until all receivers are dropped.
pub async fn follow(
    registry: Arc<dyn Registry>,
    clock: SharedClock,
    timing: LeaseTiming,
) -> watch::Receiver<Snapshot> {
    let mut changes = registry.changes();
    let (sender, receiver) = watch::channel(Snapshot::default());
    let mut failures = 0;
    read(&*registry, &clock, timing, &sender, &mut failures).await;
    tokio::spawn(async move {
        loop {
            let wait = match failures {
                0 => READ_INTERVAL,
                _ => timing.until_retry(failures),
            };
            tokio::select! {
                () = sender.closed() => return,
                Ok(()) = changes.changed() => {}
                () = sleep(wait) => {}
            }
            read(&*registry, &clock, timing, &sender, &mut failures).await;
        }
    });
    receiver
}

/// Reads the registry once and publishes the outcome. Counts failures in a row in `failures`.
async fn read(
    registry: &dyn Registry,
    clock: &SharedClock,
    timing: LeaseTiming,
    sender: &watch::Sender<Snapshot>,
    failures: &mut u32,
) {
    let result = timeout(timing.lease, registry.snapshot())
        .await
        .unwrap_or_else(|_| Err(RegistryError::Unavailable("no answer in time".to_owned())));
    match result {
        Ok(registrations) => {
            if std::mem::take(failures) > 0 {
                tracing::info!("the registry can be read again");
            }
            sender.send_if_modified(|snapshot| snapshot.update(registrations, clock.now_ms()));
        }
        Err(error) => {
            *failures = failures.saturating_add(1);
            if *failures == 1 {
                tracing::warn!(%error, "the registry cannot be read; using the last snapshot");
            }
            sender.send_if_modified(|snapshot| snapshot.mark_unreadable(&error));
        }
    }
}
