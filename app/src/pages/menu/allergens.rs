//! Allergens in words, one tap from every dish. "Not declared" is never shown as "none".

use leptos::prelude::*;
use model::menu::{Dish, OptionGroup};
use model::{Allergen, Allergens};

use crate::components::{Glyph, Icon, Notice, Sheet};

/// `milk, tree nuts`.
fn join_names(allergens: &[Allergen]) -> String {
    let names: Vec<_> = allergens.iter().map(|allergen| allergen.name()).collect();
    names.join(", ")
}

/// One line for an option: `Contains milk. May contain sesame`.
pub fn allergen_summary(allergens: &Allergens) -> String {
    if !allergens.declared {
        return "Allergens not declared".to_owned();
    }
    let mut parts = Vec::new();
    if !allergens.contains.is_empty() {
        parts.push(format!("Contains {}", join_names(&allergens.contains)));
    }
    if !allergens.may_contain.is_empty() {
        parts.push(format!(
            "May contain {}",
            join_names(&allergens.may_contain)
        ));
    }
    if parts.is_empty() {
        return "None of the 14 allergens".to_owned();
    }
    parts.join(". ")
}

/// What a dish contains and may contain, or that the restaurant has not declared it.
#[component]
pub fn AllergenFacts(allergens: Allergens) -> impl IntoView {
    if !allergens.declared {
        return view! {
            <Notice title="The restaurant has not declared the allergens" glyph=Glyph::Alert>
                <p>"That does not mean there are none. Ask the restaurant before you order."</p>
            </Notice>
        }
        .into_any();
    }
    view! {
        <dl class="allergens">
            <AllergenRow term="Contains" allergens=allergens.contains />
            <AllergenRow term="May contain" allergens=allergens.may_contain />
        </dl>
    }
    .into_any()
}

#[component]
fn AllergenRow(term: &'static str, allergens: Vec<Allergen>) -> impl IntoView {
    let none = allergens
        .is_empty()
        .then(|| view! { <dd class="soft">"None declared"</dd> });
    view! {
        <div>
            <dt>{term}</dt>
            {none}
            {allergens
                .into_iter()
                .map(|allergen| view! { <dd>{allergen.name()}</dd> }.into_any())
                .collect_view()}
        </div>
    }
}

/// The sheet that a dish's allergen button opens.
#[component]
pub fn AllergenSheet(
    dish: Dish,
    /// The restaurant's telephone number.
    phone: String,
    /// Called when the sheet was closed.
    on_close: Callback<()>,
) -> impl IntoView {
    let call = format!("tel:{}", phone.replace(' ', ""));
    view! {
        <Sheet title=format!("Allergens: {}", dish.name) on_close>
            <AllergenFacts allergens=dish.allergens />
            {dish
                .options
                .into_iter()
                .map(|group| view! { <OptionAllergens group /> })
                .collect_view()}
            <p class="ask">
                "With an allergy, talk to the restaurant before you order: kitchens share pans and oil. "
                <a class="link" href=call>
                    <Icon glyph=Glyph::Phone />
                    {phone}
                </a>
            </p>
        </Sheet>
    }
}

/// The allergens of each choice of an option group.
#[component]
fn OptionAllergens(group: OptionGroup) -> impl IntoView {
    view! {
        <section class="option-allergens">
            <h3>{group.name}</h3>
            <ul>
                {group
                    .choices
                    .into_iter()
                    .map(|choice| {
                        view! {
                            <li>
                                <strong>{choice.name}</strong>
                                <span class="soft">{allergen_summary(&choice.allergens)}</span>
                            </li>
                        }
                            .into_any()
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_declared_is_not_none() {
        assert_eq!(
            allergen_summary(&Allergens::default()),
            "Allergens not declared"
        );
        let none = Allergens {
            declared: true,
            ..Allergens::default()
        };
        assert_eq!(allergen_summary(&none), "None of the 14 allergens");
    }

    #[test]
    fn contained_and_possible_allergens_are_separate() {
        let some = Allergens {
            declared: true,
            contains: vec![Allergen::Milk, Allergen::TreeNuts],
            may_contain: vec![Allergen::Sesame],
        };
        assert_eq!(
            allergen_summary(&some),
            "Contains milk, tree nuts. May contain sesame"
        );
    }
}
