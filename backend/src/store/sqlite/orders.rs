//! The SQL of the `orders` table: inserting a row and reading orders back.

use std::sync::LazyLock;

use model::Pence;
use model::order::{Order, OrderRestaurant};
use model::restaurant::{Fulfilment, Slot};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::event_log;
use super::order_states::IS_OPEN;
use super::row::Columns;
use crate::domain::drill;
use crate::store::{KitchenOrder, StoreError};

/// The columns of an order that its customer does not see.
pub(super) struct PrivateColumns<'a> {
    pub(super) phone: &'a str,
    pub(super) expires_at_ms: Option<i64>,
    /// Start of the slot that the order occupies.
    pub(super) occupied_slot_ms: Option<i64>,
}

/// Inserts an order and returns its row id.
pub(super) fn insert(
    db: &Connection,
    order: &Order,
    private: &PrivateColumns<'_>,
) -> Result<i64, StoreError> {
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
        ":customer_phone": private.phone,
        ":delivery_address": order.delivery_address,
        ":notes": order.notes,
        ":expires_at_ms": private.expires_at_ms,
        ":fills_slot_ms": private.occupied_slot_ms,
    })?;
    Ok(db.last_insert_rowid())
}

pub(super) fn order_by_token(db: &Connection, token: &str) -> Result<Option<Order>, StoreError> {
    Ok(find_by_token(db, token)?.map(|row| row.order))
}

pub(super) fn order_by_key(db: &Connection, key: &str) -> Result<Option<Order>, StoreError> {
    let sql = "SELECT orders.* FROM placements JOIN orders ON orders.id = placements.order_id
               WHERE placements.key = :value";
    Ok(query_rows(db, sql, key)?.pop().map(|row| row.order))
}

/// Lists the keys of drill orders that start with `prefix`, sorted, each as often as there are orders with it.
pub(super) fn drill_keys(db: &Connection, prefix: &str) -> Result<Vec<String>, StoreError> {
    // The condition on the restaurant is a literal, as in the index `drill_orders`: SQLite uses a partial index only then. `~` sorts
    // after every character of a key.
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT notes FROM orders
             WHERE restaurant = '{}' AND notes >= :prefix AND notes < :prefix || '~'
             ORDER BY notes",
            drill::RESTAURANT
        )
    });
    let mut statement = db.prepare_cached(&SQL)?;
    let rows = statement.query_map(named_params! { ":prefix": prefix }, |row| row.get(0))?;
    rows.collect::<Result<_, _>>().map_err(StoreError::from)
}

/// Lists a restaurant's open orders, the longest waiting first.
pub(super) fn list_open(
    db: &Connection,
    restaurant: &str,
) -> Result<Vec<KitchenOrder>, StoreError> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT * FROM orders WHERE restaurant = :value AND {}
             ORDER BY placed_at_ms, id",
            *IS_OPEN
        )
    });
    let open = query_rows(db, &SQL, restaurant)?;
    Ok(open.into_iter().map(KitchenOrder::from).collect())
}

/// Finds an order of this restaurant by its token.
pub(super) fn find_for_kitchen(
    db: &Connection,
    restaurant: &str,
    token: &str,
) -> Result<Option<KitchenOrder>, StoreError> {
    Ok(find_by_token(db, token)?
        .filter(|row| row.order.restaurant.slug == restaurant)
        .map(KitchenOrder::from))
}

/// A row of the `orders` table.
pub(super) struct OrderRow {
    pub(super) id: i64,
    pub(super) order: Order,
    customer_phone: Option<String>,
    expires_at_ms: Option<i64>,
}

impl From<OrderRow> for KitchenOrder {
    fn from(row: OrderRow) -> Self {
        Self {
            order: row.order,
            customer_phone: row.customer_phone,
            expires_at_ms: row.expires_at_ms,
        }
    }
}

pub(super) fn find_by_token(db: &Connection, token: &str) -> Result<Option<OrderRow>, StoreError> {
    let sql = "SELECT * FROM orders WHERE token = :value";
    Ok(query_rows(db, sql, token)?.pop())
}

/// Finds an order by the number that its restaurant and its customer know it by.
pub(super) fn find_by_number(
    db: &Connection,
    restaurant: &str,
    number: u32,
) -> Result<Option<OrderRow>, StoreError> {
    let token: Option<String> = db
        .prepare_cached(
            "SELECT token FROM orders WHERE restaurant = :restaurant AND number = :number",
        )?
        .query_row(
            named_params! { ":restaurant": restaurant, ":number": number },
            |row| row.get(0),
        )
        .optional()?;
    token.map_or(Ok(None), |token| find_by_token(db, &token))
}

fn query_rows(db: &Connection, sql: &str, value: &str) -> Result<Vec<OrderRow>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(named_params! { ":value": value })?;
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        orders.push(read_row(db, row)?);
    }
    Ok(orders)
}

fn read_row(db: &Connection, row: &Row<'_>) -> Result<OrderRow, StoreError> {
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
        state: columns.variant("state")?,
        payment: match columns.get::<Option<String>>("payment_now")? {
            Some(_) => columns.variant("payment_now")?,
            None => columns.variant("payment")?,
        },
        version: columns.get("version")?,
        placed_at_ms: columns.get("placed_at_ms")?,
        fulfilment: columns.variant("fulfilment")?,
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
        history: event_log::history(db, id)?,
    };
    Ok(OrderRow {
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
