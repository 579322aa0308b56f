//! The time as a signal, and the page's visibility.

use std::time::Duration;

use leptos::prelude::*;

use super::browser::{hidden, now_ms};

/// Returns the time in milliseconds, updated every `every_ms` while the page is visible, and at once when it becomes visible.
pub fn start_ticker(every_ms: u64) -> ReadSignal<i64> {
    let (now, set_now) = signal(now_ms());
    let update = move || {
        if !hidden() {
            set_now.set(now_ms());
        }
    };
    if let Ok(handle) = set_interval_with_handle(update, Duration::from_millis(every_ms)) {
        on_cleanup(move || handle.clear());
    }
    on_visibility(update);
    now
}

/// Calls `on_change` whenever the page is shown or hidden.
pub fn on_visibility(on_change: impl Fn() + 'static) {
    let handle = window_event_listener_untyped("visibilitychange", move |_| on_change());
    on_cleanup(move || handle.remove());
}
