//! The way in: a postcode.

use leptos::prelude::*;

/// The way in: a postcode.
#[component]
pub fn HomePage() -> impl IntoView {
    view! { <h1>"Tiffin"</h1> }
}
