//! Staying in the registry: a task that registers a process, heartbeats, and learns what the operator wants of it.
//!
//! Knows nothing of what the process serves.

use std::sync::Arc;
use std::time::Duration;

use model::status::AdminState;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use crate::{Lease, NewRegistration, Registration, Registry, RegistryError};

/// How often a membership speaks to the registry.
#[derive(Clone, Copy, Debug)]
pub struct LeaseTiming {
    /// Of the registry. Five heartbeats go into it, so that a process may miss three and keep its lease.
    pub lease: Duration,
    /// From 0 to 1, drawn for every wait, so that processes that started together do not stay in step.
    pub jitter: fn() -> f64,
}

impl LeaseTiming {
    #[must_use]
    pub fn new(lease: Duration) -> Self {
        Self {
            lease,
            jitter: rand::random::<f64>,
        }
    }

    /// 80 to 100 % of `full`.
    fn jittered(&self, full: Duration) -> Duration {
        full.mul_f64(0.8 + 0.2 * (self.jitter)().clamp(0.0, 1.0))
    }

    fn until_heartbeat(&self) -> Duration {
        self.jittered(self.lease / 5)
    }

    /// Doubles with each failure in a row, up to half a lease, so that a registry that is back is noticed in time.
    pub(crate) fn until_retry(&self, failures: u32) -> Duration {
        let doubled = FIRST_RETRY.saturating_mul(1 << failures.saturating_sub(1).min(10));
        self.jittered(doubled.min(self.lease / 2))
    }
}

const FIRST_RETRY: Duration = Duration::from_millis(50);

/// Where a process stands with the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipState {
    /// Not registered yet, or again after its lease ran out.
    Registering,
    Registered,
    /// A newer process holds the id. The end: this one must not register again.
    Replaced,
    Deregistered,
}

