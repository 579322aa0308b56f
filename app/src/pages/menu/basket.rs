//! The basket beside the menu: at the side of a desk, behind a bar at the bottom of a phone. What it costs is the backend's
//! quote; the phone's own sum only stands in for single lines until the quote is there.

use crate::prelude::*;
use model::Pence;
use model::basket::{Obstacle, ObstacleCode, Quote};
use model::restaurant::Fulfilment;

use crate::components::{Glyph, Icon, Notice, Show, Stepper, Sums};
use crate::state::basket::{Basket, Line};
use crate::state::load::Loader;
use crate::state::{AppState, checkout_path};

/// What the parts of the basket share. `Copy`: goes into every closure.
#[derive(Clone, Copy)]
pub struct BasketView {
    pub state: AppState,
    pub slug: StoredValue<String>,
    pub basket: Memo<Basket>,
    pub quote: Loader<Quote>,
    /// How the order would get to the customer, in one line.
    pub how: Signal<String>,
    /// Whether the restaurant takes orders to collect.
    pub collects: bool,
}

impl BasketView {
    fn change(self, change: impl FnOnce(&mut Basket)) {
        self.slug
            .with_value(|slug| self.state.change_basket(slug, change));
    }

    /// The latest quote, if there is anything to be quoted.
    fn quoted(self) -> Option<Quote> {
        let empty = self.basket.with(Basket::is_empty);
        self.quote.value.get().filter(|_| !empty)
    }
}

/// Obstacles that have to be cleared here. Place and time are the checkout's matter.
fn is_of_basket(obstacle: &Obstacle) -> bool {
    obstacle.line.is_some() || obstacle.code == ObstacleCode::BelowMinimum
}

