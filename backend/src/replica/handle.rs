//! What the rest of the process may know of the replica that it runs in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use model::status::AdminState;
use tokio::sync::watch;

/// Cheap to clone; all clones tell the same.
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
    leaving: AtomicBool,
}

impl ReplicaHandle {
    /// A replica that is `up` until told otherwise.
    #[must_use]
    pub fn new(id: impl Into<String>, started_at_ms: i64) -> Self {
        Self {
            id: id.into(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at_ms,
            shared: Arc::new(Shared {
                admin_state: watch::Sender::new(AdminState::Up),
                in_flight: AtomicU32::new(0),
                leaving: AtomicBool::new(false),
            }),
        }
    }

    /// What the operator wants of this replica.
    #[must_use]
    pub fn admin_state(&self) -> AdminState {
        *self.shared.admin_state.borrow()
    }

    /// Requests that were begun and whose answers are not sent to the end, health aside.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.shared.in_flight.load(Ordering::Relaxed)
    }

    /// Why front-end servers should send nothing here, for people; nothing when they may. Health says 503 where there is a
    /// reason.
    #[must_use]
    pub fn reason_not_ready(&self) -> Option<&'static str> {
        if self.shared.leaving.load(Ordering::Relaxed) {
            return Some("shutting down");
        }
        match self.admin_state() {
            AdminState::Up => None,
            AdminState::Draining => Some("draining: the operator sends it nothing new"),
            AdminState::Down => Some("switched down by the operator"),
        }
    }

    /// For whoever must act the moment the operator switches.
    pub fn watch_admin_state(&self) -> watch::Receiver<AdminState> {
        self.shared.admin_state.subscribe()
    }

    /// The replica was told what the operator wants; tests of the API may play the operator.
    pub fn set_admin_state(&self, wanted: AdminState) {
        self.shared
            .admin_state
            .send_if_modified(|current| std::mem::replace(current, wanted) != wanted);
    }

    pub(super) fn set_leaving(&self) {
        self.shared.leaving.store(true, Ordering::Relaxed);
    }

    /// Counts a request for as long as the guard lives.
    pub(super) fn begin(&self) -> InFlight {
        self.shared.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(&self.shared))
    }
}

/// A request that is being answered.
pub(super) struct InFlight(Arc<Shared>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