/// Keeps one process registered until it leaves or another takes its id. Dropping it ends the heartbeats, and the lease runs
/// out by itself.
pub struct Membership {
    admin_state: watch::Receiver<AdminState>,
    state: watch::Receiver<MembershipState>,
    leave: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Membership {
    /// Starts registering; a registry that is away is tried until it is back.
    #[must_use]
    pub fn start(registry: Arc<dyn Registry>, new: NewRegistration, timing: LeaseTiming) -> Self {
        let (admin_sender, admin_state) = watch::channel(AdminState::Up);
        let (state_sender, state) = watch::channel(MembershipState::Registering);
        let (leave, leaving) = watch::channel(false);
        let member = Member {
            changes: registry.changes(),
            registry,
            new,
            timing,
            admin_state: admin_sender,
            state: state_sender,
            leaving,
        };
        Self {
            admin_state,
            state,
            leave,
            task: tokio::spawn(member.live()),
        }
    }

    /// What the operator wants of this process, within 250 ms. Kept while the registry cannot be read.
    #[must_use]
    pub fn admin_state(&self) -> watch::Receiver<AdminState> {
        self.admin_state.clone()
    }

    #[must_use]
    pub fn state(&self) -> watch::Receiver<MembershipState> {
        self.state.clone()
    }

    /// Deregisters and ends. Without the registry, gives up within a lease, which then runs out by itself.
    pub async fn leave(mut self) {
        self.leave.send_replace(true);
        // Fails only if the task panicked, which the runtime has reported.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Member {
    registry: Arc<dyn Registry>,
    new: NewRegistration,
    timing: LeaseTiming,
    changes: watch::Receiver<u64>,
    admin_state: watch::Sender<AdminState>,
    state: watch::Sender<MembershipState>,
    leaving: watch::Receiver<bool>,
}

/// Why a member no longer holds its lease.
enum Loss {
    RanOut,
    Taken,
    /// It still holds it, and wants to go.
    Leaving,
}

enum Due {
    Heartbeat,
    Look,
    Leave,
}

impl Member {
    async fn live(mut self) {
        let last = loop {
            let Some(lease) = self.join().await else {
                break MembershipState::Deregistered;
            };
            match self.hold(&lease).await {
                Loss::RanOut => {
                    tracing::warn!(id = %self.new.id, "the lease ran out; registering again");
                    self.state.send_replace(MembershipState::Registering);
                }
                Loss::Taken => {
                    tracing::error!(id = %self.new.id, "another process has registered under this id");
                    break MembershipState::Replaced;
                }
                Loss::Leaving => {
                    self.give_up(&lease).await;
                    break MembershipState::Deregistered;
                }
            }
        };
        self.state.send_replace(last);
    }

    /// Registers, however long it takes; nothing if asked to leave before.
    async fn join(&mut self) -> Option<Lease> {
        let mut failures = 0;
        while !*self.leaving.borrow() {
            // Not raced against leaving: a registration that was made without us knowing could not be given up.
            let registered = self.in_time(self.registry.register(self.new.clone())).await;
            match registered {
                Ok(lease) => {
                    if failures > 0 {
                        tracing::info!(id = %self.new.id, "registered after {failures} failures");
                    }
                    return Some(lease);
                }
                Err(error) => {
                    failures += 1;
                    if failures == 1 {
                        tracing::warn!(id = %self.new.id, %error, "cannot register; trying on");
                    }
                    let retry = Instant::now() + self.timing.until_retry(failures);
                    tokio::select! {
                        () = sleep_until(retry) => {}
                        _ = self.leaving.wait_for(|leaving| *leaving) => {}
                    }
                }
            }
        }
        None
    }

    async fn hold(&mut self, lease: &Lease) -> Loss {
        let mut failures = 0;
        let mut next = Instant::now();
        loop {
            match self.wait(next).await {
                Due::Leave => return Loss::Leaving,
                Due::Look => {
                    // Should the snapshot fail, the next heartbeat brings the admin state as well.
                    if let Ok(snapshot) = self.in_time(self.registry.snapshot()).await {
                        match snapshot.iter().find(|other| self.is_me(other)) {
                            Some(me) => self.obey(me.admin_state),
                            // Ran out or taken: the heartbeat knows which.
                            None => next = Instant::now(),
                        }
                    }
                }
                Due::Heartbeat => match self.in_time(self.registry.heartbeat(lease)).await {
                    Ok(admin_state) => {
                        if failures > 0 {
                            tracing::info!(id = %self.new.id, "the registry is back");
                        }
                        failures = 0;
                        self.obey(admin_state);
                        self.state.send_if_modified(|state| {
                            std::mem::replace(state, MembershipState::Registered)
                                != MembershipState::Registered
                        });
                        next = Instant::now() + self.timing.until_heartbeat();
                    }
                    Err(RegistryError::LeaseTaken { .. }) => return Loss::Taken,
                    Err(RegistryError::LeaseLost { .. } | RegistryError::NotRegistered { .. }) => {
                        return Loss::RanOut;
                    }
                    Err(error @ RegistryError::Unavailable(_)) => {
                        failures += 1;
                        if failures == 1 {
                            tracing::warn!(id = %self.new.id, %error, "no heartbeat; trying on");
                        }
                        next = Instant::now() + self.timing.until_retry(failures);
                    }
                },
            }
        }
    }

    async fn wait(&mut self, next: Instant) -> Due {
        tokio::select! {
            biased;
            _ = self.leaving.wait_for(|leaving| *leaving) => Due::Leave,
            () = sleep_until(next) => Due::Heartbeat,
            Ok(()) = self.changes.changed() => Due::Look,
        }
    }

    fn is_me(&self, other: &Registration) -> bool {
        (other.role, &other.id, &other.address, other.process_id)
            == (
                self.new.role,
                &self.new.id,
                &self.new.address,
                self.new.process_id,
            )
    }

    fn obey(&self, wanted: AdminState) {
        self.admin_state
            .send_if_modified(|current| std::mem::replace(current, wanted) != wanted);
    }

    async fn give_up(&self, lease: &Lease) {
        if let Err(error) = self.in_time(self.registry.deregister(lease)).await {
            tracing::warn!(id = %self.new.id, %error, "cannot deregister; the lease will run out");
        }
    }

    /// A registry that hangs is one that is away.
    async fn in_time<T>(
        &self,
        asked: impl Future<Output = Result<T, RegistryError>>,
    ) -> Result<T, RegistryError> {
        timeout(self.timing.lease, asked).await.unwrap_or_else(|_| {
            let waited = self.timing.lease.as_millis();
            Err(RegistryError::Unavailable(format!(
                "no answer within {waited} ms"
            )))
        })
    }
}
