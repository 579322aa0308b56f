//! One order's events as server-sent events: its newest version, and whether the connection is alive.

use model::feed::OrderUpdate;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use super::servers;
use crate::json;

/// Names of the events on the stream.
const ORDER: &str = "order";
const KEEP_ALIVE: &str = "alive";
/// The browser's own event: the connection is lost, and the browser may reconnect.
const ERROR: &str = "error";

/// An event of the stream.
#[derive(Clone, Copy)]
pub enum OrderEvent {
    /// The order has reached this version.
    Version(u32),
    /// A keep-alive: no transition, and the connection works.
    KeepAlive,
    /// The connection is lost.
    Disconnected,
}

/// An open stream; dropping it closes the connection.
pub struct OrderEvents {
    source: EventSource,
    #[expect(
        dead_code,
        reason = "the browser calls the listeners for as long as they live"
    )]
    listeners: [Closure<dyn FnMut(MessageEvent)>; 3],
    /// [`servers::generation`] when the stream was opened.
    generation: u32,
}

impl OrderEvents {
    /// Opens the stream; `None` where the browser has no server-sent events.
    pub(super) fn open(url: &str, on_event: impl Fn(OrderEvent) + Copy + 'static) -> Option<Self> {
        let source = EventSource::new(url).ok()?;
        let listeners = [ORDER, KEEP_ALIVE, ERROR].map(|name| {
            let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                let news: Option<OrderUpdate> =
                    event.data().as_string().and_then(|text| json::parse(&text));
                on_event(match news {
                    Some(news) => OrderEvent::Version(news.version),
                    None if name == KEEP_ALIVE => OrderEvent::KeepAlive,
                    None => OrderEvent::Disconnected,
                });
            });
            // Adding a listener cannot fail.
            let _ =
                source.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
            listener
        });
        Some(Self {
            source,
            listeners,
            generation: servers::generation(),
        })
    }

    /// Whether requests go to another server by now. The log is the same there, and repeated events do no harm.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        self.generation != servers::generation()
    }
}

impl Drop for OrderEvents {
    fn drop(&mut self) {
        self.source.close();
    }
}
