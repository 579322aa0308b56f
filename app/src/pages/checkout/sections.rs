//! The sections "How", "Where" and "Who" of the form.

use leptos::prelude::*;
use model::restaurant::Fulfilment;

use super::checkout_state::Checkout;
use super::form_fields::{Field, postcode_suggestion};
use super::form_group::{FieldError, FormGroup, Obstacles, RadioCard};
use super::text_field::{TextField, TextKind};
use crate::components::{Glyph, Icon};

/// Delivery or collection.
#[component]
pub fn HowSection(checkout: Checkout) -> impl IntoView {
    let delivery_detail = move || {
        if !checkout.offers(Fulfilment::Delivery) {
            return "Not here".to_owned();
        }
        let quote = checkout.quote.current();
        match quote.filter(|quote| checkout.is_delivery() && quote.postcode.is_some()) {
            Some(quote) if quote.delivery_fee_pence.is_zero() => "Free".to_owned(),
            Some(quote) => quote.delivery_fee_pence.to_string(),
            None => "To your door".to_owned(),
        }
    };
    let collection_detail = move || {
        let offered = checkout.offers(Fulfilment::Collection);
        if offered { "No fee" } else { "Not here" }.to_owned()
    };
    view! {
        <FormGroup id=Field::Fulfilment.id() title="How">
            <div class="ways">
                <RadioCard
                    name="how"
                    checked=Signal::derive(move || checkout.is_delivery())
                    disabled=Signal::derive(move || !checkout.offers(Fulfilment::Delivery))
                    glyph=Glyph::Bike
                    label="Delivery"
                    detail=Signal::derive(delivery_detail)
                    on_choose=move |()| checkout.choose_fulfilment(Fulfilment::Delivery)
                />
                <RadioCard
                    name="how"
                    checked=Signal::derive(move || !checkout.is_delivery())
                    disabled=Signal::derive(move || !checkout.offers(Fulfilment::Collection))
                    glyph=Glyph::Bag
                    label="Collection"
                    detail=Signal::derive(collection_detail)
                    on_choose=move |()| checkout.choose_fulfilment(Fulfilment::Collection)
                />
            </div>
            <FieldError checkout field=Field::Fulfilment id="how-error" />
            <Obstacles checkout field=Field::Fulfilment />
        </FormGroup>
    }
}

/// The address to deliver to, or the restaurant's.
#[component]
pub fn WhereSection(checkout: Checkout) -> impl IntoView {
    let is_delivery = Memo::new(move |_| checkout.is_delivery());
    view! {
        <FormGroup id="where" title="Where">
            <Show
                when=move || is_delivery.get()
                fallback=move || view! { <RestaurantAddress checkout /> }
            >
                <DeliveryAddress checkout />
            </Show>
        </FormGroup>
    }
}

#[component]
fn DeliveryAddress(checkout: Checkout) -> impl IntoView {
    let suggestion = move || {
        checkout.error_at(Field::Postcode)?;
        let postcode = checkout.postcode.with(|text| postcode_suggestion(text))?;
        let use_suggestion = {
            let text = postcode.to_string();
            move |_| {
                checkout.postcode.set(text.clone());
                checkout.clear_error(Field::Postcode);
            }
        };
        Some(view! {
            <button class="button quiet" type="button" on:click=use_suggestion>
                {format!("Use {postcode}")}
            </button>
        })
    };
    let approximate = move || {
        let quote = checkout.quote.current();
        quote.is_some_and(|quote| quote.approximate && quote.orderable())
    };
    view! {
        <TextField
            checkout
            field=Field::Address
            label="House and street"
            autocomplete="street-address"
            kind=TextKind::Area(2)
            maxlength=200
            value=Signal::derive(move || {
                checkout.customer.with(|customer| customer.address.clone())
            })
            on_input=move |text| checkout.customer.update(|customer| customer.address = text)
        />
        <div class="short">
            <TextField
                checkout
                field=Field::Postcode
                label="Postcode"
                autocomplete="postal-code"
                kind=TextKind::Line("text")
                maxlength=20
                value=checkout.postcode
                on_input=move |text| checkout.postcode.set(text)
            />
        </div>
        {suggestion}
        <Show when=approximate>
            <p class="soft small">
                "We know this postcode by its neighbourhood only, so the distance is a close guess. The fee shown is what you pay."
            </p>
        </Show>
        <Obstacles checkout field=Field::Postcode />
    }
}

#[component]
fn RestaurantAddress(checkout: Checkout) -> impl IntoView {
    move || match checkout.menu() {
        Some(menu) => view! {
            <p class="place">
                <Icon glyph=Glyph::Location />
                <span>
                    <strong>{menu.restaurant.name}</strong>
                    <br />
                    {menu.restaurant.address}
                    " "
                    <span class="postcode-text">{menu.restaurant.postcode}</span>
                </span>
            </p>
        }
        .into_any(),
        None => view! { <div class="skeleton place-skeleton"></div> }.into_any(),
    }
}

/// The customer, and notes for the kitchen.
#[component]
pub fn WhoSection(checkout: Checkout) -> impl IntoView {
    let Checkout {
        customer,
        notes,
        save_customer,
        ..
    } = checkout;
    view! {
        <FormGroup id="who" title="Who">
            <TextField
                checkout
                field=Field::Name
                label="Name"
                autocomplete="name"
                kind=TextKind::Line("text")
                maxlength=100
                value=Signal::derive(move || customer.with(|customer| customer.name.clone()))
                on_input=move |text| customer.update(|customer| customer.name = text)
            />
            <TextField
                checkout
                field=Field::Phone
                label="Phone"
                hint="Only for this order, should the restaurant have a question."
                autocomplete="tel"
                kind=TextKind::Line("tel")
                maxlength=30
                value=Signal::derive(move || customer.with(|customer| customer.phone.clone()))
                on_input=move |text| customer.update(|customer| customer.phone = text)
            />
            <TextField
                checkout
                field=Field::Notes
                label="Notes (optional)"
                hint="For the kitchen or the driver. For an allergy, ring the restaurant first."
                autocomplete="off"
                kind=TextKind::Area(2)
                maxlength=500
                value=notes
                on_input=move |text| notes.set(text)
            />
            <label class="tick">
                <input type="checkbox" bind:checked=save_customer />
                <span>"Remember my details on this phone"</span>
            </label>
        </FormGroup>
    }
}
