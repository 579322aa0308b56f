//! The status panel's shared state, and the status that it composes from the fleet, the gateway's counters and the registry.

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use model::status::{Status, Traffic};
use process::clock::SharedClock;
use registry::Registry;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::live::LiveStatus;
use super::operator::Operator;
use crate::drill::Drills;
use crate::fleet_history::FleetHistory;
use crate::gateway::{Fleet, Gateway, PanelView};
use crate::http::origin::Origin;
use crate::server_directory::ServerDirectory;

pub struct Panel {
    /// Id of this server.
    pub server_id: String,
    pub servers: Arc<ServerDirectory>,
    pub clock: SharedClock,
    pub fleet: Arc<Fleet>,
    pub gateway: Arc<Gateway>,
    pub history: Arc<FleetHistory>,
    pub operator: Operator,
    pub registry: Arc<dyn Registry>,
    pub stop: CancellationToken,
    pub live: LiveStatus,
    pub drills: Drills,
}

impl Panel {
    /// Composes the status for a request that was sent to `target`. Only the operator receives addresses of replicas and the drill.
    pub fn status(&self, signed_in: bool, target: Option<&Origin>) -> Status {
        let view = PanelView::from(self.fleet.snapshot());
        let mut replicas = view.replicas;
        if !signed_in {
            for replica in &mut replicas {
                replica.address = None;
            }
        }
        Status {
            now_ms: self.clock.now_ms(),
            signed_in,
            server: self.server_id.clone(),
            servers: self.servers.status(target),
            registry: view.registry,
            primary: view.primary,
            traffic: Traffic {
                requests_per_second: replicas
                    .iter()
                    .map(|replica| replica.requests_per_second)
                    // `sum` starts at -0.0, which JSON would show.
                    .fold(0.0, |sum, rate| sum + rate),
                ..self.gateway.counts().traffic()
            },
            replicas,
            providers: view.providers,
            events: self.history.newest_first(),
            drill: signed_in
                .then(|| self.drills.current())
                .flatten()
                .map(Box::new),
        }
    }
}

/// A JSON response that no cache stores.
pub fn uncached_json(value: impl Serialize) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(value)).into_response()
}
