//! Several front-end servers: their addresses, which pages may call them, and which servers a page may call.

use std::fs;

use clap::Parser;
use http::Method;
use model::api;
use model::problem::Code;
use model::status::{AdminState, Status};
use server::settings::ServerSettings;

use crate::client::{TestRequest, TestResponse};
use crate::replica::Replica;
use crate::site::{PASSWORD, Server, Site};

const FOREIGN: &str = "http://localhost:3000";

/// Starts two servers and waits until each lists the other.
async fn start_two(site: &Site) -> (Server, Server) {
    start_two_with(site, &["--id", "one"]).await
}

/// The same; the first server has these arguments and registers first.
async fn start_two_with(site: &Site, arguments: &[&str]) -> (Server, Server) {
    let one = site.start_server_with(arguments).await;
    one.wait_for_status(|status| status.servers.len() == 1)
        .await;
    let two = site.start_server_with(&["--id", "two"]).await;
    for server in [&one, &two] {
        server
            .wait_for_status(|status| status.servers.len() == 2)
            .await;
    }
    (one, two)
}

fn origin(server: &Server) -> String {
    format!("http://{}", server.address)
}

fn preflight(server: &Server, path: &str, page: &str) -> TestRequest {
    server
        .request(Method::OPTIONS, path)
        .header("origin", page)
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "content-type")
}

fn assert_no_cors_headers(response: &TestResponse) {
    let names: Vec<&str> = response
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    let cors = names
        .iter()
        .find(|name| name.starts_with("access-control-"));
    assert_eq!(cors, None);
    assert!(
        response
            .headers
            .get_all("vary")
            .iter()
            .any(|vary| vary == "origin")
    );
}

#[tokio::test]
async fn each_server_lists_the_addresses_of_all() {
    let site = Site::new();
    let (one, mut two) = start_two(&site).await;
    let listed: Vec<(String, String, bool)> = two
        .server_addresses()
        .await
        .into_iter()
        .map(|server| (server.id, server.url, server.own))
        .collect();
    assert_eq!(
        listed,
        [
            ("one".to_owned(), origin(&one), false),
            ("two".to_owned(), origin(&two), true)
        ]
    );
    let shown = one.status().await.servers;
    assert_eq!(shown[1].url, Some(origin(&two)));
    two.shut_down();
    two.wait_for_exit().await;
    one.wait_for_status(|status| status.servers.len() == 1)
        .await;
    let left = one.server_addresses().await;
    assert_eq!(left.len(), 1);
    assert!(left[0].own);
}

#[tokio::test]
async fn a_server_is_listed_with_its_public_url() {
    let site = Site::new();
    let public = ["--id", "one", "--public-url", "https://One.Shop.test/"];
    let (one, two) = start_two_with(&site, &public).await;
    let listed = two.server_addresses().await;
    assert_eq!(listed[0].url, "https://one.shop.test");
    let response = TestRequest::new(one.address, Method::GET, api::STATUS_SERVERS)
        .header("x-forwarded-proto", "https")
        .send()
        .await;
    let port = two.address.port();
    let text = response.text();
    assert!(
        text.contains(&format!("https://127.0.0.1:{port}")),
        "{text}"
    );
}

#[test]
fn a_setting_must_be_an_origin() {
    for (value, is_valid) in [
        ("https://one.shop.test", true),
        ("http://192.168.1.7:8080", true),
        ("one.shop.test", false),
        ("https://one.shop.test/shop", false),
        ("ftp://one.shop.test", false),
    ] {
        for flag in ["--public-url", "--shared-url"] {
            let parsed = ServerSettings::try_parse_from(["server", flag, value]);
            assert_eq!(parsed.is_ok(), is_valid, "{flag} {value}");
        }
    }
}

#[tokio::test]
async fn the_server_itself_answers_preflights_and_allows_the_pages_of_its_peers() {
    let site = Site::new();
    let (one, two) = start_two(&site).await;
    let replica = Replica::join(&site, "replica-1").await;
    two.wait_for_available(&["replica-1"]).await;
    let order_events = format!("{}/0a1b/events", api::ORDERS);
    let switch = format!("{}/replicas/replica-1/admin-state", api::STATUS);
    for path in [
        api::ORDERS,
        api::STATUS,
        &order_events,
        &switch,
        api::STAFF_SESSION,
    ] {
        let response = preflight(&two, path, &origin(&one)).send().await;
        assert_eq!(response.status, 204, "{path}");
        assert_eq!(response.header("access-control-allow-origin"), origin(&one));
        assert_eq!(response.header("access-control-allow-credentials"), "true");
        assert_eq!(response.header("access-control-max-age"), "7200");
        let methods = response.header("access-control-allow-methods");
        let headers = response
            .header("access-control-allow-headers")
            .to_lowercase();
        assert!(
            methods.contains("PUT") && methods.contains("DELETE"),
            "{methods}"
        );
        for header in [
            "content-type",
            api::IDEMPOTENCY_KEY,
            "last-event-id",
            "if-match",
        ] {
            assert!(headers.contains(header), "{headers}");
        }
        let refused = preflight(&two, path, FOREIGN).send().await;
        assert_eq!(refused.problem().code, Code::Forbidden, "{path}");
        assert_no_cors_headers(&refused);
        let unknown = preflight(&two, path, "null").send().await;
        assert_no_cors_headers(&unknown);
    }
    assert!(replica.received().is_empty());
}

