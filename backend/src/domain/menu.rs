//! One restaurant's menu as the shop shows it.

use model::menu::Menu;
use model::restaurant::Fulfilment;

use super::supply::Supply;
use super::{Restaurant, opening};

#[must_use]
pub fn menu(restaurant: &Restaurant, supply: &Supply, now_ms: i64) -> Menu {
    let mut categories = restaurant.categories().to_vec();
    for dish in categories
        .iter_mut()
        .flat_map(|category| &mut category.dishes)
    {
        dish.available &= supply.left(&dish.id) != Some(0);
    }
    Menu {
        restaurant: restaurant.profile().clone(),
        opening: opening(restaurant, now_ms),
        about: restaurant.about().to_owned(),
        hours: restaurant.hours().text(),
        delivers: restaurant.offers(Fulfilment::Delivery),
        collects: restaurant.offers(Fulfilment::Collection),
        now_ms,
        categories,
    }
}

#[cfg(test)]
mod tests;
