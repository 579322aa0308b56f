//! The replica's handle: what the rest of the process sees of the replica that it runs in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use model::status::AdminState;
use tokio::sync::watch;

/// A handle on the replica's state. Cheap to clone; all clones share it.
#[derive(Clone, Debug)]
pub struct ReplicaHandle {
    pub id: String,
    pub version: String,
    pub started_at_ms: i64,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    admin_state: watch::Sender<AdminState>,
    in_flight: AtomicU32,
    shutting_down: AtomicBool,
}

impl ReplicaHandle {
    /// Creates the handle of a replica that is `up`.
    #[must_use]
    pub fn new(id: impl Into<String>, started_at_ms: i64) -> Self {
        Self {
            id: id.into(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at_ms,
            shared: Arc::new(Shared {
                admin_state: watch::Sender::new(AdminState::Up),
                in_flight: AtomicU32::new(0),
                shutting_down: AtomicBool::new(false),
            }),
        }
    }

    /// The state that the operator has switched this replica to.
    #[must_use]
    pub fn admin_state(&self) -> AdminState {
        *self.shared.admin_state.borrow()
    }

    /// Requests in flight: started, with a response that is not completely sent. Health requests do not count.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.shared.in_flight.load(Ordering::Relaxed)
    }

    /// Why the replica is not ready, for display; `None` when it is. The health endpoint returns 503 where there is a reason.
    #[must_use]
    pub fn reason_not_ready(&self) -> Option<&'static str> {
        if self.shared.shutting_down.load(Ordering::Relaxed) {
            return Some("shutting down");
        }
        match self.admin_state() {
            AdminState::Up => None,
            AdminState::Draining => Some("draining: the operator has stopped new requests"),
            AdminState::Down => Some("switched down by the operator"),
        }
    }

    /// Watches the admin state.
    pub fn watch_admin_state(&self) -> watch::Receiver<AdminState> {
        self.shared.admin_state.subscribe()
    }

    /// Sets the admin state that the registry reports; tests of the API call it in place of the operator.
    pub fn set_admin_state(&self, admin_state: AdminState) {
        self.shared
            .admin_state
            .send_if_modified(|current| std::mem::replace(current, admin_state) != admin_state);
    }

    pub(super) fn set_shutting_down(&self) {
        self.shared.shutting_down.store(true, Ordering::Relaxed);
    }

    /// Counts a request as in flight for as long as the guard lives.
    pub(super) fn count_request(&self) -> InFlightGuard {
        self.shared.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlightGuard(Arc::clone(&self.shared))
    }
}

/// Counts one request in flight; dropping it ends the count.
pub(super) struct InFlightGuard(Arc<Shared>);

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
