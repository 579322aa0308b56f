//! One restaurant's menu and the basket beside it. The postcode stands in the address's fragment; without one the last is used.

mod allergens;
mod basket;
mod category_bar;
mod choosing;
mod dish_row;
mod dish_sheet;
mod dishes;
mod head;

use crate::prelude::*;
use model::Postcode;
use model::menu::{Dish, Menu};
use model::problem::Code;
use model::restaurant::Fulfilment;

use super::search::{card_of, of_postcode, use_search};
use crate::api;
use crate::components::{
    Glyph, Icon, LoadError, Notice, Page, Sheet, keep_focus_on_heading, use_announce,
};
use crate::paths;
use crate::router;
use crate::state::basket::{Basket, Line};
use crate::state::browser::sleep;
use crate::state::load::Loader;
use crate::state::use_state;
use allergens::AllergenSheet;
use basket::{BasketBar, BasketPanel, BasketView};
use dish_sheet::{DishSheet, line};
use dishes::{DishShapes, Dishes, Tap};
use head::{Head, Terms, how};

/// Long enough for a row of taps on a plus to ask once, short enough not to be felt.
const QUOTE_AFTER_MS: u32 = 250;

/// What lies open over the menu.
#[derive(Clone)]
enum Open {
    Dish(Dish),
    Allergens(Dish),
    Basket,
}

/// The menu that the address names.
#[component]
pub fn MenuPage(
    /// From its address.
    slug: String,
) -> View {
    let state = use_state();
    let fragment = router::fragment();
    let postcode = derive(move || {
        fragment
            .with(|fragment| paths::postcode_in(fragment))
            .ok()
            .or_else(|| Postcode::parse(&state.postcode.get()).ok())
    });
    // Whoever comes by a shared address goes on to the checkout with the postcode that stands in it.
    effect(move |_| {
        if let Ok(postcode) = fragment.with(|fragment| paths::postcode_in(fragment)) {
            state.postcode.set(postcode.as_str().to_owned());
        }
    });
    let slug = StoredValue::new(slug);
    let menu = Loader::new(move || {
        let slug = slug.get_value();
        Some(async move { api::menu(&slug).await })
    });
    let search = use_search(postcode);
    let terms = memo(move || {
        let postcode = postcode.get()?;
        let found = of_postcode(search.value.get(), &postcode)?;
        Some(Terms {
            card: slug.with_value(|slug| card_of(&found, slug)),
            finding: found.place.finding,
            postcode,
        })
    });
    let title = derive(move || {
        menu.value.with(|menu| {
            menu.as_ref()
                .map_or_else(|| "Menu".to_owned(), |menu| menu.restaurant.name.clone())
        })
    });
    let back = move || match postcode.get() {
        Some(postcode) => paths::restaurants(&postcode),
        None => "/restaurants".to_owned(),
    };
    let header: Children = Box::new(move || {
        view! {
            <a class="back" href=back>
                <Icon glyph=Glyph::Back />
                "Restaurants"
            </a>
        }
    });
    view! {
        <Page title class="menu" header>
            {move || {
                if let Some(menu) = menu.value.get() {
                    return view! { <Loaded menu slug postcode terms /> };
                }
                match menu.error.get().filter(|_| !menu.busy.get()) {
                    Some(error) if error.code() == Some(Code::NotFound) => {
                        view! { <Gone back=back() /> }
                    }
                    Some(error) => {
                        view! {
                            <div class="frame">
                                <h1 class="visually-hidden">"Menu"</h1>
                                <LoadError error retry=move |()| menu.reload() />
                            </div>
                        }
                    }
                    None => view! { <Skeleton /> },
                }
            }}
        </Page>
    }
}

