//! Baskets and quotes. The client sends a basket, the backend computes its quote; amounts sent by the client are never charged.

use serde::{Deserialize, Serialize};

use crate::restaurant::{Fulfilment, Slot};
use crate::{Pence, VatClass};

/// Maximum number of lines in a basket; the client and the backend share these limits.
pub const MAX_LINES: usize = 100;
pub const MAX_QUANTITY: u32 = 99;
/// Maximum number of characters of the notes on an order.
pub const MAX_NOTE_CHARS: usize = 500;

/// The dishes that a customer selected: body of `POST /api/v1/quotes`, and part of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Basket {
    /// Slug.
    pub restaurant: String,
    pub fulfilment: Fulfilment,
    /// Required for delivery; ignored for collection.
    #[serde(default)]
    pub postcode: Option<String>,
    /// Start of one of the offered slots; absent: as soon as possible.
    #[serde(default)]
    pub slot_start_ms: Option<i64>,
    pub lines: Vec<BasketLine>,
}

/// A dish in a basket, with its quantity and choices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BasketLine {
    /// Id of the dish.
    pub dish: String,
    pub quantity: u32,
    #[serde(default)]
    pub choices: Vec<BasketChoice>,
}

/// A selected choice of an option group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BasketChoice {
    /// Id of the option group.
    pub group: String,
    /// Id of the choice in the group.
    pub choice: String,
}

/// The prices of a basket, computed by the backend. A basket that cannot be ordered is priced too; its `obstacles` then state why, and
/// what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quote {
    /// Digest of everything that the customer agrees to: lines, prices, fee, slot, totals. Equal digests mean equal terms.
    pub digest: String,
    pub restaurant: String,
    pub fulfilment: Fulfilment,
    pub postcode: Option<String>,
    pub distance_m: Option<u32>,
    /// The postcode was located by its sector only.
    pub approximate: bool,
    /// Absent: as soon as possible.
    pub slot: Option<Slot>,
    /// Estimated time of arrival or readiness; not part of the digest.
    pub expected: Option<Slot>,
    /// One per line of the basket, in the same order; an unknown dish has the price zero.
    pub lines: Vec<QuoteLine>,
    pub goods_pence: Pence,
    pub delivery_fee_pence: Pence,
    pub total_pence: Pence,
    /// Included in the total; zero if the restaurant is not registered for VAT.
    pub vat_pence: Pence,
    pub minimum_pence: Pence,
    /// Difference between the goods and the minimum, zero once it is reached.
    pub missing_pence: Pence,
    pub obstacles: Vec<Obstacle>,
}

impl Quote {
    #[must_use]
    pub fn orderable(&self) -> bool {
        self.obstacles.is_empty()
    }
}

/// The price of one line of the basket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteLine {
    pub dish: String,
    pub name: String,
    pub quantity: u32,
    pub choices: Vec<QuotedChoice>,
    /// Price of one portion with its choices.
    pub unit_pence: Pence,
    pub total_pence: Pence,
    pub vat: VatClass,
}

/// The price of one selected choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuotedChoice {
    pub group: String,
    pub choice: String,
    pub name: String,
    pub price_pence: Pence,
}

/// A reason why a basket cannot be ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Obstacle {
    pub code: ObstacleCode,
    /// Text for the customer: the problem, and what to do.
    pub message: String,
    /// Index of the basket's line that the obstacle concerns; absent: the whole basket.
    pub line: Option<u32>,
}

impl Obstacle {
    /// Whether the obstacle concerns the line at this index of the basket.
    #[must_use]
    pub fn concerns_line(&self, index: usize) -> bool {
        self.line
            .is_some_and(|line| usize::try_from(line) == Ok(index))
    }
}

/// Kind of an obstacle, for programs.
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
    /// The shape is valid, but the postcode is unknown.
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
    pub what: QuoteChangeKind,
    /// Text for the customer: `Margherita is now £9.50 (was £9.00).`
    pub message: String,
}

/// Part of a quote that has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuoteChangeKind {
    Line,
    DeliveryFee,
    Minimum,
    Slot,
    Total,
    Obstacle,
}
