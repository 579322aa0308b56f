//! How, where and who.

use crate::prelude::*;
use model::restaurant::Fulfilment;

use super::fields::{Field, postcode_suggestion};
use super::group::{Group, Obstacles, Way};
use super::input::{Input, Kind, Said};
use super::page::Checkout;
use crate::components::{Glyph, Icon};

/// Delivery or collection.
#[component]
pub fn How(
    /// The checkout.
    page: Checkout,
) -> View {
    let offered = move |fulfilment: Fulfilment| {
        page.menu.value.with(|menu| {
            menu.as_ref().is_none_or(|menu| match fulfilment {
                Fulfilment::Delivery => menu.delivers,
                Fulfilment::Collection => menu.collects,
            })
        })
    };
    let fee = move || {
        if !offered(Fulfilment::Delivery) {
            return "Not here".into();
        }
        match page.quote().filter(|_| page.delivers()) {
            Some(quote) if quote.postcode.is_some() && quote.delivery_fee_pence.is_zero() => {
                "Free".into()
            }
            Some(quote) if quote.postcode.is_some() => quote.delivery_fee_pence.to_string(),
            _ => "To your door".into(),
        }
    };
    let place = move || {
        if offered(Fulfilment::Collection) {
            "No fee".into()
        } else {
            "Not here".to_owned()
        }
    };
    view! {
        <Group id=Field::Fulfilment.id() title="How">
            <div class="ways">
                <Way
                    name="how"
                    checked=derive(move || page.delivers())
                    disabled=derive(move || !offered(Fulfilment::Delivery))
                    glyph=Glyph::Bike
                    label="Delivery"
                    detail=derive(fee)
                    choose=move |()| page.choose_fulfilment(Fulfilment::Delivery)
                />
                <Way
                    name="how"
                    checked=derive(move || !page.delivers())
                    disabled=derive(move || !offered(Fulfilment::Collection))
                    glyph=Glyph::Bag
                    label="Collection"
                    detail=derive(place)
                    choose=move |()| page.choose_fulfilment(Fulfilment::Collection)
                />
            </div>
            <Said page field=Field::Fulfilment id="how-error".into() />
            <Obstacles page field=Field::Fulfilment />
        </Group>
    }
}

/// The address, or the restaurant's.
#[component]
pub fn Where(
    /// The checkout.
    page: Checkout,
) -> View {
    let delivers = memo(move || page.delivers());
    view! {
        <Group id="where" title="Where">
            {move || {
                if delivers.get() {
                    view! { <ToAddress page /> }
                } else {
                    view! { <FromRestaurant page /> }
                }
            }}
        </Group>
    }
}

#[component]
fn ToAddress(
    /// The checkout.
    page: Checkout,
) -> View {
    let suggestion = move || {
        page.mistake_at(Field::Postcode)
            .and_then(|_| page.postcode.with(|text| postcode_suggestion(text)))
    };
    let approximate = move || {
        page.quote()
            .is_some_and(|quote| quote.approximate && quote.orderable())
    };
    view! {
        <Input
            page
            field=Field::Address
            label="House and street"
            autocomplete="street-address"
            kind=Kind::Lines(2)
            maxlength=200
            value=derive(move || page.customer.with(|customer| customer.address.clone()))
            on_input=move |text| page.customer.update(|customer| customer.address = text)
        />
        <div class="short">
            <Input
                page
                field=Field::Postcode
                label="Postcode"
                autocomplete="postal-code"
                kind=Kind::Line("text")
                maxlength=20
                value=page.postcode
                on_input=move |text| page.postcode.set(text)
            />
        </div>
        {move || {
            suggestion()
                .map(|meant| {
                    let text = meant.to_string();
                    let label = format!("Use {meant}");
                    view! {
                        <button
                            class="button quiet"
                            type="button"
                            on:click=move |_| {
                                page.postcode.set(text.clone());
                                page.mended(Field::Postcode);
                            }
                        >
                            {label}
                        </button>
                    }
                })
        }}
        {move || {
            approximate()
                .then(|| {
                    view! {
                        <p class="soft small">
                            "We know this postcode by its neighbourhood only, so the distance is a close guess. The fee shown is what you pay."
                        </p>
                    }
                })
        }}
        <Obstacles page field=Field::Postcode />
    }
}

#[component]
fn FromRestaurant(
    /// The checkout.
    page: Checkout,
) -> View {
    (move || {
        page.menu.value.with(|menu| match menu {
            Some(menu) => view! {
                <p class="place">
                    <Icon glyph=Glyph::Location />
                    <span>
                        <strong>{menu.restaurant.name.clone()}</strong>
                        <br />
                        {menu.restaurant.address.clone()}
                        " "
                        <span class="postcode-text">{menu.restaurant.postcode.clone()}</span>
                    </span>
                </p>
            },
            None => view! { <div class="skeleton place-skeleton"></div> },
        })
    })
    .into_view()
}

/// Whom it is for.
#[component]
pub fn Who(
    /// The checkout.
    page: Checkout,
) -> View {
    view! {
        <Group id="who" title="Who">
            <Input
                page
                field=Field::Name
                label="Name"
                autocomplete="name"
                kind=Kind::Line("text")
                maxlength=100
                value=derive(move || page.customer.with(|customer| customer.name.clone()))
                on_input=move |text| page.customer.update(|customer| customer.name = text)
            />
            <Input
                page
                field=Field::Phone
                label="Phone"
                hint="Only for this order, should the restaurant have a question."
                autocomplete="tel"
                kind=Kind::Line("tel")
                maxlength=30
                value=derive(move || page.customer.with(|customer| customer.phone.clone()))
                on_input=move |text| page.customer.update(|customer| customer.phone = text)
            />
            <Input
                page
                field=Field::Notes
                label="Notes (optional)"
                hint="For the kitchen or the driver. For an allergy, ring the restaurant first."
                autocomplete="off"
                kind=Kind::Lines(2)
                maxlength=500
                value=page.notes
                on_input=move |text| page.notes.set(text)
            />
            <label class="tick">
                <input
                    type="checkbox"
                    prop:checked=page.remember
                    on:change=move |event| page.remember.set(event_target_checked(&event))
                />
                <span>"Remember my details on this phone"</span>
            </label>
        </Group>
    }
}
