//! The basket of a menu: at the side on a desk, behind a bar at the bottom on a phone. Its price is the backend's quote; the price that
//! the menu shows only stands in for single lines until the quote has arrived.

use leptos::prelude::*;
use model::Pence;
use model::basket::{Obstacle, ObstacleCode, Quote};
use model::restaurant::Fulfilment;

use crate::components::{Drawing, Glyph, Icon, Notice, Stepper, Totals, error_title};
use crate::paths;
use crate::state::AppState;
use crate::state::basket::{Basket, Line};
use crate::state::quote::BasketQuote;

/// What the parts of the basket share. Copies share the state.
#[derive(Clone, Copy)]
pub struct MenuBasket {
    pub state: AppState,
    /// The restaurant.
    pub slug: Memo<String>,
    pub basket: Memo<Basket>,
    pub quote: BasketQuote,
    /// How the order would reach the customer, in one line.
    pub fulfilment: Signal<String>,
    /// Whether the restaurant offers collection.
    pub collects: bool,
}

impl MenuBasket {
    /// Changes the basket, in every tab.
    pub fn change(self, change: impl FnOnce(&mut Basket)) {
        self.slug
            .with_untracked(|slug| self.state.change_basket(slug, change));
    }

    fn set_fulfilment(self, fulfilment: Fulfilment) {
        self.change(|basket| basket.fulfilment = Some(fulfilment));
    }

    /// Whether the shown price is of an earlier basket. Tracks.
    fn is_stale(self) -> bool {
        self.quote.current().is_none()
    }
}

/// Whether an obstacle has to be cleared here. Those of place and time are cleared at checkout.
fn concerns_basket(obstacle: &Obstacle) -> bool {
    obstacle.line.is_some() || obstacle.code == ObstacleCode::BelowMinimum
}

/// Whether collection instead of delivery clears an obstacle.
fn concerns_delivery(code: ObstacleCode) -> bool {
    matches!(
        code,
        ObstacleCode::BelowMinimum
            | ObstacleCode::OutsideArea
            | ObstacleCode::CouldNotCheck
            | ObstacleCode::NotLocatable
            | ObstacleCode::NoDelivery
            | ObstacleCode::PostcodeUnknown
            | ObstacleCode::PostcodeTerminated
    )
}

/// The lines, the obstacles, the totals, and the link to the checkout.
#[component]
pub fn BasketPanel(basket: MenuBasket) -> impl IntoView {
    let filled = move || !basket.basket.with(Basket::is_empty);
    let lines = move || {
        let quote = basket.quote.latest();
        let lines = basket.basket.get().lines.into_iter().enumerate();
        lines
            .map(|(index, line)| {
                view! { <BasketLine basket index line quote=quote.clone() /> }
            })
            .collect_view()
    };
    let obstacles = move || {
        let quote = basket.quote.latest()?;
        Some(view! { <BasketObstacles basket quote /> })
    };
    view! {
        <Show when=filled fallback=EmptyBasket>
            <p class="basket-how">
                <Icon glyph=Glyph::Bike />
                {basket.fulfilment}
            </p>
            <ul class="basket-lines">{lines}</ul>
            {obstacles}
            <div class="basket-sums" class:stale=move || basket.is_stale()>
                <BasketTotals basket />
            </div>
            <CheckoutButton basket />
        </Show>
    }
}

#[component]
fn EmptyBasket() -> impl IntoView {
    view! {
        <div class="basket-empty">
            <Drawing href="#i-tin-2" />
            <p>"Your tin is empty. Add a dish with its plus."</p>
        </div>
    }
}

/// One line, with its price and its obstacles.
#[component]
fn BasketLine(
    basket: MenuBasket,
    /// The line's place in the basket, and so in the quote.
    index: usize,
    line: Line,
    quote: Option<Quote>,
) -> impl IntoView {
    let quoted = quote
        .as_ref()
        .and_then(|quote| quote.lines.get(index))
        .filter(|quoted| quoted.dish == line.dish && quoted.quantity == line.quantity);
    let price = match quoted {
        Some(quoted) => quoted.total_pence,
        None => line.unit_pence * i64::from(line.quantity),
    };
    let choices: Vec<_> = line.choices.iter().map(|choice| &*choice.name).collect();
    let choices = choices.join(", ");
    let obstacles = quote
        .iter()
        .flat_map(|quote| &quote.obstacles)
        .filter(|obstacle| obstacle.concerns_line(index))
        .map(|obstacle| {
            view! {
                <p class="error-text">
                    <Icon glyph=Glyph::Alert />
                    {obstacle.message.clone()}
                </p>
            }
            .into_any()
        })
        .collect_view();
    let name = line.name.clone();
    let quantity = line.quantity;
    view! {
        <li>
            <div class="basket-line">
                <strong>{name.clone()}</strong>
                <span class="money">{price.to_string()}</span>
                <span class="soft small">{choices}</span>
                {obstacles}
            </div>
            <Stepper
                of=name
                value=quantity
                minimum=0
                on_change=move |quantity| {
                    basket.change(|basket| basket.set_quantity(&line, quantity));
                }
            />
        </li>
    }
}

