//! A process's membership: a task that registers the process, sends heartbeats, and reports the admin state set by the operator.
//!
//! Knows nothing of what the process serves.

use std::sync::Arc;

use model::status::AdminState;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use crate::{Lease, LeaseTiming, NewRegistration, Registration, Registry, RegistryError};

/// State of a process's registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipState {
    /// Not registered yet, or not registered again yet after its lease expired.
    Registering,
    Registered,
    /// Another process has registered under the id. Final: this process must not register again.
    Replaced,
    Deregistered,
}

/// Keeps one process registered until it leaves or another process registers under its id. Dropping it ends the heartbeats, and the
/// lease expires.
pub struct Membership {
    admin_state: watch::Receiver<AdminState>,
    state: watch::Receiver<MembershipState>,
    leave: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Membership {
    /// Starts to register; retries for as long as the registry is unavailable.
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
            task: tokio::spawn(member.run()),
        }
    }

    /// The admin state that the operator has set for this process, at most 250 ms old. Keeps its last value while the registry
    /// cannot be read.
    #[must_use]
    pub fn admin_state(&self) -> watch::Receiver<AdminState> {
        self.admin_state.clone()
    }

    #[must_use]
    pub fn state(&self) -> watch::Receiver<MembershipState> {
        self.state.clone()
    }

    /// Deregisters and ends the task. If the registry is unavailable, returns within the length of a lease, which then expires.
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

/// The membership's task.
struct Member {
    registry: Arc<dyn Registry>,
    new: NewRegistration,
    timing: LeaseTiming,
    changes: watch::Receiver<u64>,
    admin_state: watch::Sender<AdminState>,
    state: watch::Sender<MembershipState>,
    leaving: watch::Receiver<bool>,
}

/// Why a member stops holding its lease.
enum LeaseEnd {
    Expired,
    Replaced,
    /// The lease is still held, and the process leaves.
    Leaving,
}

/// What a member does next.
enum Action {
    Heartbeat,
    ReadAdminState,
    Leave,
}

impl Member {
    async fn run(mut self) {
        let last = loop {
            let Some(lease) = self.register().await else {
                break MembershipState::Deregistered;
            };
            match self.hold(&lease).await {
                LeaseEnd::Expired => {
                    tracing::warn!(id = %self.new.id, "the lease has expired; registering again");
                    self.state.send_replace(MembershipState::Registering);
                }
                LeaseEnd::Replaced => {
                    tracing::error!(id = %self.new.id, "another process has registered under this id");
                    break MembershipState::Replaced;
                }
                LeaseEnd::Leaving => {
                    self.deregister(&lease).await;
                    break MembershipState::Deregistered;
                }
            }
        };
        self.state.send_replace(last);
    }

    /// Registers, with retries; `None` if the process leaves first.
    async fn register(&mut self) -> Option<Lease> {
        let mut failures = 0;
        while !*self.leaving.borrow() {
            // Not cancelled by leaving: the lease of a registration whose result is dropped could not be ended.
            let registered = self
                .with_timeout(self.registry.register(self.new.clone()))
                .await;
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
                        tracing::warn!(id = %self.new.id, %error, "cannot register; retrying");
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

    /// Holds `lease` with heartbeats until it ends or the process leaves.
    async fn hold(&mut self, lease: &Lease) -> LeaseEnd {
        let mut failures = 0;
        let mut next = Instant::now();
        loop {
            match self.next_action(next).await {
                Action::Leave => return LeaseEnd::Leaving,
                Action::ReadAdminState => {
                    // If the snapshot fails, the next heartbeat returns the admin state.
                    if let Ok(snapshot) = self.with_timeout(self.registry.snapshot()).await {
                        match snapshot.iter().find(|other| self.is_own(other)) {
                            Some(own) => self.report_admin_state(own.admin_state),
                            // The lease expired or the process was replaced: a heartbeat returns which.
                            None => next = Instant::now(),
                        }
                    }
                }
                Action::Heartbeat => {
                    match self.with_timeout(self.registry.heartbeat(lease)).await {
                        Ok(admin_state) => {
                            if failures > 0 {
                                tracing::info!(id = %self.new.id, "the registry is available again");
                            }
                            failures = 0;
                            self.report_admin_state(admin_state);
                            self.state.send_if_modified(|state| {
                                std::mem::replace(state, MembershipState::Registered)
                                    != MembershipState::Registered
                            });
                            next = Instant::now() + self.timing.until_heartbeat();
                        }
                        Err(RegistryError::LeaseTaken { .. }) => return LeaseEnd::Replaced,
                        Err(
                            RegistryError::LeaseLost { .. } | RegistryError::NotRegistered { .. },
                        ) => {
                            return LeaseEnd::Expired;
                        }
                        Err(error @ RegistryError::Unavailable(_)) => {
                            failures += 1;
                            if failures == 1 {
                                tracing::warn!(id = %self.new.id, %error, "the heartbeat failed; retrying");
                            }
                            next = Instant::now() + self.timing.until_retry(failures);
                        }
                    }
                }
            }
        }
    }

    /// Waits for the next heartbeat at `next`, a change of the registry, or the request to leave.
    async fn next_action(&mut self, next: Instant) -> Action {
        tokio::select! {
            biased;
            _ = self.leaving.wait_for(|leaving| *leaving) => Action::Leave,
            () = sleep_until(next) => Action::Heartbeat,
            Ok(()) = self.changes.changed() => Action::ReadAdminState,
        }
    }

    fn is_own(&self, other: &Registration) -> bool {
        (other.role, &other.id, &other.address, other.process_id)
            == (
                self.new.role,
                &self.new.id,
                &self.new.address,
                self.new.process_id,
            )
    }

    fn report_admin_state(&self, admin_state: AdminState) {
        self.admin_state
            .send_if_modified(|current| std::mem::replace(current, admin_state) != admin_state);
    }

    async fn deregister(&self, lease: &Lease) {
        if let Err(error) = self.with_timeout(self.registry.deregister(lease)).await {
            tracing::warn!(id = %self.new.id, %error, "cannot deregister; the lease will expire");
        }
    }

    /// Runs an operation with the length of a lease as its timeout: a registry that hangs counts as unavailable.
    async fn with_timeout<T>(
        &self,
        operation: impl Future<Output = Result<T, RegistryError>>,
    ) -> Result<T, RegistryError> {
        timeout(self.timing.lease, operation)
            .await
            .unwrap_or_else(|_| {
                let timeout_ms = self.timing.lease.as_millis();
                Err(RegistryError::Unavailable(format!(
                    "no answer within {timeout_ms} ms"
                )))
            })
    }
}
