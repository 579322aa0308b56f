//! The API's documentation agrees with the server: the section "Status" of `docs/API.md`, the OpenAPI description, and Swagger UI.

use std::collections::BTreeSet;

use model::api;
use model::drill::{Drill, DrillPlan};
use model::status::{AdminStateChange, Servers, SignIn, Status};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::site::Site;

const TEXT: &str = include_str!("../../../docs/API.md");

fn parse_example<T: DeserializeOwned>(kind: &str) -> T {
    let (_, rest) = TEXT.split_once(&format!("```json {kind}\n")).unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    serde_json::from_str(example).unwrap()
}

#[test]
fn every_example_deserialises_as_its_type() {
    let status: Status = parse_example("Status");
    assert!(
        status
            .replicas
            .iter()
            .all(|replica| replica.address.is_none())
    );
    let servers: Servers = parse_example("Servers");
    assert!(servers.servers.iter().any(|server| server.own));
    parse_example::<SignIn>("SignIn");
    parse_example::<AdminStateChange>("AdminStateChange");
    parse_example::<DrillPlan>("DrillPlan");
    parse_example::<Drill>("Drill");
}

/// The requests in the tables of `docs/API.md` that a front-end server answers itself.
fn documented_operations() -> BTreeSet<String> {
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
async fn the_description_lists_the_documented_operations() {
    let server = Site::new().start_server().await;
    let response = server.get(api::STATUS_OPENAPI).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), "application/json");
    let description: Value = serde_json::from_slice(&response.body).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let described: BTreeSet<String> = paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| format!("{method} {path}"))
        })
        .collect();
    assert_eq!(described, documented_operations());
    assert_eq!(
        model::openapi::unbounded_integers(&description),
        Vec::<String>::new()
    );
    // No other paths are missing from the description.
    let routes = include_str!("../../src/routes.rs");
    assert_eq!(
        routes.matches(".route(").count(),
        5,
        "health, metrics and /api"
    );
}

#[tokio::test]
async fn swagger_ui_loads_everything_from_this_server() {
    let server = Site::new().start_server().await;
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
        let response = server.get(&format!("{}{file}", api::DOCS)).await;
        assert_eq!(response.status, 200, "{file}");
        assert!(response.body.len() > 100, "{file}");
    }
    let start = server.get("/api/docs/swagger-initializer.js").await;
    let start = start.text();
    for own in [api::OPENAPI, api::STATUS_OPENAPI] {
        assert!(start.contains(own), "{start}");
    }
    assert!(!start.contains("//petstore"), "{start}");
    for missing in [
        "/api/docs/none.js",
        "/api/docs/a/b",
        "/api/docs/..%2Findex.html",
    ] {
        assert_eq!(server.get(missing).await.status, 404, "{missing}");
    }
}
