//! When: as soon as possible, or a slot of the coming days.

use crate::prelude::*;
use model::restaurant::Slots;

use super::fields::Field;
use super::group::{Group, Obstacles, Way};
use super::input::Said;
use super::page::Checkout;
use crate::components::Glyph;
use crate::state::time;

/// As soon as possible, or a slot.
#[component]
pub fn When(
    /// The checkout.
    page: Checkout,
) -> View {
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
                    checked=derive(move || !page.wants_time.get())
                    disabled=derive(move || !page.asap_offered())
                    glyph=Glyph::Flame
                    label="As soon as possible"
                    detail=derive(soon)
                    choose=move |()| {
                        page.wants_time.set(false);
                        page.mended(Field::Slot);
                        page.choose_slot(None);
                    }
                />
                <Way
                    name="when"
                    checked=page.wants_time
                    disabled=derive(|| false)
                    glyph=Glyph::Clock
                    label="At a time"
                    detail=derive(later)
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
) -> View {
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
                        }
                        Some(slots) if slots.slots.is_empty() => {
                            view! {
                                <p class="soft">
                                    "No times are free in the coming days. Your basket stays here."
                                </p>
                            }
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
                        }
                    })
            }}
        </div>
    }
}
