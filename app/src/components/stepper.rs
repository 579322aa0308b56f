//! Fewer, how many, more: large enough for a thumb.

use crate::prelude::*;
use model::basket::MAX_QUANTITY;

use super::icon::{Glyph, Icon};

/// Two buttons around a number.
#[component]
pub fn Stepper(
    /// What is counted, for people who listen: `Lamb karahi`.
    #[prop(into)]
    of: String,
    /// The number.
    #[prop(into)]
    value: Signal<u32>,
    /// The least it may be; at 0 the left button removes.
    least: u32,
    /// Gets the new number.
    #[prop(into)]
    on_change: Callback<u32>,
) -> View {
    let fewer = {
        let of = of.clone();
        move || {
            let word = if value.get() == 1 && least == 0 {
                "Remove "
            } else {
                "One less: "
            };
            [word, &of].concat()
        }
    };
    let at_least = move || value.get() <= least;
    let at_most = move || value.get() >= MAX_QUANTITY;
    view! {
        <div class="stepper" role="group" aria-label=["How many: ", &of].concat()>
            <button
                class="icon-button"
                type="button"
                aria-label=fewer
                disabled=at_least
                on:click=move |_| on_change.run(value.get_untracked().saturating_sub(1).max(least))
            >
                <Icon glyph=Glyph::Minus />
            </button>
            <output>{value}</output>
            <button
                class="icon-button"
                type="button"
                aria-label=["One more: ", &of].concat()
                disabled=at_most
                on:click=move |_| on_change.run(value.get_untracked() + 1)
            >
                <Icon glyph=Glyph::Plus />
            </button>
        </div>
    }
}
