//! One history for each violation of the inventory. Every order takes two portions and one place in its slot.

use model::order::OrderState;

use super::order_violations::names_of_violations;
use super::reference::ReferenceSystem;

#[test]
fn what_was_given_back_can_be_sold_again() {
    for given_back in [
        OrderState::Cancelled,
        OrderState::Rejected,
        OrderState::Expired,
    ] {
        let mut system = ReferenceSystem::with_inventory(4, 2);
        system.place(0);
        system.place(1);
        match given_back {
            OrderState::Cancelled => system.cancel(0),
            OrderState::Rejected => system.execute_transition(0, OrderState::Rejected),
            _ => system.append_event(0, OrderState::Expired),
        }
        system.place(2);
        assert_eq!(names_of_violations(&system), [""; 0]);
    }
}

/// Places two orders; the violation stays although one is cancelled later.
fn assert_second_order_oversells(mut system: ReferenceSystem) {
    system.place(0);
    system.place(1);
    assert_eq!(names_of_violations(&system), ["oversold"]);
    system.cancel(0);
    assert_eq!(names_of_violations(&system), ["oversold"]);
}

#[test]
fn more_portions_are_sold_than_the_stock() {
    assert_second_order_oversells(ReferenceSystem::with_inventory(3, 9));
}

#[test]
fn a_slot_has_more_orders_than_its_capacity() {
    assert_second_order_oversells(ReferenceSystem::with_inventory(9, 1));
}

#[test]
fn orders_in_other_slots_do_not_count() {
    let mut system = ReferenceSystem::with_inventory(9, 1);
    system.place(0);
    system.place(1);
    system.store.orders[1].slot_start_ms = Some(2_000);
    assert_eq!(names_of_violations(&system), [""; 0]);
}

#[test]
fn the_remaining_stock_does_not_match_the_sales() {
    for remaining in [Some(7), Some(9), None] {
        let mut system = ReferenceSystem::with_inventory(10, 9);
        system.place(0);
        system.store.stock[0].remaining = remaining;
        assert_eq!(names_of_violations(&system), ["stock differs from sales"]);
    }
    let mut system = ReferenceSystem::with_inventory(10, 9);
    system.store.stock.clear();
    assert_eq!(names_of_violations(&system), ["stock differs from sales"]);
}
