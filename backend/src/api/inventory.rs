//! Inventory for pages: stock per dish and free slot capacity. Without the store, the menu's own availability applies: a replica that
//! cannot take orders for a moment still shows menus, and placing an order checks the inventory again.

use std::time::Duration;

use tokio::time::timeout;

use super::ApiState;
use crate::domain::Restaurant;
use crate::domain::inventory::Inventory;

/// Longest wait for the store, which usually answers within two milliseconds. A longer one would let a slow disk delay prices; a
/// shorter one would show sold-out dishes as available on a busy machine.
const STORE_TIMEOUT: Duration = Duration::from_millis(500);

/// Loads the inventory of a restaurant; an empty one, which restricts nothing, if the store fails or is too slow.
pub(super) async fn load_or_default(
    state: &ApiState,
    restaurant: &Restaurant,
    now_ms: i64,
) -> Inventory {
    let slots_from_ms = restaurant.ordering().orders_per_slot.map(|_| now_ms);
    let inventory = state.store.inventory(restaurant.slug(), slots_from_ms);
    match timeout(STORE_TIMEOUT, inventory).await {
        Ok(Ok(inventory)) => inventory,
        Ok(Err(error)) => {
            tracing::warn!(%error, "the inventory could not be read; the menu's own availability is shown");
            Inventory::default()
        }
        Err(_) => {
            tracing::warn!(
                "the inventory could not be read in time; the menu's own availability is shown"
            );
            Inventory::default()
        }
    }
}
