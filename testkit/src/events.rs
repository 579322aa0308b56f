//! Server-sent events as they come, as a browser's `EventSource` takes them in.

use anyhow::Context;
use reqwest::Response;

pub struct Events {
    answer: Response,
    /// What came of the next ones.
    begun: Vec<u8>,
}

/// Each field is empty where it was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub name: String,
    pub id: String,
    pub data: String,
}

impl Events {
    #[must_use]
    pub fn of(answer: Response) -> Self {
        Self {
            answer,
            begun: Vec::new(),
        }
    }

    /// The next one, or none where the stream has ended. May be broken off and begun anew.
    ///
    /// # Errors
    /// If the stream breaks, or is none.
    pub async fn next(&mut self) -> anyhow::Result<Option<Event>> {
        loop {
            if let Some(length) = self.begun.windows(2).position(|two| two == b"\n\n") {
                let whole: Vec<u8> = self.begun.drain(..length + 2).collect();
                let text = std::str::from_utf8(&whole).context("an event that is no text")?;
                let field = |name: &str| {
                    let line = text.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().trim().to_owned()
                };
                return Ok(Some(Event {
                    name: field("event:"),
                    id: field("id:"),
                    data: field("data:"),
                }));
            }
            match self.answer.chunk().await? {
                Some(more) => self.begun.extend_from_slice(&more),
                None => return Ok(None),
            }
        }
    }
}
