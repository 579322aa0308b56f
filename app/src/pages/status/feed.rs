//! The status as it changes: pushed by the server, asked for where that does not work.

use std::pin::pin;

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use futures_util::future::{Either, select};
use model::status::Status;

use crate::api::{self, ApiError};
use crate::state::browser::{now_ms, sleep};

/// The server says something every second; after this long the stream is taken for dead.
const SILENCE_MS: u32 = 5_000;
/// Between two questions while the stream does not work.
const ASK_EVERY_MS: u32 = 2_000;
/// Questions before the stream is tried again.
const ASK_TIMES: u32 = 5;

/// Older than this, what is shown is called old.
const STALE_MS: i64 = 4_000;

/// `Copy`: goes into every closure of the page.
#[derive(Clone, Copy)]
pub struct Feed {
    pub status: RwSignal<Option<Status>>,
    pub error: RwSignal<Option<ApiError>>,
    /// Pushed rather than asked for.
    pub live: RwSignal<bool>,
    /// When the last status came, on the clock of whoever looks.
    pub updated_ms: RwSignal<i64>,
    again: RwSignal<u32>,
}

impl Feed {
    pub fn new() -> Self {
        let feed = Self {
            status: RwSignal::new(None),
            error: RwSignal::new(None),
            live: RwSignal::new(false),
            updated_ms: RwSignal::new(now_ms()),
            again: RwSignal::new(0),
        };
        Effect::new(move |_| {
            feed.again.track();
            spawn_local_scoped_with_cancellation(feed.keep_listening());
        });
        feed
    }

    /// Opens the stream anew: after signing in or out it tells more, or less.
    pub fn reopen(self) {
        self.again.update(|count| *count += 1);
    }

    async fn keep_listening(self) {
        // One question first: its answer is here sooner than a stream says that it cannot be opened.
        self.take(api::status().await);
        loop {
            self.listen().await;
            self.live.set(false);
            for _ in 0..ASK_TIMES {
                let moves = api::moves();
                self.take(api::status().await);
                if api::moves() != moves {
                    // Another server has answered, which has a stream too.
                    break;
                }
                sleep(ASK_EVERY_MS).await;
            }
        }
    }

    /// Until the stream ends or falls silent.
    async fn listen(self) {
        let Ok(mut stream) = api::status_live() else {
            return;
        };
        loop {
            let next = {
                let next = pin!(stream.next());
                let silence = pin!(sleep(SILENCE_MS));
                match select(next, silence).await {
                    Either::Left((answer, _)) => answer,
                    Either::Right(_) => return,
                }
            };
            match next {
                Ok(status) => {
                    self.live.set(true);
                    self.take(Ok(status));
                }
                Err(ApiError::Malformed) => {}
                Err(_) => return,
            }
        }
    }

    /// Name and address of the server that it comes from, where that is not the page's own.
    pub fn elsewhere(self) -> Memo<Option<(String, String)>> {
        self.part(|status| api::elsewhere().map(|url| (status.server.clone(), url)))
    }

    /// How old the status is, when it is too old; `now_ms` as a ticking signal has it. Tracks.
    pub fn stale_ms(self, now_ms: i64) -> Option<i64> {
        let age = now_ms - self.updated_ms.get();
        (age > STALE_MS).then_some(age)
    }

    pub fn take(self, answer: Result<Status, ApiError>) {
        match answer {
            Ok(status) => {
                self.updated_ms.set(now_ms());
                self.error.set(None);
                self.status.set(Some(status));
            }
            Err(error) => self.error.set(Some(error)),
        }
    }

    /// One part of the status, renewed only when it changes; the default until there is one.
    pub fn part<T: Default + PartialEq + Send + Sync + 'static>(
        self,
        read: impl Fn(&Status) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| {
            self.status
                .with(|status| status.as_ref().map(&read).unwrap_or_default())
        })
    }
}
