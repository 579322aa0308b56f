//! One dish of the menu: name, description, price, marks, its allergens one tap away, and a plus button.

use leptos::prelude::*;
use model::menu::{Diet, Dish};

use super::dish_action::DishAction;
use crate::components::{Glyph, Icon};

/// A row of the menu. The name opens the dish; the plus adds it, or opens it where there are options.
#[component]
pub fn DishRow(
    dish: Dish,
    /// Portions of it in the basket.
    count: Memo<u32>,
    /// Whether it matches the search.
    shown: Memo<bool>,
    /// Called with the selected action.
    on_action: Callback<DishAction>,
) -> impl IntoView {
    let stored = StoredValue::new(dish.clone());
    let allergens_label = format!("Allergens: {}", dish.name);
    let add_label = {
        let name = dish.name.clone();
        move || match count.get() {
            0 => format!("Add {name}"),
            count => format!("Add {name}, {count} in the basket"),
        }
    };
    let add_button = move || {
        view! {
            <button
                class="add"
                class:some=move || count.get() != 0
                type="button"
                aria-label=add_label
                on:click=move |_| on_action.run(DishAction::Add(stored.get_value()))
            >
                {move || match count.get() {
                    0 => view! { <Icon glyph=Glyph::Plus /> }.into_any(),
                    count => count.into_any(),
                }}
            </button>
        }
    };
    view! {
        <li class="dish" class:sold-out=!dish.available hidden=move || !shown.get()>
            <div class="dish-text">
                <h3>
                    <button
                        type="button"
                        on:click=move |_| on_action.run(DishAction::Open(stored.get_value()))
                    >
                        {dish.name}
                    </button>
                </h3>
                <p class="dish-description">{dish.description}</p>
                <p class="dish-meta">
                    <span class="money">{dish.price_pence.to_string()}</span>
                    <DishMarks diets=dish.diets heat=dish.heat />
                    <button
                        class="dish-allergens"
                        type="button"
                        aria-label=allergens_label
                        on:click=move |_| on_action.run(DishAction::Allergens(stored.get_value()))
                    >
                        <Icon glyph=Glyph::Info />
                        "Allergens"
                    </button>
                </p>
            </div>
            {if dish.available {
                add_button().into_any()
            } else {
                view! { <p class="pill gone">"Sold out"</p> }.into_any()
            }}
        </li>
    }
}

/// Diets and heat, each as an icon and a word.
#[component]
pub fn DishMarks(
    /// The diets that the dish suits.
    diets: Vec<Diet>,
    /// 0 to 3.
    heat: u8,
) -> impl IntoView {
    // Every vegan dish is vegetarian too.
    let vegan = diets.contains(&Diet::Vegan);
    let diets = diets
        .into_iter()
        .filter(|diet| !(vegan && *diet == Diet::Vegetarian))
        .map(|diet| {
            let (word, has_leaf) = match diet {
                Diet::Vegetarian => ("Vegetarian", true),
                Diet::Vegan => ("Vegan", true),
                Diet::Halal => ("Halal", false),
            };
            view! { <span class="mark">{has_leaf.then(|| view! { <Icon glyph=Glyph::Leaf /> })} {word}</span> }
            .into_any()
        })
        .collect_view();
    let heat = match heat {
        0 => None,
        1 => Some("Mild"),
        2 => Some("Hot"),
        _ => Some("Very hot"),
    };
    view! {
        {diets}
        {heat
            .map(|word| {
                view! {
                    <span class="mark hot">
                        <Icon glyph=Glyph::Flame />
                        {word}
                    </span>
                }
            })}
    }
}
