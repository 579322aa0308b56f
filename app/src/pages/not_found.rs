//! An address that leads nowhere: says so, and shows the way back to food.

use crate::prelude::*;

use crate::components::{Drawing, Page};

/// For every address that is none of ours.
#[component]
pub fn NotFoundPage() -> View {
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
