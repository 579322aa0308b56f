//! Samples of the wire format: browser and servers read and write them with the same serde implementations.

#![recursion_limit = "512"]

use model::drill::{Drill, DrillPlan};
use model::menu::Menu;
use model::order::{OrderState, PaymentState, PlaceOrder};
use model::place::{Place, Source};
use model::problem::{Code, Problem};
use model::restaurant::{SearchResult, Slots};
use model::staff::{
    Acceptance, Rejection, StaffCancellation, StaffOrders, StaffSession, StaffSignIn,
};
use model::status::{AdminStateChange, ReplicaReport, Status};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Checks that a sample is read, is written back so that it reads the same, and tolerates members that a newer server may add.
fn round_trips<T>(sample: &Value)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let value: T = serde_json::from_value(sample.clone()).unwrap();
    let written = serde_json::to_string(&value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&written).unwrap(), value);
    let written = serde_json::to_value(&value).unwrap();
    let Value::Object(members) = sample else {
        assert_eq!(&written, sample);
        return;
    };
    for (name, member) in members {
        if !member.is_null() {
            let written = written.get(name).map(without_nulls);
            assert_eq!(written, Some(without_nulls(member)), "the member {name}");
        }
    }
    let mut extended = sample.clone();
    extended["of_next_year"] = json!({"a": [1, {}]});
    assert_eq!(serde_json::from_value::<T>(extended).unwrap(), value);
}

/// Removes the members that are null, which mean the same as absent ones.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let present = members.iter().filter(|(_, member)| !member.is_null());
            let present = present.map(|(name, member)| (name.clone(), without_nulls(member)));
            Value::Object(present.collect())
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

fn quote() -> Value {
    json!({
        "digest": "abc", "restaurant": "cenere", "fulfilment": "delivery", "postcode": "DH1 3LE",
        "distance_m": 1200, "approximate": false, "slot": null,
        "expected": {"start_ms": 1_700_000_000_000_i64, "end_ms": 1_700_000_900_000_i64},
        "lines": [{
            "dish": "margherita", "name": "Margherita “la prima”", "quantity": 2,
            "choices": [{"group": "base", "choice": "soft", "name": "Soft\n& blistered", "price_pence": 0}],
            "unit_pence": 1050, "total_pence": 2100, "vat": "standard"
        }],
        "goods_pence": 2100, "delivery_fee_pence": 0, "total_pence": 2100, "vat_pence": 350,
        "minimum_pence": 1500, "missing_pence": 0,
        "obstacles": [{"code": "below_minimum", "message": "m", "line": null},
                      {"code": "too_few_choices", "message": "m", "line": 3}]
    })
}

fn order() -> Value {
    json!({
        "token": "t0ken", "number": 2,
        "restaurant": {"slug": "cenere", "name": "Cenere", "phone": "0191 498 0318", "address": "1 Street", "zone": "Europe/London"},
        "state": "out_for_delivery", "payment": "unpaid", "version": 4, "placed_at_ms": 1_700_000_000_000_i64,
        "fulfilment": "delivery", "slot": null, "expected": null, "lines": [],
        "goods_pence": 2100, "delivery_fee_pence": 0, "total_pence": 2100, "vat_pence": 350,
        "customer_name": "Zoë 🍛", "delivery_address": null, "notes": "",
        "history": [{"state": "placed", "at_ms": 1, "reason": null}, {"state": "rejected", "at_ms": 2, "reason": "Too \"busy\""}]
    })
}

fn restaurant() -> Value {
    json!({
        "slug": "cenere", "name": "Cenere", "tagline": "t", "cuisines": ["Pizza"], "colours": ["#b4461f", "#f2b632"],
        "address": "1 Street", "postcode": "DH1 3LE", "position": {"latitude": 54.7761, "longitude": -1.5733},
        "phone": "0191 498 0318", "zone": "Europe/London", "vat_registered": true
    })
}

fn provider() -> Value {
    json!({
        "name": "postcodes.io", "breaker": "half_open", "last_success_ms": null, "last_failure_ms": 5,
        "last_error": "timed out", "successes": 18_446_744_073_709_551_615_u64, "failures": 0
    })
}

#[test]
fn placing_an_order() {
    round_trips::<PlaceOrder>(&json!({
        "basket": {"restaurant": "cenere", "fulfilment": "collection", "postcode": null, "slot_start_ms": null,
            "lines": [{"dish": "d", "quantity": 1, "choices": [{"group": "g", "choice": "c"}]}]},
        "agreed": quote(),
        "customer": {"name": "Ada", "phone": "1", "address": ""},
        "notes": "ring\ttwice \u{1}"
    }));
}

#[test]
fn every_kind_of_problem() {
    round_trips::<Problem>(
        &json!({"code": "not_found", "status": 404, "title": "t", "detail": "d"}),
    );
    round_trips::<Problem>(&json!({
        "code": "quote_changed", "status": 409, "title": "t", "detail": "d",
        "errors": [{"field": "customer.name", "message": "m"}], "suggestion": "DH1 3LE",
        "changes": [{"what": "delivery_fee", "message": "m"}], "quote": quote(), "order": order()
    }));
}

#[test]
fn a_menu() {
    round_trips::<Menu>(&json!({
        "restaurant": restaurant(), "opening": {"open": true, "closes_at_ms": 1, "opens_at_ms": null},
        "about": "a", "hours": [{"day": "Monday", "hours": "17:00–22:00"}], "delivers": true, "collects": false, "now_ms": 0,
        "categories": [{"id": "c", "name": "n", "description": null, "icon": "dumpling", "dishes": [
            {"id": "d", "name": "n", "description": "d", "price_pence": 1, "vat": "zero",
             "allergens": {"declared": true, "contains": ["gluten"], "may_contain": []}, "diets": ["vegan"], "heat": 3, "available": true,
             "options": [{"id": "o", "name": "n", "minimum": 0, "maximum": 2, "choices": [
                {"id": "c", "name": "n", "price_pence": 5, "vat": "standard", "allergens": {"declared": true, "contains": [], "may_contain": []}, "available": false}]}]}]}]
    }));
}

