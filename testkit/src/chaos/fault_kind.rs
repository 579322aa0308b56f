//! The kinds of faults that the nemesis can inject.

use std::fmt;

use crate::fault_proxy::Toxic;
use crate::providers::ProviderMode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A replica gets SIGKILL; started again at the end of the fault.
    Kill,
    /// A replica is stopped (SIGSTOP); resumed at the end of the fault.
    Hang,
    /// A replica's admin state is `down`.
    SwitchDown,
    /// A replica's admin state is `draining`.
    Drain,
    /// A replica gets SIGTERM and is started again at once.
    Restart,
    /// A replica is restarted with a clock that is ahead.
    ClockSkew,
    /// A replica's writes to files fail.
    DiskFull,
    /// A replica's `fsync` calls fail.
    FsyncFailure,
    /// The link from the front-end servers to a replica.
    ReplicaLink(Toxic),
    Providers(ProviderMode),
    /// The links from the replicas to the providers.
    ProviderLink(Toxic),
    /// The link of the customers with a faulty link.
    CustomerLink(Toxic),
    /// Every replica is restarted, each when the one before is available.
    RollingRestart,
    /// Every replica is killed.
    TotalOutage,
    /// A foreign connection keeps the registry locked for longer than a lease lasts.
    LockRegistry,
    /// A front-end server gets SIGKILL; started again at the end of the fault.
    KillServer,
    /// A front-end server is stopped (SIGSTOP); resumed at the end of the fault.
    HangServer,
}

/// What a fault affects, which limits the faults that may overlap with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One replica.
    Replica,
    /// The providers, or the customers' links.
    Environment,
    /// All replicas.
    Cluster,
    /// One front-end server.
    Server,
}

impl FaultKind {
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::Providers(_) | Self::ProviderLink(_) | Self::CustomerLink(_) => {
                Scope::Environment
            }
            Self::RollingRestart | Self::TotalOutage | Self::LockRegistry => Scope::Cluster,
            Self::KillServer | Self::HangServer => Scope::Server,
            _ => Scope::Replica,
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kill => "replica killed",
            Self::Hang => "replica hung",
            Self::SwitchDown => "replica switched down",
            Self::Drain => "replica drained",
            Self::Restart => "replica restarted",
            Self::ClockSkew => "replica's clock ahead",
            Self::DiskFull => "replica's disk full",
            Self::FsyncFailure => "replica's fsync fails",
            Self::RollingRestart => "rolling restart",
            Self::TotalOutage => "all replicas killed",
            Self::LockRegistry => "registry locked",
            Self::KillServer => "front-end server killed",
            Self::HangServer => "front-end server hung",
            Self::ReplicaLink(toxic) => return write!(f, "link to replica: {}", name(*toxic)),
            Self::ProviderLink(toxic) => return write!(f, "link to providers: {}", name(*toxic)),
            Self::CustomerLink(toxic) => return write!(f, "link of customers: {}", name(*toxic)),
            Self::Providers(ProviderMode::Healthy) => "providers healthy",
            Self::Providers(ProviderMode::Unavailable) => "providers unavailable",
            Self::Providers(ProviderMode::Slow) => "providers slow",
            Self::Providers(ProviderMode::Malformed) => "providers' responses malformed",
            Self::Providers(ProviderMode::InvalidPosition) => "providers' positions invalid",
        })
    }
}

fn name(toxic: Toxic) -> &'static str {
    match toxic {
        Toxic::None => "sound",
        Toxic::Latency { .. } => "latency",
        Toxic::Slicer => "slicer",
        Toxic::BlackHole => "black hole",
        Toxic::HalfClose => "half-close",
        Toxic::ResetPeer => "reset",
    }
}
