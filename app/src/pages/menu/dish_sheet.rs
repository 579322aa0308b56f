//! One dish opened in a sheet: its whole text, its options, the quantity, and a button whose price follows the choices.

use leptos::html;
use leptos::prelude::*;
use model::menu::{Choice, Dish, OptionGroup};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::allergens::{AllergenFacts, allergen_summary};
use super::dish_row::DishMarks;
use super::option_rules::{self, Picked};
use crate::components::{Glyph, Icon, Sheet, Stepper, close_dialog};
use crate::state::basket::{self, Line};

/// The choices of an open dish. Copies share the state.
#[derive(Clone, Copy)]
struct DishChoices {
    dish: StoredValue<Dish>,
    picked: RwSignal<Vec<Picked>>,
    quantity: RwSignal<u32>,
    /// Whether the customer has tried to add the dish: before that, missing choices are not called missing.
    submitted: RwSignal<bool>,
}

impl DishChoices {
    /// The price of all portions by the menu; the backend's quote is what is charged.
    fn total(self) -> model::Pence {
        let unit = self.picked.with(|picked| {
            self.dish
                .with_value(|dish| option_rules::unit_price(dish, picked))
        });
        unit * i64::from(self.quantity.get())
    }

    /// The first option group that needs another choice.
    fn first_incomplete(self) -> Option<usize> {
        self.picked.with_untracked(|picked| {
            self.dish
                .with_value(|dish| option_rules::incomplete_groups(dish, picked))
                .first()
                .copied()
        })
    }

    fn line(self) -> Line {
        let (picked, quantity) = (self.picked.get_untracked(), self.quantity.get_untracked());
        self.dish
            .with_value(|dish| basket_line(dish, &picked, quantity))
    }
}

/// Collects the choices of a dish and returns a line for the basket.
#[component]
pub fn DishSheet(
    dish: Dish,
    /// Called with the finished line; the sheet then closes itself.
    on_add: Callback<Line>,
    /// Called when the sheet was closed.
    on_close: Callback<()>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let choices = DishChoices {
        dish: StoredValue::new(dish.clone()),
        picked: RwSignal::new(Vec::new()),
        quantity: RwSignal::new(1),
        submitted: RwSignal::new(false),
    };
    let add = move |_| match choices.first_incomplete() {
        Some(group) => {
            choices.submitted.set(true);
            focus_group(group);
        }
        None => {
            on_add.run(choices.line());
            close_dialog(dialog);
        }
    };
    let name = dish.name.clone();
    let footer = move || {
        if !dish.available {
            return view! { <p class="soft">"Sold out for now"</p> }.into_any();
        }
        view! {
            <Stepper
                of=name
                value=choices.quantity
                minimum=1
                on_change=move |quantity| choices.quantity.set(quantity)
            />
            <button class="button" type="button" on:click=add>
                "Add"
                <span class="money">{move || choices.total().to_string()}</span>
            </button>
        }
        .into_any()
    };
    let groups = option_rules::display_order(&dish)
        .into_iter()
        .map(|index| {
            let group = dish.options[index].clone();
            view! { <OptionGroupField choices index group /> }
        })
        .collect_view();
    view! {
        <Sheet title=dish.name on_close dialog footer=Box::new(footer)>
            <div>
                <p class="soft">{dish.description}</p>
                <p class="dish-meta">
                    <DishMarks diets=dish.diets heat=dish.heat />
                </p>
            </div>
            {groups}
            <section class="sheet-allergens">
                <h3>"Allergens"</h3>
                <AllergenFacts allergens=dish.allergens />
            </section>
        </Sheet>
    }
}

/// One option group of the dish.
#[component]
fn OptionGroupField(
    choices: DishChoices,
    /// The group's place in the dish.
    index: usize,
    group: OptionGroup,
) -> impl IntoView {
    let id = group_id(index);
    let error_id = format!("{id}-error");
    let required = group.minimum > 0;
    let rule = option_rules::rule_text(&group);
    let (name, items) = (group.name.clone(), group.choices.clone());
    let single = group.minimum == 1 && group.maximum == 1;
    let maximum = group.maximum as usize;
    let count = move || {
        let picked = choices.picked;
        picked.with(|picked| option_rules::count_picked(picked, index))
    };
    let error = Memo::new(move |_| {
        let incomplete = choices.submitted.get() && count() < group.minimum as usize;
        incomplete.then(|| option_rules::incomplete_text(&group, count()))
    });
    let described_by = {
        let error_id = error_id.clone();
        move || error.with(Option::is_some).then(|| error_id.clone())
    };
    let error_text = move || {
        error.get().map(|text| {
            view! {
                <p class="error-text" role="alert" id=error_id.clone()>
                    <Icon glyph=Glyph::Alert />
                    {text}
                </p>
            }
        })
    };
    let full = Signal::derive(move || maximum > 1 && count() >= maximum);
    let field_name = StoredValue::new(id.clone());
    let choice = move |(place, choice): (usize, Choice)| {
        let name = field_name.get_value();
        view! { <ChoiceField choices picked=(index, place) choice single full name /> }
    };
    view! {
        <fieldset class="group" id=id tabindex="-1" aria-describedby=described_by>
            <legend>
                <span class="group-name">{name}</span>
                <span class="group-wanted" class:required=required>
                    {rule}
                </span>
            </legend>
            {error_text}
            {items.into_iter().enumerate().map(choice).collect_view()}
        </fieldset>
    }
}

/// One choice of a group, as a radio button or a checkbox.
#[component]
fn ChoiceField(
    choices: DishChoices,
    /// The choice's place: group and choice.
    picked: Picked,
    choice: Choice,
    /// Whether exactly one choice of the group has to be made.
    single: bool,
    /// Whether the group takes no more choices.
    full: Signal<bool>,
    /// The name that the inputs of the group share.
    name: String,
) -> impl IntoView {
    let checked = move || choices.picked.with(|all| all.contains(&picked));
    let price = (!choice.price_pence.is_zero()).then(|| format!("+{}", choice.price_pence));
    let note = if choice.available {
        allergen_summary(&choice.allergens)
    } else {
        "Sold out".to_owned()
    };
    let toggle = move |_| {
        choices.picked.update(|all| {
            choices
                .dish
                .with_value(|dish| option_rules::toggle(dish, all, picked));
        });
    };
    view! {
        <label class="choice">
            <input
                type=if single { "radio" } else { "checkbox" }
                name=name
                prop:checked=checked
                disabled=move || !choice.available || (full.get() && !checked())
                on:change=toggle
            />
            <span class="choice-text">{choice.name} <span class="soft small">{note}</span></span>
            <span class="money">{price}</span>
        </label>
    }
}

fn group_id(group: usize) -> String {
    format!("group-{group}")
}

/// Moves the focus to an option group that needs another choice.
fn focus_group(group: usize) {
    if let Some(element) = document()
        .get_element_by_id(&group_id(group))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
    {
        let _ = element.focus();
        element.scroll_into_view();
    }
}

/// The basket's line for these choices.
pub fn basket_line(dish: &Dish, picked: &[Picked], quantity: u32) -> Line {
    Line {
        dish: dish.id.clone(),
        name: dish.name.clone(),
        quantity,
        choices: picked
            .iter()
            .map(|(group, choice)| {
                let group = &dish.options[*group];
                let choice = &group.choices[*choice];
                basket::Choice {
                    group: group.id.clone(),
                    choice: choice.id.clone(),
                    name: choice.name.clone(),
                }
            })
            .collect(),
        unit_pence: option_rules::unit_price(dish, picked),
    }
}
