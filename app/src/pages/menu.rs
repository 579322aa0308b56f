//! One restaurant's menu and the basket.

use leptos::prelude::*;

/// One restaurant's menu and the basket.
#[component]
pub fn MenuPage() -> impl IntoView {
    view! { <h1>"Menu"</h1> }
}
