//! The error of one of the operator's actions, beside its button.

use leptos::prelude::*;

use crate::api::ApiError;
use crate::components::{Glyph, Notice, Tone, error_title};

/// Why an action failed; an empty alert region while there is no error.
#[component]
pub fn ActionError(#[prop(into)] error: Signal<Option<ApiError>>) -> impl IntoView {
    let notice = move || {
        error.get().map(|error| {
            view! {
                <Notice title=error_title(&error) tone=Tone::Stop glyph=Glyph::Alert>
                    <p>{operator_detail(&error)}</p>
                </Notice>
            }
        })
    };
    view! { <div role="alert">{notice}</div> }
}

/// What is safe and what to do next, for the operator. The customers' texts speak of a basket.
fn operator_detail(error: &ApiError) -> String {
    match error {
        ApiError::Problem(problem) => problem.detail.clone(),
        _ => "Nothing is known to have changed. Try again.".to_owned(),
    }
}
