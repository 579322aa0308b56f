//! Endless responses of server-sent events (HTML standard, section 9.2).

use std::convert::Infallible;

use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::{HeaderName, HeaderValue};

/// nginx would otherwise hold events back until a buffer is full.
const UNBUFFERED: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
);

/// Produces the events of one response, one after the other.
pub trait EventSource: Send + 'static {
    /// Waits for the next event. `None` ends the response.
    fn next_event(&mut self) -> impl Future<Output = Option<Event>> + Send;
}

pub fn respond(source: impl EventSource) -> Response {
    let events = stream::unfold(source, |mut source| async move {
        let event = source.next_event().await?;
        Some((Ok::<_, Infallible>(event), source))
    });
    ([UNBUFFERED], Sse::new(events)).into_response()
}
