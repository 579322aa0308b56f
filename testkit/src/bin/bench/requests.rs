//! The requests that the benches send.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::http::request::Builder;
use model::api;
use testkit::Cluster;
use testkit::customer_client::new_idempotency_key;
use testkit::load::RequestFactory;

/// Orders with this body, each with a key of its own. The credential is needed only straight to a replica.
pub fn place_orders(body: Bytes, credential: Option<String>) -> RequestFactory {
    Arc::new(move || {
        let request = Request::post(api::ORDERS)
            .header("content-type", "application/json")
            .header(api::IDEMPOTENCY_KEY, new_idempotency_key());
        finish(request, credential.as_deref(), body.clone())
    })
}

/// Orders for stand-ins, which do not read the body.
pub fn place_standin_orders() -> RequestFactory {
    place_orders(Bytes::from_static(b"{}"), None)
}

/// Orders that real replicas accept.
pub async fn place_real_orders(cluster: &Cluster) -> anyhow::Result<RequestFactory> {
    let order = cluster.customer_client().prepare_order().await?;
    let body = Bytes::from(serde_json::to_vec(&order)?);
    Ok(place_orders(body, None))
}

/// Reads of a restaurant's menu.
pub fn get_menu(slug: &str, credential: Option<String>) -> RequestFactory {
    let path = format!("{}/{slug}/menu", api::RESTAURANTS);
    Arc::new(move || finish(Request::get(&path), credential.as_deref(), Bytes::new()))
}

fn finish(request: Builder, credential: Option<&str>, body: Bytes) -> Request<Full<Bytes>> {
    let request = request.header("host", "tiffin");
    let request = match credential {
        Some(credential) => request.header(api::CREDENTIAL, credential),
        None => request,
    };
    request
        .body(Full::new(body))
        .expect("the parts are valid headers")
}