/// A menu with everything that can be done on it. Its head is drawn first and the rest in the next task, so that no task is long
/// enough to be felt on a slow phone.
#[component]
fn Loaded(
    menu: Menu,
    slug: StoredValue<String>,
    postcode: Signal<Option<Postcode>>,
    terms: Memo<Option<Terms>>,
) -> View {
    keep_focus_on_heading();
    let state = use_state();
    let announce = use_announce();
    let open = RwSignal::new(None::<Open>);
    let basket = memo(move || slug.with_value(|slug| state.basket(slug)));
    let quote = Loader::new(move || {
        let postcode = postcode.get().map(|postcode| postcode.to_string());
        let wanted = slug.with_value(|slug| {
            basket.with(|basket| basket.to_wire(slug, postcode.as_deref().unwrap_or_default()))
        });
        (!wanted.lines.is_empty()).then_some(async move {
            sleep(QUOTE_AFTER_MS).await;
            api::quote(&wanted).await
        })
    });
    let collects = menu.collects;
    let phone = menu.restaurant.phone.clone();
    let name = menu.restaurant.name.clone();
    let head = menu.clone();
    let menu = StoredValue::new(menu);
    let view = BasketView {
        state,
        slug,
        basket,
        quote,
        how: derive(move || {
            let fulfilment = basket
                .with(|basket| basket.fulfilment)
                .unwrap_or(Fulfilment::Delivery);
            terms.with(|terms| menu.with_value(|menu| how(menu, terms.as_ref(), fulfilment)))
        }),
        collects,
    };
    let add = move |line: Line| {
        let said = [
            &line.quantity.to_string(),
            " ",
            &line.name,
            " added to the basket",
        ]
        .concat();
        // Where delivery is out of the question, the basket is one to collect from the start.
        let only_collect = collects
            && (!menu.with_value(|menu| menu.delivers)
                || terms
                    .with_untracked(|terms| terms.as_ref().is_some_and(|terms| !terms.delivers())));
        let change = |basket: &mut Basket| {
            basket.restaurant_name.clone_from(&name);
            if basket.fulfilment.is_none() && only_collect {
                basket.fulfilment = Some(Fulfilment::Collection);
            }
            basket.add(line);
        };
        slug.with_value(|slug| state.change_basket(slug, change));
        announce(&said);
    };
    let add = Callback::new(add);
    let on_tap = Callback::new(move |tap: Tap| match tap {
        Tap::Add(dish) if dish.options.is_empty() => add.run(line(&dish, &[], 1)),
        Tap::Add(dish) | Tap::Open(dish) => open.set(Some(Open::Dish(dish))),
        Tap::Allergens(dish) => open.set(Some(Open::Allergens(dish))),
    });
    let close = Callback::new(move |()| open.set(None));
    let head_drawn = RwSignal::new(false);
    spawn(async move {
        sleep(0).await;
        head_drawn.set(true);
    });
    view! {
        <div class="frame menu-frame">
            <div class="menu-main">
                <Head menu=head terms postcode />
                {move || {
                    if head_drawn.get() {
                        let categories = menu.with_value(|menu| menu.categories.clone());
                        view! { <Dishes categories basket on_tap /> }
                    } else {
                        view! { <DishShapes /> }
                    }
                }}
            </div>
            <aside class="menu-side" aria-label="Basket">
                <h2>"Your basket"</h2>
                {move || head_drawn.get().then(|| view! { <BasketPanel view /> })}
            </aside>
        </div>
        <BasketBar view on_open=move |()| open.set(Some(Open::Basket)) />
        {move || {
            open.get()
                .map(|open| match open {
                    Open::Dish(dish) => view! { <DishSheet dish on_add=add on_close=close /> },
                    Open::Allergens(dish) => {
                        view! { <AllergenSheet dish phone=phone.clone() on_close=close /> }
                    }
                    Open::Basket => {
                        view! {
                            <Sheet title="Your basket" on_close=close>
                                <BasketPanel view />
                            </Sheet>
                        }
                    }
                })
        }}
    }
}

/// There is no such restaurant, or no longer.
#[component]
fn Gone(back: String) -> View {
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

/// As high as what will come.
#[component]
fn Skeleton() -> View {
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
                <DishShapes />
            </div>
        </div>
    }
}
