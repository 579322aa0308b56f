//! One restaurant with everything that its owner states: a value that can be trusted, because `menus` has checked it.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use model::Pence;
use model::menu::{Category, Dish};
use model::restaurant::{Fulfilment, Restaurant as Profile};

use super::hours::WeeklyHours;
use super::local_time::Zone;

#[derive(Clone, Debug)]
pub struct Restaurant {
    details: Details,
    /// Where each dish is: category, and place in it.
    dishes: HashMap<String, (usize, usize)>,
}

/// What a restaurant is made of.
#[derive(Clone, Debug)]
pub struct Details {
    /// What it says of itself.
    pub profile: Profile,
    pub about: String,
    pub zone: Zone,
    pub hours: WeeklyHours,
    /// Openings do not begin on these.
    pub closed_dates: BTreeSet<Date>,
    pub ordering: Ordering,
    /// Empty: collection only.
    pub bands: DeliveryBands,
    /// Ids of dishes are unique.
    pub categories: Vec<Category>,
}

/// How it takes orders.
#[derive(Clone, Copy, Debug)]
pub struct Ordering {
    /// From ordering to ready.
    pub prepare_minutes: u32,
    pub slot: SlotMinutes,
    /// Orders are taken for today and so many days more.
    pub days_ahead: u32,
    pub collection: bool,
    /// For delivery and collection together; absent: any number.
    pub orders_per_slot: Option<u32>,
    /// Orders are accepted as they are placed, by the system.
    pub auto_accept: bool,
}

/// Length of a slot: a whole part of an hour, at least five minutes.
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

/// What delivery costs and takes up to a distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryBand {
    pub up_to_m: u32,
    pub fee: Pence,
    /// Least value of the goods.
    pub minimum: Pence,
    /// On the road.
    pub minutes: u32,
}

/// Nearest first.
#[derive(Clone, Debug, Default)]
pub struct DeliveryBands(Vec<DeliveryBand>);

impl DeliveryBands {
    /// # Errors
    /// The places of bands that do not reach further than the one before.
    pub fn new(bands: Vec<DeliveryBand>) -> Result<Self, Vec<usize>> {
        let misplaced: Vec<usize> = (1..bands.len())
            .filter(|&index| bands[index].up_to_m <= bands[index - 1].up_to_m)
            .collect();
        if misplaced.is_empty() {
            Ok(Self(bands))
        } else {
            Err(misplaced)
        }
    }

    #[must_use]
    pub fn as_slice(&self) -> &[DeliveryBand] {
        &self.0
    }
}

impl Restaurant {
    #[must_use]
    pub fn new(details: Details) -> Self {
        let mut dishes = HashMap::new();
        for (category, list) in details.categories.iter().enumerate() {
            for (place, dish) in list.dishes.iter().enumerate() {
                dishes.insert(dish.id.clone(), (category, place));
            }
        }
        Self { details, dishes }
    }

    /// The same under another name.
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
        let &(category, place) = self.dishes.get(id)?;
        self.details.categories.get(category)?.dishes.get(place)
    }

    #[must_use]
    pub fn offers(&self, fulfilment: Fulfilment) -> bool {
        match fulfilment {
            Fulfilment::Delivery => !self.bands().is_empty(),
            Fulfilment::Collection => self.ordering().collection,
        }
    }
}
