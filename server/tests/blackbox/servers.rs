//! Several front-end servers: where each is reached, whose pages may call them, and what a page may call.

use std::fs;

use clap::Parser;
use http::Method;
use model::api;
use model::problem::Code;
use model::status::{AdminState, Status};
use server::settings::ServerSettings;

use crate::client::{Answer, Ask};
use crate::replica::Replica;
use crate::server::{PASSWORD, Server, Site};

const FOREIGN: &str = "http://localhost:3000";

/// Two servers that know each other.
async fn two(site: &Site) -> (Server, Server) {
    two_with(site, &["--id", "one"]).await
}

/// The same, the first with these arguments; it is the first to register.
async fn two_with(site: &Site, arguments: &[&str]) -> (Server, Server) {
    let one = site.serve_with(arguments).await;
    one.shows(|status| status.servers.len() == 1).await;
    let two = site.serve_with(&["--id", "two"]).await;
    for server in [&one, &two] {
        server.shows(|status| status.servers.len() == 2).await;
    }
    (one, two)
}

fn origin(server: &Server) -> String {
    format!("http://{}", server.address)
}

fn preflight(server: &Server, path: &str, page: &str) -> Ask {
    server
        .ask(Method::OPTIONS, path)
        .header("origin", page)
        .header("access-control-request-method", "PUT")
        .header("access-control-request-headers", "content-type")
}

fn tells_nothing(answer: &Answer) {
    let names: Vec<&str> = answer
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    let told = names
        .iter()
        .find(|name| name.starts_with("access-control-"));
    assert_eq!(told, None);
    assert!(
        answer
            .headers
            .get_all("vary")
            .iter()
            .any(|vary| vary == "origin")
    );
}

#[tokio::test]
async fn each_server_tells_where_all_of_them_are_reached() {
    let site = Site::new();
    let (one, mut two) = two(&site).await;
    let told: Vec<(String, String, bool)> = two
        .servers()
        .await
        .into_iter()
        .map(|server| (server.id, server.url, server.own))
        .collect();
    assert_eq!(
        told,
        [
            ("one".to_owned(), origin(&one), false),
            ("two".to_owned(), origin(&two), true)
        ]
    );
    let shown = one.status().await.servers;
    assert_eq!(shown[1].url, Some(origin(&two)));
    two.ask_to_end();
    two.ends().await;
    one.shows(|status| status.servers.len() == 1).await;
    let left = one.servers().await;
    assert_eq!(left.len(), 1);
    assert!(left[0].own);
}

#[tokio::test]
async fn a_server_is_reached_where_it_was_told_that_it_is() {
    let site = Site::new();
    let public = ["--id", "one", "--public-url", "https://One.Shop.test/"];
    let (one, two) = two_with(&site, &public).await;
    let told = two.servers().await;
    assert_eq!(told[0].url, "https://one.shop.test");
    let answer = Ask::new(one.address, Method::GET, api::STATUS_SERVERS)
        .header("x-forwarded-proto", "https")
        .send()
        .await;
    let port = two.address.port();
    let text = answer.text();
    assert!(
        text.contains(&format!("https://127.0.0.1:{port}")),
        "{text}"
    );
}

#[test]
fn what_is_no_origin_is_refused_as_a_setting() {
    for (given, taken) in [
        ("https://one.shop.test", true),
        ("http://192.168.1.7:8080", true),
        ("one.shop.test", false),
        ("https://one.shop.test/shop", false),
        ("ftp://one.shop.test", false),
    ] {
        for flag in ["--public-url", "--shared-url"] {
            let parsed = ServerSettings::try_parse_from(["server", flag, given]);
            assert_eq!(parsed.is_ok(), taken, "{flag} {given}");
        }
    }
}

#[tokio::test]
async fn leave_to_call_is_given_to_pages_of_these_servers_by_the_server_itself() {
    let site = Site::new();
    let (one, two) = two(&site).await;
    let replica = Replica::join(&site, "replica-1").await;
    two.has_available(&["replica-1"]).await;
    let news = format!("{}/0a1b/events", api::ORDERS);
    let switch = format!("{}/replicas/replica-1/admin-state", api::STATUS);
    for path in [api::ORDERS, api::STATUS, &news, &switch, api::STAFF_SESSION] {
        let answer = preflight(&two, path, &origin(&one)).send().await;
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), origin(&one));
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        assert_eq!(answer.header("access-control-max-age"), "7200");
        let methods = answer.header("access-control-allow-methods");
        let headers = answer.header("access-control-allow-headers").to_lowercase();
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
        tells_nothing(&refused);
        let unknown = preflight(&two, path, "null").send().await;
        tells_nothing(&unknown);
    }
    assert!(replica.seen().is_empty());
}

