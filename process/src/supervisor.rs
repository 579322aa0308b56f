//! Notifications to the supervisor, if there is one: readiness once, then liveness at intervals. The protocol is systemd's,
//! sd_notify(3), which `cargo xtask up` implements too.

use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::thread;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval};

/// Watchdog notifications per timeout of the supervisor. More cost little; with one or two, a busy moment looks like a hang.
const NOTIFICATIONS_PER_TIMEOUT: u32 = 4;

/// Notifies the supervisor that the process is ready, then resets its watchdog at intervals for as long as the current runtime and
/// all `other_runtimes` still run tasks. Does nothing without a supervisor.
pub fn notify_ready(other_runtimes: Vec<Handle>) {
    notify(NotifyState::Ready);
    let Some(watchdog_timeout) = sd_notify::watchdog_enabled() else {
        return;
    };
    // A dedicated thread sends the notifications: a supervisor that is stopped does not read them, and the send must not block the
    // runtime.
    let (sender, requests) = mpsc::sync_channel(1);
    thread::spawn(move || {
        while requests.recv().is_ok() {
            notify(NotifyState::Watchdog);
        }
    });
    let period = watchdog_timeout / NOTIFICATIONS_PER_TIMEOUT;
    tokio::spawn(request_notifications(sender, period, other_runtimes));
}

async fn request_notifications(
    sender: SyncSender<()>,
    period: Duration,
    other_runtimes: Vec<Handle>,
) {
    let mut ticks = interval(period.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for runtime in &other_runtimes {
            // Fails only if that runtime is shut down, which is not a hang.
            let _ = runtime.spawn(async {}).await;
        }
        if let Err(TrySendError::Disconnected(())) = sender.try_send(()) {
            return;
        }
    }
}

fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "cannot notify the supervisor");
    }
}
