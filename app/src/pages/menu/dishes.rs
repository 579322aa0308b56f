//! The search field, the categories and the dishes of a menu.

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use model::menu::{Category, Dish};

use super::category_bar::{CategoryBar, section_id};
use super::dish_action::DishAction;
use super::dish_row::DishRow;
use crate::components::{Glyph, Icon};
use crate::state::basket::Basket;
use crate::state::browser::{sleep, to_lower_case};

/// All dishes. The search hides those that do not match.
#[component]
pub fn Dishes(
    /// In the restaurant's order.
    categories: Vec<Category>,
    /// For the counts on the plus buttons.
    basket: Memo<Basket>,
    /// Called with the selected action.
    on_action: Callback<DishAction>,
) -> impl IntoView {
    let query = RwSignal::new(String::new());
    let needle = Memo::new(move |_| query.with(|query| to_lower_case(query.trim())));
    let bar = categories
        .iter()
        .map(|category| {
            let glyph = Glyph::from(category.icon);
            (category.id.clone(), category.name.clone(), glyph)
        })
        .collect::<Vec<_>>();
    let dishes = categories.iter().flat_map(|category| &category.dishes);
    let texts: Vec<String> = dishes.map(searchable_text).collect();
    let matches = Memo::new(move |_| {
        let found = needle.with(|needle| texts.iter().filter(|text| text.contains(needle)).count());
        u32::try_from(found).unwrap_or(u32::MAX)
    });
    let result = move || match (needle.with(String::is_empty), matches.get()) {
        (true, _) => String::new(),
        (false, 1) => "1 dish found".to_owned(),
        (false, count) => format!("{count} dishes found"),
    };
    let drawn = draw_one_by_one(categories.len());
    let section = |(index, category): (usize, Category)| {
        view! {
            <Show when=move || index < drawn.get()>
                <CategorySection category=category.clone() needle basket on_action />
            </Show>
        }
    };
    let sections = categories.into_iter().enumerate().map(section);
    let sections = sections.collect_view();
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
                on:input:target=move |event| query.set(event.target().value())
            />
            <p class="visually-hidden" role="status">
                {result}
            </p>
        </search>
        <CategoryBar categories=bar />
        <Show when=move || drawn.get() == 0>
            <DishesSkeleton />
        </Show>
        {sections}
        <Show when=move || matches.get() == 0>
            <div class="nothing-found">
                <p>
                    {move || format!("Nothing on this menu matches “{}”.", query.get().trim())}
                </p>
                <button
                    class="button quiet"
                    type="button"
                    on:click=move |_| query.set(String::new())
                >
                    "Show the whole menu"
                </button>
            </div>
        </Show>
    }
}

/// The number of categories to draw: none at first and one more in each later task, so that no task is long enough to delay a tap on a
/// slow phone.
fn draw_one_by_one(count: usize) -> ReadSignal<usize> {
    let (drawn, set_drawn) = signal(0);
    spawn_local_scoped_with_cancellation(async move {
        for drawn in 1..=count {
            sleep(0).await;
            set_drawn.set(drawn);
        }
    });
    drawn
}

/// The text that the search looks at.
fn searchable_text(dish: &Dish) -> String {
    to_lower_case(&format!("{} {}", dish.name, dish.description))
}

/// One category with its dishes; hidden when none matches the search.
#[component]
fn CategorySection(
    category: Category,
    /// What is searched for, in lower case.
    needle: Memo<String>,
    basket: Memo<Basket>,
    on_action: Callback<DishAction>,
) -> impl IntoView {
    let with_match = |dish: Dish| {
        let text = searchable_text(&dish);
        let shown = Memo::new(move |_| needle.with(|needle| text.contains(needle)));
        (dish, shown)
    };
    let dishes: Vec<_> = category.dishes.into_iter().map(with_match).collect();
    let shown: Vec<Memo<bool>> = dishes.iter().map(|(_, shown)| *shown).collect();
    let heading_id = format!("heading-{}", category.id);
    let labelled_by = heading_id.clone();
    let row = move |(dish, shown): (Dish, Memo<bool>)| {
        let id = dish.id.clone();
        let count = Memo::new(move |_| basket.with(|basket| basket.count_of(&id)));
        view! { <DishRow dish count shown on_action /> }
    };
    view! {
        <section
            class="category"
            id=section_id(&category.id)
            tabindex="-1"
            aria-labelledby=labelled_by
            hidden=move || !shown.iter().any(Get::get)
        >
            <h2 id=heading_id>{category.name}</h2>
            {category.description.map(|text| view! { <p class="soft">{text}</p> })}
            <ul class="dishes">{dishes.into_iter().map(row).collect_view()}</ul>
        </section>
    }
}

/// As high as the dishes that will be loaded.
#[component]
pub fn DishesSkeleton() -> impl IntoView {
    view! {
        <div class="dishes" aria-hidden="true">
            {(0..8)
                .map(|_| view! { <div class="skeleton dish-shape"></div> }.into_any())
                .collect_view()}
        </div>
    }
}
