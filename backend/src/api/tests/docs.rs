//! `docs/API.md` is correct: its examples parse as the stated types, and it lists every error code.

use model::basket::{Basket, Quote};
use model::drill::{DrillOrders, ReplicaFault};
use model::feed::{EventLogPage, KitchenUpdate, OrderUpdate};
use model::order::{Order, PlaceOrder};
use model::place::{AddressCheck, Place};
use model::restaurant::{SearchResult, Slots};
use model::staff::{
    Acceptance, ExpectedVersion, Rejection, StaffCancellation, StaffDishes, StaffOrders,
    StaffSession, StaffSignIn, StockChange,
};
use model::status::ReplicaReport;

use super::*;

const TEXT: &str = include_str!("../../../../docs/API.md");

fn read<T: DeserializeOwned>(example: &str) -> Result<(), serde_json::Error> {
    serde_json::from_str::<T>(example).map(|_| ())
}

#[test]
fn every_example_parses_as_its_type() {
    let mut examples = 0;
    for block in TEXT.split("```json ").skip(1) {
        let (kind, rest) = block.split_once('\n').unwrap();
        let example = rest.split("```").next().unwrap();
        let read = match kind {
            "AddressCheck" => read::<AddressCheck>,
            "Place" => read::<Place>,
            "SearchResult" => read::<SearchResult>,
            "Slots" => read::<Slots>,
            "Basket" => read::<Basket>,
            "Quote" => read::<Quote>,
            "PlaceOrder" => read::<PlaceOrder>,
            "Order" => read::<Order>,
            "Problem" => read::<Problem>,
            "StaffSignIn" => read::<StaffSignIn>,
            "StaffSession" => read::<StaffSession>,
            "StaffOrders" => read::<StaffOrders>,
            "Acceptance" => read::<Acceptance>,
            "Rejection" => read::<Rejection>,
            "StaffCancellation" => read::<StaffCancellation>,
            "ExpectedVersion" => read::<ExpectedVersion>,
            "StockChange" => read::<StockChange>,
            "StaffDishes" => read::<StaffDishes>,
            "ReplicaReport" => read::<ReplicaReport>,
            "EventLogPage" => read::<EventLogPage>,
            "OrderUpdate" => read::<OrderUpdate>,
            "KitchenUpdate" => read::<KitchenUpdate>,
            "DrillOrders" => read::<DrillOrders>,
            "ReplicaFault" => read::<ReplicaFault>,
            // Answered by the front-end server itself.
            _ => continue,
        };
        read(example).unwrap_or_else(|error| panic!("the {kind}: {error}"));
        examples += 1;
    }
    assert!(examples >= 24, "only {examples} examples");
}

#[test]
fn every_error_code_is_listed_with_its_status() {
    let rows = TEXT.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut listed = 0;
    for row in rows {
        let mut columns = row.split('|');
        let code = columns.next().unwrap().trim().trim_end_matches('`');
        let Ok(code) = serde_json::from_value::<Code>(code.into()) else {
            continue;
        };
        let status: u16 = columns.next().unwrap().trim().parse().unwrap();
        assert_eq!(status, code.status(), "{code:?}");
        listed += 1;
    }
    let declared = include_str!("../../../../model/src/problem.rs")
        .split_once("pub enum Code {")
        .and_then(|(_, rest)| rest.split_once("\n}"))
        .map(|(names, _)| names)
        .unwrap()
        .lines()
        .filter(|line| line.trim_end().ends_with(',') && !line.contains("//"))
        .count();
    assert_eq!(
        listed, declared,
        "docs/API.md does not list every error code"
    );
}
