//! A transition that staff request.

use model::order::OrderState;
use serde_json::{Value, json};

/// One transition of one order, from the version that was read.
#[derive(Clone, Debug)]
pub struct StaffTransition {
    pub token: String,
    pub version: u32,
    pub to: OrderState,
}

impl StaffTransition {
    /// Returns the last segment of the path, and the body of the request.
    pub fn request(&self) -> (&'static str, Value) {
        let version = self.version;
        let plain = json!({ "version": version });
        match self.to {
            OrderState::Accepted => ("acceptance", json!({ "version": version, "minutes": 30 })),
            OrderState::Rejected => ("rejection", json!({ "version": version, "reason": "busy" })),
            OrderState::Preparing => ("preparation", plain),
            OrderState::Ready => ("readiness", plain),
            OrderState::OutForDelivery => ("departure", plain),
            OrderState::Completed => ("completion", plain),
            OrderState::Failed => ("failure", plain),
            // Staff cannot request Placed or Expired; the server refuses the cancellation that is sent instead.
            OrderState::Cancelled | OrderState::Placed | OrderState::Expired => (
                "cancellation",
                json!({ "version": version, "words": "The oven broke." }),
            ),
        }
    }
}
