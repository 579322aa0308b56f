//! Payment: its own states, beside the order's, and the ways to pay.
//!
//! What an order has come to says what becomes of the money, and each way to pay says it differently: paid at the door, money is
//! taken as the order is completed. A way that takes money by itself would be told here as well what it is to do.

use model::OrderState;
use model::order::PaymentState;

/// A way to pay for an order. It decides and does nothing itself, so that what it decides commits with the order's step.
pub trait Method: Send + Sync {
    /// As the store spells it.
    fn name(&self) -> &'static str;

    /// What the payment becomes as the order comes to `order`; `None` where it stays as it is.
    fn follow(&self, payment: PaymentState, order: OrderState) -> Option<PaymentState>;
}

/// Cash or card, on delivery or at the counter: the restaurant takes the money as it hands over the food.
pub struct OnDelivery;

impl Method for OnDelivery {
    fn name(&self) -> &'static str {
        "on_delivery"
    }

    fn follow(&self, payment: PaymentState, order: OrderState) -> Option<PaymentState> {
        match (payment, order) {
            (PaymentState::Unpaid, OrderState::Completed) => Some(PaymentState::Captured),
            _ => owed_back(payment, order),
        }
    }
}

/// Money that was taken for an order that comes to nothing is owed back, however it was paid; a promise of money lapses.
fn owed_back(payment: PaymentState, order: OrderState) -> Option<PaymentState> {
    let comes_to_nothing = matches!(
        order,
        OrderState::Rejected | OrderState::Expired | OrderState::Cancelled | OrderState::Failed
    );
    match payment {
        PaymentState::Captured if comes_to_nothing => Some(PaymentState::RefundDue),
        PaymentState::Authorised if comes_to_nothing => Some(PaymentState::Unpaid),
        _ => None,
    }
}

/// How orders are paid.
#[must_use]
pub fn method() -> &'static dyn Method {
    &OnDelivery
}

/// Whether one state of a payment may follow another.
#[must_use]
pub fn may_follow(from: PaymentState, to: PaymentState) -> bool {
    use PaymentState::{Authorised, Captured, Failed, RefundDue, Refunded, Unpaid};
    matches!(
        (from, to),
        (Unpaid, Authorised | Captured | Failed)
            | (Authorised, Captured | Failed | Unpaid)
            | (Failed, Authorised | Captured)
            | (Captured, RefundDue)
            | (RefundDue, Refunded)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYMENTS: [PaymentState; 6] = [
        PaymentState::Unpaid,
        PaymentState::Authorised,
        PaymentState::Captured,
        PaymentState::RefundDue,
        PaymentState::Refunded,
        PaymentState::Failed,
    ];

    #[test]
    fn paid_at_the_door_is_paid_when_completed_and_owed_only_if_it_was_taken() {
        let follow = |payment, order| OnDelivery.follow(payment, order);
        for order in OrderState::ALL {
            let expected = (order == OrderState::Completed).then_some(PaymentState::Captured);
            assert_eq!(follow(PaymentState::Unpaid, order), expected, "{order:?}");
        }
        for order in [OrderState::Cancelled, OrderState::Failed] {
            let due = follow(PaymentState::Captured, order);
            assert_eq!(due, Some(PaymentState::RefundDue), "{order:?}");
        }
        assert_eq!(follow(PaymentState::Captured, OrderState::Ready), None);
    }

    #[test]
    fn a_method_goes_no_way_that_payments_do_not_go() {
        for payment in PAYMENTS {
            for order in OrderState::ALL {
                if let Some(next) = method().follow(payment, order) {
                    assert!(may_follow(payment, next), "{payment:?} at {order:?}");
                }
            }
        }
    }

    #[test]
    fn money_that_went_back_stays_back() {
        for next in PAYMENTS {
            assert!(!may_follow(PaymentState::Refunded, next));
            assert!(!may_follow(next, next));
        }
    }
}
