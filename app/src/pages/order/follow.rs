//! Follows one order: asks when the server says that something happened, and at once when somebody looks again. Where the server
//! cannot say it, asks every few seconds, less often while nobody looks.

use crate::prelude::*;
use leptos::ev;
use model::order::Order;
use model::problem::Code;

use crate::api::{self, ApiError, Heard, News};
use crate::state::AppState;
use crate::state::browser::{hidden, now_ms, sleep};
use crate::state::ticker::on_visibility;

const SEEN_MS: u32 = 5_000;
const HIDDEN_MS: u32 = 20_000;
/// The server says every few seconds that the connection lives. Silent for this long, it is taken for dead and opened anew.
const SILENT_MS: i64 = 12_000;
/// So old, what is shown is called stale: two answers have failed to come.
const STALE_MS: i64 = 14_000;

/// `Copy`: goes into every closure of the page.
#[derive(Clone, Copy)]
pub struct Follow {
    state: AppState,
    pub order: RwSignal<Option<Order>>,
    /// No order has this token.
    pub unknown: RwSignal<bool>,
    pub error: RwSignal<Option<ApiError>>,
    /// When the last answer came.
    pub updated_ms: RwSignal<i64>,
    /// When the server last said something by itself.
    heard_ms: RwSignal<i64>,
    /// The last version that it told of.
    heard_version: RwSignal<u32>,
    again: RwSignal<u32>,
}

impl Follow {
    pub fn new(state: AppState, token: Memo<String>) -> Self {
        let follow = Self {
            state,
            order: RwSignal::new(None),
            unknown: RwSignal::new(false),
            error: RwSignal::new(None),
            updated_ms: RwSignal::new(now_ms()),
            heard_ms: RwSignal::new(0),
            heard_version: RwSignal::new(0),
            again: RwSignal::new(0),
        };
        effect(move |before: Option<String>| {
            follow.again.track();
            let token = token.get();
            if before.as_ref() != Some(&token) {
                follow.order.set(None);
                follow.unknown.set(false);
            }
            spawn(follow.keep_asking(token.clone()));
            token
        });
        effect(move |_| {
            let heard = follow.heard_version.get();
            let token = token.get();
            let news = follow
                .order
                .with_untracked(|shown| shown.as_ref().is_some_and(|shown| shown.version < heard));
            if news {
                spawn(async move { follow.take(api::order(&token).await) });
            }
        });
        on_visibility(move || {
            if !hidden() {
                follow.now();
            }
        });
        let back = window_event_listener(ev::online, move |_| follow.now());
        on_cleanup(move || back.remove());
        follow
    }

    async fn keep_asking(self, token: String) {
        // Opened after the first answer, so that it does not keep that waiting.
        let mut news: Option<News> = None;
        loop {
            let quiet_ms = now_ms() - self.heard_ms.get_untracked();
            if news.is_none() || quiet_ms > i64::from(SEEN_MS) {
                self.take(api::order(&token).await);
            }
            let done = self
                .order
                .with_untracked(|order| order.as_ref().is_some_and(|order| order.state.is_final()));
            if done || self.unknown.get_untracked() {
                return;
            }
            // A server that took over has the same news; the former one may be gone, or hang.
            let open = news.as_ref().is_some_and(|news| !news.is_elsewhere());
            if !open || quiet_ms > SILENT_MS {
                news = api::order_news(&token, move |heard| self.hear(heard));
            }
            sleep(if hidden() { HIDDEN_MS } else { SEEN_MS }).await;
        }
    }

    /// Where nothing happened and the connection lives, what is shown is as new as it can be; where it is lost, the next round asks.
    fn hear(self, heard: Heard) {
        let lives = !matches!(heard, Heard::Lost);
        self.heard_ms.set(if lives { now_ms() } else { 0 });
        match heard {
            Heard::Version(version) => self.heard_version.set(version),
            Heard::Alive if self.error.with_untracked(Option::is_none) => {
                self.updated_ms.set(now_ms());
            }
            Heard::Alive | Heard::Lost => {}
        }
    }

    /// Asks at once.
    pub fn now(self) {
        self.again.update(|count| *count += 1);
    }

    pub fn take(self, answer: Result<Order, ApiError>) {
        match answer {
            Ok(order) => {
                self.updated_ms.set(now_ms());
                self.error.set(None);
                if order.state.is_final() {
                    let orders = self.state.orders;
                    orders.update(|orders| orders.finished(&order.token));
                }
                // An answer that was overtaken by a newer one must not turn the page back.
                let newer = self.order.with_untracked(|shown| {
                    shown
                        .as_ref()
                        .is_none_or(|shown| shown.version <= order.version)
                });
                if newer
                    && self
                        .order
                        .with_untracked(|shown| shown.as_ref() != Some(&order))
                {
                    self.order.set(Some(order));
                }
            }
            Err(error) if error.code() == Some(Code::NotFound) => self.unknown.set(true),
            Err(error) => self.error.set(Some(error)),
        }
    }

    /// What is shown is older than it should be. Tracks; `now` is the time as a signal gave it.
    pub fn is_stale(self, now: i64) -> bool {
        self.error.with(Option::is_some) && now - self.updated_ms.get() > STALE_MS
    }
}