#[tokio::test]
async fn answers_may_be_read_by_pages_of_these_servers_alone() {
    let site = Site::new();
    let (one, two) = two(&site).await;
    let _replica = Replica::join(&site, "replica-1").await;
    two.has_available(&["replica-1"]).await;
    for path in [api::ORDERS_BY_KEY, api::STATUS, "/api/none"] {
        let from = |page: &str| two.ask(Method::GET, path).header("origin", page).send();
        let ours = from(&origin(&one)).await;
        assert_eq!(
            ours.header("access-control-allow-origin"),
            origin(&one),
            "{path}"
        );
        assert_eq!(ours.header("access-control-allow-credentials"), "true");
        assert!(
            ours.header("access-control-expose-headers")
                .contains("Retry-After")
        );
        assert!(
            ours.headers
                .get_all("vary")
                .iter()
                .any(|vary| vary == "origin")
        );
        tells_nothing(&from(FOREIGN).await);
        // Its own pages need no leave.
        tells_nothing(&from(&origin(&two)).await);
        tells_nothing(&two.get(path).await);
    }
}

#[tokio::test]
async fn pages_of_the_name_that_all_servers_share_may_call_each() {
    let site = Site::new();
    let shared = ["--shared-url", "https://shop.test"];
    let server = site.serve_with(&shared).await;
    let page = "https://shop.test";
    let answer = preflight(&server, api::ORDERS, page).send().await;
    assert_eq!(answer.header("access-control-allow-origin"), page);
    let other = preflight(&server, api::ORDERS, "http://shop.test")
        .send()
        .await;
    tells_nothing(&other);
}

#[tokio::test]
async fn a_session_goes_from_one_server_to_the_next() {
    let site = Site::new();
    let (one, two) = two(&site).await;
    let _replica = Replica::join(&site, "replica-1").await;
    two.has_available(&["replica-1"]).await;
    let cookie = one.session().await;
    let answer = two
        .switching("replica-1", AdminState::Draining)
        .header("cookie", &cookie)
        .header("origin", &origin(&one))
        .header("sec-fetch-site", "same-site")
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("access-control-allow-origin"), origin(&one));
    let status: Status = serde_json::from_slice(&answer.body).unwrap();
    assert!(status.signed_in);
}

#[tokio::test]
async fn another_program_on_the_same_host_cannot_use_a_session() {
    let site = Site::new();
    let server = site.serve().await;
    let replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    let cookie = server.session().await;
    let switch = |page: &str, site: &str| {
        server
            .switching("replica-1", AdminState::Down)
            .header("cookie", &cookie)
            .header("origin", page)
            .header("sec-fetch-site", site)
            .send()
    };
    for site in ["same-site", "cross-site"] {
        let answer = switch(FOREIGN, site).await;
        assert_eq!(answer.problem().code, Code::Forbidden);
        tells_nothing(&answer);
        let order = server
            .keyed_order()
            .header("origin", "null")
            .header("sec-fetch-site", site);
        assert_eq!(order.send().await.problem().code, Code::Forbidden);
    }
    assert!(replica.seen().is_empty());
    let status = server.status().await;
    assert_eq!(status.replicas[0].admin_state, AdminState::Up);
    // A proxy in front that puts another name into `Host`: the browser knows better.
    let answer = switch("https://shop.test", "same-origin").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(server.sign_in(PASSWORD).await.status.is_success());
}

#[tokio::test]
async fn a_page_goes_on_when_the_server_that_it_came_from_is_gone() {
    let site = Site::new();
    let (mut one, two) = two(&site).await;
    let page = origin(&one);
    one.ask_to_end();
    one.ends().await;
    two.shows(|status| status.servers.len() == 1).await;
    let leave = preflight(&two, api::ORDERS, &page).send().await;
    assert_eq!(leave.header("access-control-allow-origin"), page);
    let answer = two
        .ask(Method::GET, api::STATUS)
        .header("origin", &page)
        .send()
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), page);
}

#[tokio::test]
async fn a_page_may_call_the_servers_that_live_and_nobody_else() {
    let site = Site::new();
    fs::create_dir_all(site.assets()).unwrap();
    fs::write(site.assets().join("index.html"), "shop").unwrap();
    let (one, mut two) = two(&site).await;
    let may_call = async || {
        let page = one.get("/r/cenere").await;
        let policy = page.header("content-security-policy");
        policy.split_once("connect-src ").unwrap().1.to_owned()
    };
    assert_eq!(may_call().await, format!("'self' {}", origin(&two)));
    two.ask_to_end();
    two.ends().await;
    one.shows(|status| status.servers.len() == 1).await;
    assert_eq!(may_call().await, "'self'");
}
