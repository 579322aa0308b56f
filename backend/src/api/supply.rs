//! What is left, as pages are told. Where the store cannot tell, what the menu says is believed: a replica that cannot take orders
//! just now still shows menus, and placing an order asks again.

use std::time::Duration;

use tokio::time::timeout;

use super::ApiState;
use crate::domain::Restaurant;
use crate::domain::inventory::Inventory;

/// It is there within a millisecond or two. Longer, and a slow disk keeps people from prices; shorter, and a busy machine shows
/// what has gone.
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) async fn known(state: &ApiState, restaurant: &Restaurant, now_ms: i64) -> Inventory {
    let slots_from_ms = restaurant.ordering().orders_per_slot.map(|_| now_ms);
    let asked = state.store.inventory(restaurant.slug(), slots_from_ms);
    match timeout(PATIENCE, asked).await {
        Ok(Ok(supply)) => supply,
        Ok(Err(error)) => {
            tracing::warn!(%error, "the store does not tell what is left; what the menu says is shown");
            Inventory::default()
        }
        Err(_) => {
            tracing::warn!(
                "the store does not tell in time what is left; what the menu says is shown"
            );
            Inventory::default()
        }
    }
}
