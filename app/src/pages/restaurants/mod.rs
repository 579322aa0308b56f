//! The restaurants that deliver to a postcode, with their terms, and those to collect from. The postcode is in the address's fragment.

mod finding;
mod list;

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate};
use model::Postcode;
use model::postcode::PostcodeError;

use super::search::use_search;
use crate::api::ApiError;
use crate::components::{Drawing, LoadError, Page, PostcodeField};
use crate::paths;
use crate::state::use_state;
use finding::FindingNotice;
use list::{RestaurantList, RestaurantListSkeleton};

/// The list of restaurants for the postcode in the address.
#[component]
pub fn RestaurantsPage() -> impl IntoView {
    let state = use_state();
    let navigate = use_navigate();
    let fragment = use_location().hash;
    let parsed = Memo::new(move |_| fragment.with(|fragment| paths::postcode_in(fragment)));
    let postcode = Signal::derive(move || parsed.get().ok());
    let search = use_search(postcode);
    Effect::new(move |_| {
        if let Some(postcode) = postcode.get() {
            state.postcode.set(postcode.as_str().to_owned());
        }
    });
    let change_postcode = UnsyncCallback::new(move |postcode: Postcode| {
        if parsed.get_untracked().as_ref() == Ok(&postcode) {
            search.refresh();
        } else {
            navigate(&paths::restaurants(&postcode), Default::default());
        }
    });
    let on_postcode = Callback::new(move |postcode| change_postcode.run(postcode));
    let title = Signal::derive(move || match postcode.get() {
        Some(postcode) => format!("Food for {postcode}"),
        None => "Restaurants".to_owned(),
    });
    let field = move || {
        let (initial, initial_error) = match parsed.get() {
            Ok(postcode) => (postcode.as_str().to_owned(), None),
            Err(PostcodeError::Empty) => (state.postcode.get_untracked(), None),
            Err(error) => (fragment.with(|text| paths::as_typed(text)), Some(error)),
        };
        view! {
            <PostcodeField initial initial_error label="Postcode" action="Change" on_postcode />
        }
    };
    let results = move || {
        Suspend::new(async move {
            let found = search.answer.await?;
            Ok::<_, ApiError>(match found.zip(postcode.get_untracked()) {
                Some((found, postcode)) => {
                    let delivered = found.restaurants.iter().any(|card| card.delivery.is_some());
                    view! {
                        <FindingNotice
                            place=found.place
                            delivered
                            on_postcode
                            retry=move |()| search.refresh()
                        />
                        <RestaurantList restaurants=found.restaurants postcode />
                    }
                    .into_any()
                }
                None => view! { <PostcodeMissing /> }.into_any(),
            })
        })
    };
    view! {
        <Page title class="restaurants">
            <div class="frame">
                <div class="where">
                    <h1>{title}</h1>
                    {field}
                </div>
                <Transition fallback=RestaurantListSkeleton>
                    <ErrorBoundary fallback=move |errors| {
                        view! { <LoadError errors retry=move |()| search.refresh() /> }
                    }>{results}</ErrorBoundary>
                </Transition>
            </div>
        </Page>
    }
}

/// The address has no postcode.
#[component]
fn PostcodeMissing() -> impl IntoView {
    view! {
        <div class="lost">
            <Drawing href="#i-tin-1" />
            <p class="soft">
                "With your postcode we can say who delivers to you, how soon and for how much."
            </p>
        </div>
    }
}