#[test]
fn a_search_and_a_place() {
    let place = json!({
        "postcode": "DH1 3LE", "finding": "approximate", "position": null, "radius_m": 400,
        "source": "findthatpostcode.uk", "terminated": null, "suggestion": null
    });
    round_trips::<Place>(&place);
    round_trips::<SearchResult>(&json!({"place": place, "now_ms": 1, "restaurants": [{
        "restaurant": restaurant(), "distance_m": null,
        "delivery": {"fee_pence": 199, "minimum_pence": 0, "from_minutes": 25, "to_minutes": 40},
        "collection": {"ready_minutes": 15},
        "opening": {"open": false, "closes_at_ms": null, "opens_at_ms": 7}
    }]}));
    round_trips::<Slots>(
        &json!({"now_ms": 1, "zone": "Europe/London", "asap": true, "slots": [{"start_ms": 1, "end_ms": 2}]}),
    );
}

#[test]
fn the_status() {
    round_trips::<Status>(&json!({
        "now_ms": 1, "signed_in": false, "server": "s",
        "servers": [{"id": "s", "version": "0.1.0", "started_at_ms": 0}],
        "registry": {"readable": true, "snapshot_at_ms": 1},
        "primary": {"replica": "r", "since_ms": 0},
        "replicas": [{
            "id": "r", "address": null, "version": "0.1.0", "started_at_ms": 0, "admin_state": "draining",
            "health": "available", "reason": null, "since_ms": 0, "latency_ms": [0.25, 12.5, 1250.5], "requests_per_second": 0.5, "in_flight": 0
        }],
        "providers": [provider()],
        "traffic": {"requests": 1, "failed": 0, "repeated": 0, "requests_per_second": 3.5},
        "events": [{"sequence": 1, "at_ms": 1, "kind": "failed_over", "replica": "r", "message": "m", "took_ms": 17.25}],
        "drill": drill()
    }));
    round_trips::<AdminStateChange>(&json!({"admin_state": "down"}));
    round_trips::<ReplicaReport>(&json!({
        "id": "r", "version": "0.1.0", "ready": true, "reason": null, "admin_state": "up", "in_flight": 3, "providers": [provider()]
    }));
}

fn drill() -> Value {
    let times = json!({"p50_ms": 3.5, "p99_ms": 12.5, "replica": "r"});
    json!({
        "plan": {"rate_per_second": 50, "seconds": 15, "fault": "hang", "replica": "r"},
        "phase": "finished", "started_at_ms": 1, "fault_ms": 5000, "fault_failed": null,
        "sent": 750, "acknowledged": 749, "failed": 1, "slowest_ms": 120.5,
        "series": {"acknowledged": [12, 13], "failed": [0, 1], "slowest_ms": [4.5, 120.5]},
        "result": {"lost": 0, "duplicated": null, "before": times, "after": times, "in_time_ms": 50.5, "recovered_ms": 250}
    })
}

#[test]
fn a_drill() {
    round_trips::<Drill>(&drill());
    for fault in ["none", "kill", "hang", "down", "drain"] {
        round_trips::<DrillPlan>(
            &json!({"rate_per_second": 1, "seconds": 5, "fault": fault, "replica": null}),
        );
    }
}

#[test]
fn what_staff_send_and_see() {
    round_trips::<StaffSignIn>(
        &json!({"restaurant": "r", "name": "n", "password": "p", "bearer": true}),
    );
    round_trips::<StaffSession>(
        &json!({"restaurant": "r", "name": "n", "ends_at_ms": 1, "token": "t"}),
    );
    round_trips::<StaffOrders>(&json!({"now_ms": 1, "orders": [{
        "order": order(), "customer_phone": null, "expires_at_ms": 7,
        "allergens": [null, {"declared": true, "contains": ["milk"], "may_contain": []}]
    }]}));
    round_trips::<Acceptance>(&json!({"version": 1, "minutes": null}));
    round_trips::<Rejection>(
        &json!({"version": 1, "reason": "ingredient_unavailable", "words": "w"}),
    );
    round_trips::<StaffCancellation>(&json!({"version": 1, "words": "w"}));
}

#[test]
fn names_of_variants() {
    for state in [
        "placed",
        "accepted",
        "preparing",
        "ready",
        "out_for_delivery",
        "completed",
        "rejected",
        "expired",
        "cancelled",
        "failed",
    ] {
        round_trips::<OrderState>(&state.into());
    }
    for code in [
        "malformed_request",
        "idempotency_key_reused",
        "too_many_requests",
        "order_conflict",
        "timed_out",
    ] {
        round_trips::<Code>(&code.into());
    }
    for source in [
        "postcodes.io",
        "findthatpostcode.uk",
        "getthedata.com",
        "nominatim",
        "gazetteer",
    ] {
        round_trips::<Source>(&source.into());
    }
    for payment in [
        "unpaid",
        "authorised",
        "captured",
        "refund_due",
        "refunded",
        "failed",
    ] {
        round_trips::<PaymentState>(&payment.into());
    }
    for stranger in [
        json!("Placed"),
        json!("elsewhere"),
        json!(0),
        json!(null),
        json!({}),
    ] {
        assert!(serde_json::from_value::<OrderState>(stranger).is_err());
    }
}
