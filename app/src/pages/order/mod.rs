//! One order, followed until it arrives.

mod actions;
mod follow;
mod parts;
mod progress;

use crate::prelude::*;
use model::order::Order;

use crate::api::ApiError;
use crate::components::{Glyph, Icon, Notice, Page, use_announce};
use crate::state::browser::now_ms;
use crate::state::calendar::ago;
use crate::state::ticker::ticker;
use crate::state::use_state;
use actions::{Cancel, Help};
use follow::Follow;
use parts::{Details, Hero, Ordered};
use progress::headline;

/// One order, followed until it arrives. Whoever has its address may see it.
#[component]
pub fn OrderPage(
    /// From its address.
    token: String,
) -> View {
    let token = memo(move || token.clone());
    let follow = Follow::new(use_state(), token);
    let title = derive(move || {
        follow.order.with(|order| match order {
            Some(order) => format!("{}, number {}", headline(order).title, order.number),
            None => "Your order".into(),
        })
    });
    announce_state(follow);
    view! {
        <Page title class="order-page">
            <div class="frame order">
                {move || {
                    if follow.unknown.get() {
                        return view! { <Unknown /> };
                    }
                    if let Some(order) = follow.order.get() {
                        return view! { <Shown follow order /> };
                    }
                    match follow.error.get() {
                        Some(error) => view! { <Away follow error /> },
                        None => view! { <Skeleton /> },
                    }
                }}
            </div>
        </Page>
    }
}

/// Reads a new state out; the first one is read with the page.
fn announce_state(follow: Follow) {
    let announce = use_announce();
    let said = memo(move || {
        follow.order.with(|order| {
            order.as_ref().map(|order| {
                let headline = headline(order);
                format!("{}. {}", headline.title, headline.detail)
            })
        })
    });
    effect(move |before: Option<Option<String>>| {
        let now = said.get();
        if let (Some(Some(_)), Some(sentence)) = (&before, &now)
            && before.as_ref() != Some(&now)
        {
            announce(sentence);
        }
        now
    });
}

#[component]
fn Shown(
    /// The order's page.
    follow: Follow,
    /// The order as it is.
    order: Order,
) -> View {
    let cancel = order
        .state
        .customer_may_cancel()
        .then(|| view! { <Cancel follow order=order.clone() /> });
    let fresh = (!order.state.is_final()).then(|| view! { <Fresh follow /> });
    view! {
        <div class="order-main">
            {fresh}
            <Hero order=order.clone() />
            <Help order=order.clone() />
            {cancel}
        </div>
        <div class="order-side">
            <Ordered order=order.clone() />
            <Details order />
        </div>
    }
}

/// How old it is what the page shows, and a quiet word when it should be newer.
#[component]
fn Fresh(
    /// The order's page.
    follow: Follow,
) -> View {
    let now = ticker(1_000);
    let stale = memo(move || follow.is_stale(now.get()));
    view! {
        <div class="fresh">
            <div role="status">
                {move || {
                    stale
                        .get()
                        .then(|| {
                            view! {
                                <p class="stale">
                                    <Icon glyph=Glyph::WifiOff />
                                    "We cannot reach Tiffin just now. Your order goes on; this page catches up by itself."
                                </p>
                            }
                        })
                }}
            </div>
            <p class="small soft updated">
                {move || {
                    now.track();
                    format!("Last updated {}", ago(now_ms() - follow.updated_ms.get()))
                }}
                <button
                    class="icon-button"
                    type="button"
                    aria-label="Update now"
                    on:click=move |_| follow.now()
                >
                    <Icon glyph=Glyph::Refresh />
                </button>
            </p>
        </div>
    }
}

/// The order cannot be fetched just now.
#[component]
fn Away(
    /// The order's page.
    follow: Follow,
    /// Why.
    error: ApiError,
) -> View {
    view! {
        <div class="narrow stack">
            <h1>"Your order"</h1>
            <Notice title=error.title() glyph=Glyph::WifiOff>
                <p>"Your order is safe with the restaurant, and cooking goes on. We keep asking."</p>
                <button class="button quiet" type="button" on:click=move |_| follow.now()>
                    <Icon glyph=Glyph::Refresh />
                    "Try again"
                </button>
            </Notice>
        </div>
    }
}

/// The page's shape while the order is on its way here.
#[component]
fn Skeleton() -> View {
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
fn Unknown() -> View {
    let recent = use_state().orders.get().0;
    let list = (!recent.is_empty()).then(|| {
        let items = recent
            .into_iter()
            .take(5)
            .map(|order| {
                view! {
                    <li>
                        <a class="link" href=format!("/orders/{}", order.token)>
                            {format!("Number {} from {}", order.number, order.restaurant_name)}
                        </a>
                    </li>
                }
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
