//! One dish on the menu: name, description, price, marks, allergens one tap away, and a plus.

use crate::prelude::*;
use model::menu::{Diet, Dish};

use crate::components::{Glyph, Icon};

/// A row of the menu. The name opens the dish; the plus adds it, or asks first where there are options.
#[component]
pub fn DishRow(
    /// What it shows.
    dish: Dish,
    /// Portions of it in the basket.
    #[prop(into)]
    count: Signal<u32>,
    /// Whether the search leaves it in sight.
    #[prop(into)]
    shown: Signal<bool>,
    /// Opens the dish.
    #[prop(into)]
    on_open: Callback<()>,
    /// Adds one, or opens the dish.
    #[prop(into)]
    on_add: Callback<()>,
    /// Opens its allergens.
    #[prop(into)]
    on_allergens: Callback<()>,
) -> View {
    let add_label = {
        let name = dish.name.clone();
        move || match count.get() {
            0 => ["Add ", &name].concat(),
            count => ["Add ", &name, ", ", &count.to_string(), " in the basket"].concat(),
        }
    };
    let available = dish.available;
    view! {
        <li class="dish" class:sold-out=!available hidden=move || !shown.get()>
            <div class="dish-text">
                <h3>
                    <button type="button" on:click=move |_| on_open.run(())>
                        {dish.name.clone()}
                    </button>
                </h3>
                <p class="dish-description">{dish.description}</p>
                <p class="dish-meta">
                    <span class="money">{dish.price_pence.to_string()}</span>
                    <Marks diets=dish.diets heat=dish.heat />
                    <button
                        class="dish-allergens"
                        type="button"
                        aria-label=["Allergens: ", &dish.name].concat()
                        on:click=move |_| on_allergens.run(())
                    >
                        <Icon glyph=Glyph::Info />
                        "Allergens"
                    </button>
                </p>
            </div>
            {if available {
                view! {
                    <button
                        class="add"
                        class:some=move || count.get() != 0
                        type="button"
                        aria-label=add_label
                        on:click=move |_| on_add.run(())
                    >
                        {move || match count.get() {
                            0 => view! { <Icon glyph=Glyph::Plus /> },
                            count => count.into_view(),
                        }}
                    </button>
                }
            } else {
                view! { <p class="pill gone">"Sold out"</p> }
            }}
        </li>
    }
}

/// Diet and heat: a picture each, and the word.
#[component]
pub fn Marks(
    /// What the dish suits.
    diets: Vec<Diet>,
    /// 0 to 3.
    heat: u8,
) -> View {
    let diet = |diet: Diet| match diet {
        Diet::Vegetarian => ("Vegetarian", true),
        Diet::Vegan => ("Vegan", true),
        Diet::Halal => ("Halal", false),
    };
    // Whatever is vegan is vegetarian too.
    let vegan = diets.contains(&Diet::Vegan);
    let heat_word = match heat {
        0 => None,
        1 => Some("Mild"),
        2 => Some("Hot"),
        _ => Some("Very hot"),
    };
    view! {
        {diets
            .into_iter()
            .filter(|one| !(vegan && *one == Diet::Vegetarian))
            .map(|one| {
                let (word, leaf) = diet(one);
                view! {
                    <span class="mark">
                        {leaf.then(|| view! { <Icon glyph=Glyph::Leaf /> })} {word}
                    </span>
                }
            })
            .collect_view()}
        {heat_word
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
