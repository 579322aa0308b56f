//! The SQL of transitions: moves an order to its next state by compare-and-set on its version, appends to the event log, and updates
//! payment, slot and stock, all in one transaction.

use model::OrderState;
use model::machine::Actor;
use model::order::Order;
use model::problem::FieldError;
use rusqlite::{Connection, named_params};

use super::event_log::{self, Event, EventDetails};
use super::inventory;
use super::orders::{self, OrderRow};
use super::payments;
use super::staff_requests::StaffRequest;
use crate::domain::transition::{Action, CustomerMessage, Transition, TransitionError};
use crate::store::{Cancellation, StaffOutcome, StaffTransition, StoreError};

pub(super) fn cancel_by_customer(
    db: &Connection,
    token: &str,
    now_ms: i64,
) -> Result<Cancellation, StoreError> {
    let transition = Transition {
        actor: Actor::Customer,
        action: Action::Cancel(None),
    };
    cancel(db, orders::find_by_token(db, token)?, &transition, now_ms)
}

pub(super) fn cancel_by_operator(
    db: &Connection,
    restaurant: &str,
    number: u32,
    reason: CustomerMessage,
    now_ms: i64,
) -> Result<Cancellation, StoreError> {
    let transition = Transition {
        actor: Actor::Operator,
        action: Action::Cancel(Some(reason)),
    };
    let row = orders::find_by_number(db, restaurant, number)?;
    cancel(db, row, &transition, now_ms)
}

fn cancel(
    db: &Connection,
    row: Option<OrderRow>,
    transition: &Transition,
    now_ms: i64,
) -> Result<Cancellation, StoreError> {
    let Some(OrderRow { id, order, .. }) = row else {
        return Ok(Cancellation::NotFound);
    };
    if order.state == OrderState::Cancelled {
        return Ok(Cancellation::AlreadyCancelled(order));
    }
    Ok(match apply(db, id, order, transition, None, now_ms)? {
        TransitionOutcome::Applied(order) => Cancellation::Cancelled(order),
        TransitionOutcome::Conflict(order) | TransitionOutcome::Invalid(order, _) => {
            Cancellation::Conflict(order)
        }
    })
}

/// Applies a transition that the staff requested. The key is looked up first: a repeated request gets the saved response, whatever the
/// order's state is by now.
pub(super) fn transition_by_staff(
    db: &Connection,
    requested: &StaffTransition,
) -> Result<StaffOutcome, StoreError> {
    let request = StaffRequest {
        restaurant: &requested.restaurant,
        key: &requested.key,
        fingerprint: requested.fingerprint,
    };
    if let Some(earlier) = request.find_outcome(db)? {
        return Ok(earlier);
    }
    let row = orders::find_by_token(db, &requested.token)?
        .filter(|row| row.order.restaurant.slug == requested.restaurant);
    let Some(OrderRow { id, order, .. }) = row else {
        return Ok(StaffOutcome::NotFound);
    };
    if order.version != requested.version {
        return Ok(StaffOutcome::Conflict(Box::new(order)));
    }
    let account = Some(requested.account);
    match apply(
        db,
        id,
        order,
        &requested.transition,
        account,
        requested.at_ms,
    )? {
        TransitionOutcome::Applied(order) => {
            let body = serde_json::to_vec(&order)
                .map_err(|error| StoreError::Failed(format!("an order as JSON: {error}")))?;
            request.save_response(db, &body)?;
            Ok(StaffOutcome::Done(body.into()))
        }
        TransitionOutcome::Conflict(order) => Ok(StaffOutcome::Conflict(Box::new(order))),
        TransitionOutcome::Invalid(_, error) => Ok(StaffOutcome::Invalid(error)),
    }
}

/// The result of [`apply`], with the order as it is afterwards.
pub(super) enum TransitionOutcome {
    Applied(Order),
    /// The order's state does not allow the transition; nothing was changed.
    Conflict(Order),
    /// The request lacks a field that this order needs; nothing was changed.
    Invalid(Order, FieldError),
}

/// Applies a transition to `order`, which must have been read in this transaction.
pub(super) fn apply(
    db: &Connection,
    id: i64,
    mut order: Order,
    transition: &Transition,
    account: Option<i64>,
    at_ms: i64,
) -> Result<TransitionOutcome, StoreError> {
    let effect = match transition.effect_on(&order, at_ms) {
        Ok(effect) => effect,
        Err(TransitionError::Conflict) => return Ok(TransitionOutcome::Conflict(order)),
        Err(TransitionError::Invalid(error)) => {
            return Ok(TransitionOutcome::Invalid(order, error));
        }
    };
    let expected = effect.expected.or(order.expected);
    let updated = db
        .prepare_cached(
            "UPDATE orders SET state = :to, version = version + 1,
                 expected_start_ms = :expected_start_ms, expected_end_ms = :expected_end_ms
             WHERE id = :id AND version = :version",
        )?
        .execute(named_params! {
            ":to": effect.to.as_str(),
            ":expected_start_ms": expected.map(|slot| slot.start_ms),
            ":expected_end_ms": expected.map(|slot| slot.end_ms),
            ":id": id,
            ":version": order.version,
        })?;
    if updated != 1 {
        return Err(StoreError::Failed(
            "an order changed during the transaction that read it".to_owned(),
        ));
    }
    let event = Event {
        order_id: id,
        actor: transition.actor,
        from: Some(order.state),
        to: effect.to,
        reason: effect.reason,
        at_ms,
        details: EventDetails {
            account,
            minutes: effect.minutes,
            message: effect.message,
        },
    };
    event_log::append(db, &event)?;
    if OrderState::RELEASED.contains(&effect.to) {
        inventory::release(db, id)?;
    }
    order.state = effect.to;
    order.payment = payments::advance(db, id, &order, at_ms)?;
    order.version += 1;
    order.expected = expected;
    order.history.push(event.to_state_change());
    Ok(TransitionOutcome::Applied(order))
}
