//! A condition on the page: a sign whose shape and colour depend on the severity, and a label.

use leptos::prelude::*;

use super::text::{Condition, Severity};

/// The sign of a severity. Decoration: the words are beside it.
#[component]
pub fn ConditionSign(severity: Severity) -> impl IntoView {
    let (class, path) = match severity {
        Severity::Normal => ("sign good", "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z"),
        Severity::Warning => ("sign between", "M8 1l7 7-7 7-7-7z"),
        Severity::Critical => (
            "sign stopped",
            "M2 2h12v12H2zM5.2 4.2l-1 1L7 8l-2.8 2.8 1 1L8 9l2.8 2.8 1-1L9 8l2.8-2.8-1-1L8 7z",
        ),
    };
    view! {
        <svg class=class viewBox="0 0 16 16" aria-hidden="true">
            <path fill-rule="evenodd" d=path />
        </svg>
    }
}

/// Sign and label of a condition.
#[component]
pub fn ConditionLine(#[prop(into)] condition: Signal<Condition>) -> impl IntoView {
    let content = move || {
        let Condition { severity, label } = condition.get();
        view! {
            <ConditionSign severity />
            {label}
        }
    };
    view! { <p class="condition">{content}</p> }
}
