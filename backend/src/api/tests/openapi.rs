//! The OpenAPI description: it contains every path that front-end servers forward, and agrees with `docs/API.md`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

const TEXT: &str = include_str!("../../../../docs/API.md");
const ROUTER: &str = include_str!("../router.rs");

async fn fetch_description() -> Value {
    let response = SharedStore::new().replica().get(api::OPENAPI).await;
    assert_eq!(response.header("content-type"), "application/json");
    response.read(200)
}

fn operations(description: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = description["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| {
            (format!("{} {path}", method.to_uppercase()), operation)
        })
    })
}

/// Lists the requests in the tables of `docs/API.md` that a replica answers.
fn documented_requests() -> BTreeSet<String> {
    let rows = TEXT.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()?.split_once(' '))
        .filter(|(_, path)| path.starts_with('/'))
        // Answered by the front-end server itself.
        .filter(|(_, path)| {
            !path.starts_with("/status")
                && !["/orders/{token}/events", "/staff/events", "/metrics"].contains(path)
        })
        .map(|(method, path)| {
            let path = path.split('?').next().unwrap();
            format!("{method} /api/v1{path}")
        })
        .collect()
}

#[tokio::test]
async fn the_description_and_the_documentation_list_the_same_requests() {
    let description = fetch_description().await;
    let described: BTreeSet<String> = operations(&description).map(|(name, _)| name).collect();
    assert_eq!(described, documented_requests());
}

#[test]
fn routes_without_a_description_are_internal() {
    let undescribed = ROUTER.matches(".route(").count();
    assert_eq!(undescribed, 9, "all other routes are described");
    for own in [
        "api::OPENAPI",
        "api::EVENTS",
        "api::INTERNAL_ORDERS",
        "api::INTERNAL_RESTAURANTS",
        "api::DRILL_ORDERS",
        "api::FAULTS",
        "api::HEALTH_LIVE",
        "api::HEALTH_READY",
    ] {
        assert!(ROUTER.contains(own), "{own}");
    }
}

#[tokio::test]
async fn every_error_code_is_listed_at_its_status() {
    let description = fetch_description().await;
    let mut named = 0;
    for (operation, details) in operations(&description) {
        for (status, answer) in details["responses"].as_object().unwrap() {
            let error = status.as_str() >= "400";
            let content = answer["content"].as_object();
            let is_problem =
                content.is_some_and(|content| content.contains_key(problem::CONTENT_TYPE));
            assert_eq!(error, is_problem, "{operation} {status}");
            if !error {
                continue;
            }
            for name in answer["description"].as_str().unwrap().split(", ") {
                let name = name.trim_matches('`');
                let code: Code = serde_json::from_value(name.into()).unwrap();
                assert_eq!(code.status().to_string(), *status, "{operation} {name}");
                named += 1;
            }
        }
    }
    assert!(named > 100, "only {named}");
}

#[tokio::test]
async fn errors_of_a_missing_body_key_or_session_are_described() {
    let description = fetch_description().await;
    let (_, place) = operations(&description)
        .find(|(name, _)| name == "POST /api/v1/staff/orders/{token}/acceptance")
        .unwrap();
    let statuses: Vec<&String> = place["responses"].as_object().unwrap().keys().collect();
    assert_eq!(
        statuses,
        [
            "200", "400", "401", "403", "404", "409", "413", "415", "422", "500", "502", "503",
            "504"
        ]
    );
    let version = &description["components"]["schemas"]["ExpectedVersion"]["properties"]["version"];
    assert_eq!(
        (&version["minimum"], &version["maximum"]),
        (&0.into(), &u32::MAX.into())
    );
}

#[tokio::test]
async fn every_integer_has_a_minimum_and_a_maximum() {
    let found = model::openapi::unbounded_integers(&fetch_description().await);
    assert_eq!(found, Vec::<String>::new());
}

#[tokio::test]
async fn every_reference_resolves() {
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let description = fetch_description().await;
    let mut found = BTreeSet::new();
    references(&description, &mut found);
    for reference in &found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
    assert!(found.len() > 30, "only {}", found.len());
}
