//! Keeps the status up to date: by the server's event stream, or by polling while the stream does not work.

use std::pin::pin;

use futures_util::future::{Either, select};
use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use model::problem::Code;
use model::status::Status;

use crate::api::{self, ApiError};
use crate::state::browser::{now_ms, sleep};

/// The silence after which the stream is taken for dead, in milliseconds. The server sends a status every second.
const STREAM_TIMEOUT_MS: u32 = 5_000;
/// The polling interval while the stream does not work, in milliseconds.
const POLL_MS: u32 = 2_000;
/// The number of polls before the stream is opened again.
const POLLS_BEFORE_RECONNECT: u32 = 5;
/// The age from which the status is called stale, in milliseconds.
const STALE_MS: i64 = 4_000;

/// The newest status and how it arrives. Copies share the state.
#[derive(Clone, Copy)]
pub struct StatusFeed {
    pub status: RwSignal<Option<Status>>,
    pub error: RwSignal<Option<ApiError>>,
    /// Whether the status arrives by the stream.
    pub live: RwSignal<bool>,
    /// When the last status arrived, by this browser's clock.
    updated_ms: RwSignal<i64>,
    /// Notified to load the status and to open the stream anew.
    restart: Trigger,
}

/// A front-end server that is not the page's own.
#[derive(Clone, PartialEq, Eq)]
pub struct OtherServer {
    pub id: String,
    /// Its base URL.
    pub url: String,
}

impl StatusFeed {
    /// Follows the status until the page unmounts.
    pub fn new() -> Self {
        let feed = Self {
            status: RwSignal::new(None),
            error: RwSignal::new(None),
            live: RwSignal::new(false),
            updated_ms: RwSignal::new(now_ms()),
            restart: Trigger::new(),
        };
        Effect::new(move |_| {
            feed.restart.track();
            spawn_local_scoped_with_cancellation(feed.run());
        });
        feed
    }

    /// Loads the status at once and opens the stream anew: after signing in or out the server sends more, or less.
    pub fn reconnect(self) {
        self.restart.notify();
    }

    /// Reconnects if the error says that the operator's session has ended: the page then offers to sign in again.
    pub fn reconnect_if_unauthorised(self, error: &ApiError) {
        if error.code() == Some(Code::Unauthorised) {
            self.reconnect();
        }
    }

    async fn run(self) {
        // A request is answered sooner than the browser reports that a stream cannot be opened.
        self.apply(api::status().await);
        loop {
            self.follow_stream().await;
            self.live.set(false);
            self.poll().await;
        }
    }

    /// Applies what the stream sends, until it ends or falls silent.
    async fn follow_stream(self) {
        let Ok(mut events) = api::status_events() else {
            return;
        };
        loop {
            let event = {
                let event = pin!(events.next());
                let timeout = pin!(sleep(STREAM_TIMEOUT_MS));
                match select(event, timeout).await {
                    Either::Left((event, _)) => event,
                    Either::Right(_) => return,
                }
            };
            match event {
                Ok(status) => {
                    self.live.set(true);
                    self.apply(Ok(status));
                }
                Err(ApiError::Malformed) => {}
                Err(_) => return,
            }
        }
    }

    /// Loads the status a few times, or until another server answers: its stream may work.
    async fn poll(self) {
        for _ in 0..POLLS_BEFORE_RECONNECT {
            let generation = api::generation();
            self.apply(api::status().await);
            if api::generation() != generation {
                return;
            }
            sleep(POLL_MS).await;
        }
    }

    /// Applies the answer of a request.
    pub fn apply(self, answer: Result<Status, ApiError>) {
        match answer {
            Ok(status) => {
                self.updated_ms.set(now_ms());
                self.error.set(None);
                self.status.set(Some(status));
            }
            Err(error) => self.error.set(Some(error)),
        }
    }

    /// Selects a part of the status that notifies only when it changes; its default while there is no status.
    pub fn select<T: Default + PartialEq + Send + Sync + 'static>(
        self,
        selector: impl Fn(&Status) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| {
            self.status
                .with(|status| status.as_ref().map(&selector).unwrap_or_default())
        })
    }

    /// The server that the status comes from, where that is not the page's own.
    pub fn other_server(self) -> Memo<Option<OtherServer>> {
        self.select(|status| {
            let url = api::other_server()?;
            let id = status.server.clone();
            Some(OtherServer { id, url })
        })
    }

    /// The age of the status in milliseconds, where it is stale; `now_ms` is the time as a ticking signal gave it. Tracks.
    pub fn stale_ms(self, now_ms: i64) -> Option<i64> {
        let age_ms = now_ms - self.updated_ms.get();
        (age_ms > STALE_MS).then_some(age_ms)
    }
}
