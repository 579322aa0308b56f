//! `GET /metrics`: what this server counts and measures, as OpenMetrics text for Prometheus and its like.
//!
//! Nobody's data is in it, and nothing that the status does not tell everybody.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::Registry;
use prometheus_client::registry::Unit;

use crate::gateway::ReplicaGauges;
use crate::status::Panel;

const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfReplica {
    replica: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: String,
}

type Replicas = Family<OfReplica, Gauge<f64, AtomicU64>>;
type Kinds = Family<OfKind, prometheus_client::metrics::counter::Counter>;

pub async fn read(State(panel): State<Arc<Panel>>) -> Response {
    let mut text = String::new();
    match write(&panel, &mut text) {
        Ok(()) => {
            let headers = [(CONTENT_TYPE, TYPE), (CACHE_CONTROL, "no-store")];
            (headers, text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn write(panel: &Panel, text: &mut String) -> fmt::Result {
    let mut registry = Registry::with_prefix("tiffin");
    let counts = panel.gateway.counts();
    for (name, help, value) in [
        (
            "requests",
            "Requests for replicas that came",
            counts.received(),
        ),
        (
            "requests_failed",
            "Requests answered 502, 503 or 504 by the gateway",
            counts.failed(),
        ),
        (
            "requests_cached",
            "Requests answered from the response cache",
            counts.cached(),
        ),
        (
            "requests_retried",
            "Attempts after one that failed",
            counts.retried(),
        ),
        (
            "requests_hedged",
            "Attempts beside one that was late or whose replica was suspect",
            counts.hedged(),
        ),
    ] {
        registry.register(name, help, ConstCounter::new(value));
    }
    registry.register_with_unit(
        "request_duration",
        "How long replicas took to answer, all attempts included",
        Unit::Seconds,
        counts.duration(),
    );
    registry.register(
        "retry_budget",
        "How many requests may be sent a second time at present",
        ConstGauge::new(panel.gateway.retry_budget()),
    );
    let kinds = Kinds::default();
    for (kind, told) in panel.events.by_kind() {
        // A name in JSON, such as `failed_over`.
        let kind = serde_json::to_value(kind).unwrap_or_default();
        let kind = kind.as_str().unwrap_or_default().to_owned();
        kinds.get_or_create(&OfKind { kind }).inc_by(told);
    }
    registry.register("events", "What happened, by kind", kinds);
    let replicas = ReplicaGauges::all_of(panel.fleet.snapshot());
    register_replicas(&mut registry, &replicas);
    encode(text, &registry)
}

/// One figure of each replica.
type Figure = fn(&ReplicaGauges) -> f64;

const OF_REPLICAS: [(&str, &str, Figure); 7] = [
    (
        "replica_available",
        "1 where the replica can be asked, otherwise 0",
        |replica| f64::from(u8::from(replica.available)),
    ),
    (
        "replica_primary",
        "1 for the replica that is asked first, otherwise 0",
        |replica| f64::from(u8::from(replica.primary)),
    ),
    (
        "replica_suspect",
        "1 where the replica hangs or may hang, so that its requests are hedged, otherwise 0",
        |replica| f64::from(u8::from(replica.suspect)),
    ),
    (
        "replica_in_flight",
        "Requests that the replica has been given and not answered",
        |replica| f64::from(replica.in_flight),
    ),
    (
        "replica_concurrency_limit",
        "How many requests the replica is given at once",
        |replica| f64::from(replica.concurrency_limit),
    ),
    (
        "replica_queue",
        "Requests that wait to be given to the replica",
        |replica| replica.queued as f64,
    ),
    (
        "replica_hedge_delay_seconds",
        "After how long a request to the replica is hedged",
        |replica| replica.hedge_delay_s,
    ),
];

fn register_replicas(registry: &mut Registry, replicas: &[ReplicaGauges]) {
    for (name, help, figure) in OF_REPLICAS {
        let family = Replicas::default();
        for replica in replicas {
            let label = OfReplica {
                replica: replica.id.clone(),
            };
            family.get_or_create(&label).set(figure(replica));
        }
        registry.register(name, help, family);
    }
}
