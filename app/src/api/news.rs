//! News of one order as server-sent events: which version it has by now, and that the connection lives.

use model::feed::OrderNews;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

/// Names of the events on the stream.
const ORDER: &str = "order";
const ALIVE: &str = "alive";

/// An open stream; dropping it closes the connection.
pub struct News {
    source: EventSource,
    #[expect(dead_code, reason = "called by the browser for as long as they live")]
    calls: [Closure<dyn FnMut(MessageEvent)>; 2],
}

impl News {
    /// `heard` is called with the version that an event made, and without one when only the connection lives. Nothing where the
    /// browser cannot.
    pub(super) fn open(path: &str, heard: impl Fn(Option<u32>) + Copy + 'static) -> Option<Self> {
        let source = EventSource::new(path).ok()?;
        let calls = [ORDER, ALIVE].map(|name| {
            let call = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                let news: Option<OrderNews> = event
                    .data()
                    .as_string()
                    .and_then(|text| json::from_str(&text));
                heard(news.map(|news| news.version));
            });
            // Fails for no name.
            let _ = source.add_event_listener_with_callback(name, call.as_ref().unchecked_ref());
            call
        });
        Some(Self { source, calls })
    }
}

impl Drop for News {
    fn drop(&mut self) {
        self.source.close();
    }
}
