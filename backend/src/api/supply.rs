//! What is left, as pages are told. Where the store cannot tell, what the menu says is believed: a replica that cannot take orders
//! just now still shows menus, and placing an order asks again.

use super::ApiState;
use crate::domain::Restaurant;
use crate::domain::supply::Supply;

pub(super) async fn known(state: &ApiState, restaurant: &Restaurant, now_ms: i64) -> Supply {
    let slots_from_ms = restaurant.ordering().orders_per_slot.map(|_| now_ms);
    let supply = state.store.supply(restaurant.slug(), slots_from_ms).await;
    supply.unwrap_or_else(|error| {
        tracing::warn!(%error, "the store does not tell what is left; what the menu says is shown");
        Supply::default()
    })
}
