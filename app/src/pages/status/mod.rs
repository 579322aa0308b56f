//! The system's health, for everybody, and its switches, for the operator.

use leptos::prelude::*;

/// The system's health, for everybody, and its switches, for the operator.
#[component]
pub fn StatusPage() -> impl IntoView {
    view! { <h1>"Status"</h1> }
}
