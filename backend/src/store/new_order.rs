//! What the store is given to place: an order that has been checked and priced.

use model::Pence;
use model::basket::QuoteLine;
use model::order::{Customer, OrderRestaurant};
use model::restaurant::{Fulfilment, Slot};
use sha2::{Digest, Sha256};

/// An order that needs only its number and its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    pub restaurant: OrderRestaurant,
    pub placed_at_ms: i64,
    pub fulfilment: Fulfilment,
    /// Absent: as soon as possible.
    pub slot: Option<Slot>,
    pub expected: Option<Slot>,
    pub lines: Vec<QuoteLine>,
    pub goods_pence: Pence,
    pub delivery_fee_pence: Pence,
    pub total_pence: Pence,
    pub vat_pence: Pence,
    pub customer: Customer,
    /// On one line with the postcode; absent for collection.
    pub delivery_address: Option<String>,
    pub notes: String,
}

/// SHA-256 of what was asked with an idempotency key: tells a repeat from another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// `canonical` must be the same bytes for all texts that mean the same request.
    #[must_use]
    pub fn of(canonical: &[u8]) -> Self {
        Self(Sha256::digest(canonical).into())
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
