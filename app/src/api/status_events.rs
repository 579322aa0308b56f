//! The system's status as server-sent events.

use futures_util::StreamExt;
use gloo_net::eventsource::futures::{EventSource, EventSourceBuilder, EventSourceSubscription};
use model::status::Status;

use super::error::ApiError;
use crate::json;

/// The name of the events on the stream.
const EVENT: &str = "status";

/// An open stream; dropping it closes the connection.
pub struct StatusEvents {
    // Not read, but the connection lives as long as it does.
    _source: EventSource,
    messages: EventSourceSubscription,
}

impl StatusEvents {
    pub(super) fn open(url: &str) -> Result<Self, ApiError> {
        let mut source = EventSourceBuilder::new()
            .with_credentials(true)
            .build(url)
            .map_err(|_| ApiError::Network)?;
        let messages = source.subscribe(EVENT).map_err(|_| ApiError::Network)?;
        Ok(Self {
            _source: source,
            messages,
        })
    }

    /// Waits for the next status. An error means that the stream has ended and must be opened anew. While the browser re-establishes
    /// the connection by itself nothing is returned, so callers wait with a timeout.
    pub async fn next(&mut self) -> Result<Status, ApiError> {
        match self.messages.next().await {
            Some(Ok((_, message))) => message
                .data()
                .as_string()
                .and_then(|text| json::parse(&text))
                .ok_or(ApiError::Malformed),
            Some(Err(_)) | None => Err(ApiError::Network),
        }
    }
}
