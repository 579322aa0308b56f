//! The four groups of the checkout: how, when, where, who.

use leptos::prelude::*;
use model::basket::{Obstacle, ObstacleCode};
use model::restaurant::{Fulfilment, Slots};

use super::fields::{Field, postcode_suggestion};
use super::input::{Input, Kind, Said};
use super::page::Checkout;
use crate::components::{Glyph, Icon, Notice};
use crate::state::time;

/// One group of the form.
#[component]
fn Group(
    /// Its id, where links to its mistakes lead.
    id: &'static str,
    /// Its heading.
    title: &'static str,
    /// Its fields.
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

/// One of two ways, as a large radio button.
#[component]
fn Way(
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
) -> impl IntoView {
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
fn Obstacles(
    /// The checkout.
    page: Checkout,
    /// Where they are mended.
    field: Field,
) -> impl IntoView {
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

/// Delivery or collection.
#[component]
pub fn How(
    /// The checkout.
    page: Checkout,
) -> impl IntoView {
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
                    checked=Signal::derive(move || page.delivers())
                    disabled=Signal::derive(move || !offered(Fulfilment::Delivery))
                    glyph=Glyph::Bike
                    label="Delivery"
                    detail=Signal::derive(fee)
                    choose=move |()| page.choose_fulfilment(Fulfilment::Delivery)
                />
                <Way
                    name="how"
                    checked=Signal::derive(move || !page.delivers())
                    disabled=Signal::derive(move || !offered(Fulfilment::Collection))
                    glyph=Glyph::Bag
                    label="Collection"
                    detail=Signal::derive(place)
                    choose=move |()| page.choose_fulfilment(Fulfilment::Collection)
                />
            </div>
            <Said page field=Field::Fulfilment id="how-error".into() />
            <Obstacles page field=Field::Fulfilment />
        </Group>
    }
}

/// As soon as possible, or a slot.
#[component]
pub fn When(
    /// The checkout.
    page: Checkout,
) -> impl IntoView {
    let soon = move || {
        if !page.asap_offered() {
            return "Closed now".into();
        }
        page.quote()
            .filter(|quote| quote.slot.is_none())
            .and_then(|quote| quote.expected)
            .map_or_else(
                || "The next one they can make".into(),
                |expected| format!("About {}", time::window_with_day(&expected, &page.zone())),
            )
    };
    let later = move || {
        page.basket.with(|basket| {
            basket.slot.map_or_else(
                || "Today or another day".into(),
                |slot| time::window_with_day(&slot, &page.zone()),
            )
        })
    };
    let pick_time = move |()| {
        page.wants_time.set(true);
        let first = page.slots.value.with_untracked(|slots| {
            slots
                .as_ref()
                .and_then(|slots| slots.slots.first().copied())
        });
        // The next time is the likely one; while the restaurant is closed it may be another day, which is for the person to say.
        if untrack(|| page.asap_offered()) {
            page.choose_slot(first);
        }
    };
    view! {
        <Group id=Field::Slot.id() title="When">
            <div class="ways">
                <Way
                    name="when"
                    checked=Signal::derive(move || !page.wants_time.get())
                    disabled=Signal::derive(move || !page.asap_offered())
                    glyph=Glyph::Flame
                    label="As soon as possible"
                    detail=Signal::derive(soon)
                    choose=move |()| {
                        page.wants_time.set(false);
                        page.mended(Field::Slot);
                        page.choose_slot(None);
                    }
                />
                <Way
                    name="when"
                    checked=page.wants_time
                    disabled=Signal::derive(|| false)
                    glyph=Glyph::Clock
                    label="At a time"
                    detail=Signal::derive(later)
                    choose=pick_time
                />
            </div>
            {move || page.wants_time.get().then(|| view! { <Times page /> })}
            <Said page field=Field::Slot id="when-error".into() />
            <Obstacles page field=Field::Slot />
        </Group>
    }
}

/// The slots of the coming days.
#[component]
fn Times(
    /// The checkout.
    page: Checkout,
) -> impl IntoView {
    let chosen = move || page.basket.with(|basket| basket.slot);
    let choose = move |event| {
        let start = event_target_value(&event).parse::<i64>().ok();
        let slot = page.slots.value.with_untracked(|slots| {
            let slots = slots.as_ref()?;
            slots
                .slots
                .iter()
                .find(|slot| Some(slot.start_ms) == start)
                .copied()
        });
        page.mended(Field::Slot);
        page.choose_slot(slot);
    };
    let days = move |slots: &Slots| {
        let mut days: Vec<(String, Vec<_>)> = Vec::new();
        for slot in &slots.slots {
            let day = time::day(slot.start_ms, &slots.zone);
            let selected = move || chosen().is_some_and(|chosen| chosen.start_ms == slot.start_ms);
            let option = view! {
                <option value=slot.start_ms selected=selected()>
                    {time::window(slot, &slots.zone)}
                </option>
            };
            match days.last_mut() {
                Some((last, options)) if *last == day => options.push(option),
                _ => days.push((day, vec![option])),
            }
        }
        days.into_iter()
            .map(|(day, options)| view! { <optgroup label=day>{options}</optgroup> })
            .collect_view()
    };
    // A time that was chosen and is no longer offered stays to be seen, with the word that it is gone.
    let gone = move |slots: &Slots| {
        chosen()
            .filter(|chosen| !slots.slots.contains(chosen))
            .map(|slot| {
                view! {
                    <option value="" selected disabled>
                        {time::window_with_day(&slot, &slots.zone)}
                        " – no longer free"
                    </option>
                }
            })
    };
    view! {
        <div class="field">
            <label for="slot">"Time"</label>
            {move || {
                page.slots
                    .value
                    .with(|slots| match slots {
                        None => {
                            view! {
                                <div class="skeleton select-skeleton">
                                    <span class="visually-hidden">"Loading the times"</span>
                                </div>
                            }
                                .into_any()
                        }
                        Some(slots) if slots.slots.is_empty() => {
                            view! {
                                <p class="soft">
                                    "No times are free in the coming days. Your basket stays here."
                                </p>
                            }
                                .into_any()
                        }
                        Some(slots) => {
                            view! {
                                <select
                                    id="slot"
                                    aria-invalid=move || {
                                        page.mistake_at(Field::Slot).is_some().then_some("true")
                                    }
                                    aria-describedby="when-error"
                                    on:change=choose
                                >
                                    <option value="" disabled selected=chosen().is_none()>
                                        "Choose a time"
                                    </option>
                                    {gone(slots)}
                                    {days(slots)}
                                </select>
                            }
                                .into_any()
                        }
                    })
            }}
        </div>
    }
}

/// The address, or the restaurant's.
#[component]
pub fn Where(
    /// The checkout.
    page: Checkout,
) -> impl IntoView {
    let delivers = Memo::new(move |_| page.delivers());
    view! {
        <Group id="where" title="Where">
            {move || {
                if delivers.get() {
                    view! { <ToAddress page /> }.into_any()
                } else {
                    view! { <FromRestaurant page /> }.into_any()
                }
            }}
        </Group>
    }
}

#[component]
fn ToAddress(
    /// The checkout.
    page: Checkout,
) -> impl IntoView {
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
            value=Signal::derive(move || page.customer.with(|customer| customer.address.clone()))
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
) -> impl IntoView {
    move || {
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
            }
            .into_any(),
            None => view! { <div class="skeleton place-skeleton"></div> }.into_any(),
        })
    }
}

/// Whom it is for.
#[component]
pub fn Who(
    /// The checkout.
    page: Checkout,
) -> impl IntoView {
    view! {
        <Group id="who" title="Who">
            <Input
                page
                field=Field::Name
                label="Name"
                autocomplete="name"
                kind=Kind::Line("text")
                maxlength=100
                value=Signal::derive(move || page.customer.with(|customer| customer.name.clone()))
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
                value=Signal::derive(move || page.customer.with(|customer| customer.phone.clone()))
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
