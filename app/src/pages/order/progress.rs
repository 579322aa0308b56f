//! An order's state in words and as steps. Pure; it must not know how they are drawn.

use model::OrderState;
use model::order::Order;
use model::restaurant::Fulfilment;

/// The tone of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    InProgress,
    Completed,
    /// It will not arrive.
    Ended,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    pub title: &'static str,
    pub detail: String,
    pub mood: Mood,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    Done,
    Current,
    Ahead,
    /// The order ended here.
    Stopped,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub label: &'static str,
    pub state: StepState,
    /// When the order reached it.
    pub at_ms: Option<i64>,
}

/// The state in a few words, and what it means for the customer.
#[must_use]
pub fn headline(order: &Order) -> Headline {
    use Fulfilment::{Collection, Delivery};
    let shop = &order.restaurant.name;
    let (title, detail, mood) = match (order.state, order.fulfilment) {
        (OrderState::Placed, _) => (
            "Placed",
            format!("Your order is with {shop}. They say yes in a moment."),
            Mood::InProgress,
        ),
        (OrderState::Accepted, _) => (
            "Accepted",
            format!("{shop} said yes. Cooking starts in time for you."),
            Mood::InProgress,
        ),
        (OrderState::Preparing, _) => (
            "In the kitchen",
            format!("{shop} is cooking it now."),
            Mood::InProgress,
        ),
        (OrderState::Ready, Delivery) => (
            "Ready to go",
            "It is packed and waits for its driver.".into(),
            Mood::InProgress,
        ),
        (OrderState::Ready, Collection) => (
            "Ready to collect",
            format!("Say number {} at the counter.", order.number),
            Mood::InProgress,
        ),
        (OrderState::OutForDelivery, _) => (
            "On its way",
            "It has left the kitchen and comes to you.".into(),
            Mood::InProgress,
        ),
        (OrderState::Completed, Delivery) => {
            ("Delivered", "Enjoy your meal.".into(), Mood::Completed)
        }
        (OrderState::Completed, Collection) => {
            ("Collected", "Enjoy your meal.".into(), Mood::Completed)
        }
        (OrderState::Rejected, _) => (
            "Not accepted",
            format!("{} You pay nothing.", why_rejected(order)),
            Mood::Ended,
        ),
        (OrderState::Expired, _) => (
            "Nobody accepted it",
            format!(
                "{shop} did not answer in time, so the order ended by itself. You pay nothing."
            ),
            Mood::Ended,
        ),
        (OrderState::Cancelled, _) => (
            "Cancelled",
            match free_reason(order) {
                Some(reason) => format!("{reason} You pay nothing."),
                None => "This order was cancelled. You pay nothing.".into(),
            },
            Mood::Ended,
        ),
        (OrderState::Failed, Delivery) => (
            "Not delivered",
            "The driver could not hand it over. Ring the restaurant to sort it out.".into(),
            Mood::Ended,
        ),
        (OrderState::Failed, Collection) => (
            "Not collected",
            "It was ready, but nobody came for it. Ring the restaurant if that is wrong.".into(),
            Mood::Ended,
        ),
    };
    Headline {
        title,
        detail,
        mood,
    }
}

fn why_rejected(order: &Order) -> String {
    let shop = &order.restaurant.name;
    match reason(order) {
        Some("closing_early") => format!("{shop} is closing early today."),
        Some("busy") => format!("{shop} is too busy to take it just now."),
        Some("ingredient_unavailable") => format!("{shop} has run out of something in it."),
        _ => free_reason(order).unwrap_or_else(|| format!("{shop} cannot take it.")),
    }
}

fn reason(order: &Order) -> Option<&str> {
    order.history.last()?.reason.as_deref()
}

/// A reason that staff have written, as one sentence; `None` for a code.
fn free_reason(order: &Order) -> Option<String> {
    let reason = reason(order)?.trim();
    let is_code = reason
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_code {
        return None;
    }
    let end = if reason.ends_with(['.', '?']) {
        ""
    } else {
        "."
    };
    Some(format!("{reason}{end}"))
}

/// The steps of an order: five, or those it has reached and the one where it ended instead.
#[must_use]
pub fn steps(order: &Order) -> Vec<Step> {
    let stages = stages(order.state, order.fulfilment);
    let reached = |states: &[OrderState]| {
        order
            .history
            .iter()
            .find(|change| states.contains(&change.state))
            .map(|change| change.at_ms)
    };
    // The kitchen may skip a step: those before the furthest one are done.
    let furthest = stages
        .iter()
        .rposition(|(_, states)| reached(states).is_some() || states.contains(&order.state))
        .unwrap_or(0);
    let ended = headline(order).mood == Mood::Ended;
    let mut steps: Vec<Step> = stages
        .iter()
        .enumerate()
        .map(|(index, (label, states))| Step {
            label,
            at_ms: reached(states),
            state: if index < furthest || ended || order.state == OrderState::Completed {
                StepState::Done
            } else if index == furthest {
                StepState::Current
            } else {
                StepState::Ahead
            },
        })
        .collect();
    if ended {
        steps.truncate(furthest + 1);
        steps.push(Step {
            label: headline(order).title,
            state: StepState::Stopped,
            at_ms: reached(&[order.state]),
        });
    }
    steps
}

type Stages = [(&'static str, &'static [OrderState]); 5];

