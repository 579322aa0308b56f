//! The SQL of payments, which follow the order in the transaction of its transition.

use model::order::{Order, PaymentState};
use rusqlite::{Connection, named_params};

use crate::domain::payment;
use crate::store::StoreError;

/// Advances the payment to the state that goes with the order's current state, and returns it.
pub(super) fn advance(
    db: &Connection,
    order_id: i64,
    order: &Order,
    at_ms: i64,
) -> Result<PaymentState, StoreError> {
    let method = payment::payment_method();
    let Some(next) = method.next_state(order.payment, order.state) else {
        return Ok(order.payment);
    };
    if !payment::is_allowed(order.payment, next) {
        return Err(StoreError::Failed(format!(
            "a payment cannot go from {} to {}",
            order.payment.as_str(),
            next.as_str()
        )));
    }
    db.prepare_cached("UPDATE orders SET payment_now = :next WHERE id = :id")?
        .execute(named_params! { ":next": next.as_str(), ":id": order_id })?;
    db.prepare_cached(
        "INSERT INTO payments (order_id, method, from_state, to_state, amount_pence, at_ms)
         VALUES (:order_id, :method, :from_state, :to_state, :amount_pence, :at_ms)",
    )?
    .execute(named_params! {
        ":order_id": order_id,
        ":method": method.name(),
        ":from_state": order.payment.as_str(),
        ":to_state": next.as_str(),
        ":amount_pence": order.total_pence.0,
        ":at_ms": at_ms,
    })?;
    Ok(next)
}
