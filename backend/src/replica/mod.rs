//! A replica's life: registration, heartbeats, connections, the operator's switch, the orderly end.
//!
//! Knows nothing of what the requests are about.

mod connection;
mod handle;
mod identity;
mod listening;
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

/// After a replica has left the registry, front-end servers learn it within 250 ms. Until then they may open connections
/// here, which are served rather than refused.
const NEWS_SPREADS: Duration = Duration::from_millis(300);

/// What the life of a replica depends on.
#[derive(Clone, Debug)]
pub struct Life {
    pub listen: SocketAddr,
    /// Where others reach it, if not at the address listened on.
    pub advertise: Option<String>,
    /// Drawn at random if not given.
    pub id: Option<String>,
    pub started_at_ms: i64,
    pub timing: LeaseTiming,
    /// How long requests may take to finish at the end.
    pub drain: Duration,
}

/// A replica that listens, but serves nothing and is known to nobody yet.
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
    /// # Errors
    /// If the address cannot be listened on, or others could not reach it; says what to do.
    pub async fn bind(life: Life, registry: Arc<dyn Registry>) -> anyhow::Result<Self> {
        let listener = listening::bind(life.listen)?;
        let address = listener
            .local_addr()
            .context("the listener has no address")?;
        let advertised = match life.advertise {
            Some(given) => given,
            None if address.ip().is_unspecified() => bail!(
                "{address} is no address that front-end servers could reach; give one with --advertise HOST:PORT"
            ),
            None => address.to_string(),
        };
        let id = match life.id {
            Some(given) => given,
            None => identity::draw(&*registry).await?,
        };
        Ok(Self {
            listener,
            address,
            advertised,
            handle: ReplicaHandle::new(id, life.started_at_ms),
            registry,
            timing: life.timing,
            drain: life.drain,
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

    /// Serves `router`, registers, and calls `serving` once it is registered. When `shutdown` completes, leaves the registry,
    /// finishes what was begun, and returns.
    ///
    /// # Errors
    /// If another process registers under the same id: the newer one is right.
    pub async fn run(
        self,
        router: Router,
        serving: impl FnOnce(&ReplicaHandle, SocketAddr),
        shutdown: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        let ending = CancellationToken::new();
        let served = tokio::spawn(listening::serve(
            self.listener,
            router,
            self.handle.clone(),
            ending.clone(),
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
        let announce = |handle: &ReplicaHandle| serving(handle, self.address);
        let ended = obey(&self.handle, &membership, announce, shutdown).await;
        self.handle.set_leaving();
        membership.leave().await;
        sleep(NEWS_SPREADS).await;
        ending.cancel();
        served.await.context("the listener failed")?;
        ended
    }
}

/// Does what the operator wants until the end is asked for, or the id is taken.
async fn obey(
    handle: &ReplicaHandle,
    membership: &Membership,
    announce: impl FnOnce(&ReplicaHandle),
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let mut announce = Some(announce);
    let mut admin_state = membership.admin_state();
    let mut state = membership.state();
    let mut shutdown = std::pin::pin!(shutdown);
    let mut given_up = false;
    loop {
        // In this order: a membership tells what the operator wants before it tells that it stands, so that a replica that
        // comes back while it is down is down before anybody hears of it.
        let stands = *state.borrow_and_update();
        let wanted = *admin_state.borrow_and_update();
        if wanted != handle.admin_state() {
            tracing::info!(id = %handle.id, state = ?wanted, "switched by the operator");
            handle.set_admin_state(wanted);
        }
        match stands {
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
        if given_up {
            // Whoever supervises starts another one, which registers; this one would never be sent a request again.
            bail!("the registration of {} was given up", handle.id);
        }
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            changed = admin_state.changed() => given_up |= changed.is_err(),
            changed = state.changed() => given_up |= changed.is_err(),
        }
    }
}
