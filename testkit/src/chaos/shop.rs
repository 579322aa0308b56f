//! What there is to order: baskets drawn from the menus of the restaurants that deliver in Durham, for postcodes that are asked
//! about for the first time, mostly.

use anyhow::ensure;
use model::basket::{Basket, BasketLine};
use model::menu::{Dish, Menu};
use model::restaurant::Fulfilment;
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::Customer;
use crate::customer::{POSTCODE, least_choices};
use crate::providers::postcodes_of;

/// Near enough to be delivered to by most.
const NEAR: [&str; 1] = ["DH1"];
/// So many that they last for hours.
const AROUND: [&str; 12] = [
    "DH2", "DH3", "DH4", "DH5", "DH6", "DH7", "SR1", "SR2", "SR3", "NE1", "NE2", "NE3",
];

pub struct Shop {
    menus: Vec<Menu>,
    near: Vec<String>,
    around: Vec<String>,
}

impl Shop {
    /// # Errors
    /// If no restaurant is open, or its menu cannot be had.
    pub async fn open(customer: &Customer) -> anyhow::Result<Self> {
        let mut menus = Vec::new();
        for card in customer.search(POSTCODE).await?.restaurants {
            if card.opening.open {
                menus.push(customer.menu(&card.restaurant.slug).await?);
            }
        }
        ensure!(!menus.is_empty(), "no restaurant is open");
        Ok(Self {
            menus,
            near: postcodes_of(&NEAR)?,
            around: postcodes_of(&AROUND)?,
        })
    }

    /// Those that are open, by slug.
    pub fn restaurants(&self) -> impl Iterator<Item = &str> {
        let menus = self.menus.iter();
        menus.map(|menu| menu.restaurant.slug.as_str())
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
        let chosen: Vec<&Dish> = dishes.sample(dice, 3).copied().collect();
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
