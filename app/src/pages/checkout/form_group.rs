//! The building blocks of the form's sections.

use leptos::prelude::*;
use model::basket::{Obstacle, ObstacleCode};
use model::restaurant::Fulfilment;

use super::checkout_state::Checkout;
use super::form_fields::Field;
use crate::components::{Glyph, Icon, Notice};

/// One section of the form.
#[component]
pub fn FormGroup(
    /// The id that links to its errors lead to.
    id: &'static str,
    /// The heading.
    title: &'static str,
    /// The fields.
    children: Children,
) -> impl IntoView {
    view! {
        <fieldset class="group" id=id tabindex="-1">
            <legend>
                <h2>{title}</h2>
            </legend>
            {children()}
        </fieldset>
    }
}

/// One of two alternatives, as a large radio button.
#[component]
pub fn RadioCard(
    /// The name that both radio buttons share.
    name: &'static str,
    #[prop(into)] checked: Signal<bool>,
    /// Whether the alternative is not offered.
    #[prop(into)]
    disabled: Signal<bool>,
    glyph: Glyph,
    label: &'static str,
    /// What it means for this order.
    #[prop(into)]
    detail: Signal<String>,
    /// Called when the customer chooses it.
    #[prop(into)]
    on_choose: Callback<()>,
) -> impl IntoView {
    view! {
        <label class="way">
            <input
                type="radio"
                name=name
                prop:checked=checked
                disabled=disabled
                on:change=move |_| on_choose.run(())
            />
            <Icon glyph />
            <span>
                <strong>{label}</strong>
                <span class="soft small">{detail}</span>
            </span>
        </label>
    }
}

/// The obstacles that are resolved in one section.
#[component]
pub fn Obstacles(checkout: Checkout, field: Field) -> impl IntoView {
    let notice = move |obstacle: Obstacle| {
        // Offers collection to a customer outside the delivery area.
        let may_collect =
            field == Field::Postcode && checkout.menu().is_some_and(|menu| menu.collects);
        let glyph = match obstacle.code {
            ObstacleCode::CouldNotCheck => Glyph::Info,
            _ => Glyph::Alert,
        };
        let collect = move || {
            view! {
                <button
                    class="button quiet"
                    type="button"
                    on:click=move |_| checkout.choose_fulfilment(Fulfilment::Collection)
                >
                    <Icon glyph=Glyph::Bag />
                    "Collect instead"
                </button>
            }
        };
        view! {
            <Notice title=obstacle.message glyph>
                {may_collect.then(collect)}
            </Notice>
        }
    };
    view! {
        <div role="status">
            {move || checkout.obstacles_at(field).into_iter().map(notice).collect_view()}
        </div>
    }
}

/// The error of a field, under the id that describes the field.
#[component]
pub fn FieldError(
    checkout: Checkout,
    field: Field,
    /// For the field's `aria-describedby`.
    #[prop(into)]
    id: String,
) -> impl IntoView {
    move || {
        checkout.error_at(field).map(|message| {
            view! {
                <p class="error" id=id.clone()>
                    <Icon glyph=Glyph::Alert />
                    {message}
                </p>
            }
        })
    }
}
