//! The customer's details and the input of the checkout form, on the customer's own phone. Pure.

use model::order::Customer;
use serde::{Deserialize, Serialize};

/// The details that are kept between orders, with the customer's consent.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct SavedCustomer(pub Option<Customer>);

/// The input of the form so far, kept in this tab alone.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct CheckoutDraft {
    /// Absent: nothing is typed yet.
    pub customer: Option<Customer>,
    pub notes: String,
    /// Whether to save the details. Absent: as last time.
    pub remember: Option<bool>,
}
