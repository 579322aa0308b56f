//! Compares a drill's acknowledged orders with those in the store: with the store's list of all orders of the drill, and with the
//! look-up by key that a customer uses.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use http::StatusCode;
use model::api;
use model::drill::{self, DrillOrders};
use tokio::time::sleep;

use super::stats::{OrderAudit, compare_orders};
use crate::gateway::Gateway;

/// Look-ups in flight at once. More would delay customers' requests.
const CONCURRENCY: usize = 16;
const ATTEMPTS: u32 = 5;
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// `None` if the orders cannot be read.
pub async fn audit_orders(
    gateway: &Gateway,
    run_id: &str,
    acknowledged: &[u32],
) -> Option<OrderAudit> {
    let path = format!("{}/{run_id}", api::DRILL_ORDERS);
    let stored = match fetch(gateway, &path).await? {
        Lookup::Found(body) => serde_json::from_slice::<DrillOrders>(&body).ok()?,
        Lookup::NotFound => return None,
    };
    let mut lookups = stream::iter(acknowledged.to_vec())
        .map(|number| async move {
            let path = format!("{}/{}", api::ORDERS_BY_KEY, drill::key(run_id, number));
            Some((number, fetch(gateway, &path).await?))
        })
        .buffer_unordered(CONCURRENCY);
    let mut not_found = Vec::new();
    while let Some(lookup) = lookups.next().await {
        let (number, lookup) = lookup?;
        if matches!(lookup, Lookup::NotFound) {
            not_found.push(number);
        }
    }
    Some(compare_orders(acknowledged, &stored.numbers, &not_found))
}

enum Lookup {
    Found(bytes::Bytes),
    NotFound,
}

/// `None` if no replica answers after all attempts.
async fn fetch(gateway: &Gateway, path: &str) -> Option<Lookup> {
    for attempt in 1..=ATTEMPTS {
        match gateway.fetch(path).await {
            Ok(body) => return Some(Lookup::Found(body)),
            Err(response) if response.status() == StatusCode::NOT_FOUND => {
                return Some(Lookup::NotFound);
            }
            Err(_) if attempt < ATTEMPTS => sleep(RETRY_PAUSE).await,
            Err(response) => {
                tracing::warn!(status = %response.status(), "cannot read a drill's orders");
            }
        }
    }
    None
}
