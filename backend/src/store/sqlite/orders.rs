//! The SQL of orders: placing one, and reading it back.

use bytes::Bytes;
use model::Pence;
use model::machine::Actor;
use model::order::{Order, OrderRestaurant};
use model::restaurant::{Fulfilment, Slot};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::log::{self, Details, Event};
use super::row::Columns;
use super::supply;
use super::transitions::{self, Taken};
use crate::domain::NewOrder;
use crate::domain::step::{Action, Step};
use crate::store::{Answer, Fingerprint, KitchenOrder, Placement, StoreError};

/// Places the order, unless its key was used before or others have taken what it needs.
pub(super) fn place(
    db: &Connection,
    key: &str,
    fingerprint: Fingerprint,
    token: &str,
    new: NewOrder,
) -> Result<Placement, StoreError> {
    if let Some(before) = placed_before(db, key, fingerprint)? {
        return Ok(before);
    }
    let demand = new.demand().clone();
    let slots_from_ms = demand.orders_per_slot.and(demand.slot_start_ms);
    let supply = supply::of_restaurant(db, &new.restaurant().slug, slots_from_ms)?;
    if !supply.meets(&demand) {
        return Ok(Placement::Gone(supply));
    }
    let number = next_number(db, &new.restaurant().slug)?;
    let phone = new.customer().phone;
    let expires_at_ms = new.expires_at_ms();
    let auto_accept = new.is_accepted_at_once();
    let is_drill = new.is_drill();
    let order = new.into_order(token.to_owned(), number);
    let hidden = Hidden {
        phone: &phone,
        expires_at_ms,
        fills_slot_ms: demand.slot_start_ms,
    };
    let id = insert(db, &order, &hidden)?;
    supply::take(db, id, &order.restaurant.slug, &supply, &demand)?;
    log::append(
        db,
        &Event {
            order_id: id,
            actor: Actor::Customer,
            from: None,
            to: order.state,
            reason: None,
            at_ms: order.placed_at_ms,
            details: Details::default(),
        },
    )?;
    let order = if is_drill {
        at_once(db, id, order, Actor::Operator, Action::Cancel(None))?
    } else if auto_accept {
        // By the restaurant's standing wish.
        at_once(db, id, order, Actor::System, Action::Accept(None))?
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
    Ok(Placement::Placed(Answer {
        token: order.token,
        body: Bytes::from(body),
    }))
}

/// Moves on what was just placed, in the order's own transaction.
fn at_once(
    db: &Connection,
    id: i64,
    order: Order,
    by: Actor,
    action: Action,
) -> Result<Order, StoreError> {
    let at_ms = order.placed_at_ms;
    match transitions::take(db, id, order, &Step { by, action }, None, at_ms)? {
        Taken::Moved(order) => Ok(order),
        Taken::Conflict(_) | Taken::Invalid(..) => Err(StoreError::Failed(
            "an order just placed could not be moved on".to_owned(),
        )),
    }
}

/// What was answered when the key was used before.
pub(super) fn placed_before(
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
        let same = row.get_ref("fingerprint")?.as_bytes()? == fingerprint.as_bytes();
        if !same {
            return Ok(Placement::KeyReused);
        }
        Ok(Placement::Replayed(Answer {
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

/// What goes into an order's row that its customer is not shown.
struct Hidden<'a> {
    phone: &'a str,
    expires_at_ms: Option<i64>,
    fills_slot_ms: Option<i64>,
}

fn insert(db: &Connection, order: &Order, hidden: &Hidden<'_>) -> Result<i64, StoreError> {
    let lines = serde_json::to_string(&order.lines)
        .map_err(|error| StoreError::Failed(format!("an order's lines as JSON: {error}")))?;
    db.prepare_cached(
        "INSERT INTO orders (
             token, number, state, payment, version, placed_at_ms,
             restaurant, restaurant_name, restaurant_phone, restaurant_address, restaurant_zone,
             fulfilment, slot_start_ms, slot_end_ms, expected_start_ms, expected_end_ms,
             lines, goods_pence, delivery_fee_pence, total_pence, vat_pence,
             customer_name, customer_phone, delivery_address, notes, expires_at_ms, fills_slot_ms
         ) VALUES (
             :token, :number, :state, :payment, :version, :placed_at_ms,
             :restaurant, :restaurant_name, :restaurant_phone, :restaurant_address, :restaurant_zone,
             :fulfilment, :slot_start_ms, :slot_end_ms, :expected_start_ms, :expected_end_ms,
             :lines, :goods_pence, :delivery_fee_pence, :total_pence, :vat_pence,
             :customer_name, :customer_phone, :delivery_address, :notes, :expires_at_ms, :fills_slot_ms
         )",
    )?
    .execute(named_params! {
        ":token": order.token,
        ":number": order.number,
        ":state": order.state.as_str(),
        ":payment": order.payment.as_str(),
        ":version": order.version,
        ":placed_at_ms": order.placed_at_ms,
        ":restaurant": order.restaurant.slug,
        ":restaurant_name": order.restaurant.name,
        ":restaurant_phone": order.restaurant.phone,
        ":restaurant_address": order.restaurant.address,
        ":restaurant_zone": order.restaurant.zone,
        ":fulfilment": fulfilment_name(order.fulfilment),
        ":slot_start_ms": order.slot.map(|slot| slot.start_ms),
        ":slot_end_ms": order.slot.map(|slot| slot.end_ms),
        ":expected_start_ms": order.expected.map(|slot| slot.start_ms),
        ":expected_end_ms": order.expected.map(|slot| slot.end_ms),
        ":lines": lines,
        ":goods_pence": order.goods_pence.0,
        ":delivery_fee_pence": order.delivery_fee_pence.0,
        ":total_pence": order.total_pence.0,
        ":vat_pence": order.vat_pence.0,
        ":customer_name": order.customer_name,
        ":customer_phone": hidden.phone,
        ":delivery_address": order.delivery_address,
        ":notes": order.notes,
        ":expires_at_ms": hidden.expires_at_ms,
        ":fills_slot_ms": hidden.fills_slot_ms,
    })?;
    Ok(db.last_insert_rowid())
}

pub(super) fn by_token(db: &Connection, token: &str) -> Result<Option<Order>, StoreError> {
    Ok(stored(db, token)?.map(|stored| stored.order))
}

pub(super) fn by_key(db: &Connection, key: &str) -> Result<Option<Order>, StoreError> {
    let sql = "SELECT orders.* FROM placements JOIN orders ON orders.id = placements.order_id
               WHERE placements.key = :value";
    Ok(found(db, sql, key)?.pop().map(|stored| stored.order))
}

/// The keys that stand on a drill's orders and begin so, sorted: as often as there are orders with them.
pub(super) fn drill_keys(db: &Connection, prefix: &str) -> Result<Vec<String>, StoreError> {
    // In the words of the index. `~` comes after everything that a key is made of.
    let mut statement = db.prepare_cached(
        "SELECT notes FROM orders
         WHERE restaurant = '(drill)' AND notes >= :prefix AND notes < :prefix || '~'
         ORDER BY notes",
    )?;
    let rows = statement.query_map(named_params! { ":prefix": prefix }, |row| row.get(0))?;
    rows.collect::<Result<_, _>>().map_err(StoreError::from)
}

/// Not ended yet, the longest waiting first.
pub(super) fn open(db: &Connection, restaurant: &str) -> Result<Vec<KitchenOrder>, StoreError> {
    // The list of states is that of the index.
    let sql = "SELECT * FROM orders WHERE restaurant = :value
               AND state IN ('placed', 'accepted', 'preparing', 'ready', 'out_for_delivery')
               ORDER BY placed_at_ms, id";
    let open = found(db, sql, restaurant)?;
    Ok(open.into_iter().map(KitchenOrder::from).collect())
}

pub(super) fn of_kitchen(
    db: &Connection,
    restaurant: &str,
    token: &str,
) -> Result<Option<KitchenOrder>, StoreError> {
    Ok(stored(db, token)?
        .filter(|stored| stored.order.restaurant.slug == restaurant)
        .map(KitchenOrder::from))
}

/// An order with what its customer is not shown.
pub(super) struct Stored {
    /// The row's number.
    pub(super) id: i64,
    pub(super) order: Order,
    customer_phone: Option<String>,
    expires_at_ms: Option<i64>,
}

impl From<Stored> for KitchenOrder {
    fn from(stored: Stored) -> Self {
        Self {
            order: stored.order,
            customer_phone: stored.customer_phone,
            expires_at_ms: stored.expires_at_ms,
        }
    }
}

pub(super) fn stored(db: &Connection, token: &str) -> Result<Option<Stored>, StoreError> {
    let sql = "SELECT * FROM orders WHERE token = :value";
    Ok(found(db, sql, token)?.pop())
}

/// The order that a restaurant and its customer know by this number.
pub(super) fn numbered(
    db: &Connection,
    restaurant: &str,
    number: u32,
) -> Result<Option<Stored>, StoreError> {
    let token: Option<String> = db
        .prepare_cached(
            "SELECT token FROM orders WHERE restaurant = :restaurant AND number = :number",
        )?
        .query_row(
            named_params! { ":restaurant": restaurant, ":number": number },
            |row| row.get(0),
        )
        .optional()?;
    token.map_or(Ok(None), |token| stored(db, &token))
}

fn found(db: &Connection, sql: &'static str, value: &str) -> Result<Vec<Stored>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(named_params! { ":value": value })?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(db, row)?);
    }
    Ok(found)
}

fn read(db: &Connection, row: &Row<'_>) -> Result<Stored, StoreError> {
    let id = row.get("id")?;
    let columns = Columns {
        table: "orders",
        key: id,
        row,
    };
    let pence = |column| columns.get(column).map(Pence);
    let slot = |start, end| -> Result<Option<Slot>, StoreError> {
        let both: (Option<i64>, Option<i64>) = (columns.get(start)?, columns.get(end)?);
        Ok(match both {
            (Some(start_ms), Some(end_ms)) => Some(Slot { start_ms, end_ms }),
            _ => None,
        })
    };
    let order = Order {
        token: columns.get("token")?,
        number: columns.get("number")?,
        restaurant: OrderRestaurant {
            slug: columns.get("restaurant")?,
            name: columns.get("restaurant_name")?,
            phone: columns.get("restaurant_phone")?,
            address: columns.get("restaurant_address")?,
            zone: columns.get("restaurant_zone")?,
        },
        state: columns.named("state")?,
        payment: match columns.get::<Option<String>>("payment_now")? {
            Some(_) => columns.named("payment_now")?,
            None => columns.named("payment")?,
        },
        version: columns.get("version")?,
        placed_at_ms: columns.get("placed_at_ms")?,
        fulfilment: columns.named("fulfilment")?,
        slot: slot("slot_start_ms", "slot_end_ms")?,
        expected: slot("expected_start_ms", "expected_end_ms")?,
        lines: columns.json("lines")?,
        goods_pence: pence("goods_pence")?,
        delivery_fee_pence: pence("delivery_fee_pence")?,
        total_pence: pence("total_pence")?,
        vat_pence: pence("vat_pence")?,
        customer_name: columns
            .get::<Option<String>>("customer_name")?
            .unwrap_or_default(),
        delivery_address: columns.get("delivery_address")?,
        notes: columns.get::<Option<String>>("notes")?.unwrap_or_default(),
        history: log::history(db, id)?,
    };
    Ok(Stored {
        id,
        customer_phone: columns.get("customer_phone")?,
        expires_at_ms: columns.get("expires_at_ms")?,
        order,
    })
}

fn fulfilment_name(fulfilment: Fulfilment) -> &'static str {
    match fulfilment {
        Fulfilment::Delivery => "delivery",
        Fulfilment::Collection => "collection",
    }
}
