//! Wire types of the status panel and of the replicas' health reports.

use serde::{Deserialize, Serialize};

use crate::drill::Drill;

/// State of a replica set by the operator. Stored in the registry; front-end servers and the replica itself act on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AdminState {
    #[default]
    Up,
    /// Completes its requests in flight and receives no new ones.
    Draining,
    /// Behaves like a failed replica: rejects every request except health checks, and breaks those in flight.
    Down,
}

/// Body of `PUT /api/v1/status/replicas/{id}/admin-state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminStateChange {
    pub admin_state: AdminState,
}

/// Body of `POST /api/v1/status/session`; `DELETE` ends it. The session is a cookie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    pub password: String,
}

/// The content of the status panel, from the view of one front-end server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Status {
    pub now_ms: i64,
    /// Whether the caller has the operator's session, and may set admin states.
    pub signed_in: bool,
    /// Id of the responding front-end server.
    pub server: String,
    pub servers: Vec<ServerStatus>,
    pub registry: RegistryStatus,
    /// The replica to which requests are routed first; absent: none is available.
    pub primary: Option<Primary>,
    /// In order of registration, which is the order of preference.
    pub replicas: Vec<ReplicaStatus>,
    pub providers: Vec<ProviderStatus>,
    pub traffic: Traffic,
    /// Newest first, bounded.
    pub events: Vec<Event>,
    /// The running drill, or this server's last one. Only for the signed-in operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill: Option<Box<Drill>>,
}

/// A front-end server on the status panel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerStatus {
    pub id: String,
    pub version: String,
    pub started_at_ms: i64,
    /// URL at which the caller reaches it: `https://one.shop.example`. Absent: not known.
    pub url: Option<String>,
}

/// The live front-end servers, in the order of registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Servers {
    pub servers: Vec<ServerAddress>,
}

/// Address of a front-end server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerAddress {
    pub id: String,
    /// URL at which the caller reaches it, without a path: `https://one.shop.example`, `http://192.168.1.7:8081`.
    pub url: String,
    /// Whether it is the responding front-end server.
    pub own: bool,
}

/// State of the registry, from the view of the responding front-end server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistryStatus {
    /// False: the registry cannot be read, and the last snapshot is in use.
    pub readable: bool,
    pub snapshot_at_ms: i64,
}

/// The primary replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Primary {
    pub replica: String,
    pub since_ms: i64,
}

/// State of a replica, from the view of the responding front-end server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplicaStatus {
    pub id: String,
    /// Only for the signed-in operator.
    pub address: Option<String>,
    pub version: String,
    pub started_at_ms: i64,
    pub admin_state: AdminState,
    pub health: Health,
    /// Why the replica is not available, as text for the operator.
    pub reason: Option<String>,
    /// Start of the current health.
    pub since_ms: i64,
    /// Median response time of each recent second in milliseconds, oldest first; at most 60.
    pub latency_ms: Vec<f32>,
    pub requests_per_second: f32,
    pub in_flight: u32,
}

/// Health of a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Not checked yet.
    Starting,
    Available,
    /// Refuses or breaks connections, or does not respond.
    Unavailable,
}

/// The state of one geocoding provider, merged from the reports of all replicas. The breaker is the worst of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderStatus {
    pub name: String,
    pub breaker: Breaker,
    pub last_success_ms: Option<i64>,
    pub last_failure_ms: Option<i64>,
    /// The last error, as text for the operator: `timed out after 1.5 s`.
    pub last_error: Option<String>,
    pub successes: u64,
    pub failures: u64,
}

/// State of a circuit breaker, in ascending order of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Breaker {
    Closed,
    HalfOpen,
    Open,
}

/// Counters of the responding front-end server since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Traffic {
    pub requests: u64,
    /// Requests to which the gateway responded with 502, 503 or 504.
    pub failed: u64,
    /// Attempts retried on another replica.
    pub repeated: u64,
    pub requests_per_second: f32,
}

/// An event in the list of the status panel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Number of the event on this front-end server.
    pub sequence: u64,
    pub at_ms: i64,
    pub kind: EventKind,
    pub replica: Option<String>,
    /// Text for the operator: `replica-2 gone; 4 requests moved to replica-3 in 9 ms; 0 failed`.
    pub message: String,
    /// Duration, for events that have one.
    pub took_ms: Option<f64>,
}

/// Kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Joined,
    Left,
    /// The lease of the replica expired, or its connections broke.
    Killed,
    /// The replica is available again.
    Recovered,
    Switched,
    FailedOver,
    RegistryLost,
    RegistryBack,
    /// A drill started, injected its fault or ended.
    Drill,
}

/// A replica's report of its own state: response of [`crate::api::HEALTH_READY`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplicaReport {
    pub id: String,
    pub version: String,
    pub ready: bool,
    /// Why the replica is not ready.
    pub reason: Option<String>,
    pub admin_state: AdminState,
    pub in_flight: u32,
    pub providers: Vec<ProviderStatus>,
    /// The last stopped process that the replica has ended; absent: none.
    #[serde(default)]
    pub ended: Option<EndedProcess>,
}

/// A process that was stopped while it held a lock that others needed, and was ended by a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndedProcess {
    pub process_id: u32,
    /// Number of processes that the replica has ended since its start, this one included.
    pub count: u32,
}
