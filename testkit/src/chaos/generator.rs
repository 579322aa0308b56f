//! The generator of the customers' operations: baskets drawn from the menus of restaurants that deliver in Durham, and postcodes to
//! search, most of which no cache knows yet.

use anyhow::ensure;
use model::basket::{Basket, BasketLine};
use model::menu::{Dish, Menu};
use model::restaurant::Fulfilment;
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::inventory::counted_dishes;
use crate::customer_client::{CustomerClient, POSTCODE, required_choices};
use crate::providers::postcodes_of;

/// Outward codes of delivery addresses, near enough for most restaurants.
const DELIVERY_AREAS: [&str; 1] = ["DH1"];
/// Outward codes of searches, with enough postcodes for hours.
const SEARCH_AREAS: [&str; 12] = [
    "DH2", "DH3", "DH4", "DH5", "DH6", "DH7", "SR1", "SR2", "SR3", "NE1", "NE2", "NE3",
];

/// Probability that a basket contains a dish with a counted stock.
const COUNTED_DISH_PROBABILITY: f64 = 0.4;
/// Probability that a customer chooses a slot.
const SLOT_PROBABILITY: f64 = 0.1;
/// The same at a restaurant with a limited slot capacity.
const LIMITED_SLOT_PROBABILITY: f64 = 0.8;

pub struct BasketGenerator {
    menus: Vec<Menu>,
    /// Restaurants with a limited slot capacity.
    limited: Vec<String>,
    delivery_postcodes: Vec<String>,
    search_postcodes: Vec<String>,
}

impl BasketGenerator {
    /// Loads the menus of the open restaurants.
    ///
    /// # Errors
    /// If no restaurant is open, or a menu cannot be read.
    pub async fn load(customer: &CustomerClient, limited: Vec<String>) -> anyhow::Result<Self> {
        let mut menus = Vec::new();
        for card in customer.search(POSTCODE).await?.restaurants {
            if card.opening.open {
                menus.push(customer.menu(&card.restaurant.slug).await?);
            }
        }
        ensure!(!menus.is_empty(), "no restaurant is open");
        Ok(Self {
            menus,
            limited,
            delivery_postcodes: postcodes_of(&DELIVERY_AREAS)?,
            search_postcodes: postcodes_of(&SEARCH_AREAS)?,
        })
    }

    /// Returns the menus of the open restaurants.
    pub fn menus(&self) -> &[Menu] {
        &self.menus
    }

    /// Draws whether a customer of this restaurant chooses a slot.
    pub fn draws_slot(&self, restaurant: &str, rng: &mut StdRng) -> bool {
        let limited = self.limited.iter().any(|limited| limited == restaurant);
        rng.random_bool(if limited {
            LIMITED_SLOT_PROBABILITY
        } else {
            SLOT_PROBABILITY
        })
    }

    /// Draws a postcode to search; there are so many that most were not searched before.
    pub fn draw_postcode<'a>(&'a self, rng: &mut StdRng) -> &'a str {
        self.search_postcodes
            .choose(rng)
            .map_or(POSTCODE, |postcode| postcode)
    }

    /// Draws a basket, most of which can be ordered.
    pub fn draw_basket(&self, rng: &mut StdRng) -> Option<Basket> {
        let menu = self.menus.choose(rng)?;
        let dishes: Vec<&Dish> = menu
            .categories
            .iter()
            .flat_map(|category| &category.dishes)
            .filter(|dish| dish.available)
            .collect();
        let mut chosen: Vec<&Dish> = dishes.sample(rng, 3).copied().collect();
        let counted: Vec<&str> = counted_dishes(menu).collect();
        if let Some(counted) = counted.choose(rng)
            && rng.random_bool(COUNTED_DISH_PROBABILITY)
            && chosen.iter().all(|dish| dish.id != **counted)
        {
            let counted = dishes.iter().filter(|dish| dish.id == **counted);
            chosen.splice(..1, counted.copied());
        }
        let lines = chosen
            .into_iter()
            .map(|dish| BasketLine {
                dish: dish.id.clone(),
                quantity: rng.random_range(1..=4),
                choices: required_choices(dish),
            })
            .collect();
        let delivery = rng.random_bool(0.7);
        Some(Basket {
            restaurant: menu.restaurant.slug.clone(),
            fulfilment: if delivery {
                Fulfilment::Delivery
            } else {
                Fulfilment::Collection
            },
            postcode: delivery
                .then(|| self.delivery_postcodes.choose(rng).cloned())
                .flatten(),
            slot_start_ms: None,
            lines,
        })
    }
}
