//! The customer's details on their own phone. Pure.

use json::{FromJson, ToJson};
use model::order::Customer;

/// Kept between orders, only where the customer wishes.
#[derive(Clone, Debug, Default, PartialEq, FromJson, ToJson)]
pub struct Remembered(pub Option<Customer>);

/// What has been typed so far, kept in this tab alone.
#[derive(Clone, Debug, Default, PartialEq, FromJson, ToJson)]
pub struct Draft {
    /// Absent: nothing has been typed yet.
    pub customer: Option<Customer>,
    pub notes: String,
    /// Absent: as last time.
    pub remember: Option<bool>,
}
