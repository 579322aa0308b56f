//! `GET /api/v1/status` and `GET /api/v1/status/servers`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, Uri};
use model::status::{Servers, Status};

use super::panel::{Panel, uncached_json};
use crate::http::origin::Origin;

/// Returns the content of the status panel
#[utoipa::path(
    get, path = "/api/v1/status", operation_id = "readStatus", tag = "Status",
    responses((status = 200, body = Status, description = "As this front-end server sees it."))
)]
pub async fn status(State(panel): State<Arc<Panel>>, uri: Uri, headers: HeaderMap) -> Response {
    let signed_in = panel.operator.session_end_ms(&headers).is_some();
    let target = Origin::of_target(&uri, &headers);
    uncached_json(panel.status(signed_in, target.as_ref()))
}

/// Lists the URLs of the front-end servers
#[utoipa::path(
    get, path = "/api/v1/status/servers", operation_id = "listServers", tag = "Status",
    responses((status = 200, body = Servers, description = "The registered servers in the order of registration."))
)]
pub async fn servers(State(panel): State<Arc<Panel>>, uri: Uri, headers: HeaderMap) -> Response {
    let target = Origin::of_target(&uri, &headers);
    uncached_json(Servers {
        servers: panel.servers.addresses(target.as_ref()),
    })
}
