//! Orders: what is sent to place one, what is read back, and the states that one goes through; `machine` says how.

use json::{FromJson, ToJson};
use serde::{Deserialize, Serialize};

use crate::Pence;
use crate::basket::{Basket, Quote, QuoteLine};
use crate::restaurant::{Fulfilment, Slot};

/// Body of `POST /api/v1/orders`, sent with an `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson, ToJson)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceOrder {
    pub basket: Basket,
    /// The quote that the customer was shown, sent back whole. It is compared with the one in force, never charged.
    pub agreed: Quote,
    pub customer: Customer,
    /// For the kitchen or the driver.
    #[serde(default)]
    pub notes: String,
}

/// Whom the order is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJson, ToJson)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Customer {
    pub name: String,
    pub phone: String,
    /// House and street, for delivery; the postcode is the basket's.
    #[serde(default)]
    pub address: String,
}

/// An order as its customer sees it: answer of placing it, of `GET /api/v1/orders/{token}` and of its look-up by key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson, ToJson)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    /// Unguessable; whoever has it may read the order.
    pub token: String,
    /// Short, for people to say; unique within the restaurant.
    pub number: u32,
    pub restaurant: OrderRestaurant,
    pub state: OrderState,
    pub payment: PaymentState,
    /// Counts the transitions; grows by one with each.
    pub version: u32,
    pub placed_at_ms: i64,
    pub fulfilment: Fulfilment,
    /// Absent: as soon as possible.
    pub slot: Option<Slot>,
    /// When it should arrive or be ready.
    pub expected: Option<Slot>,
    pub lines: Vec<QuoteLine>,
    pub goods_pence: Pence,
    pub delivery_fee_pence: Pence,
    pub total_pence: Pence,
    pub vat_pence: Pence,
    pub customer_name: String,
    /// Where it is delivered to, on one line with the postcode; absent for collection.
    pub delivery_address: Option<String>,
    pub notes: String,
    /// Oldest first.
    pub history: Vec<StateChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson, ToJson)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderRestaurant {
    pub slug: String,
    pub name: String,
    pub phone: String,
    pub address: String,
    pub zone: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson, ToJson)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StateChange {
    pub state: OrderState,
    pub at_ms: i64,
    /// A rejection's reason as [`crate::staff::RejectionReason`] spells it, or words for the customer.
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson, ToJson)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    Placed,
    Accepted,
    Preparing,
    Ready,
    OutForDelivery,
    Completed,
    Rejected,
    Expired,
    Cancelled,
    Failed,
}

impl OrderState {
    pub const ALL: [Self; 10] = [
        Self::Placed,
        Self::Accepted,
        Self::Preparing,
        Self::Ready,
        Self::OutForDelivery,
        Self::Completed,
        Self::Rejected,
        Self::Expired,
        Self::Cancelled,
        Self::Failed,
    ];

    /// The states that the state machine leads on from: the restaurant still has work with the order. All others are final.
    pub const OPEN: [Self; 5] = [
        Self::Placed,
        Self::Accepted,
        Self::Preparing,
        Self::Ready,
        Self::OutForDelivery,
    ];

    /// The final states in which the kitchen's capacity is free again: the order releases its slot and its stock. A failed order
    /// does not, because the food was prepared.
    pub const RELEASED: [Self; 3] = [Self::Rejected, Self::Expired, Self::Cancelled];

    /// The final states in which the customer got nothing: captured money is owed back.
    pub const UNFULFILLED: [Self; 4] =
        [Self::Rejected, Self::Expired, Self::Cancelled, Self::Failed];

    /// Whether the state machine leads on from this state.
    #[must_use]
    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }

    /// Whether no state can follow this one.
    #[must_use]
    pub fn is_final(self) -> bool {
        !self.is_open()
    }

    /// The customer may still cancel it alone; afterwards only the restaurant can.
    #[must_use]
    pub fn customer_may_cancel(self) -> bool {
        self == Self::Placed
    }

    /// As the database and the wire spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Accepted => "accepted",
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::OutForDelivery => "out_for_delivery",
            Self::Completed => "completed",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson, ToJson)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// To be paid to the restaurant on delivery or collection.
    Unpaid,
    /// Promised, not taken yet.
    Authorised,
    /// The restaurant has the money.
    Captured,
    /// The order came to nothing, and the money is owed back.
    RefundDue,
    Refunded,
    /// It was tried and did not succeed.
    Failed,
}

impl PaymentState {
    /// As the database and the wire spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Authorised => "authorised",
            Self::Captured => "captured",
            Self::RefundDue => "refund_due",
            Self::Refunded => "refunded",
            Self::Failed => "failed",
        }
    }
}
