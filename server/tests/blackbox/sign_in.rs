//! The operator's session, and the switches that need it.

use http::Method;
use model::api;
use model::problem::Code;
use model::status::{AdminState, Status};

use crate::replica::Replica;
use crate::site::{PASSWORD, Site};

#[tokio::test]
async fn switches_need_a_session() {
    let site = Site::new();
    let server = site.start_server().await;
    let _replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    for cookie in ["", "tiffin-operator=9999999999999"] {
        let response = server
            .switch_request("replica-1", AdminState::Down)
            .header("cookie", cookie)
            .send()
            .await;
        assert_eq!(response.status, 401);
        assert_eq!(response.problem().code, Code::Unauthorised);
    }
    assert_eq!(
        server.status().await.replicas[0].admin_state,
        AdminState::Up
    );
}

#[tokio::test]
async fn a_switch_shows_at_once_and_reaches_the_registry() {
    let site = Site::new();
    let server = site.start_server().await;
    let _replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let cookie = server.session_cookie().await;
    for to in [AdminState::Draining, AdminState::Down, AdminState::Up] {
        let response = server
            .switch_request("replica-1", to)
            .header("cookie", &cookie)
            .send()
            .await;
        assert_eq!(response.status, 200, "{}", response.text());
        let status: Status = serde_json::from_slice(&response.body).unwrap();
        assert!(status.signed_in);
        assert_eq!(status.replicas[0].admin_state, to);
        let snapshot = site.registry().snapshot().await.unwrap();
        let replica = snapshot.iter().find(|known| known.id == "replica-1");
        assert_eq!(replica.unwrap().admin_state, to);
    }
    let switches = server.status().await.events;
    let messages: Vec<&str> = switches
        .iter()
        .filter(|event| event.kind == model::status::EventKind::Switched)
        .map(|event| event.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "replica-1 switched up",
            "replica-1 switched down",
            "replica-1 is draining: it finishes what it has"
        ]
    );
}

#[tokio::test]
async fn switches_that_are_impossible_are_errors() {
    let site = Site::new();
    let server = site.start_server().await;
    let _replica = Replica::join(&site, "replica-1").await;
    server.wait_for_available(&["replica-1"]).await;
    let cookie = server.session_cookie().await;
    for unknown in ["replica-9", "server-1"] {
        let response = server
            .switch_request(unknown, AdminState::Down)
            .header("cookie", &cookie)
            .send()
            .await;
        assert_eq!(response.problem().code, Code::NotFound, "{unknown}");
    }
    let path = format!("{}/replicas/replica-1/admin-state", api::STATUS);
    let put = || server.request(Method::PUT, &path).header("cookie", &cookie);
    let response = put().json("{\"admin_state\":\"sideways\"}").send().await;
    assert_eq!(response.problem().code, Code::MalformedRequest);
    let response = put().body("{\"admin_state\":\"up\"}").send().await;
    assert_eq!(response.problem().code, Code::UnsupportedMediaType);
    let response = server.request(Method::POST, &path).send().await;
    assert_eq!(response.problem().code, Code::MethodNotAllowed);
}

#[tokio::test]
async fn the_cookie_is_not_available_to_scripts_and_other_sites() {
    let site = Site::new();
    let server = site.start_server().await;
    let response = server.sign_in(PASSWORD).await;
    assert_eq!(response.status, 204);
    let cookie = response.header("set-cookie");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
    let over_https = server
        .request(Method::POST, &format!("{}/session", api::STATUS))
        .header("x-forwarded-proto", "https")
        .json(format!("{{\"password\":\"{PASSWORD}\"}}"))
        .send()
        .await;
    assert!(over_https.header("set-cookie").contains("Secure"));
}

#[tokio::test]
async fn signing_out_removes_the_cookie() {
    let site = Site::new();
    let server = site.start_server().await;
    let cookie = server.session_cookie().await;
    let response = server
        .request(Method::DELETE, &format!("{}/session", api::STATUS))
        .header("cookie", &cookie)
        .send()
        .await;
    assert_eq!(response.status, 204);
    assert!(response.header("set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn guessing_passwords_is_limited() {
    let site = Site::new();
    let server = site.start_server().await;
    for _ in 0..5 {
        let response = server.sign_in("a guess").await;
        assert_eq!(response.problem().code, Code::Unauthorised);
        assert!(response.header("set-cookie").is_empty());
    }
    for password in ["a guess", PASSWORD] {
        let response = server.sign_in(password).await;
        assert_eq!(response.problem().code, Code::TooManyRequests);
        let seconds: u32 = response.header("retry-after").parse().unwrap();
        assert!((1..=30).contains(&seconds), "{seconds}");
    }
}

#[tokio::test]
async fn a_session_is_valid_on_every_server() {
    let site = Site::new();
    let one = site.start_server_with(&["--id", "server-a"]).await;
    let two = site.start_server_with(&["--id", "server-b"]).await;
    let cookie = one.session_cookie().await;
    let response = two
        .request(Method::GET, api::STATUS)
        .header("cookie", &cookie)
        .send()
        .await;
    let status: Status = serde_json::from_slice(&response.body).unwrap();
    assert!(status.signed_in);
}

#[tokio::test]
async fn a_malformed_sign_in_is_an_error() {
    let server = Site::new().start_server().await;
    let address = format!("{}/session", api::STATUS);
    let long = format!("{{\"password\": \"{}\"}}", "x".repeat(5_000));
    for (body, code) in [
        ("", Code::MalformedRequest),
        ("{}", Code::MalformedRequest),
        (long.as_str(), Code::BodyTooLarge),
    ] {
        let request = server.request(Method::POST, &address).json(body.to_owned());
        assert_eq!(request.send().await.problem().code, code);
    }
    let untyped = server.request(Method::POST, &address).body("{}");
    assert_eq!(
        untyped.send().await.problem().code,
        Code::UnsupportedMediaType
    );
}
