//! The actions that a row of the menu offers. Knows nothing of how they are carried out.

use model::menu::Dish;

/// An action that a customer selects in the row of a dish.
#[derive(Clone)]
pub enum DishAction {
    /// Show the dish with its options.
    Open(Dish),
    /// Add a portion, or show the dish if it has options.
    Add(Dish),
    /// Show the allergens.
    Allergens(Dish),
}
