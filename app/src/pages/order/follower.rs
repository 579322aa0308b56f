//! Follows one order: loads it when the server reports an event, and at once when the page becomes visible. Where the browser has no
//! event stream, it polls, less often while the page is hidden.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use model::order::Order;
use model::problem::Code;

use crate::api::{self, ApiError, OrderEvent, OrderEvents};
use crate::state::browser::{hidden, now_ms, sleep};
use crate::state::ticker::on_visibility;
use crate::state::{AppState, use_state};

/// The polling interval while the page is visible, in milliseconds.
const VISIBLE_MS: u32 = 5_000;
/// The polling interval while the page is hidden, in milliseconds.
const HIDDEN_MS: u32 = 20_000;
/// The silence after which a stream is taken for dead and opened anew, in milliseconds. The server sends a keep-alive every few seconds.
const STREAM_TIMEOUT_MS: i64 = 12_000;
/// The age from which the page is called stale, in milliseconds: two answers have failed to arrive.
const STALE_MS: i64 = 14_000;

/// Copies share the state.
#[derive(Clone, Copy)]
pub struct OrderFollower {
    state: AppState,
    pub order: RwSignal<Option<Order>>,
    /// No order has this token.
    pub not_found: RwSignal<bool>,
    pub error: RwSignal<Option<ApiError>>,
    /// When the last answer arrived.
    pub updated_ms: RwSignal<i64>,
    /// When the last event arrived; 0 after a disconnect.
    last_event_ms: RwSignal<i64>,
    /// The newest version that an event has reported.
    announced_version: RwSignal<u32>,
    /// Notified to restart polling at once.
    restart: Trigger,
}

impl OrderFollower {
    /// Follows the order with this token until the page unmounts.
    pub fn new(token: Memo<String>) -> Self {
        let follower = Self {
            state: use_state(),
            order: RwSignal::new(None),
            not_found: RwSignal::new(false),
            error: RwSignal::new(None),
            updated_ms: RwSignal::new(now_ms()),
            last_event_ms: RwSignal::new(0),
            announced_version: RwSignal::new(0),
            restart: Trigger::new(),
        };
        Effect::new(move |previous: Option<String>| {
            follower.restart.track();
            let token = token.get();
            if previous.as_ref() != Some(&token) {
                follower.order.set(None);
                follower.not_found.set(false);
            }
            spawn_local_scoped_with_cancellation(follower.poll(token.clone()));
            token
        });
        Effect::new(move |_| {
            let announced = follower.announced_version.get();
            let token = token.get();
            let outdated = follower.order.with_untracked(|order| {
                order
                    .as_ref()
                    .is_some_and(|order| order.version < announced)
            });
            if outdated {
                spawn_local_scoped_with_cancellation(async move {
                    follower.apply(api::order(&token).await);
                });
            }
        });
        on_visibility(move || {
            if !hidden() {
                follower.refresh();
            }
        });
        let on_online = window_event_listener(ev::online, move |_| follower.refresh());
        on_cleanup(move || on_online.remove());
        follower
    }

    async fn poll(self, token: String) {
        // The stream is opened after the first answer, so as not to delay it.
        let mut events: Option<OrderEvents> = None;
        loop {
            let silent_ms = now_ms() - self.last_event_ms.get_untracked();
            if events.is_none() || silent_ms > i64::from(VISIBLE_MS) {
                self.apply(api::order(&token).await);
            }
            let done = self
                .order
                .with_untracked(|order| order.as_ref().is_some_and(|order| order.state.is_final()));
            if done || self.not_found.get_untracked() {
                return;
            }
            // Every front-end server has the same events; the former one may be dead or hang.
            let open = events.as_ref().is_some_and(|events| !events.is_outdated());
            if !open || silent_ms > STREAM_TIMEOUT_MS {
                events = api::order_events(&token, move |event| self.on_event(event));
            }
            sleep(if hidden() { HIDDEN_MS } else { VISIBLE_MS }).await;
        }
    }

    /// While events arrive the page is up to date; after a disconnect the next poll loads the order.
    fn on_event(self, event: OrderEvent) {
        let connected = !matches!(event, OrderEvent::Disconnected);
        self.last_event_ms.set(if connected { now_ms() } else { 0 });
        match event {
            OrderEvent::Version(version) => self.announced_version.set(version),
            OrderEvent::KeepAlive if self.error.with_untracked(Option::is_none) => {
                self.updated_ms.set(now_ms());
            }
            OrderEvent::KeepAlive | OrderEvent::Disconnected => {}
        }
    }

    /// Loads the order at once.
    pub fn refresh(self) {
        self.restart.notify();
    }

    /// Applies the answer of a request.
    pub fn apply(self, answer: Result<Order, ApiError>) {
        match answer {
            Ok(order) => {
                self.updated_ms.set(now_ms());
                self.error.set(None);
                if order.state.is_final() {
                    self.state
                        .recent_orders
                        .update(|orders| orders.mark_done(&order.token));
                }
                // An answer that a newer one has overtaken must not turn the page back.
                let newer = self.order.with_untracked(|shown| {
                    shown
                        .as_ref()
                        .is_none_or(|shown| shown.version <= order.version && *shown != order)
                });
                if newer {
                    self.order.set(Some(order));
                }
            }
            Err(error) if error.code() == Some(Code::NotFound) => self.not_found.set(true),
            Err(error) => self.error.set(Some(error)),
        }
    }

    /// Whether the page is older than it should be; `now_ms` is the time as a ticking signal gave it. Tracks.
    pub fn is_stale(self, now_ms: i64) -> bool {
        self.error.with(Option::is_some) && now_ms - self.updated_ms.get() > STALE_MS
    }
}
