//! Restaurants as the shop shows them: their profile, their terms for a postcode, and their slots.

use serde::{Deserialize, Serialize};

use crate::Pence;
use crate::place::{Place, Position};

/// Body of `POST /api/v1/restaurant-searches`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestaurantSearch {
    pub postcode: String,
}

/// Response of a search. Lists every restaurant: first those that deliver to the postcode (open before closed, then by distance), then
/// those for collection only (by distance if the postcode is located, otherwise by name).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchResult {
    pub place: Place,
    pub now_ms: i64,
    pub restaurants: Vec<RestaurantCard>,
}

/// A restaurant in the list, with its terms for the postcode of the search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestaurantCard {
    pub restaurant: Restaurant,
    /// Distance from the restaurant to the postcode; absent if the postcode is not located.
    pub distance_m: Option<u32>,
    /// Absent: the restaurant does not deliver there, or the postcode is not located.
    pub delivery: Option<DeliveryTerms>,
    pub collection: Option<CollectionTerms>,
    pub opening: Opening,
}

/// A restaurant's profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Restaurant {
    /// Identifies the restaurant in URLs: `[a-z0-9-]+`.
    pub slug: String,
    pub name: String,
    /// One line: `Small plates from the Levant, charcoal grill`.
    pub tagline: String,
    /// Filters of the list: `Indian`, `Pizza`, …
    pub cuisines: Vec<String>,
    /// Two CSS colours (`#rrggbb`) of its header image.
    #[cfg_attr(feature = "openapi", schema(min_items = 2, max_items = 2))]
    pub colours: [String; 2],
    /// Street and town on one line.
    pub address: String,
    pub postcode: String,
    pub position: Position,
    pub phone: String,
    /// IANA time zone of its opening hours and slots: `Europe/London`.
    pub zone: String,
    pub vat_registered: bool,
}

/// Price and duration of delivery to one postcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryTerms {
    pub fee_pence: Pence,
    /// Minimum value of the goods, without the fee.
    pub minimum_pence: Pence,
    /// Minutes from ordering to the door.
    pub from_minutes: u32,
    pub to_minutes: u32,
}

/// Duration of an order for collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CollectionTerms {
    /// Minutes from ordering until it can be collected.
    pub ready_minutes: u32,
}

/// Whether the restaurant is open. Shortly before it closes, orders are no longer possible: see [`Slots::asap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Opening {
    pub open: bool,
    /// While open: the end of the current opening.
    pub closes_at_ms: Option<i64>,
    /// While closed: the next opening, if one is known within the coming fortnight.
    pub opens_at_ms: Option<i64>,
}

/// The way in which the customer receives the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fulfilment {
    Delivery,
    Collection,
}

/// Response of `GET /api/v1/restaurants/{slug}/slots?fulfilment=delivery`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Slots {
    pub now_ms: i64,
    pub zone: String,
    /// Whether "as soon as possible" is available now.
    pub asap: bool,
    /// In chronological order, over the days for which the restaurant accepts orders.
    pub slots: Vec<Slot>,
}

/// A window of time in which an order is delivered or can be collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Slot {
    pub start_ms: i64,
    pub end_ms: i64,
}
