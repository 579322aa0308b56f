//! Placing orders: the transaction that stores an order once for each idempotency key.

use bytes::Bytes;
use model::machine::Actor;
use model::order::Order;
use rusqlite::{Connection, OptionalExtension, named_params};

use super::event_log::{self, Event, EventDetails};
use super::inventory;
use super::orders::{self, PrivateColumns};
use super::transitions::{self, TransitionOutcome};
use crate::domain::NewOrder;
use crate::domain::transition::{Action, Transition};
use crate::store::{Fingerprint, Placement, SavedResponse, StoreError};

/// Places the order, unless its key was used before or the inventory no longer covers it.
pub(super) fn place_order(
    db: &Connection,
    key: &str,
    fingerprint: Fingerprint,
    token: &str,
    new: NewOrder,
) -> Result<Placement, StoreError> {
    if let Some(earlier) = find_placement(db, key, fingerprint)? {
        return Ok(earlier);
    }
    let demand = new.demand().clone();
    let slots_from_ms = demand.slot_capacity.and(demand.slot_start_ms);
    let inventory = inventory::load(db, &new.restaurant().slug, slots_from_ms)?;
    if !inventory.covers(&demand) {
        return Ok(Placement::InsufficientInventory(inventory));
    }
    let number = next_number(db, &new.restaurant().slug)?;
    let phone = new.customer().phone;
    let expires_at_ms = new.expires_at_ms();
    let auto_accept = new.is_auto_accepted();
    let is_drill = new.is_drill();
    let order = new.into_order(token.to_owned(), number);
    let private = PrivateColumns {
        phone: &phone,
        expires_at_ms,
        occupied_slot_ms: demand.slot_start_ms,
    };
    let id = orders::insert(db, &order, &private)?;
    inventory::reserve(db, id, &order.restaurant.slug, &inventory, &demand)?;
    event_log::append(
        db,
        &Event {
            order_id: id,
            actor: Actor::Customer,
            from: None,
            to: order.state,
            reason: None,
            at_ms: order.placed_at_ms,
            details: EventDetails::default(),
        },
    )?;
    let order = if is_drill {
        move_on(db, id, order, Actor::Operator, Action::Cancel(None))?
    } else if auto_accept {
        move_on(db, id, order, Actor::System, Action::Accept(None))?
    } else {
        order
    };
    let body = serde_json::to_vec(&order)
        .map_err(|error| StoreError::Failed(format!("an order as JSON: {error}")))?;
    db.prepare_cached(
        "INSERT INTO placements (key, fingerprint, order_id, answer)
         VALUES (:key, :fingerprint, :order_id, :answer)",
    )?
    .execute(named_params! {
        ":key": key,
        ":fingerprint": fingerprint.as_bytes(),
        ":order_id": id,
        ":answer": body,
    })?;
    Ok(Placement::Placed(SavedResponse {
        token: order.token,
        body: Bytes::from(body),
    }))
}

/// Applies a transition to the order that this transaction has just placed.
fn move_on(
    db: &Connection,
    id: i64,
    order: Order,
    actor: Actor,
    action: Action,
) -> Result<Order, StoreError> {
    let at_ms = order.placed_at_ms;
    let transition = Transition { actor, action };
    match transitions::apply(db, id, order, &transition, None, at_ms)? {
        TransitionOutcome::Applied(order) => Ok(order),
        TransitionOutcome::Conflict(_) | TransitionOutcome::Invalid(..) => Err(StoreError::Failed(
            "an order that was just placed did not allow its next transition".to_owned(),
        )),
    }
}

/// Finds the placement that an earlier request with this key made.
pub(super) fn find_placement(
    db: &Connection,
    key: &str,
    fingerprint: Fingerprint,
) -> Result<Option<Placement>, StoreError> {
    db.prepare_cached(
        "SELECT placements.fingerprint, placements.answer, orders.token
         FROM placements JOIN orders ON orders.id = placements.order_id
         WHERE placements.key = :key",
    )?
    .query_row(named_params! { ":key": key }, |row| {
        let is_same_request = row.get_ref("fingerprint")?.as_bytes()? == fingerprint.as_bytes();
        if !is_same_request {
            return Ok(Placement::KeyReused);
        }
        Ok(Placement::Replayed(SavedResponse {
            token: row.get("token")?,
            body: Bytes::from(row.get::<_, Vec<u8>>("answer")?),
        }))
    })
    .optional()
    .map_err(StoreError::from)
}

fn next_number(db: &Connection, restaurant: &str) -> Result<u32, StoreError> {
    let number = db
        .prepare_cached(
            "INSERT INTO order_numbers (restaurant, last) VALUES (:restaurant, 1)
             ON CONFLICT (restaurant) DO UPDATE SET last = last + 1
             RETURNING last",
        )?
        .query_row(named_params! { ":restaurant": restaurant }, |row| {
            row.get(0)
        })?;
    Ok(number)
}
