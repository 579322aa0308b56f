//! News of one order as server-sent events: which version it has by now, and whether the connection lives.

use model::feed::OrderUpdate;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use super::servers::moves;

/// Names of the events on the stream.
const ORDER: &str = "order";
const ALIVE: &str = "alive";
/// The browser's own: the connection is lost, and it may try again.
const ERROR: &str = "error";

/// What came.
#[derive(Clone, Copy)]
pub enum Heard {
    /// An event that made this version.
    Version(u32),
    /// Nothing happened, and the connection lives.
    Alive,
    /// The connection is lost.
    Lost,
}

/// An open stream; dropping it closes the connection.
pub struct News {
    source: EventSource,
    #[expect(dead_code, reason = "called by the browser for as long as they live")]
    calls: [Closure<dyn FnMut(MessageEvent)>; 3],
    /// Of the servers that requests went to, when it was opened.
    moves: u32,
}

impl News {
    /// Nothing where the browser cannot.
    pub(super) fn open(url: &str, heard: impl Fn(Heard) + Copy + 'static) -> Option<Self> {
        let source = EventSource::new(url).ok()?;
        let calls = [ORDER, ALIVE, ERROR].map(|name| {
            let call = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                let news: Option<OrderUpdate> = event
                    .data()
                    .as_string()
                    .and_then(|text| json::from_str(&text));
                heard(match news {
                    Some(news) => Heard::Version(news.version),
                    None if name == ALIVE => Heard::Alive,
                    None => Heard::Lost,
                });
            });
            // Fails for no name.
            let _ = source.add_event_listener_with_callback(name, call.as_ref().unchecked_ref());
            call
        });
        Some(Self {
            source,
            calls,
            moves: moves(),
        })
    }

    /// Requests go to another server by now. The log is the same there, and what is told again does no harm.
    pub fn is_elsewhere(&self) -> bool {
        self.moves != moves()
    }
}

impl Drop for News {
    fn drop(&mut self) {
        self.source.close();
    }
}
