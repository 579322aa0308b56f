//! Search, categories and dishes of a menu.

use crate::prelude::*;
use model::menu::{Category, Dish};

use super::category_bar::{CategoryBar, section_id};
use super::dish_row::DishRow;
use crate::components::{Glyph, Icon, Show};
use crate::state::basket::Basket;
use crate::state::browser::{lower_case, sleep};

/// What a tap on a dish asks for.
#[derive(Clone)]
pub enum Tap {
    Open(Dish),
    Add(Dish),
    Allergens(Dish),
}

/// The whole list. What is searched for narrows it in place.
#[component]
pub fn Dishes(
    /// In the restaurant's order.
    categories: Vec<Category>,
    /// Counts on the plus buttons.
    basket: Memo<Basket>,
    /// Gets what was tapped.
    on_tap: Callback<Tap>,
) -> View {
    let query = RwSignal::new(String::new());
    let words = memo(move || query.with(|query| lower_case(query.trim())));
    let bar = categories
        .iter()
        .map(|category| {
            (
                category.id.clone(),
                category.name.clone(),
                Glyph::from(category.icon),
            )
        })
        .collect::<Vec<_>>();
    let texts: Vec<String> = categories
        .iter()
        .flat_map(|category| &category.dishes)
        .map(text_of)
        .collect();
    let found = memo(move || {
        words.with(|words| {
            texts
                .iter()
                .filter(|text| text.contains(words.as_str()))
                .count()
        })
    });
    let result = move || match (words.with(String::is_empty), found.get()) {
        (true, _) => String::new(),
        (false, 1) => "1 dish found".to_owned(),
        (false, count) => [&count.to_string(), " dishes found"].concat(),
    };
    // One by one, so that a finger that is quick need not wait for all of them.
    let drawn = RwSignal::new(0);
    let all = categories.len();
    spawn(async move {
        for shown in 1..=all {
            sleep(0).await;
            drawn.set(shown);
        }
    });
    view! {
        <search class="menu-search">
            <label class="visually-hidden" for="menu-search">
                "Search this menu"
            </label>
            <Icon glyph=Glyph::Search />
            <input
                id="menu-search"
                type="search"
                placeholder="Search this menu"
                autocomplete="off"
                enterkeyhint="search"
                prop:value=query
                on:input=move |event| query.set(event_target_value(&event))
            />
            <p class="visually-hidden" role="status">
                {result}
            </p>
        </search>
        <CategoryBar categories=bar />
        <Show when=move || drawn.get() == 0>
            <DishShapes />
        </Show>
        {categories
            .into_iter()
            .enumerate()
            .map(|(index, category)| {
                let there = memo(move || drawn.get() > index);
                move || {
                    there
                        .get()
                        .then(|| {
                            view! { <Section category=category.clone() words basket on_tap /> }
                        })
                }
            })
            .collect_view()}
        <Show when=move || found.get() == 0>
            <div class="nothing-found">
                <p>{move || ["Nothing on this menu matches “", query.get().trim(), "”."].concat()}</p>
                <button class="button quiet" type="button" on:click=move |_| query.set(String::new())>
                    "Show the whole menu"
                </button>
            </div>
        </Show>
    }
}

/// What the search looks at.
fn text_of(dish: &Dish) -> String {
    lower_case(&[dish.name.as_str(), " ", &dish.description].concat())
}

#[component]
fn Section(
    category: Category,
    words: Memo<String>,
    basket: Memo<Basket>,
    on_tap: Callback<Tap>,
) -> View {
    let texts: Vec<String> = category.dishes.iter().map(text_of).collect();
    let shown = memo(move || {
        words.with(|words| {
            texts
                .iter()
                .map(|text| text.contains(words.as_str()))
                .collect::<Vec<_>>()
        })
    });
    let heading = ["heading-", &category.id].concat();
    let labelled_by = heading.clone();
    view! {
        <section
            class="category"
            id=section_id(&category.id)
            tabindex="-1"
            aria-labelledby=labelled_by
            hidden=move || !shown.with(|shown| shown.contains(&true))
        >
            <h2 id=heading>{category.name}</h2>
            {category.description.map(|text| view! { <p class="soft">{text}</p> })}
            <ul class="dishes">
                {category
                    .dishes
                    .into_iter()
                    .enumerate()
                    .map(|(index, dish)| {
                        let id = dish.id.clone();
                        let count = memo(move || {
                            basket.with(|basket| basket.count_of(&id))
                        });
                        let stored = StoredValue::new(dish.clone());
                        view! {
                            <DishRow
                                dish
                                count
                                shown=derive(move || shown.with(|shown| shown[index]))
                                on_open=move |()| on_tap.run(Tap::Open(stored.get_value()))
                                on_add=move |()| on_tap.run(Tap::Add(stored.get_value()))
                                on_allergens=move |()| on_tap.run(Tap::Allergens(stored.get_value()))
                            />
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

/// Where dishes will stand.
#[component]
pub fn DishShapes() -> View {
    view! {
        <div class="dishes" aria-hidden="true">
            {(0..8).map(|_| view! { <div class="skeleton dish-shape"></div> }).collect_view()}
        </div>
    }
}
