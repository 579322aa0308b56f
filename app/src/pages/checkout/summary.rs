//! What is ordered and what it costs, from the latest quote; the phone's own basket until that has arrived.

use leptos::prelude::*;
use model::basket::{Obstacle, Quote};

use super::checkout_state::Checkout;
use super::form_fields::Field;
use crate::components::{Glyph, Icon, Notice, Totals, error_title};
use crate::state::basket::Line;

/// The lines, their obstacles, and the totals.
#[component]
pub fn OrderSummary(checkout: Checkout) -> impl IntoView {
    let lines = move || {
        let quote = checkout.quote.current();
        let lines = checkout.basket.get().lines.into_iter().enumerate();
        lines
            .map(|(index, line)| {
                view! { <SummaryLine checkout index line quote=quote.clone() /> }
            })
            .collect_view()
    };
    view! {
        <section class="summary" id=Field::Lines.id() tabindex="-1" aria-labelledby="summary-title">
            <div class="summary-head">
                <h2 id="summary-title">"Your order"</h2>
                <a class="link" href=checkout.menu_path()>
                    "Change"
                </a>
            </div>
            <ul class="lines">{lines}</ul>
            <BasketObstacles checkout />
            <SummaryTotals checkout />
        </section>
    }
}

/// One line, with its price and its obstacles.
#[component]
fn SummaryLine(
    checkout: Checkout,
    /// The line's place in the basket, and so in the quote.
    index: usize,
    line: Line,
    quote: Option<Quote>,
) -> impl IntoView {
    let quoted = quote.as_ref().and_then(|quote| quote.lines.get(index));
    let (name, price) = match quoted {
        Some(quoted) => (quoted.name.clone(), quoted.total_pence),
        None => (
            line.name.clone(),
            line.unit_pence * i64::from(line.quantity),
        ),
    };
    let choices: Vec<_> = line.choices.iter().map(|choice| &*choice.name).collect();
    let choices = choices.join(", ");
    let choices = (!choices.is_empty()).then(|| view! { <p class="soft small">{choices}</p> });
    let obstacles: Vec<Obstacle> = quote
        .iter()
        .flat_map(|quote| &quote.obstacles)
        .filter(|obstacle| obstacle.concerns_line(index))
        .cloned()
        .collect();
    let quantity = line.quantity;
    let remove = (!obstacles.is_empty()).then(move || {
        let label = format!("Remove {}", line.name);
        view! {
            <button
                class="link"
                type="button"
                on:click=move |_| checkout.change_basket(|basket| basket.set_quantity(&line, 0))
            >
                {label}
            </button>
        }
    });
    view! {
        <li class="line">
            <span class="quantity">{quantity}<span class="visually-hidden">" of"</span></span>
            <div>
                <span class="line-name">{name}</span>
                {choices}
                {obstacles
                    .into_iter()
                    .map(|obstacle| {
                        view! {
                            <p class="error-text">
                                <Icon glyph=Glyph::Alert />
                                {obstacle.message}
                            </p>
                        }
                            .into_any()
                    })
                    .collect_view()}
                {remove}
            </div>
            <span class="money">{price.to_string()}</span>
        </li>
    }
}

/// The obstacles of the basket as a whole, such as the minimum.
#[component]
fn BasketObstacles(checkout: Checkout) -> impl IntoView {
    let notice = move |obstacle: Obstacle| {
        view! {
            <Notice title=obstacle.message glyph=Glyph::Basket>
                <a class="button quiet" href=checkout.menu_path()>
                    <Icon glyph=Glyph::Plus />
                    "Add something"
                </a>
            </Notice>
        }
    };
    move || {
        let obstacles = checkout.obstacles_at(Field::Lines).into_iter();
        obstacles
            .filter(|obstacle| obstacle.line.is_none())
            .map(notice)
            .collect_view()
    }
}

/// The totals of the quote, a skeleton while there is none, or why there is none.
#[component]
fn SummaryTotals(checkout: Checkout) -> impl IntoView {
    move || {
        match (checkout.quote.current(), checkout.quote.error()) {
        (Some(quote), _) => view! { <Totals charges=&quote /> }.into_any(),
        (None, Some(error)) => view! {
            <Notice title=error_title(&error) glyph=Glyph::Alert>
                <p>
                    "We could not work out the total just now. Your basket is safe, and we keep trying."
                </p>
            </Notice>
        }
        .into_any(),
        (None, None) => view! {
            <div class="sums">
                <div class="skeleton sums-skeleton">
                    <span class="visually-hidden">"Working out the total"</span>
                </div>
            </div>
        }
        .into_any(),
    }
    }
}
