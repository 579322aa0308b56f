//! The banner that is shown while the browser has no connection.

use leptos::ev;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::state::browser;

/// A quiet banner while the browser is offline; nothing otherwise.
#[component]
pub fn OfflineBanner() -> impl IntoView {
    let (online, set_online) = signal(browser::online());
    let on_online = window_event_listener(ev::online, move |_| set_online.set(true));
    let on_offline = window_event_listener(ev::offline, move |_| set_online.set(false));
    on_cleanup(move || {
        on_online.remove();
        on_offline.remove();
    });
    view! {
        <div role="status">
            <Show when=move || !online.get()>
                <p class="offline">
                    <Icon glyph=Glyph::WifiOff />
                    "You are offline. Your basket is safe on this phone."
                </p>
            </Show>
        </div>
    }
}