/// What prevents ordering, apart from single lines, and the other way to get the food.
#[component]
fn BasketObstacles(basket: MenuBasket, quote: Quote) -> impl IntoView {
    let below_minimum = |obstacle: &Obstacle| obstacle.code == ObstacleCode::BelowMinimum;
    let minimum = quote.obstacles.iter().any(below_minimum).then(|| {
        view! { <MinimumBar missing_pence=quote.missing_pence minimum_pence=quote.minimum_pence /> }
    });
    let others = quote
        .obstacles
        .iter()
        .filter(|obstacle| obstacle.line.is_none() && !below_minimum(obstacle))
        .map(|obstacle| view! { <Notice title=obstacle.message.clone() /> })
        .collect_view();
    let delivery = quote.fulfilment == Fulfilment::Delivery;
    let mut codes = quote.obstacles.iter().map(|obstacle| obstacle.code);
    let collect = (basket.collects && delivery && codes.any(concerns_delivery)).then(|| {
        view! {
            <button
                class="button quiet wide"
                type="button"
                on:click=move |_| basket.set_fulfilment(Fulfilment::Collection)
            >
                <Icon glyph=Glyph::Bag />
                "Collect it instead"
            </button>
        }
    });
    let deliver = (!delivery).then(|| {
        view! {
            <button
                class="link small"
                type="button"
                on:click=move |_| basket.set_fulfilment(Fulfilment::Delivery)
            >
                "Have it delivered instead"
            </button>
        }
    });
    view! {
        {minimum}
        {others}
        {collect}
        {deliver}
    }
}

/// How much is missing to the minimum, in words and as a bar.
#[component]
fn MinimumBar(missing_pence: Pence, minimum_pence: Pence) -> impl IntoView {
    let reached = minimum_pence - missing_pence;
    let percent = (reached * 100).0 / minimum_pence.0.max(1);
    view! {
        <div class="minimum">
            <p>
                <strong class="money">{missing_pence.to_string()}</strong>
                {format!(" more to the minimum of {minimum_pence}")}
            </p>
            <div class="minimum-bar" aria-hidden="true">
                <div style:width=format!("{percent}%")></div>
            </div>
        </div>
    }
}

/// The totals of the quote, a skeleton while there is none, or why there is none.
#[component]
fn BasketTotals(basket: MenuBasket) -> impl IntoView {
    move || match (basket.quote.latest(), basket.quote.error()) {
        (_, Some(error)) => view! {
            <Notice title="We could not work out the total just now" glyph=Glyph::Alert>
                <p>{error_title(&error)} ". Your basket is safe on this phone."</p>
                <button class="button quiet" type="button" on:click=move |_| basket.quote.refresh()>
                    <Icon glyph=Glyph::Refresh />
                    "Try again"
                </button>
            </Notice>
        }
        .into_any(),
        (Some(quote), None) => view! { <Totals charges=&quote /> }.into_any(),
        (None, None) => view! {
            <div class="skeleton sums-shape">
                <span class="visually-hidden">"Working out the total"</span>
            </div>
        }
        .into_any(),
    }
}

/// The link to the checkout; a disabled button while something in the basket has to be put right.
#[component]
fn CheckoutButton(basket: MenuBasket) -> impl IntoView {
    let blocked = move || {
        let quote = basket.quote.latest();
        quote.is_some_and(|quote| quote.obstacles.iter().any(concerns_basket))
    };
    let link = move || {
        view! {
            <a class="button wide" href=basket.slug.with(|slug| paths::checkout(slug))>
                "Go to checkout"
                <Icon glyph=Glyph::Chevron />
            </a>
        }
    };
    view! {
        <Show when=blocked fallback=link>
            <button class="button wide" type="button" disabled>
                "Go to checkout"
            </button>
        </Show>
    }
}

/// The bar at the bottom of a phone, while there is something in the basket.
#[component]
pub fn BasketBar(
    basket: MenuBasket,
    /// Opens the basket.
    #[prop(into)]
    on_open: Callback<()>,
) -> impl IntoView {
    let count = Memo::new(move |_| basket.basket.with(Basket::count));
    let missing = move || {
        let missing = basket.quote.latest()?.missing_pence;
        (!missing.is_zero())
            .then(|| view! { <p class="small">{format!("{missing} more to the minimum")}</p> })
    };
    let total = move || {
        let quote = basket.quote.latest()?;
        Some(quote.total_pence.to_string())
    };
    view! {
        <Show when=move || count.get() != 0>
            <div class="basket-bar">
                {missing}
                <button class="button wide" type="button" on:click=move |_| on_open.run(())>
                    <span class="count">
                        {count} <span class="visually-hidden">" in the basket."</span>
                    </span>
                    <span>"View basket"</span>
                    <span class="money" class:stale=move || basket.is_stale()>
                        {total}
                    </span>
                </button>
            </div>
        </Show>
    }
}
