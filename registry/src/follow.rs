//! Following the registry, for whoever routes by it: the last good snapshot, kept up to date.
//!
//! Knows nothing of health or of routing.

use std::sync::Arc;
use std::time::Duration;

use process::clock::SharedClock;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::{LeaseTiming, Registration, Registry, RegistryError, Role};

/// Who was there when the registry could be read last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Of both roles, by position. While the registry cannot be read, leases in it may have run out.
    pub registrations: Vec<Registration>,
    /// False: it cannot be read at the moment.
    pub readable: bool,
    /// When `registrations` were read; 0 before the first time. Goes on while nothing changes, without waking anybody.
    pub read_at_ms: i64,
    /// Why it cannot be read, for people.
    pub reason: Option<String>,
}

impl Snapshot {
    /// In the order of registration, which is the order of preference.
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

    /// Takes over what was read; tells whether that is news. Heartbeats are none.
    fn read(&mut self, registrations: Vec<Registration>, now_ms: i64) -> bool {
        let news = !self.readable
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
        news
    }

    fn lost(&mut self, error: &RegistryError) -> bool {
        self.reason = Some(error.to_string());
        std::mem::replace(&mut self.readable, false)
    }
}

/// Without changes it is read this often all the same, so that `read_at_ms` tells that it can be read.
const READ_EVERY: Duration = Duration::from_secs(1);

/// Reads the registry, then follows it for as long as a receiver is kept.
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
                0 => READ_EVERY,
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

async fn read(
    registry: &dyn Registry,
    clock: &SharedClock,
    timing: LeaseTiming,
    sender: &watch::Sender<Snapshot>,
    failures: &mut u32,
) {
    let answer = timeout(timing.lease, registry.snapshot())
        .await
        .unwrap_or_else(|_| Err(RegistryError::Unavailable("no answer in time".to_owned())));
    match answer {
        Ok(registrations) => {
            if std::mem::take(failures) > 0 {
                tracing::info!("the registry can be read again");
            }
            sender.send_if_modified(|snapshot| snapshot.read(registrations, clock.now_ms()));
        }
        Err(error) => {
            *failures = failures.saturating_add(1);
            if *failures == 1 {
                tracing::warn!(%error, "the registry cannot be read; going on with what it said last");
            }
            sender.send_if_modified(|snapshot| snapshot.lost(&error));
        }
    }
}