fn stages(state: OrderState, fulfilment: Fulfilment) -> Stages {
    use OrderState::{Accepted, Completed, OutForDelivery, Placed, Preparing, Ready};
    let (fourth, last): ((_, &[_]), _) = match fulfilment {
        Fulfilment::Delivery if state == Ready => (("Ready", &[Ready]), "Delivered"),
        Fulfilment::Delivery => (("On its way", &[OutForDelivery]), "Delivered"),
        Fulfilment::Collection => (("Ready", &[Ready]), "Collected"),
    };
    [
        ("Placed", &[Placed]),
        ("Accepted", &[Accepted]),
        ("Cooking", &[Preparing]),
        fourth,
        (last, &[Completed]),
    ]
}

/// When the order expires unless the restaurant has accepted it; for orders for as soon as possible only, where it is a matter of
/// minutes.
#[must_use]
pub fn acceptance_due_ms(order: &Order) -> Option<i64> {
    const ACCEPT_WITHIN_MS: i64 = 10 * 60 * 1_000;
    (order.state == OrderState::Placed && order.slot.is_none())
        .then_some(order.placed_at_ms + ACCEPT_WITHIN_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Pence;
    use model::order::{OrderRestaurant, PaymentState, StateChange};

    fn order(fulfilment: Fulfilment, states: &[OrderState], reason: Option<&str>) -> Order {
        Order {
            token: "token".into(),
            number: 123,
            restaurant: OrderRestaurant {
                slug: "copper-pan".into(),
                name: "The Copper Pan".into(),
                phone: "0191 498 0123".into(),
                address: "14 Silver Street".into(),
                zone: "Europe/London".into(),
            },
            state: *states.last().unwrap(),
            payment: PaymentState::Unpaid,
            version: 1,
            placed_at_ms: 1_000,
            fulfilment,
            slot: None,
            expected: None,
            lines: vec![],
            goods_pence: Pence(0),
            delivery_fee_pence: Pence(0),
            total_pence: Pence(0),
            vat_pence: Pence(0),
            customer_name: String::new(),
            delivery_address: None,
            notes: String::new(),
            history: states
                .iter()
                .zip(1..)
                .map(|(state, second)| StateChange {
                    state: *state,
                    at_ms: second * 1_000,
                    reason: reason.map(str::to_owned),
                })
                .collect(),
        }
    }

    fn line(order: &Order) -> Vec<(&'static str, StepState)> {
        steps(order)
            .into_iter()
            .map(|step| (step.label, step.state))
            .collect()
    }

    use OrderState::*;
    use StepState::{Ahead, Current, Done, Stopped};

    #[test]
    fn a_delivery_has_five_steps() {
        let order = order(Fulfilment::Delivery, &[Placed, Accepted, Preparing], None);
        assert_eq!(
            line(&order),
            [
                ("Placed", Done),
                ("Accepted", Done),
                ("Cooking", Current),
                ("On its way", Ahead),
                ("Delivered", Ahead)
            ]
        );
        assert_eq!(steps(&order)[1].at_ms, Some(2_000));
    }

    #[test]
    fn a_delivery_that_is_ready_says_so_and_a_skipped_step_is_done() {
        let order = order(Fulfilment::Delivery, &[Placed, Accepted, Ready], None);
        assert_eq!(line(&order)[2], ("Cooking", Done));
        assert_eq!(line(&order)[3], ("Ready", Current));
    }

    #[test]
    fn a_collection_ends_collected() {
        let order = order(
            Fulfilment::Collection,
            &[Placed, Accepted, Preparing, Ready, Completed],
            None,
        );
        assert!(line(&order).iter().all(|(_, state)| *state == Done));
        assert_eq!(line(&order)[4].0, "Collected");
        assert_eq!(headline(&order).mood, Mood::Completed);
    }

    #[test]
    fn an_order_that_ended_shows_its_last_step() {
        let order = order(Fulfilment::Delivery, &[Placed, Accepted, Cancelled], None);
        assert_eq!(
            line(&order),
            [("Placed", Done), ("Accepted", Done), ("Cancelled", Stopped)]
        );
        let order = self::order(Fulfilment::Delivery, &[Placed, Expired], None);
        assert_eq!(
            line(&order),
            [("Placed", Done), ("Nobody accepted it", Stopped)]
        );
    }

    #[test]
    fn reasons_are_sentences_and_codes_are_never_shown() {
        let said = |state, reason| {
            headline(&order(Fulfilment::Delivery, &[Placed, state], Some(reason))).detail
        };
        assert_eq!(
            said(Rejected, "busy"),
            "The Copper Pan is too busy to take it just now. You pay nothing."
        );
        assert_eq!(
            said(Rejected, "other"),
            "The Copper Pan cannot take it. You pay nothing."
        );
        assert_eq!(
            said(Rejected, "The oven broke"),
            "The oven broke. You pay nothing."
        );
        assert!(!said(Cancelled, "by_customer").contains('_'));
    }

    #[test]
    fn acceptance_is_due_only_for_an_immediate_order_that_is_placed() {
        let mut placed = order(Fulfilment::Delivery, &[Placed], None);
        assert_eq!(acceptance_due_ms(&placed), Some(601_000));
        placed.slot = Some(model::restaurant::Slot {
            start_ms: 0,
            end_ms: 1,
        });
        assert_eq!(acceptance_due_ms(&placed), None);
        assert_eq!(
            acceptance_due_ms(&order(Fulfilment::Delivery, &[Placed, Accepted], None)),
            None
        );
    }
}
