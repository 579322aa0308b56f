//! Who runs this, what becomes of personal data, where the data of postcodes comes from.

use leptos::prelude::*;

/// Who runs this, what becomes of personal data, where the data of postcodes comes from.
#[component]
pub fn AboutPage() -> impl IntoView {
    view! { <h1>"About Tiffin"</h1> }
}
