//! The section "When" of the form: as soon as possible, or a slot of the coming days.

use leptos::prelude::*;
use model::restaurant::{Slot, Slots};

use super::checkout_state::Checkout;
use super::form_fields::Field;
use super::form_group::{FieldError, FormGroup, Obstacles, RadioCard};
use crate::components::Glyph;
use crate::state::time;

/// As soon as possible, or a slot.
#[component]
pub fn WhenSection(checkout: Checkout) -> impl IntoView {
    let asap_detail = move || {
        if !checkout.asap_offered() {
            return "Closed now".to_owned();
        }
        let quote = checkout
            .quote
            .current()
            .filter(|quote| quote.slot.is_none());
        match quote.and_then(|quote| quote.expected) {
            Some(expected) => {
                format!(
                    "About {}",
                    time::window_with_day(&expected, &checkout.zone())
                )
            }
            None => "The next one they can make".to_owned(),
        }
    };
    let slot_detail = move || match checkout.basket.with(|basket| basket.slot) {
        Some(slot) => time::window_with_day(&slot, &checkout.zone()),
        None => "Today or another day".to_owned(),
    };
    let choose_asap = move |()| {
        checkout.wants_slot.set(false);
        checkout.clear_error(Field::Slot);
        checkout.choose_slot(None);
    };
    let choose_time = move |()| {
        checkout.wants_slot.set(true);
        // The first slot is preselected only while the restaurant is open: otherwise it may be on another day, which is the
        // customer's choice.
        if untrack(|| checkout.asap_offered()) {
            let slots = untrack(|| checkout.slots());
            checkout.choose_slot(slots.and_then(|slots| slots.slots.first().copied()));
        }
    };
    view! {
        <FormGroup id=Field::Slot.id() title="When">
            <div class="ways">
                <RadioCard
                    name="when"
                    checked=Signal::derive(move || !checkout.wants_slot.get())
                    disabled=Signal::derive(move || !checkout.asap_offered())
                    glyph=Glyph::Flame
                    label="As soon as possible"
                    detail=Signal::derive(asap_detail)
                    on_choose=choose_asap
                />
                <RadioCard
                    name="when"
                    checked=checkout.wants_slot
                    disabled=false
                    glyph=Glyph::Clock
                    label="At a time"
                    detail=Signal::derive(slot_detail)
                    on_choose=choose_time
                />
            </div>
            <Show when=move || checkout.wants_slot.get()>
                <SlotField checkout />
            </Show>
            <FieldError checkout field=Field::Slot id="when-error" />
            <Obstacles checkout field=Field::Slot />
        </FormGroup>
    }
}

const NO_SLOTS: &str = "No times are free in the coming days. Your basket stays here.";

/// The slots of the coming days.
#[component]
fn SlotField(checkout: Checkout) -> impl IntoView {
    let field = move || match checkout.slots() {
        None => view! {
            <div class="skeleton select-skeleton">
                <span class="visually-hidden">"Loading the times"</span>
            </div>
        }
        .into_any(),
        Some(slots) if slots.slots.is_empty() => {
            view! { <p class="soft">{NO_SLOTS}</p> }.into_any()
        }
        Some(slots) => view! { <SlotSelect checkout slots /> }.into_any(),
    };
    view! {
        <div class="field">
            <label for="slot">"Time"</label>
            {field}
        </div>
    }
}

#[component]
fn SlotSelect(checkout: Checkout, slots: Slots) -> impl IntoView {
    let chosen = Memo::new(move |_| checkout.basket.with(|basket| basket.slot));
    let zone = slots.zone;
    // A chosen slot that is no longer offered stays visible, marked as gone.
    let gone = {
        let (zone, offered) = (zone.clone(), slots.slots.clone());
        move || {
            let slot = chosen.get().filter(|slot| !offered.contains(slot))?;
            let label = format!("{} – no longer free", time::window_with_day(&slot, &zone));
            Some(view! {
                <option value="" selected disabled>
                    {label}
                </option>
            })
        }
    };
    let days = group_by_day(&slots.slots, &zone)
        .into_iter()
        .map(|(day, slots)| {
            let options = slots
                .into_iter()
                .map(|slot| view! { <TimeOption time=slot zone=zone.clone() chosen /> })
                .collect_view();
            view! { <optgroup label=day>{options}</optgroup> }.into_any()
        })
        .collect_view();
    let choose = {
        let offered = slots.slots;
        move |value: String| {
            let start_ms = value.parse::<i64>().ok();
            let mut offered = offered.iter().copied();
            checkout.clear_error(Field::Slot);
            checkout.choose_slot(offered.find(|slot| Some(slot.start_ms) == start_ms));
        }
    };
    let invalid = move || checkout.error_at(Field::Slot).is_some();
    view! {
        <select
            id="slot"
            aria-invalid=move || invalid().then_some("true")
            aria-describedby="when-error"
            on:change:target=move |event| choose(event.target().value())
        >
            <option value="" disabled selected=move || chosen.get().is_none()>
                "Choose a time"
            </option>
            {gone}
            {days}
        </select>
    }
}

#[component]
fn TimeOption(time: Slot, zone: String, chosen: Memo<Option<Slot>>) -> impl IntoView {
    let selected = move || {
        chosen
            .get()
            .is_some_and(|chosen| chosen.start_ms == time.start_ms)
    };
    view! {
        <option value=time.start_ms.to_string() prop:selected=selected>
            {time::window(&time, &zone)}
        </option>
    }
}

/// The slots of each day, under the name of the day.
fn group_by_day(slots: &[Slot], zone: &str) -> Vec<(String, Vec<Slot>)> {
    let mut days: Vec<(String, Vec<Slot>)> = Vec::new();
    for slot in slots {
        let day = time::day(slot.start_ms, zone);
        match days.last_mut() {
            Some((last, slots)) if *last == day => slots.push(*slot),
            _ => days.push((day, vec![*slot])),
        }
    }
    days
}
