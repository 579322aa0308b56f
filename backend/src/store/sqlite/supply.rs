//! The SQL of places in slots and of counted dishes.

use std::collections::BTreeMap;

use model::OrderState;
use rusqlite::{Connection, named_params};

use crate::domain::supply::{Demand, Stock, Supply};
use crate::store::StoreError;

/// The longest slot: one that began earlier can be over.
const LONGEST_SLOT_MS: i64 = 60 * 60_000;

/// Places are counted from `slots_from_ms` on, where that is given.
pub(super) fn of_restaurant(
    db: &Connection,
    restaurant: &str,
    slots_from_ms: Option<i64>,
) -> Result<Supply, StoreError> {
    Ok(Supply {
        taken: match slots_from_ms {
            Some(from_ms) => taken(db, restaurant, from_ms)?,
            None => BTreeMap::new(),
        },
        dishes: dishes(db, restaurant)?,
    })
}

fn taken(
    db: &Connection,
    restaurant: &str,
    from_ms: i64,
) -> Result<BTreeMap<i64, u32>, StoreError> {
    // In the words of the index.
    let mut statement = db.prepare_cached(
        "SELECT COALESCE(fills_slot_ms, slot_start_ms), count(*) FROM orders
         WHERE restaurant = :restaurant AND COALESCE(fills_slot_ms, slot_start_ms) >= :from_ms
           AND state NOT IN ('rejected', 'expired', 'cancelled')
         GROUP BY COALESCE(fills_slot_ms, slot_start_ms)",
    )?;
    let mut rows = statement.query(named_params! {
        ":restaurant": restaurant,
        ":from_ms": from_ms.saturating_sub(LONGEST_SLOT_MS),
    })?;
    let mut taken = BTreeMap::new();
    while let Some(row) = rows.next()? {
        taken.insert(row.get(0)?, row.get(1)?);
    }
    Ok(taken)
}

fn dishes(db: &Connection, restaurant: &str) -> Result<BTreeMap<String, Stock>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT dish, off, remaining FROM stock WHERE restaurant = :restaurant")?;
    let mut rows = statement.query(named_params! { ":restaurant": restaurant })?;
    let mut dishes = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let stock = Stock {
            off: row.get("off")?,
            left: row.get("remaining")?,
        };
        dishes.insert(row.get("dish")?, stock);
    }
    Ok(dishes)
}

/// Takes the portions that are counted; the place is taken by the order's own row. The supply must meet the demand.
pub(super) fn take(
    db: &Connection,
    order_id: i64,
    restaurant: &str,
    supply: &Supply,
    demand: &Demand,
) -> Result<(), StoreError> {
    for (dish, portions) in &demand.portions {
        if supply
            .dishes
            .get(dish)
            .and_then(|stock| stock.left)
            .is_none()
        {
            continue;
        }
        db.prepare_cached(
            "UPDATE stock SET remaining = remaining - :portions
             WHERE restaurant = :restaurant AND dish = :dish",
        )?
        .execute(named_params! {
            ":portions": portions,
            ":restaurant": restaurant,
            ":dish": dish,
        })?;
        db.prepare_cached(
            "INSERT INTO portions (order_id, dish, quantity) VALUES (:order_id, :dish, :portions)",
        )?
        .execute(named_params! {
            ":order_id": order_id,
            ":dish": dish,
            ":portions": portions,
        })?;
    }
    Ok(())
}

/// Gives back what an order held, when it comes to nothing. What is no longer counted stays
/// uncounted.
pub(super) fn give_back(db: &Connection, order_id: i64, to: OrderState) -> Result<(), StoreError> {
    if !matches!(
        to,
        OrderState::Rejected | OrderState::Expired | OrderState::Cancelled
    ) {
        return Ok(());
    }
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

/// What the staff say of a dish replaces what was said before.
pub(super) fn set(
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
        ":remaining": stock.left,
    })?;
    Ok(())
}
