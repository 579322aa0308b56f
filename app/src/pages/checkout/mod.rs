//! The checkout: how, when, where and who, from a basket to an order.
//!
//! `checkout_state` holds the state of the form, `submitter` runs the state machine that places the order, the rest draws. The order's key and
//! the request that was sent are in [`crate::state`], because they outlive this page.

mod checkout_state;
mod focus;
mod form_fields;
mod form_group;
mod outcome;
mod sections;
mod submitter;
mod summary;
mod text_field;
mod when;

use leptos::ev::{MouseEvent, SubmitEvent};
use leptos::prelude::*;
use model::Postcode;
use model::basket::{Obstacle, ObstacleCode};

use crate::components::{Banner, Drawing, Glyph, Icon, Page};
use crate::paths;
use crate::state::submission::Phase;
use crate::state::{AppState, use_state};
use checkout_state::Checkout;
use focus::focus_when_drawn;
use form_fields::FormError;
use outcome::{LastOutcome, PendingOutcome, announce_phases};
use sections::{HowSection, WhereSection, WhoSection};
use submitter::Submitter;
use summary::OrderSummary;
use when::WhenSection;

/// The checkout of the basket that the address names.
#[component]
pub fn CheckoutPage() -> impl IntoView {
    let state = use_state();
    let restaurant = paths::use_checkout_restaurant();
    let content = move || {
        let named = Some(restaurant.get()).filter(|restaurant| !restaurant.is_empty());
        // Baskets are read once: a placed order empties its basket, and this page must outlive that.
        match named.or_else(|| current_restaurant(state)) {
            Some(slug) => view! { <RestaurantCheckout slug /> }.into_any(),
            None => view! { <EmptyCheckout /> }.into_any(),
        }
    };
    view! {
        <Page title="Checkout" class="checkout-page" banner=Banner::None>
            {content}
        </Page>
    }
}

/// The restaurant of an order whose outcome is not known, or of the basket that was changed last.
fn current_restaurant(state: AppState) -> Option<String> {
    let pending = state.pending_orders.latest();
    let baskets = state.baskets.latest();
    let slug = pending.open_restaurant().or(baskets.current_slug());
    slug.map(str::to_owned)
}

/// What the page shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Form,
    PendingOutcome,
    Empty,
}

/// The checkout of one restaurant's basket.
#[component]
fn RestaurantCheckout(slug: String) -> impl IntoView {
    let checkout = Checkout::new(slug);
    let submitter = Submitter::new(checkout);
    announce_phases(checkout);
    let content = Memo::new(move |_| {
        checkout.phase.with(|phase| match phase {
            Phase::Checking(_) | Phase::Waiting { .. } | Phase::Placed(_) => {
                Content::PendingOutcome
            }
            Phase::Idle if checkout.basket.with(|basket| basket.is_empty()) => Content::Empty,
            _ => Content::Form,
        })
    });
    move || match content.get() {
        Content::PendingOutcome => view! { <PendingOutcome checkout submitter /> }.into_any(),
        Content::Empty => view! { <EmptyCheckout /> }.into_any(),
        Content::Form => view! { <CheckoutForm checkout submitter /> }.into_any(),
    }
}

#[component]
fn CheckoutForm(checkout: Checkout, submitter: Submitter) -> impl IntoView {
    let name = checkout
        .basket
        .with_untracked(|basket| basket.restaurant_name.clone());
    let back = if name.is_empty() {
        "Back to the menu".to_owned()
    } else {
        name
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        submitter.submit();
    };
    view! {
        <form class="checkout frame" novalidate on:submit=submit>
            <div class="checkout-head">
                <a class="link back" href=checkout.menu_path()>
                    <Icon glyph=Glyph::Back />
                    {back}
                </a>
                <h1>"Checkout"</h1>
                <ErrorSummary checkout />
            </div>
            <fieldset class="groups" disabled=move || checkout.phase.with(Phase::is_busy)>
                <legend class="visually-hidden">"Your order"</legend>
                <HowSection checkout />
                <WhenSection checkout />
                <WhereSection checkout />
                <WhoSection checkout />
            </fieldset>
            <div class="side">
                <OrderSummary checkout />
                <LastOutcome checkout />
                <div class="pay">
                    <SubmitButton checkout />
                </div>
            </div>
        </form>
    }
}

