//! The status panel's API: what this server sees, and the operator's switches. Works when every replica is gone.
//!
//! Reads the fleet and the gateway's counters; changes nothing but admin states in the registry, and starts and stops drills.

pub mod admin_state;
mod body;
pub mod drills;
pub mod live;
pub mod password;
pub mod session;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, Uri};
use model::status::{Servers as ServerList, Status, Traffic};
use process::clock::SharedClock;
use registry::Registry;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::drill::Drills;
use crate::events::Events;
use crate::gateway::{Fleet, Gateway, PanelView};
use crate::origin::Origin;
use crate::servers::Servers;
use live::Live;
use session::Operator;

pub struct Panel {
    /// Id of this server.
    pub server: String,
    pub servers: Arc<Servers>,
    pub clock: SharedClock,
    pub fleet: Arc<Fleet>,
    pub gateway: Arc<Gateway>,
    pub events: Arc<Events>,
    pub operator: Operator,
    pub registry: Arc<dyn Registry>,
    pub stop: CancellationToken,
    pub live: Live,
    pub drills: Drills,
}

impl Panel {
    /// Everything that the panel draws, for whoever sent a request to `asked`; addresses of replicas only for the operator.
    pub fn status(&self, signed_in: bool, asked: Option<&Origin>) -> Status {
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
            server: self.server.clone(),
            servers: self.servers.status(asked),
            registry: view.registry,
            primary: view.primary,
            traffic: Traffic {
                requests_per_second: replicas
                    .iter()
                    .map(|replica| replica.requests_per_second)
                    // Not `sum`, which makes -0 of nothing.
                    .fold(0.0, |sum, rate| sum + rate),
                ..self.gateway.counts().traffic()
            },
            replicas,
            providers: view.providers,
            events: self.events.newest_first(),
            drill: signed_in
                .then(|| self.drills.current())
                .flatten()
                .map(Box::new),
        }
    }
}

/// Everything that the status panel draws
#[utoipa::path(
    get, path = "/api/v1/status", operation_id = "readStatus", tag = "Status",
    responses((status = 200, body = Status, description = "As this front-end server sees it."))
)]
pub async fn read(State(panel): State<Arc<Panel>>, uri: Uri, headers: HeaderMap) -> Response {
    let signed_in = panel.operator.session(&headers).is_some();
    let asked = Origin::asked(&uri, &headers);
    fresh(panel.status(signed_in, asked.as_ref()))
}

/// Where the front-end servers are reached
#[utoipa::path(
    get, path = "/api/v1/status/servers", operation_id = "listServers", tag = "Status",
    responses((status = 200, body = ServerList, description = "Those that live, in the order of registration."))
)]
pub async fn servers(State(panel): State<Arc<Panel>>, uri: Uri, headers: HeaderMap) -> Response {
    let asked = Origin::asked(&uri, &headers);
    fresh(ServerList {
        servers: panel.servers.addresses(asked.as_ref()),
    })
}

fn fresh(answer: impl Serialize) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}
