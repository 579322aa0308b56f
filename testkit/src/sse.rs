//! A reader for server-sent events, which yields them as a browser's `EventSource` does.

use anyhow::Context;
use reqwest::Response;

/// The events of one HTTP response.
pub struct EventStream {
    response: Response,
    /// Bytes after the last whole event.
    buffer: Vec<u8>,
}

/// One event; a field that was not sent is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent {
    pub name: String,
    pub id: String,
    pub data: String,
}

impl EventStream {
    #[must_use]
    pub fn new(response: Response) -> Self {
        Self {
            response,
            buffer: Vec::new(),
        }
    }

    /// Returns the next event, or `None` where the stream has ended. Cancel safe: a dropped call loses no bytes.
    ///
    /// # Errors
    /// If the connection breaks, or an event is not UTF-8.
    pub async fn next(&mut self) -> anyhow::Result<Option<SseEvent>> {
        loop {
            if let Some(length) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = self.buffer.drain(..length + 2).collect();
                let text = std::str::from_utf8(&event).context("an event is not UTF-8")?;
                let field = |name: &str| {
                    let line = text.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().trim().to_owned()
                };
                return Ok(Some(SseEvent {
                    name: field("event:"),
                    id: field("id:"),
                    data: field("data:"),
                }));
            }
            match self.response.chunk().await? {
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    }
}
