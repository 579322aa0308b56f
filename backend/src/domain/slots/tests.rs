use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::menus::fixtures::{instant, restaurant, weekly_hours, with, with_hours};

const QUARTER_MS: i64 = 15 * MINUTE_MS;

/// Local start times with the day of the month: `7 11:30`.
fn starts(restaurant: &Restaurant, fulfilment: Fulfilment, now: &str) -> Vec<String> {
    available_slots(restaurant, fulfilment, &Inventory::default(), instant(now))
        .slots
        .iter()
        .map(|slot| {
            let day = restaurant.zone().date(slot.start_ms).day();
            format!("{day} {}", restaurant.zone().format_time(slot.start_ms))
        })
        .collect()
}

#[test]
fn collection_starts_after_preparation_and_ends_at_closing_time() {
    let sample = with(&[("days_ahead = 2", "days_ahead = 0")]);
    // A Wednesday, closed before 11:30: preparation starts at opening and takes twenty minutes; slots follow from the next quarter on.
    let before = starts(&sample, Fulfilment::Collection, "2026-01-07T09:00:00Z");
    let lunch = [
        "12:00", "12:15", "12:30", "12:45", "13:00", "13:15", "13:30", "13:45", "14:00", "14:15",
        "14:30",
    ];
    assert_eq!(
        before[..lunch.len()],
        lunch.map(|clock| format!("7 {clock}"))
    );
    assert_eq!(before[lunch.len()], "7 17:30");
    assert_eq!(before.last().unwrap(), "7 23:00");

    // Lead time while open: ordered at 13:11, ready at 13:31.
    let open = starts(&sample, Fulfilment::Collection, "2026-01-07T13:11:00Z");
    assert_eq!(open[..4], ["7 13:45", "7 14:00", "7 14:15", "7 14:30"]);
    // A slot that starts exactly when the food is ready is offered.
    let exact = starts(&sample, Fulfilment::Collection, "2026-01-07T13:10:00Z");
    assert_eq!(exact[0], "7 13:30");
    // Too late for lunch: twenty minutes end after closing.
    let late = starts(&sample, Fulfilment::Collection, "2026-01-07T14:10:01Z");
    assert_eq!(late[0], "7 17:30");
}

#[test]
fn delivery_suits_every_band() {
    let sample = with(&[("days_ahead = 2", "days_ahead = 0")]);
    // Preparation takes twenty minutes, travel twenty-five to the farthest band and ten to the nearest, and the food must be ready
    // when the kitchen closes.
    let day = starts(&sample, Fulfilment::Delivery, "2026-01-07T09:00:00Z");
    assert_eq!(day[0], "7 12:15");
    assert_eq!(day[9], "7 14:30");
    assert_eq!(day[10], "7 17:45");
    assert_eq!(day.last().unwrap(), "7 23:00");

    // The near band has earlier slots, the far band later ones, after closing time.
    let near = TravelTime::to_band(&sample.bands()[0]);
    let far = TravelTime::to_band(&sample.bands()[1]);
    let now_ms = instant("2026-01-07T09:00:00Z");
    let clocks = |travel| {
        let slots = offered_slots(&sample, travel, now_ms);
        (
            sample.zone().format_time(slots[0].start_ms),
            sample.zone().format_time(slots[slots.len() - 1].start_ms),
        )
    };
    assert_eq!(clocks(near), ("12:00".to_owned(), "23:00".to_owned()));
    assert_eq!(clocks(far), ("12:15".to_owned(), "23:15".to_owned()));
}

#[test]
fn days_ahead_count_openings_so_that_a_night_belongs_to_its_evening() {
    let sample = with(&[("days_ahead = 2", "days_ahead = 0")]);
    let friday = starts(&sample, Fulfilment::Collection, "2026-01-09T12:00:00Z");
    assert_eq!(friday[0], "9 17:30");
    assert_eq!(friday.last().unwrap(), "10 02:00");
    // After midnight the rest of Friday's opening is still offered, and today is Saturday.
    let night = starts(&sample, Fulfilment::Collection, "2026-01-10T01:00:00Z");
    assert_eq!(night[..3], ["10 01:30", "10 01:45", "10 02:00"]);
    assert_eq!(night[3], "10 17:30");
    assert_eq!(night.last().unwrap(), "11 02:00");

    let longer = with(&[("days_ahead = 2", "days_ahead = 1")]);
    let friday = starts(&longer, Fulfilment::Collection, "2026-01-09T12:00:00Z");
    assert_eq!(friday.last().unwrap(), "11 02:00");
}

