//! The parts of an order's page: the state, the steps, what was ordered, where it goes.

use leptos::prelude::*;
use model::order::Order;
use model::restaurant::Fulfilment;

use super::progress::{Headline, Mood, Step, StepState, acceptance_due_ms, headline, steps};
use crate::components::{Drawing, Glyph, Icon, Totals};
use crate::state::time;

/// The state in words, the expected time, and the progress line.
#[component]
pub fn OrderHero(order: Order) -> impl IntoView {
    let Headline {
        title,
        detail,
        mood,
    } = headline(&order);
    let (class, tin) = match mood {
        Mood::InProgress => ("order-hero", "#i-tin-3"),
        Mood::Completed => ("order-hero done", "#i-tin-3"),
        Mood::Ended => ("order-hero ended", "#i-tin-1"),
    };
    let zone = order.restaurant.zone.clone();
    let acceptance_due = acceptance_due_ms(&order).map(|at_ms| {
        let clock = time::clock(at_ms, &zone);
        view! {
            <p class="small">
                {format!(
                    "If nobody has accepted it by {clock}, it ends by itself and you pay nothing.",
                )}
            </p>
        }
    });
    let steps = steps(&order);
    let expected_time =
        (mood == Mood::InProgress).then(|| view! { <ExpectedTime order=order.clone() /> });
    view! {
        <section class=class aria-labelledby="state">
            <div class="order-words">
                <p class="order-number">
                    {format!("Number {}", order.number)} <span>{order.restaurant.name}</span>
                </p>
                <h1 id="state">{title}</h1>
                <p>{detail}</p>
                {expected_time}
                {acceptance_due}
            </div>
            <div class="order-tin">
                <Drawing href=tin />
            </div>
            <ol class="steps">
                {steps
                    .into_iter()
                    .map(|step| view! { <StepItem step zone=zone.clone() /> })
                    .collect_view()}
            </ol>
        </section>
    }
}

/// When the order arrives or is ready; nothing while the restaurant has not stated it.
#[component]
fn ExpectedTime(order: Order) -> impl IntoView {
    let slot = order.expected?;
    let zone = &order.restaurant.zone;
    let day = match time::day(slot.start_ms, zone).as_str() {
        "Today" => String::new(),
        day => format!(" {day}"),
    };
    let label = match order.fulfilment {
        Fulfilment::Delivery => format!("Arrives{day} about"),
        Fulfilment::Collection => format!("Ready{day} about"),
    };
    Some(view! {
        <p class="order-time">
            <span>{label}</span>
            <strong>{time::window(&slot, zone)}</strong>
        </p>
    })
}

/// One step of the progress line.
#[component]
fn StepItem(step: Step, zone: String) -> impl IntoView {
    let (class, state, glyph) = match step.state {
        StepState::Done => ("step done", "done", Some(Glyph::Check)),
        StepState::Current => ("step now", "now", None),
        StepState::Ahead => ("step", "still to come", None),
        StepState::Stopped => ("step stopped", "the end", Some(Glyph::Close)),
    };
    let current = (step.state == StepState::Current).then_some("step");
    view! {
        <li class=class aria-current=current>
            <span class="dot">{glyph.map(|glyph| view! { <Icon glyph /> })}</span>
            <span class="step-name">
                {step.label} <span class="visually-hidden">", "{state}</span>
            </span>
            <span class="step-time">{step.at_ms.map(|at_ms| time::clock(at_ms, &zone))}</span>
        </li>
    }
}

/// What was ordered, and what it costs.
#[component]
pub fn OrderedLines(order: Order) -> impl IntoView {
    let lines = order
        .lines
        .iter()
        .map(|line| {
            let choices: Vec<_> = line.choices.iter().map(|choice| &*choice.name).collect();
            let choices = choices.join(", ");
            view! {
                <li class="line">
                    <span class="quantity">
                        {line.quantity} <span class="visually-hidden">" of"</span>
                    </span>
                    <div>
                        <span class="line-name">{line.name.clone()}</span>
                        {(!choices.is_empty())
                            .then(|| view! { <p class="soft small">{choices}</p> })}
                    </div>
                    <span class="money">{line.total_pence.to_string()}</span>
                </li>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <section class="summary" aria-labelledby="ordered">
            <h2 id="ordered">"What you ordered"</h2>
            <ul class="lines">{lines}</ul>
            <Totals charges=&order />
        </section>
    }
}

/// The delivery address, the customer's name and the notes.
#[component]
pub fn OrderDetails(order: Order) -> impl IntoView {
    let zone = &order.restaurant.zone;
    let (glyph, label, place) = match order.delivery_address {
        Some(address) => (Glyph::Bike, "Delivery to", address),
        None => (Glyph::Bag, "Collection from", order.restaurant.address),
    };
    let payment = match order.fulfilment {
        Fulfilment::Delivery => "You pay the restaurant when it arrives.",
        Fulfilment::Collection => "You pay the restaurant when you collect.",
    };
    let payment = (!order.state.is_final()).then_some(payment);
    let placed = format!(
        "{}, {}",
        time::day(order.placed_at_ms, zone),
        time::clock(order.placed_at_ms, zone)
    );
    let notes = (!order.notes.is_empty()).then(|| {
        view! {
            <Detail glyph=Glyph::Info label="Notes">
                {order.notes}
            </Detail>
        }
    });
    view! {
        <section class="details" aria-labelledby="details">
            <h2 id="details">"How and where"</h2>
            <dl>
                <Detail glyph label>
                    {place}
                </Detail>
                <Detail glyph=Glyph::Basket label="For">
                    {order.customer_name}
                </Detail>
                <Detail glyph=Glyph::Clock label="Placed">
                    {placed}
                </Detail>
                {notes}
            </dl>
            {payment.map(|payment| view! { <p class="soft small">{payment}</p> })}
        </section>
    }
}

/// One row of the details.
#[component]
fn Detail(glyph: Glyph, label: &'static str, children: Children) -> impl IntoView {
    view! {
        <div>
            <dt>
                <Icon glyph />
                <span class="small soft">{label}</span>
            </dt>
            <dd>{children()}</dd>
        </div>
    }
}
