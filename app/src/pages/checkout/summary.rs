//! What is ordered and what it costs, from the latest quote; the phone's own picture until that is there.

use crate::prelude::*;
use model::basket::{Obstacle, Quote};

use super::fields::Field;
use super::page::Checkout;
use crate::components::{Glyph, Icon, Notice, Sums};
use crate::state::basket::Line;

/// Lines, fee, VAT and total.
#[component]
pub fn Summary(
    /// The checkout.
    page: Checkout,
) -> View {
    let menu_path = page.menu_path();
    let lines = move || {
        let quote = page.quote();
        let lines = page.basket.with(|basket| basket.lines.clone());
        lines
            .into_iter()
            .enumerate()
            .map(|(index, line)| row(page, index, line, quote.as_ref()))
            .collect_view()
    };
    view! {
        <section class="summary" id=Field::Lines.id() tabindex="-1" aria-labelledby="summary-title">
            <div class="summary-head">
                <h2 id="summary-title">"Your order"</h2>
                <a class="link" href=menu_path.clone()>
                    "Change"
                </a>
            </div>
            <ul class="lines">{lines}</ul>
            {move || whole_obstacles(page, &menu_path)}
            {move || sums(page)}
        </section>
    }
}

fn row(page: Checkout, index: usize, line: Line, quote: Option<&Quote>) -> View {
    let quoted = quote.and_then(|quote| quote.lines.get(index));
    let price = quoted.map_or(line.unit_pence * i64::from(line.quantity), |quoted| {
        quoted.total_pence
    });
    let name = quoted.map_or_else(|| line.name.clone(), |quoted| quoted.name.clone());
    let choices = line
        .choices
        .iter()
        .map(|choice| choice.name.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let wrong: Vec<Obstacle> = quote
        .iter()
        .flat_map(|quote| &quote.obstacles)
        .filter(|obstacle| obstacle.concerns_line(index))
        .cloned()
        .collect();
    let quantity = line.quantity;
    let remove = (!wrong.is_empty()).then(move || {
        let label = format!("Remove {}", line.name);
        view! {
            <button
                class="link"
                type="button"
                on:click=move |_| page.change(|basket| basket.set_quantity(&line, 0))
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
                {(!choices.is_empty()).then(|| view! { <p class="soft small">{choices}</p> })}
                {wrong
                    .into_iter()
                    .map(|obstacle| {
                        view! {
                            <p class="error-text">
                                <Icon glyph=Glyph::Alert />
                                {obstacle.message}
                            </p>
                        }
                    })
                    .collect_view()}
                {remove}
            </div>
            <span class="money">{price.to_string()}</span>
        </li>
    }
}

/// What is the matter with the basket as a whole: below the minimum.
fn whole_obstacles(page: Checkout, menu_path: &str) -> View {
    let href = menu_path.to_owned();
    page.obstacles_at(Field::Lines)
        .into_iter()
        .filter(|obstacle| obstacle.line.is_none())
        .map(move |obstacle| {
            let href = href.clone();
            view! {
                <Notice title=obstacle.message glyph=Glyph::Basket>
                    <a class="button quiet" href=href.clone()>
                        <Icon glyph=Glyph::Plus />
                        "Add something"
                    </a>
                </Notice>
            }
        })
        .collect_view()
}

fn sums(page: Checkout) -> View {
    if let Some(quote) = page.quote() {
        return view! { <Sums charges=&quote /> };
    }
    if let Some(error) = page.priced.error.get() {
        return view! {
            <Notice title=error.title() glyph=Glyph::Alert>
                <p>
                    "We could not work out the total just now. Your basket is safe, and we keep trying."
                </p>
            </Notice>
        };
    }
    view! {
        <div class="sums">
            <div class="skeleton sums-skeleton">
                <span class="visually-hidden">"Working out the total"</span>
            </div>
        </div>
    }
}
