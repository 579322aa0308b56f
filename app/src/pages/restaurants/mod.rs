//! The restaurants that deliver to a postcode, with their terms, and those to collect from. The postcode is in the address's fragment.

mod finding;
mod list;

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate};
use model::Postcode;
use model::postcode::PostcodeError;

use super::search::use_search_cache;
use crate::api::ApiError;
use crate::components::{Drawing, LoadError, Page, PostcodeField};
use crate::paths;
use crate::state::resource::use_api;
use crate::state::use_state;
use finding::FindingNotice;
use list::{RestaurantList, RestaurantListSkeleton};

/// The list of restaurants for the postcode in the address.
#[component]
pub fn RestaurantsPage() -> impl IntoView {
    let state = use_state();
    let navigate = use_navigate();
    let fragment = use_location().hash;
    let postcode = Memo::new(move |_| fragment.with(|text| paths::postcode_in(text)).ok());
    Effect::new(move |_| {
        if let Some(postcode) = postcode.get() {
            state.postcode.set(postcode.as_str().to_owned());
        }
    });
    let reload = Trigger::new();
    let change_postcode = UnsyncCallback::new(move |new: Postcode| {
        if postcode.get_untracked().as_ref() == Some(&new) {
            reload.notify();
        } else {
            navigate(&paths::restaurants(&new), Default::default());
        }
    });
    let on_postcode = Callback::new(move |new| change_postcode.run(new));
    let title = Signal::derive(move || match postcode.get() {
        Some(postcode) => format!("Food for {postcode}"),
        None => "Restaurants".to_owned(),
    });
    let field = move || {
        let typed = fragment.get();
        let (initial, initial_error) = match paths::postcode_in(&typed) {
            Ok(postcode) => (postcode.as_str().to_owned(), None),
            Err(PostcodeError::Empty) => (state.postcode.get_untracked(), None),
            Err(error) => (paths::as_typed(&typed), Some(error)),
        };
        view! { <PostcodeField initial initial_error label="Postcode" action="Change" on_postcode /> }
    };
    let results = move || match postcode.get() {
        Some(postcode) => view! { <SearchResults postcode reload on_postcode /> }.into_any(),
        None => view! { <PostcodeMissing /> }.into_any(),
    };
    view! {
        <Page title class="restaurants">
            <div class="frame">
                <div class="where">
                    <h1>{title}</h1>
                    {field}
                </div>
                {results}
            </div>
        </Page>
    }
}

/// The restaurants for one postcode.
#[component]
fn SearchResults(
    postcode: Postcode,
    /// Notified to search again.
    reload: Trigger,
    /// Searches for another postcode instead.
    on_postcode: Callback<Postcode>,
) -> impl IntoView {
    let cache = use_search_cache();
    let postcode = StoredValue::new(postcode);
    let search = use_api(move || cache.search(postcode.get_value()));
    let retry = Callback::new(move |()| {
        cache.clear();
        search.refetch();
    });
    Effect::new(move |previous: Option<()>| {
        reload.track();
        if previous.is_some() {
            retry.run(());
        }
    });
    let content = move || {
        Suspend::new(async move {
            let found = search.await?;
            let delivered = found.restaurants.iter().any(|card| card.delivery.is_some());
            Ok::<_, ApiError>(view! {
                <FindingNotice place=found.place delivered on_postcode retry />
                <RestaurantList restaurants=found.restaurants postcode=postcode.get_value() />
            })
        })
    };
    view! {
        <Transition fallback=RestaurantListSkeleton>
            <ErrorBoundary fallback=move |errors| {
                view! { <LoadError errors retry /> }
            }>{content}</ErrorBoundary>
        </Transition>
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
