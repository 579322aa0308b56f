//! The customer's details on their own phone. Pure.

use model::order::Customer;
use serde::{Deserialize, Serialize};

/// Kept between orders, only where the customer wishes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Remembered(pub Option<Customer>);

/// What has been typed so far, kept in this tab alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Absent: nothing has been typed yet.
    pub customer: Option<Customer>,
    pub notes: String,
    /// Absent: as last time.
    pub remember: Option<bool>,
}
