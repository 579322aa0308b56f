//! Who delivers to a postcode.

use leptos::prelude::*;

/// Who delivers to a postcode.
#[component]
pub fn RestaurantsPage() -> impl IntoView {
    view! { <h1>"Restaurants"</h1> }
}
