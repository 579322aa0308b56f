//! What is said of the API is true: the section "Status" of `docs/API.md`, the description for programs, and the page that shows it.

use std::collections::BTreeSet;

use model::api;
use model::drill::{Drill, DrillPlan};
use model::status::{AdminStateChange, Servers, SignIn, Status};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::server::Site;

const TEXT: &str = include_str!("../../../docs/API.md");

fn example<T: DeserializeOwned>(kind: &str) -> T {
    let (_, rest) = TEXT.split_once(&format!("```json {kind}\n")).unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    serde_json::from_str(example).unwrap()
}

#[test]
fn every_example_has_the_shape_that_it_is_said_to_have() {
    let status: Status = example("Status");
    assert!(
        status
            .replicas
            .iter()
            .all(|replica| replica.address.is_none())
    );
    let servers: Servers = example("Servers");
    assert!(servers.servers.iter().any(|server| server.own));
    example::<SignIn>("SignIn");
    example::<AdminStateChange>("AdminStateChange");
    example::<DrillPlan>("DrillPlan");
    example::<Drill>("Drill");
}

/// Requests of the tables in `docs/API.md` that a front-end server answers itself.
fn documented() -> BTreeSet<String> {
    let rows = TEXT.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()?.split_once(' '))
        .filter(|(_, path)| {
            path.starts_with("/status")
                || ["/orders/{token}/events", "/staff/events"].contains(path)
        })
        .map(|(method, path)| format!("{} /api/v1{path}", method.to_lowercase()))
        .collect()
}

#[tokio::test]
async fn what_is_described_is_what_is_documented() {
    let server = Site::new().serve().await;
    let answer = server.get(api::STATUS_OPENAPI).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    let description: Value = serde_json::from_slice(&answer.body).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let described: BTreeSet<String> = paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| format!("{method} {path}"))
        })
        .collect();
    assert_eq!(described, documented());
    assert_eq!(
        model::openapi::unbounded_integers(&description),
        Vec::<String>::new()
    );
    // The addresses that are no part of the description are these alone.
    let routes = include_str!("../../src/routes.rs");
    assert_eq!(
        routes.matches(".route(").count(),
        5,
        "health, metrics and /api"
    );
}

#[tokio::test]
async fn the_page_that_tries_requests_out_has_everything_from_this_server() {
    let server = Site::new().serve().await;
    let redirect = server.get("/api/docs").await;
    assert_eq!(redirect.status, 308);
    assert_eq!(redirect.header("location"), api::DOCS);
    let page = server.get(api::DOCS).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html");
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    for file in [
        "swagger-ui.css",
        "index.css",
        "swagger-ui-bundle.js",
        "swagger-ui-standalone-preset.js",
        "swagger-initializer.js",
        "favicon-32x32.png",
    ] {
        let answer = server.get(&format!("{}{file}", api::DOCS)).await;
        assert_eq!(answer.status, 200, "{file}");
        assert!(answer.body.len() > 100, "{file}");
    }
    let start = server.get("/api/docs/swagger-initializer.js").await;
    let start = start.text();
    for own in [api::OPENAPI, api::STATUS_OPENAPI] {
        assert!(start.contains(own), "{start}");
    }
    assert!(!start.contains("//petstore"), "{start}");
    for nothing in [
        "/api/docs/none.js",
        "/api/docs/a/b",
        "/api/docs/..%2Findex.html",
    ] {
        assert_eq!(server.get(nothing).await.status, 404, "{nothing}");
    }
}
