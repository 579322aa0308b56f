//! The page for an address that does not exist.

use leptos::prelude::*;

use crate::components::{Drawing, Page};

/// Says that the address does not exist, and links back to the start.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Page title="No such page">
            <div class="frame lost">
                <Drawing href="#i-tin-1" />
                <h1>"There is nothing in this tin"</h1>
                <p class="soft">
                    "The address leads nowhere. If you followed a link to an order, check that you have all of it."
                </p>
                <a class="button" href="/">
                    "Find food"
                </a>
            </div>
        </Page>
    }
}
