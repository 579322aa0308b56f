//! Baskets and quotes. The client says what it wants; the backend says what it costs; nothing the client says about money is
//! ever used.

use serde::{Deserialize, Serialize};

use crate::restaurant::{Fulfilment, Slot};
use crate::{Pence, VatClass};

/// Limits that the page and the backend share.
pub const MAX_LINES: usize = 100;
pub const MAX_QUANTITY: u32 = 99;
/// Characters of a note on a line or on an order.
pub const MAX_NOTE_CHARS: usize = 500;

/// What the customer wants: body of `POST /api/v1/quotes`, and part of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Basket {
    /// Slug.
    pub restaurant: String,
    pub fulfilment: Fulfilment,
    /// Needed for delivery; ignored for collection.
    #[serde(default)]
    pub postcode: Option<String>,
    /// Start of one of the offered slots; absent means as soon as possible.
    #[serde(default)]
    pub slot_start_ms: Option<i64>,
    pub lines: Vec<BasketLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BasketLine {
    /// Id of the dish.
    pub dish: String,
    pub quantity: u32,
    #[serde(default)]
    pub choices: Vec<Chosen>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chosen {
    /// Id of the option group.
    pub group: String,
    /// Id of the choice in it.
    pub choice: String,
}

/// What a basket costs, computed by the backend. It is priced even when it cannot be ordered as it is: `obstacles` then
/// says why, each with what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quote {
    /// Names everything that the customer agrees to (lines, prices, fee, slot, totals); equal digests mean an equal deal.
    pub digest: String,
    pub restaurant: String,
    pub fulfilment: Fulfilment,
    pub postcode: Option<String>,
    pub distance_m: Option<u32>,
    /// The postcode was located by its sector only.
    pub approximate: bool,
    /// Absent: as soon as possible.
    pub slot: Option<Slot>,
    /// When it should arrive or be ready, from what is known now; not part of the digest.
    pub expected: Option<Slot>,
    /// One for each line of the basket, in its order; a dish that is unknown is listed at nothing.
    pub lines: Vec<QuoteLine>,
    pub goods_pence: Pence,
    pub delivery_fee_pence: Pence,
    pub total_pence: Pence,
    /// Inside the total; zero where the restaurant is not registered for VAT.
    pub vat_pence: Pence,
    pub minimum_pence: Pence,
    /// What the goods lack to the minimum.
    pub missing_pence: Pence,
    pub obstacles: Vec<Obstacle>,
}

impl Quote {
    #[must_use]
    pub fn orderable(&self) -> bool {
        self.obstacles.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteLine {
    pub dish: String,
    pub name: String,
    pub quantity: u32,
    pub choices: Vec<QuotedChoice>,
    /// One portion with its choices.
    pub unit_pence: Pence,
    pub total_pence: Pence,
    pub vat: VatClass,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuotedChoice {
    pub group: String,
    pub choice: String,
    pub name: String,
    pub price_pence: Pence,
}

/// Why a basket cannot be ordered as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Obstacle {
    pub code: ObstacleCode,
    /// For people: what is the matter and what to do.
    pub message: String,
    /// Index into the basket's lines, where one line is the matter.
    pub line: Option<u32>,
}

impl Obstacle {
    /// Whether it is the matter with the line at this index of the basket.
    #[must_use]
    pub fn is_of_line(&self, index: usize) -> bool {
        self.line
            .is_some_and(|line| usize::try_from(line) == Ok(index))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ObstacleCode {
    EmptyBasket,
    UnknownDish,
    UnknownChoice,
    SoldOut,
    TooFewChoices,
    TooManyChoices,
    BadQuantity,
    BelowMinimum,
    PostcodeMissing,
    /// The shape is right, but no such postcode is known.
    PostcodeUnknown,
    /// The postcode is no longer in use.
    PostcodeTerminated,
    OutsideArea,
    CouldNotCheck,
    NotLocatable,
    NoDelivery,
    NoCollection,
    Closed,
    SlotGone,
}

/// One difference between the quote that the customer agreed to and the one in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteChange {
    pub what: Changed,
    /// For people: `Margherita is now £9.50 (was £9.00).`
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    Line,
    DeliveryFee,
    Minimum,
    Slot,
    Total,
    Obstacle,
}
