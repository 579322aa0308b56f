//! Moving an order from one state to the next: compare-and-set on its version, with its line in the log, and with what follows
//! from it for its payment, its place and its portions.

use model::OrderState;
use model::machine::Actor;
use model::order::Order;
use model::problem::FieldError;
use rusqlite::{Connection, named_params};

use super::log::{self, Details, Event};
use super::orders::{self, Stored};
use super::payments;
use super::staff_requests::Request;
use super::supply;
use crate::domain::step::{Action, NotTaken, Step, Words};
use crate::store::{Cancellation, StaffOutcome, StaffStep, StoreError};

pub(super) fn cancel_by_customer(
    db: &Connection,
    token: &str,
    now_ms: i64,
) -> Result<Cancellation, StoreError> {
    let step = Step {
        by: Actor::Customer,
        action: Action::Cancel(None),
    };
    cancel(db, orders::stored(db, token)?, &step, now_ms)
}

pub(super) fn cancel_by_operator(
    db: &Connection,
    restaurant: &str,
    number: u32,
    reason: Words,
    now_ms: i64,
) -> Result<Cancellation, StoreError> {
    let step = Step {
        by: Actor::Operator,
        action: Action::Cancel(Some(reason)),
    };
    let found = orders::numbered(db, restaurant, number)?;
    cancel(db, found, &step, now_ms)
}

fn cancel(
    db: &Connection,
    found: Option<Stored>,
    step: &Step,
    now_ms: i64,
) -> Result<Cancellation, StoreError> {
    let Some(Stored { id, order, .. }) = found else {
        return Ok(Cancellation::NotFound);
    };
    if order.state == OrderState::Cancelled {
        return Ok(Cancellation::AlreadyCancelled(order));
    }
    Ok(match take(db, id, order, step, None, now_ms)? {
        Taken::Moved(order) => Cancellation::Cancelled(order),
        Taken::Conflict(order) | Taken::Invalid(order, _) => Cancellation::Conflict(order),
    })
}

/// The key comes first: a repeat is answered as it was, whatever became of the order since.
pub(super) fn step_by_staff(
    db: &Connection,
    wanted: &StaffStep,
) -> Result<StaffOutcome, StoreError> {
    let request = Request {
        restaurant: &wanted.restaurant,
        key: &wanted.key,
        fingerprint: wanted.fingerprint,
    };
    if let Some(before) = request.answered_before(db)? {
        return Ok(before);
    }
    let found = orders::stored(db, &wanted.token)?;
    let ours = found.filter(|stored| stored.order.restaurant.slug == wanted.restaurant);
    let Some(Stored { id, order, .. }) = ours else {
        return Ok(StaffOutcome::NotFound);
    };
    if order.version != wanted.version {
        return Ok(StaffOutcome::Conflict(Box::new(order)));
    }
    let account = Some(wanted.account);
    match take(db, id, order, &wanted.step, account, wanted.at_ms)? {
        Taken::Moved(order) => {
            let answer = serde_json::to_vec(&order)
                .map_err(|error| StoreError::Failed(format!("an order as JSON: {error}")))?;
            request.keep(db, &answer)?;
            Ok(StaffOutcome::Done(answer.into()))
        }
        Taken::Conflict(order) => Ok(StaffOutcome::Conflict(Box::new(order))),
        Taken::Invalid(_, error) => Ok(StaffOutcome::Invalid(error)),
    }
}

pub(super) enum Taken {
    Moved(Order),
    /// Its state does not allow it.
    Conflict(Order),
    Invalid(Order, FieldError),
}

/// Takes one step with the order `seen`, which was read in this transaction.
pub(super) fn take(
    db: &Connection,
    id: i64,
    mut seen: Order,
    step: &Step,
    account: Option<i64>,
    at_ms: i64,
) -> Result<Taken, StoreError> {
    let change = match step.on(&seen, at_ms) {
        Ok(change) => change,
        Err(NotTaken::Conflict) => return Ok(Taken::Conflict(seen)),
        Err(NotTaken::Invalid(error)) => return Ok(Taken::Invalid(seen, error)),
    };
    let expected = change.expected.or(seen.expected);
    let updated = db
        .prepare_cached(
            "UPDATE orders SET state = :to, version = version + 1,
                 expected_start_ms = :expected_start_ms, expected_end_ms = :expected_end_ms
             WHERE id = :id AND version = :version",
        )?
        .execute(named_params! {
            ":to": change.to.as_str(),
            ":expected_start_ms": expected.map(|slot| slot.start_ms),
            ":expected_end_ms": expected.map(|slot| slot.end_ms),
            ":id": id,
            ":version": seen.version,
        })?;
    if updated != 1 {
        return Err(StoreError::Failed(
            "an order changed within another's transaction".to_owned(),
        ));
    }
    let event = Event {
        order_id: id,
        actor: step.by,
        from: Some(seen.state),
        to: change.to,
        reason: change.reason,
        at_ms,
        details: Details {
            account,
            minutes: change.minutes,
            words: change.words,
        },
    };
    log::append(db, &event)?;
    supply::give_back(db, id, change.to)?;
    seen.state = change.to;
    seen.payment = payments::follow(db, id, &seen, at_ms)?;
    seen.version += 1;
    seen.expected = expected;
    seen.history.push(event.shown());
    Ok(Taken::Moved(seen))
}