/// All errors of the form, each with a link to its field.
#[component]
fn ErrorSummary(checkout: Checkout) -> impl IntoView {
    let item = |(field, message): FormError| {
        let Some(field) = field else {
            return view! { <li>{message}</li> }.into_any();
        };
        let id = field.id();
        let focus_field = move |event: MouseEvent| {
            // The fragment of the address is the postcode's, so the link must not be followed.
            event.prevent_default();
            event.stop_propagation();
            focus_when_drawn(id);
        };
        view! {
            <li>
                <a class="link" href=format!("#{id}") on:click=focus_field>
                    {message}
                </a>
            </li>
        }
        .into_any()
    };
    let title = move || match checkout.errors.with(Vec::len) {
        1 => "One thing is left to put right",
        _ => "A few things are left to put right",
    };
    let items = move || checkout.errors.get().into_iter().map(item).collect_view();
    view! {
        <div role="alert" id="mistakes" tabindex="-1">
            <Show when=move || !checkout.errors.with(Vec::is_empty)>
                <div class="notice stop">
                    <Icon glyph=Glyph::Alert />
                    <div>
                        <strong>{title}</strong>
                        <ul class="mistakes">{items}</ul>
                    </div>
                </div>
            </Show>
        </div>
    }
}

/// The button, whose label says that pressing it obliges to pay (Consumer Contracts Regulations 2013, regulation 14(4)).
#[component]
fn SubmitButton(checkout: Checkout) -> impl IntoView {
    let busy = move || checkout.phase.with(Phase::is_busy);
    // A postcode that is not typed yet is reported only after the button was pressed.
    let blocks = |obstacle: &Obstacle| obstacle.code != ObstacleCode::PostcodeMissing;
    let blocked = move || {
        let quote = checkout.quote.current();
        quote.is_some_and(|quote| quote.obstacles.iter().any(blocks))
    };
    let label = move || {
        if busy() {
            return "Sending…".to_owned();
        }
        let Some(quote) = checkout.quote.current() else {
            return "Working out the total…".to_owned();
        };
        if blocked() {
            return "Not ready to order: see why".to_owned();
        }
        let action = if checkout.quote_changed() {
            "Accept and order with obligation to pay"
        } else if checkout.phase.with(|phase| *phase == Phase::NotPlaced) {
            "Try again: order with obligation to pay"
        } else {
            "Order with obligation to pay"
        };
        format!("{action} {}", quote.total_pence)
    };
    let payment = move || {
        if checkout.is_delivery() {
            "You pay the restaurant when it arrives."
        } else {
            "You pay the restaurant when you collect."
        }
    };
    view! {
        <button
            class="button wide"
            class:quiet=blocked
            type="submit"
            disabled=move || busy() || checkout.quote.current().is_none()
        >
            {label}
        </button>
        <p class="soft small">{payment}</p>
    }
}

/// There is nothing to check out: why, and where to go.
#[component]
fn EmptyCheckout() -> impl IntoView {
    let state = use_state();
    let last_order = state.recent_orders.get().0.into_iter().next();
    let restaurants = match Postcode::parse(&state.postcode.get_untracked()) {
        Ok(postcode) => paths::restaurants(&postcode),
        Err(_) => "/".to_owned(),
    };
    let last_order = last_order.map(|order| {
        view! {
            <p class="soft">
                "Looking for your last order? It is "
                <a class="link" href=paths::order(&order.token)>
                    {format!("number {} from {}", order.number, order.restaurant_name)}
                </a> "."
            </p>
        }
    });
    view! {
        <div class="frame narrow stack checkout-empty">
            <div class="finding-tin">
                <Drawing href="#i-tin-1" />
            </div>
            <h1>"Your basket is empty"</h1>
            <p>"Choose a restaurant and put something into it; it stays there until you order."</p>
            <a class="button" href=restaurants>
                "See restaurants"
            </a>
            {last_order}
        </div>
    }
}
