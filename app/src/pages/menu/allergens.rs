//! Allergens in words, one tap from every dish. Not declared is never shown as none.

use crate::prelude::*;
use model::menu::Dish;
use model::{Allergen, Allergens};

use crate::components::{Glyph, Icon, Notice, Sheet};

/// `milk, tree nuts`.
pub fn list(allergens: &[Allergen]) -> String {
    allergens
        .iter()
        .map(|allergen| allergen.name())
        .collect::<Vec<_>>()
        .join(", ")
}

/// One line for an option: `Contains milk. May contain sesame.`
pub fn in_short(allergens: &Allergens) -> String {
    if !allergens.declared {
        return "Allergens not declared".to_owned();
    }
    let mut parts = Vec::new();
    if !allergens.contains.is_empty() {
        parts.push(["Contains ", &list(&allergens.contains)].concat());
    }
    if !allergens.may_contain.is_empty() {
        parts.push(["May contain ", &list(&allergens.may_contain)].concat());
    }
    if parts.is_empty() {
        return "None of the 14 allergens".to_owned();
    }
    parts.join(". ")
}

/// What a dish contains, may contain, or is silent about.
#[component]
pub fn AllergenFacts(
    /// What the restaurant says.
    allergens: Allergens,
) -> View {
    if !allergens.declared {
        return view! {
            <Notice title="The restaurant has not declared the allergens" glyph=Glyph::Alert>
                <p>"That does not mean there are none. Ask the restaurant before you order."</p>
            </Notice>
        };
    }
    let row = |term: &'static str, of: &[Allergen]| {
        let names = if of.is_empty() {
            view! { <dd class="soft">"None declared"</dd> }
        } else {
            of.iter()
                .map(|allergen| view! { <dd>{allergen.name()}</dd> })
                .collect_view()
                .into_view()
        };
        view! {
            <div>
                <dt>{term}</dt>
                {names}
            </div>
        }
    };
    view! {
        <dl class="allergens">
            {row("Contains", &allergens.contains)} {row("May contain", &allergens.may_contain)}
        </dl>
    }
}

/// The sheet behind a dish's allergen button.
#[component]
pub fn AllergenSheet(
    /// The dish in question.
    dish: Dish,
    /// For asking the restaurant.
    phone: String,
    /// The sheet has been closed.
    #[prop(into)]
    on_close: Callback<()>,
) -> View {
    let call = ["tel:", &phone.replace(' ', "")].concat();
    view! {
        <Sheet title=["Allergens: ", &dish.name].concat() on_close>
            <AllergenFacts allergens=dish.allergens />
            {dish
                .options
                .into_iter()
                .map(|group| {
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
                                                <span class="soft">{in_short(&choice.allergens)}</span>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        </section>
                    }
                })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_declared_is_not_none() {
        assert_eq!(in_short(&Allergens::default()), "Allergens not declared");
        let none = Allergens {
            declared: true,
            ..Allergens::default()
        };
        assert_eq!(in_short(&none), "None of the 14 allergens");
    }

    #[test]
    fn contained_and_possible_ones_are_told_apart() {
        let some = Allergens {
            declared: true,
            contains: vec![Allergen::Milk, Allergen::TreeNuts],
            may_contain: vec![Allergen::Sesame],
        };
        assert_eq!(
            in_short(&some),
            "Contains milk, tree nuts. May contain sesame"
        );
    }
}
