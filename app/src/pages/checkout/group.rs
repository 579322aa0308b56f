//! What the groups of the checkout are made of.

use crate::prelude::*;
use model::basket::{Obstacle, ObstacleCode};
use model::restaurant::Fulfilment;

use super::fields::Field;
use super::page::Checkout;
use crate::components::{Glyph, Icon, Notice};

/// One group of the form.
#[component]
pub fn Group(
    /// Its id, where links to its mistakes lead.
    id: &'static str,
    /// Its heading.
    title: &'static str,
    /// Its fields.
    children: Children,
) -> View {
    view! {
        <fieldset class="group" id=id tabindex="-1">
            <legend>
                <h2>{title}</h2>
            </legend>
            {children()}
        </fieldset>
    }
}

/// One of two ways, as a large radio button.
#[component]
pub fn Way(
    /// Groups the radio buttons.
    name: &'static str,
    /// Chosen.
    #[prop(into)]
    checked: Signal<bool>,
    /// Not on offer.
    #[prop(into)]
    disabled: Signal<bool>,
    /// A picture that fits.
    glyph: Glyph,
    /// What it is.
    label: &'static str,
    /// What it means here and now.
    #[prop(into)]
    detail: Signal<String>,
    /// Chooses it.
    #[prop(into)]
    choose: Callback<()>,
) -> View {
    view! {
        <label class="way">
            <input
                type="radio"
                name=name
                prop:checked=checked
                disabled=disabled
                on:change=move |_| choose.run(())
            />
            <Icon glyph />
            <span>
                <strong>{label}</strong>
                <span class="soft small">{detail}</span>
            </span>
        </label>
    }
}

/// Obstacles that are mended in one group.
#[component]
pub fn Obstacles(
    /// The checkout.
    page: Checkout,
    /// Where they are mended.
    field: Field,
) -> View {
    let one = move |obstacle: Obstacle| {
        // Whoever cannot be reached can still come.
        let collect = field == Field::Postcode
            && page
                .menu
                .value
                .with(|menu| menu.as_ref().is_some_and(|menu| menu.collects));
        let glyph = if obstacle.code == ObstacleCode::CouldNotCheck {
            Glyph::Info
        } else {
            Glyph::Alert
        };
        view! {
            <Notice title=obstacle.message glyph>
                {collect
                    .then(|| {
                        view! {
                            <button
                                class="button quiet"
                                type="button"
                                on:click=move |_| page.choose_fulfilment(Fulfilment::Collection)
                            >
                                <Icon glyph=Glyph::Bag />
                                "Collect instead"
                            </button>
                        }
                    })}
            </Notice>
        }
    };
    view! {
        <div role="status">
            {move || page.obstacles_at(field).into_iter().map(one).collect_view()}
        </div>
    }
}
