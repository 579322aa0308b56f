//! Restaurants as the shop shows them: who delivers to a place, on what terms, and when.

use serde::{Deserialize, Serialize};

use crate::Pence;
use crate::place::{Place, Position};

/// Body of `POST /api/v1/restaurant-searches`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestaurantSearch {
    pub postcode: String,
}

/// Answer to a search. Every restaurant is listed: first those that deliver to the place (open before closed, then by
/// distance), then those where one may only collect (by distance where the place is known, otherwise by name).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchResult {
    pub place: Place,
    pub now_ms: i64,
    pub restaurants: Vec<RestaurantCard>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestaurantCard {
    pub restaurant: Restaurant,
    /// From the restaurant to the place, where the place is known.
    pub distance_m: Option<u32>,
    /// Absent: does not deliver there, or the place could not be located.
    pub delivery: Option<DeliveryTerms>,
    pub collection: Option<CollectionTerms>,
    pub opening: Opening,
}

/// What a restaurant says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Restaurant {
    /// Its name in addresses: `[a-z0-9-]+`.
    pub slug: String,
    pub name: String,
    /// One line: `Small plates from the Levant, charcoal grill`.
    pub tagline: String,
    /// `Indian`, `Pizza`, …: the filters of the list.
    pub cuisines: Vec<String>,
    /// Two CSS colours (`#rrggbb`) that its hero is drawn from.
    #[cfg_attr(feature = "openapi", schema(min_items = 2, max_items = 2))]
    pub colours: [String; 2],
    /// Street and town on one line.
    pub address: String,
    pub postcode: String,
    pub position: Position,
    pub phone: String,
    /// IANA time zone in which its hours and slots are shown: `Europe/London`.
    pub zone: String,
    pub vat_registered: bool,
}

/// What delivery to one place costs and takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryTerms {
    pub fee_pence: Pence,
    /// Least value of the goods, without the fee.
    pub minimum_pence: Pence,
    /// Minutes from ordering to the door.
    pub from_minutes: u32,
    pub to_minutes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CollectionTerms {
    /// Minutes from ordering until it can be collected.
    pub ready_minutes: u32,
}

/// Whether it is open now. Shortly before it closes an order can no longer be prepared: [`Slots::asap`] tells that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Opening {
    pub open: bool,
    /// While open: the end of the current opening.
    pub closes_at_ms: Option<i64>,
    /// While closed: the next opening, if one is known within the coming fortnight.
    pub opens_at_ms: Option<i64>,
}

/// How the goods reach the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fulfilment {
    Delivery,
    Collection,
}

/// Answer of `GET /api/v1/restaurants/{slug}/slots?fulfilment=delivery`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Slots {
    pub now_ms: i64,
    pub zone: String,
    /// Whether "as soon as possible" can be chosen now.
    pub asap: bool,
    /// In order of time, over the coming days that the restaurant takes orders for.
    pub slots: Vec<Slot>,
}

/// A window of time in which an order arrives or can be collected: two instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Slot {
    pub start_ms: i64,
    pub end_ms: i64,
}
