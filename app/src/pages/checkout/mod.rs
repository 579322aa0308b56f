//! How, when, where and who: from a basket to an order.
//!
//! `page` holds the signals, `submit` drives the state machine, the rest draws. The order's key and what was sent live in
//! [`crate::state`], because they outlive this page.

mod fields;
mod focus;
mod group;
mod groups;
mod input;
mod outcome;
mod page;
mod submit;
mod summary;
mod when;

use crate::prelude::*;
use leptos::ev::SubmitEvent;
use model::Postcode;
use model::basket::{Obstacle, ObstacleCode};

use crate::components::{Drawing, Glyph, Icon, Page};
use crate::paths;
use crate::router;
use crate::state::submission::Phase;
use crate::state::{AppState, use_state};
use focus::focus;
use groups::{How, Where, Who};
use outcome::{Finding, Told, announce_phases};
use page::Checkout;
use submit::Submit;
use summary::Summary;
use when::When;

/// How, when, where and who: from a basket to an order. `?from=` names the restaurant; without it, it is the basket touched
/// last.
#[component]
pub fn CheckoutPage() -> View {
    let state = use_state();
    let named = router::query("from");
    view! {
        <Page title="Checkout" class="checkout-page">
            {move || {
                // Read once: an order that is placed empties its basket, and this page must outlive that.
                match named.get().or_else(|| restaurant(state)) {
                    Some(slug) => view! { <CheckoutOf slug /> },
                    None => view! { <Empty state /> },
                }
            }}
        </Page>
    }
}

fn restaurant(state: AppState) -> Option<String> {
    let open = state.pendings.latest();
    let baskets = state.baskets.latest();
    open.open_restaurant()
        .or(baskets.current_slug())
        .map(str::to_owned)
}

/// The checkout of one restaurant's basket.
#[component]
fn CheckoutOf(
    /// The restaurant.
    slug: String,
) -> View {
    let page = Checkout::new(use_state(), slug);
    let submit = Submit::new(page);
    announce_phases(page);
    let show = memo(move || {
        page.phase.with(|phase| match phase {
            Phase::Checking(_) | Phase::Waiting { .. } | Phase::Placed(_) => Show::Finding,
            Phase::Idle if page.basket.with(|basket| basket.is_empty()) => Show::Empty,
            _ => Show::Form,
        })
    });
    (move || match show.get() {
        Show::Finding => view! { <Finding page submit /> },
        Show::Empty => view! { <Empty state=page.state /> },
        Show::Form => view! { <Form page submit /> },
    })
    .into_view()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    Form,
    Finding,
    Empty,
}

#[component]
fn Form(
    /// The checkout.
    page: Checkout,
    /// Presses and waits.
    submit: Submit,
) -> View {
    let name = page
        .basket
        .with_untracked(|basket| basket.restaurant_name.clone());
    let pressed = move |event: SubmitEvent| {
        event.prevent_default();
        submit.press();
    };
    let busy = move || page.phase.with(Phase::is_busy);
    view! {
        <form class="checkout frame" novalidate on:submit=pressed>
            <div class="checkout-head">
                <a class="link back" href=page.menu_path()>
                    <Icon glyph=Glyph::Back />
                    {if name.is_empty() { "Back to the menu".to_owned() } else { name }}
                </a>
                <h1>"Checkout"</h1>
                <Mistakes page />
            </div>
            <fieldset class="groups" disabled=busy>
                <legend class="visually-hidden">"Your order"</legend>
                <How page />
                <When page />
                <Where page />
                <Who page />
            </fieldset>
            <div class="side">
                <Summary page />
                <Told page />
                <div class="pay">
                    <Pay page />
                </div>
            </div>
        </form>
    }
}

/// Everything that is wrong, each a way to its field.
#[component]
fn Mistakes(
    /// The checkout.
    page: Checkout,
) -> View {
    let item = |(field, message): fields::Mistake| match field {
        Some(field) => {
            // The slot's own list is where a time is mended, the group's frame where it is not there.
            let id = field.id();
            view! {
                <li>
                    <a
                        class="link"
                        href=format!("#{id}")
                        on:click=move |event| {
                            // The fragment of the address belongs to the postcode.
                            event.prevent_default();
                            event.stop_propagation();
                            focus(id);
                        }
                    >
                        {message}
                    </a>
                </li>
            }
        }
        None => view! { <li>{message}</li> },
    };
    view! {
        <div role="alert" id="mistakes" tabindex="-1">
            {move || {
                let mistakes = page.mistakes.get();
                (!mistakes.is_empty())
                    .then(|| {
                        view! {
                            <div class="notice stop">
                                <Icon glyph=Glyph::Alert />
                                <div>
                                    <strong>
                                        {if mistakes.len() == 1 {
                                            "One thing is left to put right"
                                        } else {
                                            "A few things are left to put right"
                                        }}
                                    </strong>
                                    <ul class="mistakes">
                                        {mistakes.into_iter().map(item).collect_view()}
                                    </ul>
                                </div>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

/// The button, which says what pressing it means (Consumer Contracts Regulations 2013, regulation 14(4)).
#[component]
fn Pay(
    /// The checkout.
    page: Checkout,
) -> View {
    // Something that only the customer can mend; what is not typed yet is no news until the button is pressed.
    let held_up = move || {
        page.quote().is_some_and(|quote| {
            let known = |it: &Obstacle| it.code != ObstacleCode::PostcodeMissing;
            quote.obstacles.iter().any(known)
        })
    };
    let label = move || {
        if page.phase.with(Phase::is_busy) {
            return "Sending…".to_owned();
        }
        let Some(quote) = page.quote() else {
            return "Working out the total…".into();
        };
        if held_up() {
            return "Not ready to order: see why".into();
        }
        let before = if page.quote_changed() {
            "Accept and order with obligation to pay"
        } else if page.phase.with(|phase| *phase == Phase::NotPlaced) {
            "Try again: order with obligation to pay"
        } else {
            "Order with obligation to pay"
        };
        format!("{before} {}", quote.total_pence)
    };
    let disabled = move || page.phase.with(Phase::is_busy) || page.quote().is_none();
    view! {
        <button class="button wide" class:quiet=held_up type="submit" disabled=disabled>
            {label}
        </button>
        <p class="soft small">
            {move || {
                if page.delivers() {
                    "You pay the restaurant when it arrives."
                } else {
                    "You pay the restaurant when you collect."
                }
            }}
        </p>
    }
}

/// Nothing to check out: why, and where to go.
#[component]
fn Empty(
    /// What is remembered.
    state: AppState,
) -> View {
    let last = state.orders.get().0.into_iter().next();
    let shops = Postcode::parse(&state.postcode.get_untracked())
        .map_or_else(|_| "/".to_owned(), |postcode| paths::restaurants(&postcode));
    view! {
        <div class="frame narrow stack checkout-empty">
            <div class="finding-tin">
                <Drawing href="#i-tin-1" />
            </div>
            <h1>"Your basket is empty"</h1>
            <p>"Choose a restaurant and put something into it; it stays there until you order."</p>
            <a class="button" href=shops>
                "See restaurants"
            </a>
            {last
                .map(|order| {
                    view! {
                        <p class="soft">
                            "Looking for your last order? It is "
                            <a class="link" href=format!("/orders/{}", order.token)>
                                {format!("number {} from {}", order.number, order.restaurant_name)}
                            </a> "."
                        </p>
                    }
                })}
        </div>
    }
}
