//! What there is to order: baskets drawn from the menus of the restaurants that deliver in Durham, for postcodes that are asked
//! about for the first time, mostly.

use anyhow::ensure;
use model::basket::{Basket, BasketLine};
use model::menu::{Dish, Menu};
use model::restaurant::Fulfilment;
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::supply;
use crate::Customer;
use crate::customer::{POSTCODE, least_choices};
use crate::providers::postcodes_of;

/// Near enough to be delivered to by most.
const NEAR: [&str; 1] = ["DH1"];
/// So many that they last for hours.
const AROUND: [&str; 12] = [
    "DH2", "DH3", "DH4", "DH5", "DH6", "DH7", "SR1", "SR2", "SR3", "NE1", "NE2", "NE3",
];

/// How often one of the dishes that are counted is wanted.
const COUNTED: f64 = 0.4;
/// How often a time is chosen.
const SLOT: f64 = 0.1;
const SLOT_WHERE_LIMITED: f64 = 0.8;

pub struct Shop {
    menus: Vec<Menu>,
    /// Restaurants with a number of places in each slot.
    limited: Vec<String>,
    near: Vec<String>,
    around: Vec<String>,
}

impl Shop {
    /// # Errors
    /// If no restaurant is open, or its menu cannot be had.
    pub async fn open(customer: &Customer, limited: Vec<String>) -> anyhow::Result<Self> {
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
            near: postcodes_of(&NEAR)?,
            around: postcodes_of(&AROUND)?,
        })
    }

    /// Of those that are open.
    pub fn menus(&self) -> &[Menu] {
        &self.menus
    }

    /// Whether a customer of this restaurant chooses a time.
    pub fn wants_slot(&self, restaurant: &str, dice: &mut StdRng) -> bool {
        let limited = self.limited.iter().any(|limited| limited == restaurant);
        dice.random_bool(if limited { SLOT_WHERE_LIMITED } else { SLOT })
    }

    /// One that nobody has asked about yet, as good as always.
    pub fn postcode<'a>(&'a self, dice: &mut StdRng) -> &'a str {
        self.around
            .choose(dice)
            .map_or(POSTCODE, |postcode| postcode)
    }

    /// One that can be ordered, mostly.
    pub fn basket(&self, dice: &mut StdRng) -> Option<Basket> {
        let menu = self.menus.choose(dice)?;
        let dishes: Vec<&Dish> = menu
            .categories
            .iter()
            .flat_map(|category| &category.dishes)
            .filter(|dish| dish.available)
            .collect();
        let mut chosen: Vec<&Dish> = dishes.sample(dice, 3).copied().collect();
        let counted: Vec<&str> = supply::counted(menu).collect();
        if let Some(counted) = counted.choose(dice)
            && dice.random_bool(COUNTED)
            && chosen.iter().all(|dish| dish.id != **counted)
        {
            let counted = dishes.iter().filter(|dish| dish.id == **counted);
            chosen.splice(..1, counted.copied());
        }
        let lines = chosen
            .into_iter()
            .map(|dish| BasketLine {
                dish: dish.id.clone(),
                quantity: dice.random_range(1..=4),
                choices: least_choices(dish),
            })
            .collect();
        let delivery = dice.random_bool(0.7);
        Some(Basket {
            restaurant: menu.restaurant.slug.clone(),
            fulfilment: if delivery {
                Fulfilment::Delivery
            } else {
                Fulfilment::Collection
            },
            postcode: delivery.then(|| self.near.choose(dice).cloned()).flatten(),
            slot_start_ms: None,
            lines,
        })
    }
}
