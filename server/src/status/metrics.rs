//! `GET /metrics`: this server's counters and gauges as OpenMetrics text, for Prometheus and compatible collectors.
//!
//! Contains no personal data, and nothing that the public status does not contain.

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

use super::panel::Panel;
use crate::gateway::ReplicaGauges;

const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReplicaLabel {
    replica: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: String,
}

type ReplicaFamily = Family<ReplicaLabel, Gauge<f64, AtomicU64>>;
type KindFamily = Family<KindLabel, prometheus_client::metrics::counter::Counter>;

pub async fn read_metrics(State(panel): State<Arc<Panel>>) -> Response {
    let mut text = String::new();
    match encode_metrics(&panel, &mut text) {
        Ok(()) => {
            let headers = [(CONTENT_TYPE, MEDIA_TYPE), (CACHE_CONTROL, "no-store")];
            (headers, text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "cannot encode the metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn encode_metrics(panel: &Panel, text: &mut String) -> fmt::Result {
    let mut registry = Registry::with_prefix("tiffin");
    let counts = panel.gateway.counts();
    for (name, help, value) in [
        (
            "requests",
            "Requests received for replicas",
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
            "Attempts beside one that was suspected or late",
            counts.hedged(),
        ),
    ] {
        registry.register(name, help, ConstCounter::new(value));
    }
    registry.register_with_unit(
        "request_duration",
        "Time until a replica answered, with all attempts",
        Unit::Seconds,
        counts.duration(),
    );
    registry.register(
        "retry_budget",
        "Requests that the retry budget allows to send a second time now",
        ConstGauge::new(panel.gateway.retry_budget()),
    );
    let kinds = KindFamily::default();
    for (kind, count) in panel.history.count_by_kind() {
        // The name in JSON, such as `failed_over`.
        let kind = serde_json::to_value(kind).unwrap_or_default();
        let kind = kind.as_str().unwrap_or_default().to_owned();
        kinds.get_or_create(&KindLabel { kind }).inc_by(count);
    }
    registry.register("events", "Events of the fleet, by kind", kinds);
    let replicas = ReplicaGauges::all_of(panel.fleet.snapshot());
    register_replicas(&mut registry, &replicas);
    encode(text, &registry)
}

/// Reads one gauge of a replica.
type ReadGauge = fn(&ReplicaGauges) -> f64;

const REPLICA_GAUGES: [(&str, &str, ReadGauge); 7] = [
    (
        "replica_available",
        "1 if requests can be sent to the replica, otherwise 0",
        |replica| f64::from(u8::from(replica.available)),
    ),
    (
        "replica_primary",
        "1 if the replica is the primary, otherwise 0",
        |replica| f64::from(u8::from(replica.primary)),
    ),
    (
        "replica_suspect",
        "1 if the replica is suspected to hang, so that others get its requests too, otherwise 0",
        |replica| f64::from(u8::from(replica.suspect)),
    ),
    (
        "replica_in_flight",
        "Requests sent to the replica and not answered",
        |replica| f64::from(replica.in_flight),
    ),
    (
        "replica_concurrency_limit",
        "Limit on the requests in flight to the replica",
        |replica| f64::from(replica.concurrency_limit),
    ),
    (
        "replica_queue",
        "Requests that wait to be sent to the replica",
        |replica| replica.queued as f64,
    ),
    (
        "replica_hedge_delay_seconds",
        "Time after which a request to the replica is hedged",
        |replica| replica.hedge_delay_s,
    ),
];

fn register_replicas(registry: &mut Registry, replicas: &[ReplicaGauges]) {
    for (name, help, read_gauge) in REPLICA_GAUGES {
        let family = ReplicaFamily::default();
        for replica in replicas {
            let label = ReplicaLabel {
                replica: replica.id.clone(),
            };
            family.get_or_create(&label).set(read_gauge(replica));
        }
        registry.register(name, help, family);
    }
}