#[test]
fn round_the_clock_every_quarter_is_offered_once() {
    let always = with_hours(&std::array::from_fn(|_| "\"00:00-24:00\"".to_owned()));
    let now_ms = instant("2026-01-07T22:03:00Z");
    let slots = available_slots(
        &always,
        Fulfilment::Collection,
        &Inventory::default(),
        now_ms,
    )
    .slots;
    // From 22:30 today to the end of the day after tomorrow.
    let first_ms = instant("2026-01-07T22:30:00Z");
    let end_ms = instant("2026-01-10T00:00:00Z");
    let expected: Vec<i64> = (first_ms..end_ms).step_by(15 * 60_000).collect();
    let found: Vec<i64> = slots.iter().map(|slot| slot.start_ms).collect();
    assert_eq!(found, expected);
}

#[test]
fn in_the_autumn_night_no_slot_is_doubled_and_none_is_missing() {
    let sample = with(&[("days_ahead = 2", "days_ahead = 0")]);
    let found = available_slots(
        &sample,
        Fulfilment::Collection,
        &Inventory::default(),
        instant("2026-10-24T12:00:00Z"),
    )
    .slots;
    // 17:30 BST to 02:00 GMT: nine and a half hours and the last one.
    let expected: Vec<i64> = (instant("2026-10-24T16:30:00Z")..=instant("2026-10-25T02:00:00Z"))
        .step_by(15 * 60_000)
        .collect();
    let starts: Vec<i64> = found.iter().map(|slot| slot.start_ms).collect();
    assert_eq!(starts, expected);
    let clocks: Vec<String> = starts
        .iter()
        .map(|&start_ms| sample.zone().format_time(start_ms))
        .collect();
    // The repeated local hour has slots at both of its instants.
    assert_eq!(clocks.iter().filter(|clock| *clock == "01:15").count(), 2);
}

#[test]
fn in_the_spring_night_no_slot_is_missing() {
    let sample = with(&[("days_ahead = 2", "days_ahead = 0")]);
    let found = starts(&sample, Fulfilment::Collection, "2026-03-28T12:00:00Z");
    let end: Vec<&str> = found.iter().rev().take(4).map(String::as_str).collect();
    assert_eq!(end, ["29 02:00", "29 00:45", "29 00:30", "29 00:15"]);
}

#[test]
fn as_soon_as_possible_while_it_can_be_prepared_before_closing() {
    let sample = restaurant();
    let at = |now| {
        available_slots(
            &sample,
            Fulfilment::Delivery,
            &Inventory::default(),
            instant(now),
        )
        .asap
    };
    assert!(!at("2026-01-07T11:29:59Z"));
    assert!(at("2026-01-07T11:30:00Z"));
    assert!(at("2026-01-07T14:10:00Z"));
    assert!(!at("2026-01-07T14:10:01Z"));
    assert!(!at("2026-01-07T16:00:00Z"));
    // Through midnight into the next opening.
    let always = with_hours(&std::array::from_fn(|_| "\"00:00-24:00\"".to_owned()));
    assert!(
        available_slots(
            &always,
            Fulfilment::Collection,
            &Inventory::default(),
            instant("2026-01-07T23:59:00Z")
        )
        .asap
    );
}

#[test]
fn what_is_not_offered_has_no_slots() {
    let sample = with(&[("collection = true", "collection = false")]);
    let none = available_slots(
        &sample,
        Fulfilment::Collection,
        &Inventory::default(),
        instant("2026-01-07T12:00:00Z"),
    );
    assert!(!none.asap);
    assert_eq!(none.slots, []);
    assert_eq!(none.zone, "Europe/London");
}

