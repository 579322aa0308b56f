//! A thread that polls for changes of a registry and notifies the receivers. Knows nothing of how a registry is stored.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use model::status::AdminState;
use tokio::sync::watch;

use crate::Registration;

/// Interval between polls. Longer, and customers wait longer for the first replica after all were away; a poll costs a fraction of
/// a per cent of one core.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Polls on its own thread until it is dropped.
pub(crate) struct ChangeWatcher {
    revision: watch::Sender<u64>,
    /// Never sent on: dropping it ends the thread.
    _stop: Sender<()>,
}

impl ChangeWatcher {
    /// Starts polling. `has_changed` returns whether the registry has changed since its last call; it may block.
    pub fn start(has_changed: impl FnMut() -> bool + Send + 'static) -> io::Result<Self> {
        let revision = watch::Sender::new(0);
        let (stop, stopped) = channel();
        let thread_revision = revision.clone();
        thread::Builder::new()
            .name("registry-watch".to_owned())
            .spawn(move || poll(has_changed, &thread_revision, &stopped))?;
        Ok(Self {
            revision,
            _stop: stop,
        })
    }

    /// Notifies the receivers of a change made by this process, without waiting for the next poll.
    pub fn notify(&self) {
        advance(&self.revision);
    }

    pub fn changes(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }
}

fn poll(
    mut has_changed: impl FnMut() -> bool,
    revision: &watch::Sender<u64>,
    stopped: &Receiver<()>,
) {
    while stopped.recv_timeout(POLL_INTERVAL) == Err(RecvTimeoutError::Timeout) {
        if has_changed() {
            advance(revision);
        }
    }
}

fn advance(revision: &watch::Sender<u64>) {
    revision.send_modify(|revision| *revision += 1);
}

/// The part of a registry whose change is notified: which registrations hold a lease, in which order, with which admin state. A
/// position identifies one registration, since positions are never reused.
#[derive(Default, PartialEq)]
pub(crate) struct Fingerprint(Vec<(i64, AdminState)>);

impl Fingerprint {
    pub fn of<'a>(registrations: impl IntoIterator<Item = &'a Registration>, now_ms: i64) -> Self {
        let live = registrations
            .into_iter()
            .filter(|registration| registration.expires_at_ms > now_ms);
        let mut entries: Vec<_> = live
            .map(|registration| (registration.position, registration.admin_state))
            .collect();
        entries.sort_unstable_by_key(|(position, _)| *position);
        Self(entries)
    }
}
