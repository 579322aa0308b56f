//! What the status panel shows, and what a replica reports of itself.

use serde::{Deserialize, Serialize};

use crate::drill::Drill;

/// Set by the operator, kept in the registry, obeyed by front-end servers and by the replica itself.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AdminState {
    #[default]
    Up,
    /// Finishes what it has, gets nothing new.
    Draining,
    /// Behaves as dead: refuses every request but health, breaks those in flight.
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

/// Everything the panel draws, as one front-end server sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Status {
    pub now_ms: i64,
    /// The caller holds the operator's session and may use the switches.
    pub signed_in: bool,
    /// The front-end server that answers.
    pub server: String,
    pub servers: Vec<ServerStatus>,
    pub registry: RegistryStatus,
    /// Id of the replica that requests go to first, since when; absent when none is available.
    pub primary: Option<Primary>,
    /// In order of registration, which is the order of preference.
    pub replicas: Vec<ReplicaStatus>,
    pub providers: Vec<ProviderStatus>,
    pub traffic: Traffic,
    /// Newest first, bounded.
    pub events: Vec<Event>,
    /// The drill that runs, or this server's last one. Shown to the signed-in operator only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill: Option<Box<Drill>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerStatus {
    pub id: String,
    pub version: String,
    pub started_at_ms: i64,
    /// Where whoever asks reaches it: `https://one.shop.example`. Absent where that is not known.
    pub url: Option<String>,
}

/// The front-end servers that live, in the order of registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Servers {
    pub servers: Vec<ServerAddress>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerAddress {
    pub id: String,
    /// Where whoever asks reaches it, without a path: `https://one.shop.example`, `http://192.168.1.7:8081`.
    pub url: String,
    /// It is the one that answers.
    pub own: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistryStatus {
    /// False: it cannot be read; the last snapshot is in use.
    pub readable: bool,
    pub snapshot_at_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Primary {
    pub replica: String,
    pub since_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplicaStatus {
    pub id: String,
    /// Shown to the signed-in operator only.
    pub address: Option<String>,
    pub version: String,
    pub started_at_ms: i64,
    pub admin_state: AdminState,
    pub health: Health,
    /// Why it is not available, for people.
    pub reason: Option<String>,
    /// Since when it has had this health.
    pub since_ms: i64,
    /// Times of its recent answers in milliseconds, oldest first, one figure a second (median); at most 60.
    pub latency_ms: Vec<f32>,
    pub requests_per_second: f32,
    pub in_flight: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Not judged yet.
    Starting,
    Available,
    /// Refuses, breaks or does not answer.
    Unavailable,
}

/// What the replicas report of one geocoding provider, merged: the worst breaker wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderStatus {
    pub name: String,
    pub breaker: Breaker,
    pub last_success_ms: Option<i64>,
    pub last_failure_ms: Option<i64>,
    /// Why it failed last, for people: `timed out after 1.5 s`.
    pub last_error: Option<String>,
    pub successes: u64,
    pub failures: u64,
}

#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Breaker {
    Closed,
    HalfOpen,
    Open,
}

/// Counted by the answering front-end server since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Traffic {
    pub requests: u64,
    /// Answered 502, 503 or 504 by the gateway.
    pub failed: u64,
    /// Attempts repeated on another replica.
    pub repeated: u64,
    pub requests_per_second: f32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Grows by one with each event of this front-end server.
    pub sequence: u64,
    pub at_ms: i64,
    pub kind: EventKind,
    pub replica: Option<String>,
    /// For people: `replica-2 gone; 4 requests moved to replica-3 in 9 ms; 0 failed`.
    pub message: String,
    /// How long it took, where that is the point.
    pub took_ms: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Joined,
    Left,
    /// Its lease ran out, or its connections broke.
    Killed,
    /// It came back to health.
    Recovered,
    Switched,
    FailedOver,
    RegistryLost,
    RegistryBack,
    /// A drill began, struck or ended.
    Drill,
}

/// What a replica says of itself on [`crate::api::HEALTH_READY`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplicaReport {
    pub id: String,
    pub version: String,
    pub ready: bool,
    /// Why it is not ready.
    pub reason: Option<String>,
    pub admin_state: AdminState,
    pub in_flight: u32,
    pub providers: Vec<ProviderStatus>,
    /// The stopped process that it ended last; absent: none so far.
    #[serde(default)]
    pub ended: Option<EndedProcess>,
}

/// A process that stood still with a lock in its hand that the others needed, and was ended by a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndedProcess {
    pub process_id: u32,
    /// How many the replica has ended since its start, this one included.
    pub count: u32,
}
