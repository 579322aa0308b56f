//! A replica's life cycle: registration, heartbeats, connections, the operator's switch, graceful shutdown.
//!
//! Knows nothing of the content of requests.

mod connection;
mod handle;
mod identity;
mod listener;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use registry::{LeaseTiming, Membership, MembershipState, NewRegistration, Registry, Role};
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

pub use handle::ReplicaHandle;

/// Time between deregistering and closing the listener. Front-end servers learn of the deregistration within 250 ms; until then they may
/// open connections, which are served rather than refused.
const DEREGISTRATION_DELAY: Duration = Duration::from_millis(300);

/// The configuration of a replica.
#[derive(Clone, Debug)]
pub struct ReplicaConfig {
    pub listen: SocketAddr,
    /// Address that front-end servers use, if it is not the one listened on.
    pub advertise: Option<String>,
    /// Random if not given.
    pub id: Option<String>,
    pub started_at_ms: i64,
    pub timing: LeaseTiming,
    /// How long requests may take to finish after shutdown is requested.
    pub drain: Duration,
}

/// A replica that has bound its address, but neither serves nor is registered yet.
pub struct Replica {
    listener: TcpListener,
    address: SocketAddr,
    advertised: String,
    handle: ReplicaHandle,
    registry: Arc<dyn Registry>,
    timing: LeaseTiming,
    drain: Duration,
}

impl Replica {
    /// Binds the address and chooses the id.
    ///
    /// # Errors
    /// If the address cannot be bound, or front-end servers could not reach it; the error says what to do.
    pub async fn bind(config: ReplicaConfig, registry: Arc<dyn Registry>) -> anyhow::Result<Self> {
        let listener = listener::bind(config.listen)?;
        let address = listener
            .local_addr()
            .context("the listener has no address")?;
        let advertised = match config.advertise {
            Some(given) => given,
            None if address.ip().is_unspecified() => bail!(
                "front-end servers cannot reach {address}; give an address that they can with --advertise HOST:PORT"
            ),
            None => address.to_string(),
        };
        let id = match config.id {
            Some(given) => given,
            None => identity::generate_id(&*registry).await?,
        };
        Ok(Self {
            listener,
            address,
            advertised,
            handle: ReplicaHandle::new(id, config.started_at_ms),
            registry,
            timing: config.timing,
            drain: config.drain,
        })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    #[must_use]
    pub fn handle(&self) -> ReplicaHandle {
        self.handle.clone()
    }

    /// Serves `router`, registers, and calls `on_registered` once the replica is registered. When `shutdown` completes, deregisters, finishes
    /// in-flight requests, and returns.
    ///
    /// # Errors
    /// If another process registers under the same id: the newer process keeps the id.
    pub async fn run(
        self,
        router: Router,
        on_registered: impl FnOnce(&ReplicaHandle, SocketAddr),
        shutdown: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        let closing = CancellationToken::new();
        let served = tokio::spawn(listener::serve(
            self.listener,
            router,
            self.handle.clone(),
            closing.clone(),
            self.drain,
        ));
        let new = NewRegistration {
            id: self.handle.id.clone(),
            role: Role::Replica,
            address: self.advertised,
            public_url: None,
            version: self.handle.version.clone(),
            started_at_ms: self.handle.started_at_ms,
            process_id: std::process::id(),
        };
        let membership = Membership::start(self.registry, new, self.timing);
        let announce = |handle: &ReplicaHandle| on_registered(handle, self.address);
        let result = follow_membership(&self.handle, &membership, announce, shutdown).await;
        self.handle.set_shutting_down();
        membership.leave().await;
        sleep(DEREGISTRATION_DELAY).await;
        closing.cancel();
        served.await.context("the listener failed")?;
        result
    }
}

/// Applies the operator's switch until `shutdown` completes, another process takes the id, or the registration task ends.
async fn follow_membership(
    handle: &ReplicaHandle,
    membership: &Membership,
    announce: impl FnOnce(&ReplicaHandle),
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let mut announce = Some(announce);
    let mut admin_state = membership.admin_state();
    let mut state = membership.state();
    let mut shutdown = std::pin::pin!(shutdown);
    let mut membership_ended = false;
    loop {
        // The state is read first: a membership publishes the admin state before the state, so that a replica that restarts while
        // it is switched down is down before it is announced.
        let current_state = *state.borrow_and_update();
        let requested = *admin_state.borrow_and_update();
        if requested != handle.admin_state() {
            tracing::info!(id = %handle.id, state = ?requested, "switched by the operator");
            handle.set_admin_state(requested);
        }
        match current_state {
            MembershipState::Replaced => bail!(
                "another process has registered as {}; give one of them another --id",
                handle.id
            ),
            MembershipState::Registered => {
                if let Some(announce) = announce.take() {
                    announce(handle);
                }
            }
            MembershipState::Registering | MembershipState::Deregistered => {}
        }
        if membership_ended {
            // Without a registration this process would get no requests. It ends, and its supervisor starts another one.
            bail!("the registration of {} has ended", handle.id);
        }
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            changed = admin_state.changed() => membership_ended |= changed.is_err(),
            changed = state.changed() => membership_ended |= changed.is_err(),
        }
    }
}
