//! Payment: its states beside those of the order, and the payment methods.
//!
//! The order's state decides what happens to the money, differently for each payment method: paid on delivery, the money is captured
//! as the order is completed. A method that charges cards would also get its instructions here.

use model::OrderState;
use model::order::PaymentState;

/// A payment method. It decides and performs no I/O, so that its decision commits in the transaction of the order's transition.
pub trait PaymentMethod: Send + Sync {
    /// The method's name in the store.
    fn name(&self) -> &'static str;

    /// The payment's next state as the order reaches `order`; `None`: the payment stays as it is.
    fn next_state(&self, payment: PaymentState, order: OrderState) -> Option<PaymentState>;
}

/// Cash or card, on delivery or at the counter: the restaurant takes the money as it hands over the food.
pub struct PayOnDelivery;

impl PaymentMethod for PayOnDelivery {
    fn name(&self) -> &'static str {
        "on_delivery"
    }

    fn next_state(&self, payment: PaymentState, order: OrderState) -> Option<PaymentState> {
        match (payment, order) {
            (PaymentState::Unpaid, OrderState::Completed) => Some(PaymentState::Captured),
            _ => reversal(payment, order),
        }
    }
}

/// The reversal of a payment whose order is not fulfilled, whatever the method: captured money becomes due for refund, an
/// authorisation lapses.
fn reversal(payment: PaymentState, order: OrderState) -> Option<PaymentState> {
    if !OrderState::UNFULFILLED.contains(&order) {
        return None;
    }
    match payment {
        PaymentState::Captured => Some(PaymentState::RefundDue),
        PaymentState::Authorised => Some(PaymentState::Unpaid),
        _ => None,
    }
}

/// The payment method of all orders.
#[must_use]
pub fn payment_method() -> &'static dyn PaymentMethod {
    &PayOnDelivery
}

/// Whether a payment may go from one state to the other.
#[must_use]
pub fn is_allowed(from: PaymentState, to: PaymentState) -> bool {
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
    fn pay_on_delivery_captures_at_completion_and_refunds_only_captured_money() {
        let next_state = |payment, order| PayOnDelivery.next_state(payment, order);
        for order in OrderState::ALL {
            let expected = (order == OrderState::Completed).then_some(PaymentState::Captured);
            assert_eq!(
                next_state(PaymentState::Unpaid, order),
                expected,
                "{order:?}"
            );
        }
        for order in [OrderState::Cancelled, OrderState::Failed] {
            let due = next_state(PaymentState::Captured, order);
            assert_eq!(due, Some(PaymentState::RefundDue), "{order:?}");
        }
        assert_eq!(next_state(PaymentState::Captured, OrderState::Ready), None);
    }

    #[test]
    fn a_method_makes_only_allowed_transitions() {
        for payment in PAYMENTS {
            for order in OrderState::ALL {
                if let Some(next) = payment_method().next_state(payment, order) {
                    assert!(is_allowed(payment, next), "{payment:?} at {order:?}");
                }
            }
        }
    }

    #[test]
    fn a_refund_is_final() {
        for next in PAYMENTS {
            assert!(!is_allowed(PaymentState::Refunded, next));
            assert!(!is_allowed(next, next));
        }
    }
}
