//! The parts of an order's page: the state, the steps, what was ordered, where it goes, whom to ring.

use crate::prelude::*;
use model::order::Order;
use model::restaurant::Fulfilment;

use super::progress::{Headline, Mood, Step, StepState, answer_due_ms, headline, steps};
use crate::components::{Drawing, Glyph, Icon, Sums};
use crate::state::time;

/// The state in words, when it is expected, and how far it has come.
#[component]
pub fn Hero(
    /// The order.
    order: Order,
) -> View {
    let Headline {
        title,
        detail,
        mood,
    } = headline(&order);
    let class = match mood {
        Mood::Going => "order-hero",
        Mood::Done => "order-hero done",
        Mood::Ended => "order-hero ended",
    };
    let due = answer_due_ms(&order).map(|at| {
        let at = time::clock(at, &order.restaurant.zone);
        view! {
            <p class="small">
                {format!("If nobody has accepted it by {at}, it ends by itself and you pay nothing.")}
            </p>
        }
    });
    view! {
        <section class=class aria-labelledby="state">
            <div class="order-words">
                <p class="order-number">
                    {format!("Number {}", order.number)} <span>{order.restaurant.name.clone()}</span>
                </p>
                <h1 id="state">{title}</h1>
                <p>{detail}</p>
                {(mood == Mood::Going).then(|| expected(&order))}
                {due}
            </div>
            <div class="order-tin">
                <Drawing href=if mood == Mood::Ended { "#i-tin-1" } else { "#i-tin-3" } />
            </div>
            <ol class="steps">
                {steps(&order)
                    .into_iter()
                    .map(|step| one_step(step, &order.restaurant.zone))
                    .collect_view()}
            </ol>
        </section>
    }
}

fn expected(order: &Order) -> View {
    let zone = &order.restaurant.zone;
    (order.expected.map(|slot| {
        let day = match time::day(slot.start_ms, zone).as_str() {
            "Today" => String::new(),
            day => format!(" {day}"),
        };
        let what = match order.fulfilment {
            Fulfilment::Delivery => format!("Arrives{day} about"),
            Fulfilment::Collection => format!("Ready{day} about"),
        };
        view! {
            <p class="order-time">
                <span>{what}</span>
                <strong>{time::window(&slot, zone)}</strong>
            </p>
        }
    }))
    .into_view()
}

fn one_step(step: Step, zone: &str) -> View {
    let (class, said, glyph) = match step.state {
        StepState::Done => ("step done", "done", Some(Glyph::Check)),
        StepState::Now => ("step now", "now", None),
        StepState::Ahead => ("step", "still to come", None),
        StepState::Stopped => ("step stopped", "the end", Some(Glyph::Close)),
    };
    let current = (step.state == StepState::Now).then_some("step");
    view! {
        <li class=class aria-current=current>
            <span class="dot">{glyph.map(|glyph| view! { <Icon glyph /> })}</span>
            <span class="step-name">
                {step.label} <span class="visually-hidden">", "{said}</span>
            </span>
            <span class="step-time">{step.at_ms.map(|at| time::clock(at, zone))}</span>
        </li>
    }
}

/// What was ordered, and what it costs.
#[component]
pub fn Ordered(
    /// The order.
    order: Order,
) -> View {
    let lines = order
        .lines
        .iter()
        .map(|line| {
            let choices = line
                .choices
                .iter()
                .map(|choice| choice.name.as_str())
                .collect::<Vec<_>>()
                .join(", ");
            view! {
                <li class="line">
                    <span class="quantity">
                        {line.quantity} <span class="visually-hidden">" of"</span>
                    </span>
                    <div>
                        <span class="line-name">{line.name.clone()}</span>
                        {(!choices.is_empty()).then(|| view! { <p class="soft small">{choices}</p> })}
                    </div>
                    <span class="money">{line.total_pence.to_string()}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="summary" aria-labelledby="ordered">
            <h2 id="ordered">"What you ordered"</h2>
            <ul class="lines">{lines}</ul>
            <Sums charges=&order />
        </section>
    }
}

/// Where it goes, whom it is for, what was noted.
#[component]
pub fn Details(
    /// The order.
    order: Order,
) -> View {
    let zone = order.restaurant.zone.clone();
    let (glyph, what, place) = match order.delivery_address.clone() {
        Some(address) => (Glyph::Bike, "Delivery to", address),
        None => (
            Glyph::Bag,
            "Collection from",
            order.restaurant.address.clone(),
        ),
    };
    let pay = match order.fulfilment {
        Fulfilment::Delivery => "You pay the restaurant when it arrives.",
        Fulfilment::Collection => "You pay the restaurant when you collect.",
    };
    let pay = (!order.state.is_final()).then_some(pay);
    let placed = format!(
        "{}, {}",
        time::day(order.placed_at_ms, &zone),
        time::clock(order.placed_at_ms, &zone)
    );
    view! {
        <section class="details" aria-labelledby="details">
            <h2 id="details">"How and where"</h2>
            <dl>
                <Detail glyph what>
                    {place}
                </Detail>
                <Detail glyph=Glyph::Basket what="For">
                    {order.customer_name.clone()}
                </Detail>
                <Detail glyph=Glyph::Clock what="Placed">
                    {placed}
                </Detail>
                {(!order.notes.is_empty())
                    .then(|| {
                        view! {
                            <Detail glyph=Glyph::Info what="Notes">
                                {order.notes.clone()}
                            </Detail>
                        }
                    })}
            </dl>
            {pay.map(|pay| view! { <p class="soft small">{pay}</p> })}
        </section>
    }
}

#[component]
fn Detail(
    /// A picture that fits.
    glyph: Glyph,
    /// What it is.
    what: &'static str,
    /// The thing itself.
    children: Children,
) -> View {
    view! {
        <div>
            <dt>
                <Icon glyph />
                <span class="small soft">{what}</span>
            </dt>
            <dd>{children()}</dd>
        </div>
    }
}
