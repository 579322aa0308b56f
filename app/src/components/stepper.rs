//! A number between two buttons, minus and plus, large enough for a thumb.

use leptos::prelude::*;
use model::basket::MAX_QUANTITY;

use super::icon::{Glyph, Icon};

/// A quantity that can be changed.
#[component]
pub fn Stepper(
    /// What is counted, for screen readers: `Lamb karahi`.
    #[prop(into)]
    of: String,
    /// The quantity.
    #[prop(into)]
    value: Signal<u32>,
    /// The smallest quantity; with 0 the minus button removes the item.
    minimum: u32,
    /// Called with the new quantity.
    #[prop(into)]
    on_change: Callback<u32>,
) -> impl IntoView {
    let group_label = format!("How many: {of}");
    let more_label = format!("One more: {of}");
    let fewer_label = move || match value.get() {
        1 if minimum == 0 => format!("Remove {of}"),
        _ => format!("One less: {of}"),
    };
    let at_minimum = move || value.get() <= minimum;
    let at_maximum = move || value.get() >= MAX_QUANTITY;
    let decrement = move |_| {
        on_change.run(value.get_untracked().saturating_sub(1).max(minimum));
    };
    let increment = move |_| on_change.run(value.get_untracked() + 1);
    view! {
        <div class="stepper" role="group" aria-label=group_label>
            <button
                class="icon-button"
                type="button"
                aria-label=fewer_label
                disabled=at_minimum
                on:click=decrement
            >
                <Icon glyph=Glyph::Minus />
            </button>
            <output>{value}</output>
            <button
                class="icon-button"
                type="button"
                aria-label=more_label
                disabled=at_maximum
                on:click=increment
            >
                <Icon glyph=Glyph::Plus />
            </button>
        </div>
    }
}