#[tokio::test]
async fn only_pages_of_peer_servers_may_read_responses() {
    let site = Site::new();
    let (one, two) = start_two(&site).await;
    let _replica = Replica::join(&site, "replica-1").await;
    two.wait_for_available(&["replica-1"]).await;
    for path in [api::ORDERS_BY_KEY, api::STATUS, "/api/none"] {
        let from = |page: &str| two.request(Method::GET, path).header("origin", page).send();
        let peer = from(&origin(&one)).await;
        assert_eq!(
            peer.header("access-control-allow-origin"),
            origin(&one),
            "{path}"
        );
        assert_eq!(peer.header("access-control-allow-credentials"), "true");
        assert!(
            peer.header("access-control-expose-headers")
                .contains("Retry-After")
        );
        assert!(
            peer.headers
                .get_all("vary")
                .iter()
                .any(|vary| vary == "origin")
        );
        assert_no_cors_headers(&from(FOREIGN).await);
        // Same-origin pages need no CORS headers.
        assert_no_cors_headers(&from(&origin(&two)).await);
        assert_no_cors_headers(&two.get(path).await);
    }
}

#[tokio::test]
async fn pages_of_the_shared_url_may_call_each_server() {
    let site = Site::new();
    let shared = ["--shared-url", "https://shop.test"];
    let server = site.start_server_with(&shared).await;
    let page = "https://shop.test";
    let response = preflight(&server, api::ORDERS, page).send().await;
    assert_eq!(response.header("access-control-allow-origin"), page);
    let other = preflight(&server, api::ORDERS, "http://shop.test")
        .send()
        .await;
    assert_no_cors_headers(&other);
}

#[tokio::test]
async fn a_page_keeps_its_session_when_it_moves_to_another_server() {
    let site = Site::new();
    let (one, two) = start_two(&site).await;
    let _replica = Replica::join(&site, "replica-1").await;
    two.wait_for_available(&["replica-1"]).await;
    let cookie = one.session_cookie().await;
    let response = two
        .switch_request("replica-1", AdminState::Draining)
        .header("cookie", &cookie)
        .header("origin", &origin(&one))
        .header("sec-fetch-site", "same-site")
        .send()
        .await;
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(response.header("access-control-allow-origin"), origin(&one));
    let status: Status = serde_json::from_slice(&response.body).unwrap();
    assert!(status.signed_in);
}

#[tokio::test]
async fn a_page_of_another_program_on_the_same_host_cannot_use_a_session() {
    let site = Site::new();
    let server = site.start_server().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let cookie = server.session_cookie().await;
    let switch = |page: &str, site: &str| {
        server
            .switch_request("replica-1", AdminState::Down)
            .header("cookie", &cookie)
            .header("origin", page)
            .header("sec-fetch-site", site)
            .send()
    };
    for site in ["same-site", "cross-site"] {
        let response = switch(FOREIGN, site).await;
        assert_eq!(response.problem().code, Code::Forbidden);
        assert_no_cors_headers(&response);
        let order = server
            .keyed_order()
            .header("origin", "null")
            .header("sec-fetch-site", site);
        assert_eq!(order.send().await.problem().code, Code::Forbidden);
    }
    assert!(replica.received().is_empty());
    let status = server.status().await;
    assert_eq!(status.replicas[0].admin_state, AdminState::Up);
    // A proxy in front may rewrite `Host`; the browser's `Sec-Fetch-Site` decides.
    let response = switch("https://shop.test", "same-origin").await;
    assert_eq!(response.status, 200, "{}", response.text());
    assert!(server.sign_in(PASSWORD).await.status.is_success());
}

#[tokio::test]
async fn a_page_may_call_other_servers_when_its_own_is_gone() {
    let site = Site::new();
    let (mut one, two) = start_two(&site).await;
    let page = origin(&one);
    one.shut_down();
    one.wait_for_exit().await;
    two.wait_for_status(|status| status.servers.len() == 1)
        .await;
    let allowed = preflight(&two, api::ORDERS, &page).send().await;
    assert_eq!(allowed.header("access-control-allow-origin"), page);
    let response = two
        .request(Method::GET, api::STATUS)
        .header("origin", &page)
        .send()
        .await;
    assert_eq!(response.header("access-control-allow-origin"), page);
}

#[tokio::test]
async fn the_policy_of_a_page_allows_the_registered_servers_only() {
    let site = Site::new();
    fs::create_dir_all(site.assets()).unwrap();
    fs::write(site.assets().join("index.html"), "shop").unwrap();
    let (one, mut two) = start_two(&site).await;
    let allowed_servers = async || {
        let page = one.get("/r/cenere").await;
        let policy = page.header("content-security-policy");
        policy.split_once("connect-src ").unwrap().1.to_owned()
    };
    assert_eq!(allowed_servers().await, format!("'self' {}", origin(&two)));
    two.shut_down();
    two.wait_for_exit().await;
    one.wait_for_status(|status| status.servers.len() == 1)
        .await;
    assert_eq!(allowed_servers().await, "'self'");
}
