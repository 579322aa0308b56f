//! One restaurant's menu as the shop shows it.

use model::menu::Menu;
use model::restaurant::Fulfilment;

use super::{Restaurant, opening};

#[must_use]
pub fn menu(restaurant: &Restaurant, now_ms: i64) -> Menu {
    Menu {
        restaurant: restaurant.profile().clone(),
        opening: opening(restaurant, now_ms),
        about: restaurant.about().to_owned(),
        hours: restaurant.hours().text(),
        delivers: restaurant.offers(Fulfilment::Delivery),
        collects: restaurant.offers(Fulfilment::Collection),
        now_ms,
        categories: restaurant.categories().to_vec(),
    }
}

#[cfg(test)]
mod tests;
