//! The time as a signal, and whether anybody looks.

use std::time::Duration;

use crate::prelude::*;

use super::browser::{hidden, now_ms};

/// The time in milliseconds, renewed every `every_ms` while the page is to be seen, and at once when it is seen again.
pub fn ticker(every_ms: u64) -> ReadSignal<i64> {
    let (now, set_now) = signal(now_ms());
    let renew = move || {
        if !hidden() {
            set_now.set(now_ms());
        }
    };
    if let Ok(handle) = set_interval_with_handle(renew, Duration::from_millis(every_ms)) {
        on_cleanup(move || handle.clear());
    }
    on_visibility(renew);
    now
}

/// Calls `seen` whenever the page is shown or hidden.
pub fn on_visibility(seen: impl Fn() + 'static) {
    let handle = window_event_listener_untyped("visibilitychange", move |_| seen());
    on_cleanup(move || handle.remove());
}
