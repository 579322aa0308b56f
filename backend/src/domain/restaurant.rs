//! A restaurant: everything that its menu file states, already validated by `menus`.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use model::Pence;
use model::menu::{Category, Dish};
use model::restaurant::{Fulfilment, Restaurant as Profile};

use super::hours::WeeklyHours;
use super::local_time::Zone;

/// A validated restaurant with an index of its dishes.
#[derive(Clone, Debug)]
pub struct Restaurant {
    details: RestaurantDetails,
    /// Position of each dish by its id: index of the category, and index within the category.
    dishes: HashMap<String, (usize, usize)>,
}

/// The parts that a [`Restaurant`] is built from.
#[derive(Clone, Debug)]
pub struct RestaurantDetails {
    /// What customers see of the restaurant.
    pub profile: Profile,
    pub about: String,
    pub zone: Zone,
    pub hours: WeeklyHours,
    /// Local dates on which no opening starts.
    pub closed_dates: BTreeSet<Date>,
    pub ordering: Ordering,
    /// Empty for a restaurant that takes orders for collection only.
    pub bands: DeliveryBands,
    /// Dish ids are unique across categories.
    pub categories: Vec<Category>,
}

/// How a restaurant takes orders.
#[derive(Clone, Copy, Debug)]
pub struct Ordering {
    /// Minutes from ordering until the food is ready.
    pub prepare_minutes: u32,
    pub slot: SlotMinutes,
    /// Orders are taken for today and this many days more.
    pub days_ahead: u32,
    pub collection: bool,
    /// Capacity of a slot, for delivery and collection together; `None`: any number.
    pub orders_per_slot: Option<u32>,
    /// The system accepts orders as they are placed.
    pub auto_accept: bool,
}

/// Length of a slot in minutes: a divisor of an hour, at least five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotMinutes(u32);

impl SlotMinutes {
    pub const ALLOWED: [u32; 7] = [5, 6, 10, 15, 20, 30, 60];

    #[must_use]
    pub fn new(minutes: u32) -> Option<Self> {
        Self::ALLOWED.contains(&minutes).then_some(Self(minutes))
    }

    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

/// Price and duration of delivery up to a distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryBand {
    pub up_to_m: u32,
    pub fee: Pence,
    /// Minimum value of the goods.
    pub minimum: Pence,
    /// Travel time.
    pub minutes: u32,
}

/// Delivery bands, nearest first.
#[derive(Clone, Debug, Default)]
pub struct DeliveryBands(Vec<DeliveryBand>);

impl DeliveryBands {
    /// # Errors
    /// Returns the indices of bands that do not reach further than the one before.
    pub fn new(bands: Vec<DeliveryBand>) -> Result<Self, Vec<usize>> {
        let unordered: Vec<usize> = (1..bands.len())
            .filter(|&index| bands[index].up_to_m <= bands[index - 1].up_to_m)
            .collect();
        if unordered.is_empty() {
            Ok(Self(bands))
        } else {
            Err(unordered)
        }
    }

    #[must_use]
    pub fn as_slice(&self) -> &[DeliveryBand] {
        &self.0
    }
}

impl Restaurant {
    #[must_use]
    pub fn new(details: RestaurantDetails) -> Self {
        let mut dishes = HashMap::new();
        for (category, list) in details.categories.iter().enumerate() {
            for (index, dish) in list.dishes.iter().enumerate() {
                dishes.insert(dish.id.clone(), (category, index));
            }
        }
        Self { details, dishes }
    }

    /// Replaces the slug.
    #[must_use]
    pub fn with_slug(mut self, slug: &str) -> Self {
        slug.clone_into(&mut self.details.profile.slug);
        self
    }

    #[must_use]
    pub fn slug(&self) -> &str {
        &self.details.profile.slug
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.details.profile.name
    }

    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.details.profile
    }

    #[must_use]
    pub fn about(&self) -> &str {
        &self.details.about
    }

    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.details.zone
    }

    #[must_use]
    pub fn hours(&self) -> &WeeklyHours {
        &self.details.hours
    }

    #[must_use]
    pub fn closed_dates(&self) -> &BTreeSet<Date> {
        &self.details.closed_dates
    }

    #[must_use]
    pub fn ordering(&self) -> &Ordering {
        &self.details.ordering
    }

    #[must_use]
    pub fn bands(&self) -> &[DeliveryBand] {
        self.details.bands.as_slice()
    }

    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.details.categories
    }

    #[must_use]
    pub fn dish(&self, id: &str) -> Option<&Dish> {
        let &(category, index) = self.dishes.get(id)?;
        self.details.categories.get(category)?.dishes.get(index)
    }

    #[must_use]
    pub fn offers(&self, fulfilment: Fulfilment) -> bool {
        match fulfilment {
            Fulfilment::Delivery => !self.bands().is_empty(),
            Fulfilment::Collection => self.ordering().collection,
        }
    }
}
