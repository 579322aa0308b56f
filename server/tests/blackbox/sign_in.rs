//! The operator's session, and the switches behind it.

use http::Method;
use model::api;
use model::problem::Code;
use model::status::{AdminState, Status};

use crate::replica::Replica;
use crate::server::{PASSWORD, Site};

#[tokio::test]
async fn switches_want_a_session() {
    let site = Site::new();
    let server = site.serve().await;
    let _replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    for cookie in ["", "tiffin-operator=9999999999999"] {
        let answer = server
            .switching("replica-1", AdminState::Down)
            .header("cookie", cookie)
            .send()
            .await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.problem().code, Code::Unauthorised);
    }
    assert_eq!(
        server.status().await.replicas[0].admin_state,
        AdminState::Up
    );
}

#[tokio::test]
async fn a_switch_shows_at_once_and_reaches_the_registry() {
    let site = Site::new();
    let server = site.serve().await;
    let _replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    let cookie = server.session().await;
    for to in [AdminState::Draining, AdminState::Down, AdminState::Up] {
        let answer = server
            .switching("replica-1", to)
            .header("cookie", &cookie)
            .send()
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let status: Status = serde_json::from_slice(&answer.body).unwrap();
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
async fn what_cannot_be_switched_is_told() {
    let site = Site::new();
    let server = site.serve().await;
    let _replica = Replica::join(&site, "replica-1").await;
    server.has_available(&["replica-1"]).await;
    let cookie = server.session().await;
    for unknown in ["replica-9", "server-1"] {
        let answer = server
            .switching(unknown, AdminState::Down)
            .header("cookie", &cookie)
            .send()
            .await;
        assert_eq!(answer.problem().code, Code::NotFound, "{unknown}");
    }
    let path = format!("{}/replicas/replica-1/admin-state", api::STATUS);
    let put = || server.ask(Method::PUT, &path).header("cookie", &cookie);
    let answer = put().json("{\"admin_state\":\"sideways\"}").send().await;
    assert_eq!(answer.problem().code, Code::MalformedRequest);
    let answer = put().body("{\"admin_state\":\"up\"}").send().await;
    assert_eq!(answer.problem().code, Code::UnsupportedMediaType);
    let answer = server.ask(Method::POST, &path).send().await;
    assert_eq!(answer.problem().code, Code::MethodNotAllowed);
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let site = Site::new();
    let server = site.serve().await;
    let answer = server.sign_in(PASSWORD).await;
    assert_eq!(answer.status, 204);
    let cookie = answer.header("set-cookie");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
    let over_https = server
        .ask(Method::POST, &format!("{}/session", api::STATUS))
        .header("x-forwarded-proto", "https")
        .json(format!("{{\"password\":\"{PASSWORD}\"}}"))
        .send()
        .await;
    assert!(over_https.header("set-cookie").contains("Secure"));
}

#[tokio::test]
async fn signing_out_takes_the_cookie_away() {
    let site = Site::new();
    let server = site.serve().await;
    let cookie = server.session().await;
    let answer = server
        .ask(Method::DELETE, &format!("{}/session", api::STATUS))
        .header("cookie", &cookie)
        .send()
        .await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let site = Site::new();
    let server = site.serve().await;
    for _ in 0..5 {
        let answer = server.sign_in("a guess").await;
        assert_eq!(answer.problem().code, Code::Unauthorised);
        assert!(answer.header("set-cookie").is_empty());
    }
    for password in ["a guess", PASSWORD] {
        let answer = server.sign_in(password).await;
        assert_eq!(answer.problem().code, Code::TooManyRequests);
        let seconds: u32 = answer.header("retry-after").parse().unwrap();
        assert!((1..=30).contains(&seconds), "{seconds}");
    }
}

#[tokio::test]
async fn a_session_holds_on_every_server_of_the_site() {
    let site = Site::new();
    let one = site.serve_with(&["--id", "server-a"]).await;
    let two = site.serve_with(&["--id", "server-b"]).await;
    let cookie = one.session().await;
    let answer = two
        .ask(Method::GET, api::STATUS)
        .header("cookie", &cookie)
        .send()
        .await;
    let status: Status = serde_json::from_slice(&answer.body).unwrap();
    assert!(status.signed_in);
}

#[tokio::test]
async fn a_sign_in_that_is_no_sign_in_is_told_so() {
    let server = Site::new().serve().await;
    let address = format!("{}/session", api::STATUS);
    let long = format!("{{\"password\": \"{}\"}}", "x".repeat(5_000));
    for (body, code) in [
        ("", Code::MalformedRequest),
        ("{}", Code::MalformedRequest),
        (long.as_str(), Code::BodyTooLarge),
    ] {
        let asked = server.ask(Method::POST, &address).json(body.to_owned());
        assert_eq!(asked.send().await.problem().code, code);
    }
    let untyped = server.ask(Method::POST, &address).body("{}");
    assert_eq!(
        untyped.send().await.problem().code,
        Code::UnsupportedMediaType
    );
}
