//! The SQL of the inventory: orders per slot, and stock per dish.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rusqlite::{Connection, named_params};

use super::order_states::OCCUPIES_SLOT;
use crate::domain::inventory::{Demand, Inventory, Stock};
use crate::store::StoreError;

/// Length of the longest slot: a slot that started earlier is over.
const LONGEST_SLOT_MS: i64 = 60 * 60_000;

/// Counts the orders in each slot of a restaurant from `:from_ms` on. The conditions repeat those of the index `places_in_slots`.
pub(super) static ORDERS_IN_SLOTS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT COALESCE(fills_slot_ms, slot_start_ms), count(*) FROM orders
         WHERE restaurant = :restaurant AND COALESCE(fills_slot_ms, slot_start_ms) >= :from_ms
           AND {}
         GROUP BY COALESCE(fills_slot_ms, slot_start_ms)",
        *OCCUPIES_SLOT
    )
});

/// Loads a restaurant's inventory, with the slots from `slots_from_ms` on or, without that, no slots.
pub(super) fn load(
    db: &Connection,
    restaurant: &str,
    slots_from_ms: Option<i64>,
) -> Result<Inventory, StoreError> {
    Ok(Inventory {
        orders_in_slots: match slots_from_ms {
            Some(from_ms) => count_orders_in_slots(db, restaurant, from_ms)?,
            None => BTreeMap::new(),
        },
        stock: load_stock(db, restaurant)?,
    })
}

fn count_orders_in_slots(
    db: &Connection,
    restaurant: &str,
    from_ms: i64,
) -> Result<BTreeMap<i64, u32>, StoreError> {
    let mut statement = db.prepare_cached(&ORDERS_IN_SLOTS)?;
    let mut rows = statement.query(named_params! {
        ":restaurant": restaurant,
        ":from_ms": from_ms.saturating_sub(LONGEST_SLOT_MS),
    })?;
    let mut orders = BTreeMap::new();
    while let Some(row) = rows.next()? {
        orders.insert(row.get(0)?, row.get(1)?);
    }
    Ok(orders)
}

fn load_stock(db: &Connection, restaurant: &str) -> Result<BTreeMap<String, Stock>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT dish, off, remaining FROM stock WHERE restaurant = :restaurant")?;
    let mut rows = statement.query(named_params! { ":restaurant": restaurant })?;
    let mut stock = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let of_dish = Stock {
            off: row.get("off")?,
            remaining: row.get("remaining")?,
        };
        stock.insert(row.get("dish")?, of_dish);
    }
    Ok(stock)
}

/// Takes the demand from the stock of counted dishes. The slot needs no update: it counts the order's own row. `inventory` must cover
/// `demand`.
pub(super) fn reserve(
    db: &Connection,
    order_id: i64,
    restaurant: &str,
    inventory: &Inventory,
    demand: &Demand,
) -> Result<(), StoreError> {
    for (dish, quantity) in &demand.quantities {
        let is_counted = inventory
            .stock
            .get(dish)
            .is_some_and(|stock| stock.remaining.is_some());
        if !is_counted {
            continue;
        }
        db.prepare_cached(
            "UPDATE stock SET remaining = remaining - :quantity
             WHERE restaurant = :restaurant AND dish = :dish",
        )?
        .execute(named_params! {
            ":quantity": quantity,
            ":restaurant": restaurant,
            ":dish": dish,
        })?;
        db.prepare_cached(
            "INSERT INTO portions (order_id, dish, quantity) VALUES (:order_id, :dish, :quantity)",
        )?
        .execute(named_params! {
            ":order_id": order_id,
            ":dish": dish,
            ":quantity": quantity,
        })?;
    }
    Ok(())
}

/// Returns an order's reserved quantities to the stock. Dishes that are no longer counted stay uncounted.
pub(super) fn release(db: &Connection, order_id: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE stock SET remaining = remaining + (
             SELECT quantity FROM portions WHERE order_id = :order_id AND dish = stock.dish
         )
         WHERE restaurant = (SELECT restaurant FROM orders WHERE id = :order_id)
           AND dish IN (SELECT dish FROM portions WHERE order_id = :order_id)",
    )?
    .execute(named_params! { ":order_id": order_id })?;
    db.prepare_cached("DELETE FROM portions WHERE order_id = :order_id")?
        .execute(named_params! { ":order_id": order_id })?;
    Ok(())
}

/// Replaces the stock of a dish.
pub(super) fn set_stock(
    db: &Connection,
    restaurant: &str,
    dish: &str,
    stock: Stock,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO stock (restaurant, dish, off, remaining)
         VALUES (:restaurant, :dish, :off, :remaining)
         ON CONFLICT (restaurant, dish) DO UPDATE SET off = :off, remaining = :remaining",
    )?
    .execute(named_params! {
        ":restaurant": restaurant,
        ":dish": dish,
        ":off": stock.off,
        ":remaining": stock.remaining,
    })?;
    Ok(())
}
