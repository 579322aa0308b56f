//! How, when, where and who: from a basket to an order.

use leptos::prelude::*;

/// How, when, where and who: from a basket to an order.
#[component]
pub fn CheckoutPage() -> impl IntoView {
    view! { <h1>"Checkout"</h1> }
}
