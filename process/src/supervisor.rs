//! What the process tells its supervisor, if there is one: that it serves, and again and again that it is alive. The words are
//! systemd's, which `cargo xtask up` understands too: sd_notify(3).

use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::thread;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval};

/// Speaks this much oftener than it has to, so that a busy moment is not taken for a hang.
const OFTENER: u32 = 4;

/// Says that the process serves and, from now on, that it is alive: as long as the runtime that this is called on, and all the
/// others, still get to their tasks. Does nothing where no supervisor listens.
pub fn notify_ready(others: Vec<Handle>) {
    tell(NotifyState::Ready);
    let Some(patience) = sd_notify::watchdog_enabled() else {
        return;
    };
    // A supervisor that is stopped itself does not take what it is told, and must not stop the runtime by it.
    let (alive, said) = mpsc::sync_channel(1);
    thread::spawn(move || {
        while said.recv().is_ok() {
            tell(NotifyState::Watchdog);
        }
    });
    tokio::spawn(say_again(alive, patience / OFTENER, others));
}

async fn say_again(alive: SyncSender<()>, every: Duration, others: Vec<Handle>) {
    let mut ticks = interval(every.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for other in &others {
            // Fails only where that runtime is shut down, which is no hang.
            let _ = other.spawn(async {}).await;
        }
        if let Err(TrySendError::Disconnected(())) = alive.try_send(()) {
            return;
        }
    }
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the supervisor cannot be told");
    }
}
