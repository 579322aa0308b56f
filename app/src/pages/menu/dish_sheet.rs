//! One dish opened: all of its text, its options, how many, and a button whose price counts along.

use crate::prelude::*;
use leptos::html;
use model::menu::Dish;
use wasm_bindgen::JsCast;

use super::allergens::{AllergenFacts, in_short};
use super::choosing::{self, Picked};
use super::dish_row::Marks;
use crate::components::{Glyph, Icon, Sheet, Stepper, close_sheet};
use crate::state::basket::{Choice, Line};

/// Asks what must be asked and hands over a line for the basket.
#[component]
pub fn DishSheet(
    /// The dish.
    dish: Dish,
    /// Gets the finished line; the sheet closes itself afterwards.
    #[prop(into)]
    on_add: Callback<Line>,
    /// The sheet has been closed.
    #[prop(into)]
    on_close: Callback<()>,
) -> View {
    let dialog = NodeRef::<html::Dialog>::new();
    let picked = RwSignal::new(Vec::<Picked>::new());
    let quantity = RwSignal::new(1_u32);
    // Nothing is called missing before somebody wanted to go on.
    let tried = RwSignal::new(false);
    let name = dish.name.clone();
    let available = dish.available;
    let order = choosing::order(&dish);
    let marks = (dish.diets.clone(), dish.heat);
    let description = dish.description.clone();
    let allergens = dish.allergens.clone();
    let dish = StoredValue::new(dish);
    let total = move || {
        picked.with(|picked| dish.with_value(|dish| choosing::unit_price(dish, picked)))
            * i64::from(quantity.get())
    };
    let add = move |_| {
        let lacking =
            picked.with_untracked(|picked| dish.with_value(|dish| choosing::lacking(dish, picked)));
        match lacking.first() {
            Some(group) => {
                tried.set(true);
                show_group(*group);
            }
            None => {
                on_add.run(dish.with_value(|dish| {
                    line(dish, &picked.get_untracked(), quantity.get_untracked())
                }));
                close_sheet(dialog);
            }
        }
    };
    let footer: Children = if available {
        let name = name.clone();
        Box::new(move || {
            view! {
                <Stepper of=name value=quantity least=1 on_change=move |to| quantity.set(to) />
                <button class="button" type="button" on:click=add>
                    "Add"
                    <span class="money">{move || total().to_string()}</span>
                </button>
            }
        })
    } else {
        Box::new(|| view! { <p class="soft">"Sold out for now"</p> })
    };
    view! {
        <Sheet title=name on_close dialog footer>
            <div>
                <p class="soft">{description}</p>
                <p class="dish-meta">
                    <Marks diets=marks.0 heat=marks.1 />
                </p>
            </div>
            {order
                .into_iter()
                .map(|group| view! { <Group dish group picked tried /> })
                .collect_view()}
            <section class="sheet-allergens">
                <h3>"Allergens"</h3>
                <AllergenFacts allergens />
            </section>
        </Sheet>
    }
}

/// One question of the dish.
#[component]
fn Group(
    dish: StoredValue<Dish>,
    group: usize,
    picked: RwSignal<Vec<Picked>>,
    tried: RwSignal<bool>,
) -> View {
    let asked = dish.with_value(|dish| dish.options[group].clone());
    let required = asked.minimum > 0;
    let one = asked.minimum == 1 && asked.maximum == 1;
    let most = asked.maximum as usize;
    let wanted = choosing::wanted(&asked);
    let name = asked.name.clone();
    let choices = asked.choices.clone();
    let id = group_id(group);
    let error_id = [&id, "-error"].concat();
    let field = id.clone();
    let missing = {
        let asked = StoredValue::new(asked);
        memo(move || {
            let count = picked.with(|picked| choosing::count(picked, group));
            asked.with_value(|asked| {
                (tried.get() && count < asked.minimum as usize)
                    .then(|| choosing::lack(asked, count))
            })
        })
    };
    let describedby = {
        let error_id = error_id.clone();
        move || missing.with(Option::is_some).then(|| error_id.clone())
    };
    view! {
        <fieldset class="group" id=id tabindex="-1" aria-describedby=describedby>
            <legend>
                <span class="group-name">{name}</span>
                <span class="group-wanted" class:required=required>
                    {wanted}
                </span>
            </legend>
            {move || {
                let error_id = error_id.clone();
                missing
                    .get()
                    .map(|missing| {
                        view! {
                            <p class="error-text" role="alert" id=error_id>
                                <Icon glyph=Glyph::Alert />
                                {missing}
                            </p>
                        }
                    })
            }}
            {choices
                .into_iter()
                .enumerate()
                .map(|(index, choice)| {
                    let this = (group, index);
                    let taken = move || picked.with(|picked| picked.contains(&this));
                    let full = move || {
                        most > 1
                            && picked
                                .with(|picked| {
                                    !picked.contains(&this)
                                        && choosing::count(picked, group) >= most
                                })
                    };
                    let available = choice.available;
                    let price = (!choice.price_pence.is_zero())
                        .then(|| ["+", &choice.price_pence.to_string()].concat());
                    let note = if available {
                        in_short(&choice.allergens)
                    } else {
                        "Sold out".to_owned()
                    };
                    view! {
                        <label class="choice">
                            <input
                                type=if one { "radio" } else { "checkbox" }
                                name=field.clone()
                                prop:checked=taken
                                disabled=move || !available || full()
                                on:change=move |_| {
                                    picked
                                        .update(|picked| {
                                            dish.with_value(|dish| {
                                                choosing::toggle(dish, picked, this);
                                            });
                                        });
                                }
                            />
                            <span class="choice-text">
                                {choice.name} <span class="soft small">{note}</span>
                            </span>
                            <span class="money">{price}</span>
                        </label>
                    }
                })
                .collect_view()}
        </fieldset>
    }
}

fn group_id(group: usize) -> String {
    ["group-", &group.to_string()].concat()
}

/// Takes somebody to a question that still wants an answer.
fn show_group(group: usize) {
    if let Some(element) = document()
        .get_element_by_id(&group_id(group))
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = element.focus();
        element.scroll_into_view();
    }
}

/// The basket's line for what was chosen; also for a dish without options, added at once.
pub fn line(dish: &Dish, picked: &[Picked], quantity: u32) -> Line {
    Line {
        dish: dish.id.clone(),
        name: dish.name.clone(),
        quantity,
        choices: picked
            .iter()
            .map(|(group, choice)| {
                let group = &dish.options[*group];
                let choice = &group.choices[*choice];
                Choice {
                    group: group.id.clone(),
                    choice: choice.id.clone(),
                    name: choice.name.clone(),
                }
            })
            .collect(),
        unit_pence: choosing::unit_price(dish, picked),
    }
}
