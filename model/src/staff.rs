//! Wire types of the API for restaurants' staff. The customer's program does not contain them.
//!
//! Every request that changes an order names the version that it is based on, so that a change made in the meantime is a conflict.

use serde::{Deserialize, Serialize};

use crate::Allergens;
use crate::order::Order;

/// Maximum preparation time that an order can be accepted with, in minutes.
pub const MAX_ACCEPT_MINUTES: u32 = 240;
/// Maximum number of characters of a free-text reason.
pub const MAX_REASON_CHARS: usize = 200;

/// Body of `POST …/{token}/acceptance`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Acceptance {
    pub version: u32,
    /// Time from now until the order arrives or can be collected, 1 to [`MAX_ACCEPT_MINUTES`]. Optional if the customer has chosen a
    /// slot, which then remains.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 240))]
    pub minutes: Option<u32>,
}

/// Body of `POST …/{token}/rejection`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rejection {
    pub version: u32,
    pub reason: RejectionReason,
    /// Text for the customer, up to [`MAX_REASON_CHARS`] characters; required with `other`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub words: Option<String>,
}

/// Why a restaurant rejects an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RejectionReason {
    ClosingEarly,
    Busy,
    IngredientUnavailable,
    Other,
}

impl RejectionReason {
    /// The name in the event log and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClosingEarly => "closing_early",
            Self::Busy => "busy",
            Self::IngredientUnavailable => "ingredient_unavailable",
            Self::Other => "other",
        }
    }
}

/// Body of `POST …/{token}/cancellation` by staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffCancellation {
    pub version: u32,
    /// Text for the customer, 1 to [`MAX_REASON_CHARS`] characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub words: String,
}

/// Body of the transitions without other data: `…/preparation`, `…/readiness`, `…/departure`, `…/completion`, `…/failure`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExpectedVersion {
    pub version: u32,
}

/// Body of `POST /api/v1/staff/session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffSignIn {
    /// Slug.
    pub restaurant: String,
    /// Name of the account.
    pub name: String,
    pub password: String,
    /// For programs: the response contains the session as a token for `Authorization: Bearer`, instead of a cookie.
    #[serde(default)]
    pub bearer: bool,
}

/// The session of a signed-in account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffSession {
    /// Slug.
    pub restaurant: String,
    pub name: String,
    pub ends_at_ms: i64,
    /// Present if a bearer token was requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// A restaurant's open orders, longest waiting first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffOrders {
    pub now_ms: i64,
    pub orders: Vec<StaffOrder>,
}

/// An order as the kitchen reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffOrder {
    pub order: Order,
    /// Absent after personal data has been purged.
    pub customer_phone: Option<String>,
    /// When the order expires, while it is not accepted yet.
    pub expires_at_ms: Option<i64>,
    /// One per line, from the current menu, choices included; absent if the dish is no longer on the menu, so that staff must check.
    pub allergens: Vec<Option<Allergens>>,
}

/// Body of `PUT /api/v1/staff/dishes/{dish}`: replaces the stock of the dish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockChange {
    /// False: not available, regardless of the portions left.
    pub available: bool,
    /// Portions that can still be sold; absent: not counted.
    #[serde(default)]
    pub left: Option<u32>,
}

/// The dishes whose stock the staff have set; the others are available without a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffDishes {
    /// By id.
    pub dishes: Vec<DishStock>,
}

/// Stock of one dish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DishStock {
    /// Id of the dish.
    pub dish: String,
    pub available: bool,
    /// Portions left: the portions set, less those sold since; absent: not counted.
    pub left: Option<u32>,
}
