//! One restaurant's menu, with the basket beside it. The postcode is in the address's fragment; without one the last postcode is used.

mod allergens;
mod basket;
mod category_bar;
mod dish_action;
mod dish_row;
mod dish_sheet;
mod dishes;
mod header;
mod option_rules;

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::Postcode;
use model::menu::{Dish, Menu};
use model::problem::Code;
use model::restaurant::Fulfilment;

use super::search::use_search_cache;
use crate::api::{self, ApiError};
use crate::components::{
    Glyph, Icon, LoadError, Notice, Page, Sheet, api_error, keep_focus_on_heading, use_announce,
};
use crate::paths;
use crate::state::basket::{Basket, Line};
use crate::state::quote::BasketQuote;
use crate::state::resource::use_api;
use crate::state::use_state;
use allergens::AllergenSheet;
use basket::{BasketBar, BasketPanel, MenuBasket};
use dish_action::DishAction;
use dish_sheet::{DishSheet, basket_line};
use dishes::{Dishes, DishesSkeleton};
use header::{DeliveryTerms, MenuHeader, fulfilment_line};

/// The sheet that is open over the menu.
#[derive(Clone)]
enum OpenSheet {
    Dish(Dish),
    Allergens(Dish),
    Basket,
}

/// The menu of the restaurant in the path.
#[component]
pub fn MenuPage() -> impl IntoView {
    let state = use_state();
    let slug = paths::use_menu_restaurant();
    let fragment = use_location().hash;
    let postcode = Memo::new(move |_| {
        fragment
            .with(|fragment| paths::postcode_in(fragment))
            .or_else(|_| Postcode::parse(&state.postcode.get()))
            .ok()
    });
    // A postcode of a shared address is stored, so that the checkout goes on with it.
    Effect::new(move |_| {
        if let Ok(postcode) = fragment.with(|fragment| paths::postcode_in(fragment)) {
            state.postcode.set(postcode.as_str().to_owned());
        }
    });
    let menu = use_api(move || {
        let slug = slug.get();
        async move { api::menu(&slug).await }
    });
    let cache = use_search_cache();
    let search = use_api(move || {
        let postcode = postcode.get();
        async move {
            match postcode {
                Some(postcode) => cache.search(postcode).await.map(Some),
                None => Ok(None),
            }
        }
    });
    // Derived outside of the transition: neither the terms nor the quote may delay the menu.
    let terms = Memo::new(move |_| {
        let found = search.get()?.ok()??;
        let postcode = postcode.get()?;
        (found.place.postcode == postcode.as_str()).then(|| DeliveryTerms {
            card: slug.with(|slug| {
                let mut cards = found.restaurants.into_iter();
                cards.find(|card| card.restaurant.slug == *slug)
            }),
            finding: found.place.finding,
            postcode,
        })
    });
    let basket = Memo::new(move |_| slug.with(|slug| state.basket(slug)));
    let quote = BasketQuote::new(Memo::new(move |_| {
        let postcode = postcode.get().map(|postcode| postcode.to_string());
        let postcode = postcode.as_deref().unwrap_or_default();
        slug.with(|slug| basket.with(|basket| basket.to_wire(slug, postcode)))
    }));
    let title = Signal::derive(move || match menu.get() {
        Some(Ok(menu)) => menu.restaurant.name,
        _ => "Menu".to_owned(),
    });
    let back = Signal::derive(move || match postcode.get() {
        Some(postcode) => paths::restaurants(&postcode),
        None => paths::RESTAURANTS.to_owned(),
    });
    let header = move || {
        view! {
            <a class="back" href=back>
                <Icon glyph=Glyph::Back />
                "Restaurants"
            </a>
        }
        .into_any()
    };
    let content = move || {
        Suspend::new(async move {
            let menu = menu.await?;
            Ok::<_, ApiError>(view! { <MenuView menu slug postcode terms basket quote /> })
        })
    };
    view! {
        <Page title class="menu" header=Box::new(header)>
            <Transition fallback=MenuSkeleton>
                <ErrorBoundary fallback=move |errors| {
                    view! { <MenuError errors back retry=move |()| menu.refetch() /> }
                }>{content}</ErrorBoundary>
            </Transition>
        </Page>
    }
}

