//! Orders: the request that places one, the order as its customer reads it, and its states; `machine` defines the transitions.

use serde::{Deserialize, Serialize};

use crate::Pence;
use crate::basket::{Basket, Quote, QuoteLine};
use crate::restaurant::{Fulfilment, Slot};

/// Body of `POST /api/v1/orders`, sent with an `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceOrder {
    pub basket: Basket,
    /// The complete quote that the customer agreed to. The backend compares it with the current quote, and never charges it.
    pub agreed: Quote,
    pub customer: Customer,
    /// Notes for the kitchen or the driver.
    #[serde(default)]
    pub notes: String,
}

/// The customer's name and contact details.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Customer {
    pub name: String,
    pub phone: String,
    /// House and street, for delivery; the postcode is in the basket.
    #[serde(default)]
    pub address: String,
}

/// An order as its customer reads it: response of placing it, of `GET /api/v1/orders/{token}` and of the look-up by key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    /// Unguessable; every client that has the token may read the order.
    pub token: String,
    /// Short, for use in speech; unique within the restaurant.
    pub number: u32,
    pub restaurant: OrderRestaurant,
    pub state: OrderState,
    pub payment: PaymentState,
    /// Number of transitions so far.
    pub version: u32,
    pub placed_at_ms: i64,
    pub fulfilment: Fulfilment,
    /// Absent: as soon as possible.
    pub slot: Option<Slot>,
    /// Estimated time of arrival or readiness.
    pub expected: Option<Slot>,
    pub lines: Vec<QuoteLine>,
    pub goods_pence: Pence,
    pub delivery_fee_pence: Pence,
    pub total_pence: Pence,
    pub vat_pence: Pence,
    pub customer_name: String,
    /// Delivery address on one line, with the postcode; absent for collection.
    pub delivery_address: Option<String>,
    pub notes: String,
    /// Oldest first.
    pub history: Vec<StateChange>,
}

/// The restaurant of an order, with its contact details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderRestaurant {
    pub slug: String,
    pub name: String,
    pub phone: String,
    pub address: String,
    pub zone: String,
}

/// A transition in the history of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StateChange {
    pub state: OrderState,
    pub at_ms: i64,
    /// The wire name of a [`crate::staff::RejectionReason`], or text for the customer.
    pub reason: Option<String>,
}

/// State of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

    /// Whether the state has no transitions.
    #[must_use]
    pub fn is_final(self) -> bool {
        !self.is_open()
    }

    /// Whether the customer may cancel the order; later only the restaurant and the operator may.
    #[must_use]
    pub fn customer_may_cancel(self) -> bool {
        self == Self::Placed
    }

    /// The name in the database and in JSON.
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

/// State of an order's payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Payable to the restaurant on delivery or collection.
    Unpaid,
    /// Authorised, but not captured yet.
    Authorised,
    /// Paid to the restaurant.
    Captured,
    /// The order was not fulfilled, and the payment is to be refunded.
    RefundDue,
    Refunded,
    /// The payment was attempted and failed.
    Failed,
}

impl PaymentState {
    /// The name in the database and in JSON.
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
