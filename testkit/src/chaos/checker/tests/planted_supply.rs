//! One history for each thing that can be wrong with what is short. Every order takes two portions and one place.

use model::order::OrderState;

use super::planted::found;
use super::world::World;

#[test]
fn everything_is_sold_and_sold_again_once_it_was_given_back() {
    for given_back in [
        OrderState::Cancelled,
        OrderState::Rejected,
        OrderState::Expired,
    ] {
        let mut world = World::supplied(4, 2);
        world.place(0);
        world.place(1);
        match given_back {
            OrderState::Cancelled => world.cancel(0),
            OrderState::Rejected => world.step(0, OrderState::Rejected),
            _ => world.move_to(0, OrderState::Expired),
        }
        world.place(2);
        assert_eq!(found(&world), [""; 0]);
    }
}

#[test]
fn more_portions_are_sold_than_there_are() {
    let mut world = World::supplied(3, 9);
    world.place(0);
    world.place(1);
    assert_eq!(found(&world), ["oversold"]);
    // Also where one of them was given back later.
    world.cancel(0);
    assert_eq!(found(&world), ["oversold"]);
}

#[test]
fn a_slot_has_more_orders_than_places() {
    let mut world = World::supplied(9, 1);
    world.place(0);
    world.place(1);
    assert_eq!(found(&world), ["oversold"]);
    world.cancel(0);
    assert_eq!(found(&world), ["oversold"]);
}

#[test]
fn orders_in_other_slots_take_no_place() {
    let mut world = World::supplied(9, 1);
    world.place(0);
    world.place(1);
    world.stored.orders[1].slot_ms = Some(2_000);
    assert_eq!(found(&world), [""; 0]);
}

#[test]
fn what_is_left_is_not_what_was_not_sold() {
    for left in [Some(7), Some(9), None] {
        let mut world = World::supplied(10, 9);
        world.place(0);
        world.stored.stock[0].left = left;
        assert_eq!(found(&world), ["stock is not what was not sold"]);
    }
    let mut world = World::supplied(10, 9);
    world.stored.stock.clear();
    assert_eq!(found(&world), ["stock is not what was not sold"]);
}
