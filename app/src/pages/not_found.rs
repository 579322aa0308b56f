//! An address that leads nowhere.

use leptos::prelude::*;

/// An address that leads nowhere.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! { <h1>"There is no such page"</h1> }
}
