//! One order, followed until it arrives.

mod actions;
mod follower;
mod parts;
mod progress;

use leptos::prelude::*;
use model::order::Order;

use crate::api::ApiError;
use crate::components::{Banner, Glyph, Icon, Notice, Page, error_title, use_announce};
use crate::paths;
use crate::state::browser::now_ms;
use crate::state::calendar::ago;
use crate::state::ticker::start_ticker;
use crate::state::use_state;
use actions::{CancelOrder, Help};
use follower::OrderFollower;
use parts::{OrderDetails, OrderHero, OrderedLines};
use progress::headline;

/// One order, followed until it arrives. Its address is the permission to see it.
#[component]
pub fn OrderPage() -> impl IntoView {
    let token = paths::use_order_token();
    let follower = OrderFollower::new(token);
    let title = Signal::derive(move || {
        follower.order.with(|order| match order {
            Some(order) => format!("{}, number {}", headline(order).title, order.number),
            None => "Your order".to_owned(),
        })
    });
    announce_state(follower);
    let content = move || {
        if follower.not_found.get() {
            return view! { <OrderNotFound /> }.into_any();
        }
        match (follower.order.get(), follower.error.get()) {
            (Some(order), _) => view! { <OrderView follower order /> }.into_any(),
            (None, Some(error)) => view! { <OrderUnavailable follower error /> }.into_any(),
            (None, None) => view! { <OrderSkeleton /> }.into_any(),
        }
    };
    view! {
        <Page title class="order-page" banner=Banner::None>
            <div class="frame order">{content}</div>
        </Page>
    }
}

/// Announces each new state; the first one is read with the page.
fn announce_state(follower: OrderFollower) {
    let announce = use_announce();
    let sentence = Memo::new(move |_| {
        follower.order.with(|order| {
            order.as_ref().map(|order| {
                let headline = headline(order);
                format!("{}. {}", headline.title, headline.detail)
            })
        })
    });
    Effect::new(move |previous: Option<Option<String>>| {
        let sentence = sentence.get();
        if let (Some(Some(previous)), Some(sentence)) = (&previous, &sentence)
            && previous != sentence
        {
            announce(sentence);
        }
        sentence
    });
}

/// The order as it is now.
#[component]
fn OrderView(follower: OrderFollower, order: Order) -> impl IntoView {
    let may_cancel = order.state.customer_may_cancel();
    let cancel = may_cancel.then(|| view! { <CancelOrder follower order=order.clone() /> });
    let freshness = (!order.state.is_final()).then(|| view! { <Freshness follower /> });
    view! {
        <div class="order-main">
            {freshness} <OrderHero order=order.clone() /> <Help order=order.clone() /> {cancel}
        </div>
        <div class="order-side">
            <OrderedLines order=order.clone() />
            <OrderDetails order />
        </div>
    }
}

/// How old the page is, and a notice when it should be newer.
#[component]
fn Freshness(follower: OrderFollower) -> impl IntoView {
    let now = start_ticker(1_000);
    let stale = Memo::new(move |_| follower.is_stale(now.get()));
    let age = move || {
        now.track();
        format!("Last updated {}", ago(now_ms() - follower.updated_ms.get()))
    };
    view! {
        <div class="fresh">
            <div role="status">
                <Show when=move || stale.get()>
                    <p class="stale">
                        <Icon glyph=Glyph::WifiOff />
                        "We cannot reach Tiffin just now. Your order goes on; this page catches up by itself."
                    </p>
                </Show>
            </div>
            <p class="small soft updated">
                {age}
                <button
                    class="icon-button"
                    type="button"
                    aria-label="Update now"
                    on:click=move |_| follower.refresh()
                >
                    <Icon glyph=Glyph::Refresh />
                </button>
            </p>
        </div>
    }
}

/// The order cannot be loaded just now.
#[component]
fn OrderUnavailable(follower: OrderFollower, error: ApiError) -> impl IntoView {
    view! {
        <div class="narrow stack">
            <h1>"Your order"</h1>
            <Notice title=error_title(&error) glyph=Glyph::WifiOff>
                <p>
                    "Your order is safe with the restaurant, and cooking goes on. We keep asking."
                </p>
                <button class="button quiet" type="button" on:click=move |_| follower.refresh()>
                    <Icon glyph=Glyph::Refresh />
                    "Try again"
                </button>
            </Notice>
        </div>
    }
}

/// As high as the order that will be loaded.
#[component]
fn OrderSkeleton() -> impl IntoView {
    view! {
        <div class="order-main">
            <h1 class="visually-hidden">"Your order"</h1>
            <p class="small soft updated">"Fetching your order…"</p>
            <div class="skeleton order-hero-skeleton"></div>
        </div>
        <div class="order-side">
            <div class="skeleton order-side-skeleton"></div>
        </div>
    }
}

/// No order has this address: why that may be, and where to look.
#[component]
fn OrderNotFound() -> impl IntoView {
    const MAX_LISTED: usize = 5;
    let recent = use_state().recent_orders.get().0;
    let list = (!recent.is_empty()).then(|| {
        let items = recent
            .into_iter()
            .take(MAX_LISTED)
            .map(|order| {
                view! {
                    <li>
                        <a class="link" href=paths::order(&order.token)>
                            {format!("Number {} from {}", order.number, order.restaurant_name)}
                        </a>
                    </li>
                }
                .into_any()
            })
            .collect_view();
        view! {
            <h2>"Ordered on this phone"</h2>
            <ul class="recent">{items}</ul>
        }
    });
    view! {
        <div class="narrow stack">
            <h1>"We do not know this order"</h1>
            <p>
                "Perhaps a part of the address is missing: open it again from where you got it. Orders are also removed some weeks after they are done."
            </p>
            {list}
            <a class="button" href="/">
                "Start a new order"
            </a>
        </div>
    }
}
