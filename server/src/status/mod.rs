//! The status panel's API: what this server sees, and the operator's switches. Works when every replica is gone.
//!
//! Reads the fleet and the gateway's counters; changes nothing but admin states in the registry.

pub mod admin_state;
mod body;
pub mod live;
pub mod password;
pub mod session;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::CACHE_CONTROL;
use model::status::{Status, Traffic};
use process::clock::SharedClock;
use registry::Registry;
use tokio_util::sync::CancellationToken;

use crate::events::Events;
use crate::gateway::{Fleet, Gateway};
use live::Live;
use session::Operator;

pub struct Panel {
    /// Id of this server.
    pub server: String,
    pub clock: SharedClock,
    pub fleet: Arc<Fleet>,
    pub gateway: Arc<Gateway>,
    pub events: Arc<Events>,
    pub operator: Operator,
    pub registry: Arc<dyn Registry>,
    pub stop: CancellationToken,
    pub live: Live,
}

impl Panel {
    /// Everything that the panel draws; addresses only for the operator.
    pub fn status(&self, signed_in: bool) -> Status {
        let view = self.fleet.view();
        let mut replicas = view.replicas;
        if !signed_in {
            for replica in &mut replicas {
                replica.address = None;
            }
        }
        Status {
            now_ms: self.clock.now_ms(),
            signed_in,
            server: self.server.clone(),
            servers: view.servers,
            registry: view.registry,
            primary: view.primary,
            traffic: Traffic {
                requests_per_second: replicas
                    .iter()
                    .map(|replica| replica.requests_per_second)
                    // Not `sum`, which makes -0 of nothing.
                    .fold(0.0, |sum, rate| sum + rate),
                ..self.gateway.traffic()
            },
            replicas,
            providers: view.providers,
            events: self.events.newest_first(),
        }
    }
}

/// Everything that the status panel draws
#[utoipa::path(
    get, path = "/api/v1/status", operation_id = "readStatus", tag = "Status",
    responses((status = 200, body = Status, description = "As this front-end server sees it."))
)]
pub async fn read(State(panel): State<Arc<Panel>>, headers: HeaderMap) -> Response {
    fresh(panel.status(panel.operator.session(&headers).is_some()))
}

fn fresh(status: Status) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(status)).into_response()
}
