//! One restaurant's menu as the shop shows it.

use model::menu::Menu;
use model::restaurant::Fulfilment;

use super::Restaurant;
use super::inventory::Inventory;
use super::opening::opening_state;

/// Builds the menu as of `now_ms`. A dish is available if the menu file lists it as available and its stock is not used up.
#[must_use]
pub fn build_menu(restaurant: &Restaurant, inventory: &Inventory, now_ms: i64) -> Menu {
    let mut categories = restaurant.categories().to_vec();
    for dish in categories
        .iter_mut()
        .flat_map(|category| &mut category.dishes)
    {
        dish.available &= inventory.available(&dish.id) != Some(0);
    }
    Menu {
        restaurant: restaurant.profile().clone(),
        opening: opening_state(restaurant, now_ms),
        about: restaurant.about().to_owned(),
        hours: restaurant.hours().describe(),
        delivers: restaurant.offers(Fulfilment::Delivery),
        collects: restaurant.offers(Fulfilment::Collection),
        now_ms,
        categories,
    }
}

#[cfg(test)]
mod tests;
