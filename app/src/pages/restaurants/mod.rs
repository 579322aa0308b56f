//! Who delivers to a postcode, on what terms, and who can be collected from. The postcode stands in the address's fragment.

mod finding;
mod list;

use crate::prelude::*;
use model::Postcode;
use model::postcode::PostcodeError;

use super::search::{of_postcode, use_search};
use crate::components::{Drawing, LoadError, Page, PostcodeField};
use crate::paths;
use crate::router;
use crate::state::use_state;
use finding::FindingNotice;
use list::{List, Skeletons};

/// The list of restaurants for the postcode in the address.
#[component]
pub fn RestaurantsPage() -> View {
    let state = use_state();
    let navigate = router::go();
    let fragment = router::fragment();
    let parsed = memo(move || fragment.with(|fragment| paths::postcode_in(fragment)));
    let postcode = derive(move || parsed.get().ok());
    let search = use_search(postcode);
    effect(move |_| {
        if let Some(postcode) = postcode.get() {
            state.postcode.set(postcode.as_str().to_owned());
        }
    });
    let go = Callback::new(move |postcode: Postcode| {
        if parsed.get_untracked().as_ref() == Ok(&postcode) {
            search.reload();
        } else {
            navigate(&paths::restaurants(&postcode));
        }
    });
    let title = derive(move || match postcode.get() {
        Some(postcode) => ["Food for ", postcode.as_str()].concat(),
        None => "Restaurants".to_owned(),
    });
    view! {
        <Page title class="restaurants">
            <div class="frame">
                <div class="where">
                    <h1>{title}</h1>
                    {move || {
                        let (initial, refused) = match parsed.get() {
                            Ok(postcode) => (postcode.as_str().to_owned(), None),
                            Err(PostcodeError::Empty) => (state.postcode.get_untracked(), None),
                            Err(why) => (fragment.with(|text| paths::as_typed(text)), Some(why)),
                        };
                        view! {
                            <PostcodeField
                                initial
                                refused
                                label="Postcode"
                                action="Change"
                                on_postcode=go
                            />
                        }
                    }}
                </div>
                {move || {
                    let Some(postcode) = postcode.get() else {
                        return view! {
                            <div class="lost">
                                <Drawing href="#i-tin-1" />
                                <p class="soft">
                                    "With your postcode we can say who delivers to you, how soon and for how much."
                                </p>
                            </div>
                        };
                    };
                    if let Some(found) = of_postcode(search.value.get(), &postcode) {
                        return view! {
                            <FindingNotice
                                place=found.place.clone()
                                delivered=found.restaurants.iter().any(|card| card.delivery.is_some())
                                on_postcode=go
                                retry=move |()| search.reload()
                            />
                            <List found postcode />
                        };
                    }
                    match search.error.get().filter(|_| !search.busy.get()) {
                        Some(error) => {
                            view! { <LoadError error retry=move |()| search.reload() /> }
                        }
                        None => view! { <Skeletons /> },
                    }
                }}
            </div>
        </Page>
    }
}
