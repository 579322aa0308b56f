//! API errors as text, and the notice that an error boundary shows.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use super::notice::Notice;
use crate::api::ApiError;

/// What happened, for people.
#[must_use]
pub fn error_title(error: &ApiError) -> String {
    match error {
        ApiError::Problem(problem) => problem.title.clone(),
        ApiError::Offline => "You are offline".to_owned(),
        ApiError::Network => "We could not reach Tiffin".to_owned(),
        ApiError::TimedOut => "That took too long".to_owned(),
        ApiError::Malformed => "We could not read the answer".to_owned(),
    }
}

/// What is safe and what to do next, for customers.
#[must_use]
pub fn error_detail(error: &ApiError) -> String {
    match error {
        ApiError::Problem(problem) => problem.detail.clone(),
        ApiError::Offline => {
            "Your basket is safe on this phone. We go on as soon as you are back.".to_owned()
        }
        ApiError::Network | ApiError::TimedOut => {
            "Your basket is safe on this phone. Check your connection and try again.".to_owned()
        }
        ApiError::Malformed => {
            "Your basket is safe on this phone. If you are on a public network, sign in to it first."
                .to_owned()
        }
    }
}

/// The first API error that an error boundary has caught. Tracks.
#[must_use]
pub fn api_error(errors: &ArcRwSignal<Errors>) -> Option<ApiError> {
    errors.with(|errors| {
        errors
            .iter()
            .find_map(|(_, error)| error.downcast_ref::<ApiError>().cloned())
    })
}

/// Why something could not be loaded, with a button that loads it again.
#[component]
pub fn LoadError(
    /// The errors of the boundary that shows this.
    errors: ArcRwSignal<Errors>,
    /// Loads again.
    #[prop(into)]
    retry: Callback<()>,
) -> impl IntoView {
    let notice = move |error: ApiError| {
        let glyph = match error {
            ApiError::Offline => Glyph::WifiOff,
            _ => Glyph::Alert,
        };
        view! {
            <Notice title=error_title(&error) glyph>
                <p>{error_detail(&error)}</p>
                <button class="button quiet" type="button" on:click=move |_| retry.run(())>
                    <Icon glyph=Glyph::Refresh />
                    "Try again"
                </button>
            </Notice>
        }
    };
    view! { <div role="alert">{move || api_error(&errors).map(notice)}</div> }
}
