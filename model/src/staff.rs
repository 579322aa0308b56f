//! What a restaurant's staff send and are shown. Not for the customer's pages, which never have it in their program.
//!
//! Every request that changes an order names the version that was seen, so that nobody decides on what has changed meanwhile.

use serde::{Deserialize, Serialize};

use crate::Allergens;
use crate::order::Order;

/// The longest time that an order can be accepted with, in minutes.
pub const MAX_ACCEPT_MINUTES: u32 = 240;
/// Characters of a reason in words of one's own.
pub const MAX_REASON_CHARS: usize = 200;

/// Body of `POST …/{token}/acceptance`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Acceptance {
    pub version: u32,
    /// From now until it arrives or can be collected, 1 to [`MAX_ACCEPT_MINUTES`]. May be left out where the customer has
    /// chosen a time, which then stands.
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
    /// For the customer, up to [`MAX_REASON_CHARS`] characters; needed with `other`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub words: Option<String>,
}

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
    /// As the log and the wire spell it.
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
    /// For the customer: 1 to [`MAX_REASON_CHARS`] characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub words: String,
}

/// Body of the steps that need nothing else: `…/preparation`, `…/readiness`, `…/departure`, `…/completion`, `…/failure`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Seen {
    pub version: u32,
}

/// Body of `POST /api/v1/staff/session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffSignIn {
    /// Slug.
    pub restaurant: String,
    /// Of the account.
    pub name: String,
    pub password: String,
    /// For programs: the session comes as a token in the answer, to be sent as `Authorization: Bearer`, and not as a cookie.
    #[serde(default)]
    pub bearer: bool,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// Slug.
    pub restaurant: String,
    pub name: String,
    pub ends_at_ms: i64,
    /// Where a bearer token was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// A restaurant's open orders, the longest waiting first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffOrders {
    pub now_ms: i64,
    pub orders: Vec<StaffOrder>,
}

/// An order as the kitchen needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffOrder {
    pub order: Order,
    /// Absent once personal data has been dropped.
    pub customer_phone: Option<String>,
    /// While it waits to be accepted: when it ends by itself.
    pub expires_at_ms: Option<i64>,
    /// One for each line, as the menu states them now, choices included; absent where the dish has left the menu: ask.
    pub allergens: Vec<Option<Allergens>>,
}

/// Body of `PUT /api/v1/staff/dishes/{dish}`: replaces what was said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockChange {
    /// False: switched off, whatever is left.
    pub available: bool,
    /// Portions that can still be sold; absent: not counted.
    #[serde(default)]
    pub left: Option<u32>,
}

/// The dishes that the staff have said something of; of others there are any number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffDishes {
    /// By id.
    pub dishes: Vec<DishStock>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DishStock {
    /// Id of the dish.
    pub dish: String,
    pub available: bool,
    /// What was said, less what was sold since; absent: not counted.
    pub left: Option<u32>,
}
