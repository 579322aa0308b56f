//! The status as server-sent events. Must not know what is done with it.

use futures_util::StreamExt;
use gloo_net::eventsource::futures::{EventSource, EventSourceBuilder, EventSourceSubscription};
use model::status::Status;

use super::error::ApiError;

/// Name of the events on the stream.
const EVENT: &str = "status";

/// An open stream; dropping it closes the connection.
pub struct StatusLive {
    // Read by nobody, but the connection lives as long as it does.
    _source: EventSource,
    messages: EventSourceSubscription,
}

impl StatusLive {
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

    /// The next status. An error says that the stream has ended and must be opened anew; a connection that the browser is
    /// re-establishing by itself is not told, so wait with a limit.
    pub async fn next(&mut self) -> Result<Status, ApiError> {
        match self.messages.next().await {
            Some(Ok((_, message))) => message
                .data()
                .as_string()
                .and_then(|text| json::from_str(&text))
                .ok_or(ApiError::Malformed),
            Some(Err(_)) | None => Err(ApiError::Network),
        }
    }
}
