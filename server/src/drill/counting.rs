//! What is there in the end of the orders that were acknowledged: as customers would ask, and as the store has it.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use http::StatusCode;
use model::api;
use model::drill::{self, DrillOrders};
use tokio::time::sleep;

use super::reckoning::{self, Count};
use crate::gateway::Gateway;

/// Questions under way at once: customers are served meanwhile.
const AT_ONCE: usize = 16;
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(500);

/// `None` where it cannot be told.
pub async fn count(gateway: &Gateway, run: &str, acknowledged: &[u32]) -> Option<Count> {
    let path = format!("{}/{run}", api::DRILL_ORDERS);
    let stored = asked(gateway, &path).await?;
    let stored: DrillOrders = serde_json::from_slice(&stored?).ok()?;
    let mut answers = stream::iter(acknowledged.to_vec())
        .map(|number| async move {
            let path = format!("{}/{}", api::ORDERS_BY_KEY, drill::key(run, number));
            Some((number, asked(gateway, &path).await?.is_some()))
        })
        .buffer_unordered(AT_ONCE);
    let mut missed = Vec::new();
    while let Some(answer) = answers.next().await {
        let (number, found) = answer?;
        if !found {
            missed.push(number);
        }
    }
    Some(reckoning::count(acknowledged, &stored.numbers, &missed))
}

/// What a replica answers, where it is found; `None` where nobody could say.
async fn asked(gateway: &Gateway, path: &str) -> Option<Option<bytes::Bytes>> {
    for attempt in 1..=ATTEMPTS {
        match gateway.fetch(path).await {
            Ok(answer) => return Some(Some(answer)),
            Err(answer) if answer.status() == StatusCode::NOT_FOUND => return Some(None),
            Err(_) if attempt < ATTEMPTS => sleep(PAUSE).await,
            Err(answer) => {
                tracing::warn!(status = %answer.status(), "a drill's orders could not be counted")
            }
        }
    }
    None
}