/// Obstacles that collecting instead would clear.
fn is_of_delivery(code: ObstacleCode) -> bool {
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

/// Lines, what is missing, sums, and the way on.
#[component]
pub fn BasketPanel(
    /// The basket.
    view: BasketView,
) -> View {
    let filled = move || !view.basket.with(Basket::is_empty);
    view! {
        <Show when=filled fallback={Empty as fn() -> View}>
            <p class="basket-how">
                <Icon glyph=Glyph::Bike />
                {view.how}
            </p>
            <ul class="basket-lines">
                {move || {
                    let quote = view.quoted();
                    view.basket
                        .get()
                        .lines
                        .into_iter()
                        .enumerate()
                        .map(|(index, line)| row(view, index, line, quote.as_ref()))
                        .collect_view()
                }}
            </ul>
            {move || view.quoted().map(|quote| obstacles(view, &quote))}
            <div class="basket-sums" class:stale=move || view.quote.busy.get()>
                {move || sums(view)}
            </div>
            <CheckoutButton view />
        </Show>
    }
}

#[component]
fn Empty() -> View {
    view! {
        <div class="basket-empty">
            <crate::components::Drawing href="#i-tin-2" />
            <p>"Your tin is empty. Add a dish with its plus."</p>
        </div>
    }
}

fn row(view: BasketView, index: usize, line: Line, quote: Option<&Quote>) -> View {
    let quoted = quote
        .and_then(|quote| quote.lines.get(index))
        .filter(|quoted| quoted.dish == line.dish && quoted.quantity == line.quantity);
    let price = quoted.map_or(line.unit_pence * i64::from(line.quantity), |quoted| {
        quoted.total_pence
    });
    let choices = line
        .choices
        .iter()
        .map(|choice| choice.name.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let wrong = quote
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
                {wrong}
            </div>
            <Stepper
                of=name
                value=derive(move || quantity)
                least=0
                on_change=move |to| view.change(|basket| basket.set_quantity(&line, to))
            />
        </li>
    }
}

/// What stands against ordering, apart from single lines.
fn obstacles(view: BasketView, quote: &Quote) -> View {
    let below = quote
        .obstacles
        .iter()
        .any(|obstacle| obstacle.code == ObstacleCode::BelowMinimum);
    let others = quote
        .obstacles
        .iter()
        .filter(|obstacle| obstacle.line.is_none() && obstacle.code != ObstacleCode::BelowMinimum)
        .map(|obstacle| view! { <Notice title=obstacle.message.clone() /> })
        .collect_view();
    let collect = (view.collects
        && quote.fulfilment == Fulfilment::Delivery
        && quote
            .obstacles
            .iter()
            .any(|obstacle| is_of_delivery(obstacle.code)))
    .then(|| {
        view! {
            <button
                class="button quiet wide"
                type="button"
                on:click=move |_| {
                    view.change(|basket| basket.fulfilment = Some(Fulfilment::Collection));
                }
            >
                <Icon glyph=Glyph::Bag />
                "Collect it instead"
            </button>
        }
    });
    let deliver = (quote.fulfilment == Fulfilment::Collection).then(|| {
        view! {
            <button
                class="link small"
                type="button"
                on:click=move |_| {
                    view.change(|basket| basket.fulfilment = Some(Fulfilment::Delivery));
                }
            >
                "Have it delivered instead"
            </button>
        }
    });
    view! {
        {below.then(|| missing(quote.missing_pence, quote.minimum_pence))}
        {others}
        {collect}
        {deliver}
    }
}

/// How far the goods are from the minimum, in words and as a bar.
fn missing(missing_pence: Pence, minimum_pence: Pence) -> View {
    let reached = minimum_pence - missing_pence;
    let percent = (reached * 100).0 / minimum_pence.0.max(1);
    view! {
        <div class="minimum">
            <p>
                <strong class="money">{missing_pence.to_string()}</strong>
                {[" more to the minimum of ", &minimum_pence.to_string()].concat()}
            </p>
            <div class="minimum-bar" aria-hidden="true">
                <div style:width=[&percent.to_string(), "%"].concat()></div>
            </div>
        </div>
    }
}

fn sums(view: BasketView) -> View {
    if let Some(quote) = view.quoted() {
        return view! { <Sums charges=&quote /> };
    }
    if view.quote.error.with(Option::is_some) && !view.quote.busy.get() {
        return view! {
            <Notice title="We could not work out the total just now" glyph=Glyph::Alert>
                <p>"Your basket is safe on this phone."</p>
                <button class="button quiet" type="button" on:click=move |_| view.quote.reload()>
                    <Icon glyph=Glyph::Refresh />
                    "Try again"
                </button>
            </Notice>
        };
    }
    view! {
        <div class="skeleton sums-shape">
            <span class="visually-hidden">"Working out the total"</span>
        </div>
    }
}

#[component]
fn CheckoutButton(view: BasketView) -> View {
    let blocked = move || {
        view.quoted()
            .is_some_and(|quote| quote.obstacles.iter().any(is_of_basket))
    };
    let path = view.slug.with_value(|slug| checkout_path(slug));
    (move || {
        if blocked() {
            view! {
                <button class="button wide" type="button" disabled>
                    "Go to checkout"
                </button>
            }
        } else {
            view! {
                <a class="button wide" href=path.clone()>
                    "Go to checkout"
                    <Icon glyph=Glyph::Chevron />
                </a>
            }
        }
    })
    .into_view()
}

/// The bar at the bottom of a phone, while there is something in the basket.
#[component]
pub fn BasketBar(
    /// The basket.
    view: BasketView,
    /// Opens the basket.
    #[prop(into)]
    on_open: Callback<()>,
) -> View {
    let count = move || view.basket.with(Basket::count);
    let missing = move || {
        let quote = view.quoted()?;
        (!quote.missing_pence.is_zero())
            .then(|| [&quote.missing_pence.to_string(), " more to the minimum"].concat())
    };
    let total = move || view.quoted().map(|quote| quote.total_pence.to_string());
    view! {
        <Show when=move || count() != 0>
            <div class="basket-bar">
                {move || missing().map(|missing| view! { <p class="small">{missing}</p> })}
                <button class="button wide" type="button" on:click=move |_| on_open.run(())>
                    <span class="count">
                        {count} <span class="visually-hidden">" in the basket."</span>
                    </span>
                    <span>"View basket"</span>
                    <span class="money" class:stale=move || view.quote.busy.get()>
                        {total}
                    </span>
                </button>
            </div>
        </Show>
    }
}