/// The same rule implemented by brute force: checks every quarter of an hour whether the kitchen can prepare an order for it.
fn brute_force_slots(restaurant: &Restaurant, travel: TravelTime, now_ms: i64) -> BTreeSet<i64> {
    let zone = restaurant.zone();
    let ordering = restaurant.ordering();
    let today = zone.date(now_ms);
    let openings = day_openings(restaurant, day_before(today), days_after(today, 9));
    let kitchen = merge_adjacent(&openings);
    let first = now_ms.div_euclid(QUARTER_MS) * QUARTER_MS;
    (0..7 * 96)
        .map(|quarter| first + quarter * QUARTER_MS)
        .filter(|start_ms| {
            let begin_ms =
                start_ms - i64::from(ordering.prepare_minutes + travel.longest_minutes) * MINUTE_MS;
            let ready_ms = start_ms - i64::from(travel.shortest_minutes) * MINUTE_MS;
            let can_be_prepared = kitchen
                .iter()
                .any(|open| open.start_ms <= begin_ms && ready_ms <= open.end_ms);
            let prepared_on = openings
                .iter()
                .find(|day| day.start_ms <= ready_ms && ready_ms < day.end_ms)
                .or_else(|| openings.iter().find(|day| day.end_ms == ready_ms))
                .map(|day| day.date);
            begin_ms >= now_ms
                && can_be_prepared
                && prepared_on.is_some_and(|date| date <= days_after(today, ordering.days_ahead))
        })
        .collect()
}

proptest! {
    #[test]
    fn slots_are_exactly_the_times_that_the_kitchen_can_make(
        hours in weekly_hours(),
        spring in any::<bool>(),
        minutes in 0_i64..10 * 24 * 60,
        delivery in any::<bool>(),
    ) {
        let sample = with_hours(&hours);
        let change = if spring { "2026-03-24T00:00:00Z" } else { "2026-10-20T00:00:00Z" };
        let now_ms = instant(change) + minutes * MINUTE_MS;
        let fulfilment = if delivery { Fulfilment::Delivery } else { Fulfilment::Collection };
        let found = available_slots(&sample, fulfilment, &Inventory::default(), now_ms).slots;
        for pair in found.windows(2) {
            prop_assert!(pair[0].end_ms <= pair[1].start_ms);
        }
        for slot in &found {
            prop_assert_eq!(slot.end_ms - slot.start_ms, QUARTER_MS);
        }
        let starts: BTreeSet<i64> = found.iter().map(|slot| slot.start_ms).collect();
        prop_assert_eq!(starts.len(), found.len());
        let travel = TravelTime::to_all_bands(&sample, fulfilment);
        prop_assert_eq!(starts, brute_force_slots(&sample, travel, now_ms));
    }

    /// A slot that is offered before the postcode is known is offered in every band.
    #[test]
    fn a_slot_for_all_bands_is_a_slot_for_each_band(hours in weekly_hours(), minutes in 0_i64..10 * 24 * 60) {
        let sample = with_hours(&hours);
        let now_ms = instant("2026-10-20T00:00:00Z") + minutes * MINUTE_MS;
        let for_all = available_slots(&sample, Fulfilment::Delivery, &Inventory::default(), now_ms).slots;
        for band in sample.bands() {
            let for_each = offered_slots(&sample, TravelTime::to_band(band), now_ms);
            for slot in &for_all {
                prop_assert!(for_each.contains(slot));
            }
        }
    }
}

#[test]
fn a_time_belongs_to_the_slot_that_contains_it() {
    let sample = restaurant();
    for (at, start) in [
        ("2026-01-07T18:00:00Z", "2026-01-07T18:00:00Z"),
        ("2026-01-07T18:14:59Z", "2026-01-07T18:00:00Z"),
        ("2026-01-07T18:15:00Z", "2026-01-07T18:15:00Z"),
    ] {
        let time = Slot {
            start_ms: instant(at),
            end_ms: instant(at) + 1,
        };
        assert_eq!(
            containing_slot_start_ms(&sample, time),
            instant(start),
            "{at}"
        );
    }
}

#[test]
fn a_full_slot_is_not_offered_nor_asap_within_it() {
    let sample = with(&[("days_ahead = 2", "days_ahead = 2\norders_per_slot = 2")]);
    let now_ms = instant("2026-01-07T18:00:00Z");
    let all = available_slots(
        &sample,
        Fulfilment::Collection,
        &Inventory::default(),
        now_ms,
    );
    let soonest = containing_slot_start_ms(&sample, asap_window(&sample, TravelTime::ZERO, now_ms));
    let mut inventory = Inventory::default();
    inventory.orders_in_slots.insert(soonest, 1);
    inventory.orders_in_slots.insert(all.slots[3].start_ms, 2);
    let some = available_slots(&sample, Fulfilment::Collection, &inventory, now_ms);
    assert!(some.asap);
    assert_eq!(some.slots.len(), all.slots.len() - 1);
    assert!(!some.slots.contains(&all.slots[3]));
    inventory.orders_in_slots.insert(soonest, 2);
    assert!(!available_slots(&sample, Fulfilment::Collection, &inventory, now_ms).asap);
}
