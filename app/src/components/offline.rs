//! Says that the phone has no connection, as long as it has none.

use crate::prelude::*;
use leptos::ev;

use super::icon::{Glyph, Icon};
use crate::state::browser;

/// A quiet banner while the browser is offline; nothing otherwise.
#[component]
pub fn OfflineBanner() -> View {
    let online = RwSignal::new(browser::online());
    let came = window_event_listener(ev::online, move |_| online.set(true));
    let went = window_event_listener(ev::offline, move |_| online.set(false));
    on_cleanup(move || {
        came.remove();
        went.remove();
    });
    view! {
        <div role="status">
            {move || {
                (!online.get())
                    .then(|| {
                        view! {
                            <p class="offline">
                                <Icon glyph=Glyph::WifiOff />
                                "You are offline. Your basket is safe on this phone."
                            </p>
                        }
                    })
            }}
        </div>
    }
}
