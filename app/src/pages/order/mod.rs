//! One order, followed until it arrives.

use leptos::prelude::*;

/// One order, followed until it arrives.
#[component]
pub fn OrderPage() -> impl IntoView {
    view! { <h1>"Your order"</h1> }
}
