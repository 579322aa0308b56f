//! A thread that looks for changes every so often and tells whoever waits. Knows nothing of where it looks.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use model::status::AdminState;
use tokio::sync::watch;

use crate::Registration;

/// While nobody is there, customers wait for the first replica to return: every look is a part of that. They cost a fraction of a
/// per cent of one core.
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub(crate) struct Watcher {
    revision: watch::Sender<u64>,
    /// Never sent on: the thread ends when it is dropped.
    _alive: Sender<()>,
}

impl Watcher {
    /// `look` tells whether something has changed since it was called last. It may block.
    pub fn start(look: impl FnMut() -> bool + Send + 'static) -> io::Result<Self> {
        let revision = watch::Sender::new(0);
        let (alive, ended) = channel();
        let told = revision.clone();
        thread::Builder::new()
            .name("registry-watch".to_owned())
            .spawn(move || watch_on(look, &told, &ended))?;
        Ok(Self {
            revision,
            _alive: alive,
        })
    }

    /// Tells of a change that this process made itself, so that nobody here waits for the next look.
    pub fn tell(&self) {
        advance(&self.revision);
    }

    pub fn changes(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }
}

fn watch_on(mut look: impl FnMut() -> bool, revision: &watch::Sender<u64>, ended: &Receiver<()>) {
    while ended.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        if look() {
            advance(revision);
        }
    }
}

fn advance(revision: &watch::Sender<u64>) {
    revision.send_modify(|revision| *revision += 1);
}

/// What counts as a change: who is there, in which order, and what the operator wants of them. A position stands for one
/// registration, since it is never given twice.
#[derive(Default, PartialEq)]
pub(crate) struct Fingerprint(Vec<(i64, AdminState)>);

impl Fingerprint {
    pub fn of<'a>(registrations: impl IntoIterator<Item = &'a Registration>, now_ms: i64) -> Self {
        let living = registrations
            .into_iter()
            .filter(|registration| registration.expires_at_ms > now_ms);
        let mut seen: Vec<_> = living
            .map(|registration| (registration.position, registration.admin_state))
            .collect();
        seen.sort_unstable_by_key(|(position, _)| *position);
        Self(seen)
    }
}