/// The menu with everything that can be done on it.
#[component]
fn MenuView(
    menu: Menu,
    slug: Memo<String>,
    postcode: Memo<Option<Postcode>>,
    terms: Memo<Option<DeliveryTerms>>,
    basket: Memo<Basket>,
    quote: BasketQuote,
) -> impl IntoView {
    keep_focus_on_heading();
    let state = use_state();
    let announce = use_announce();
    let open_sheet = RwSignal::new(None::<OpenSheet>);
    let collects = menu.collects;
    let delivers = menu.delivers;
    let phone = menu.restaurant.phone.clone();
    let name = menu.restaurant.name.clone();
    let categories = menu.categories.clone();
    let menu = StoredValue::new(menu);
    let fulfilment = Signal::derive(move || {
        let fulfilment = basket.with(|basket| basket.fulfilment);
        let fulfilment = fulfilment.unwrap_or(Fulfilment::Delivery);
        let line =
            |menu: &Menu| terms.with(|terms| fulfilment_line(menu, terms.as_ref(), fulfilment));
        menu.with_value(line)
    });
    let menu_basket = MenuBasket {
        state,
        slug,
        basket,
        quote,
        fulfilment,
        collects,
    };
    let add = Callback::new(move |line: Line| {
        let announcement = format!("{} {} added to the basket", line.quantity, line.name);
        // Where delivery is not possible, a new basket is for collection.
        let out_of_area =
            || terms.with_untracked(|terms| terms.as_ref().is_some_and(|terms| !terms.delivers()));
        let collection_only = collects && (!delivers || out_of_area());
        menu_basket.change(|basket| {
            basket.restaurant_name.clone_from(&name);
            if basket.fulfilment.is_none() && collection_only {
                basket.fulfilment = Some(Fulfilment::Collection);
            }
            basket.add(line);
        });
        announce(&announcement);
    });
    let on_action = Callback::new(move |action: DishAction| match action {
        DishAction::Add(dish) if dish.options.is_empty() => add.run(basket_line(&dish, &[], 1)),
        DishAction::Add(dish) | DishAction::Open(dish) => {
            open_sheet.set(Some(OpenSheet::Dish(dish)));
        }
        DishAction::Allergens(dish) => open_sheet.set(Some(OpenSheet::Allergens(dish))),
    });
    let on_close = Callback::new(move |()| open_sheet.set(None));
    let sheet = move || {
        Some(match open_sheet.get()? {
            OpenSheet::Dish(dish) => view! { <DishSheet dish on_add=add on_close /> }.into_any(),
            OpenSheet::Allergens(dish) => {
                view! { <AllergenSheet dish phone=phone.clone() on_close /> }.into_any()
            }
            OpenSheet::Basket => view! {
                <Sheet title="Your basket" on_close>
                    <BasketPanel basket=menu_basket />
                </Sheet>
            }
            .into_any(),
        })
    };
    view! {
        <div class="frame menu-frame">
            <div class="menu-main">
                <MenuHeader menu=menu.get_value() terms postcode />
                <Dishes categories basket on_action />
            </div>
            <aside class="menu-side" aria-label="Basket">
                <h2>"Your basket"</h2>
                <BasketPanel basket=menu_basket />
            </aside>
        </div>
        <BasketBar basket=menu_basket on_open=move |()| open_sheet.set(Some(OpenSheet::Basket)) />
        {sheet}
    }
}

/// Why the menu could not be loaded.
#[component]
fn MenuError(
    errors: ArcRwSignal<Errors>,
    /// The address of the restaurant list.
    back: Signal<String>,
    #[prop(into)] retry: Callback<()>,
) -> impl IntoView {
    move || {
        let not_found =
            api_error(&errors).is_some_and(|error| error.code() == Some(Code::NotFound));
        if not_found {
            return view! { <RestaurantNotFound back /> }.into_any();
        }
        view! {
            <div class="frame">
                <h1 class="visually-hidden">"Menu"</h1>
                <LoadError errors=errors.clone() retry />
            </div>
        }
        .into_any()
    }
}

/// There is no such restaurant, or no longer.
#[component]
fn RestaurantNotFound(back: Signal<String>) -> impl IntoView {
    view! {
        <div class="frame stack">
            <h1>"This restaurant is not on Tiffin"</h1>
            <Notice title="It may have left, or the address has a typing mistake">
                <a class="button" href=back>
                    "See who delivers to you"
                </a>
            </Notice>
        </div>
    }
}

/// As high as the menu that will be loaded.
#[component]
fn MenuSkeleton() -> impl IntoView {
    view! {
        <div class="frame menu-frame">
            <div class="menu-main">
                <h1 class="visually-hidden">"Menu"</h1>
                <p class="visually-hidden" role="status">
                    "Fetching the menu"
                </p>
                <div class="menu-picture skeleton"></div>
                <div class="menu-head" aria-hidden="true">
                    <div class="skeleton name-shape"></div>
                    <div class="skeleton text-shape"></div>
                    <div class="skeleton text-shape"></div>
                </div>
                <DishesSkeleton />
            </div>
        </div>
    }
}
