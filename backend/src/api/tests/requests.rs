//! Requests rejected before they reach a handler, and handlers that fail.

use super::failing_store::FailingStore;
use super::*;

#[tokio::test]
async fn requests_without_the_credential_are_rejected() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let menu = format!("{}/{SHOP}/menu", api::RESTAURANTS);
    for path in [menu.as_str(), api::ORDERS, "/nothing/here"] {
        for credential in [
            None,
            Some(""),
            Some("the credentia"),
            Some("the credential "),
        ] {
            let mut request = Request::get(path);
            if let Some(credential) = credential {
                request = request.header(api::CREDENTIAL, credential);
            }
            let answer = replica.send(request.body(Body::empty()).unwrap()).await;
            answer.problem(Code::Forbidden);
        }
    }
    assert_eq!(replica.get(&menu).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_response_names_its_replica() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    for path in ["/nothing/here", api::ORDERS, api::HEALTH_READY] {
        let answer = replica.get(path).await;
        assert_eq!(answer.header(api::REPLICA), "replica-7", "{path}");
    }
    let forbidden = Request::get("/").body(Body::empty()).unwrap();
    assert_eq!(
        replica.send(forbidden).await.header(api::REPLICA),
        "replica-7"
    );
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    for path in ["/", "/api/v1", "/api/v1/orders/", "/api/v2/orders/x"] {
        replica.get(path).await.problem(Code::NotFound);
    }
    let answer = replica.get(api::ORDERS).await;
    answer.problem(Code::MethodNotAllowed);
    assert_eq!(answer.header("allow"), "POST");
    let menu = format!("{}/{SHOP}/menu", api::RESTAURANTS);
    let answer = replica
        .send(
            build_request(Method::DELETE, &menu)
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    answer.problem(Code::MethodNotAllowed);
    assert_eq!(answer.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn a_path_segment_that_is_not_utf8_is_not_found() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    for path in ["/api/v1/orders/%ff", "/api/v1/restaurants/%ff/menu"] {
        replica.get(path).await.problem(Code::NotFound);
    }
}

#[tokio::test]
async fn only_json_is_accepted() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    for kind in [
        None,
        Some("text/plain"),
        Some("application/jsonp"),
        Some("\u{ff}"),
    ] {
        let mut request = build_request(Method::POST, api::QUOTES);
        if let Some(kind) = kind {
            request = request.header("content-type", kind.as_bytes());
        }
        let answer = replica.send(request.body(Body::from("{}")).unwrap()).await;
        answer.problem(Code::UnsupportedMediaType);
    }
}

#[tokio::test]
async fn a_body_above_the_limit_is_rejected() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let padded = |bytes: usize| {
        let start = r#"{"postcode": "DH1 3EL"}"#;
        format!("{start}{}", " ".repeat(bytes - start.len()))
    };
    let largest = json(api::ADDRESS_CHECKS, padded(64 * 1024));
    assert_eq!(replica.send(largest).await.status, StatusCode::OK);
    let larger = json(api::ADDRESS_CHECKS, padded(64 * 1024 + 1));
    replica.send(larger).await.problem(Code::BodyTooLarge);
}

#[tokio::test]
async fn errors_in_a_body_have_field_and_position() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let basket = |quantity: &str| {
        format!(
            r#"{{"restaurant": "a", "fulfilment": "delivery",
                "lines": [{{"dish": "b", "quantity": 1}},
                          {{"dish": "c", "quantity": {quantity}}}]}}"#
        )
    };
    for (body, field, place) in [
        (basket("\"two\""), "lines.1.quantity", "line 3"),
        (basket("-1"), "lines.1.quantity", "line 3"),
        (basket("1.5"), "lines.1.quantity", "line 3"),
        (basket("4294967296"), "lines.1.quantity", "line 3"),
        (
            basket("1").replace("delivery", "teleport"),
            "fulfilment",
            "line 1",
        ),
    ] {
        let problem = replica
            .send(json(api::QUOTES, body))
            .await
            .problem(Code::MalformedRequest);
        assert_eq!(problem.errors[0].field, field, "{problem:?}");
        assert!(problem.detail.contains(place), "{problem:?}");
    }
    for body in ["", "{", "null", "[]", "{} {}", "{\"lines\": []}", "\u{0}"] {
        replica
            .send(json(api::QUOTES, body))
            .await
            .problem(Code::MalformedRequest);
    }
    let invalid_utf8 = json(api::QUOTES, vec![b'{', b'"', 0xff, b'"', b':', b'1', b'}']);
    replica
        .send(invalid_utf8)
        .await
        .problem(Code::MalformedRequest);
}

#[tokio::test]
async fn deep_and_hostile_json_is_rejected() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let deep = "[".repeat(60_000);
    let deep_in_order = format!(
        "{{\"extra\": {}{}}}",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    for body in [deep.as_str(), &deep_in_order] {
        replica
            .send(json(api::QUOTES, body.to_owned()))
            .await
            .problem(Code::MalformedRequest);
        replica
            .place(KEY, body.to_owned())
            .await
            .problem(Code::MalformedRequest);
    }
    let mut basket = samples::order_request(&samples::shop(SHOP)).basket;
    for extreme in [i64::MIN, -1, 0, i64::MAX] {
        basket.slot_start_ms = Some(extreme);
        basket.lines[0].quantity = u32::MAX;
        let quote: model::basket::Quote = replica.post(api::QUOTES, &basket).await.read(200);
        assert!(!quote.orderable());
    }
}

#[tokio::test]
async fn store_errors_reveal_no_detail() {
    for (fault, code) in [
        (FailingStore::Unavailable, Code::Unavailable),
        (FailingStore::Damaged, Code::Internal),
        (FailingStore::Panics, Code::Internal),
    ] {
        let replica = Replica::on(Arc::new(fault), [samples::shop(SHOP)]);
        let order = serde_json::to_vec(&samples::order_request(&samples::shop(SHOP))).unwrap();
        for answer in [
            replica.get("/api/v1/orders/0123").await,
            replica.get(&format!("{}/{KEY}", api::ORDERS_BY_KEY)).await,
            replica
                .send(json("/api/v1/orders/0123/cancellation", ""))
                .await,
            replica.place(KEY, order).await,
            replica
                .send(staff::get_signed_in(
                    api::STAFF_ORDERS,
                    "1.9999999999999.00",
                ))
                .await,
        ] {
            answer.problem(code);
            assert!(!String::from_utf8_lossy(&answer.body).contains("secret"));
            let retry = if code == Code::Unavailable { "1" } else { "" };
            assert_eq!(answer.header("retry-after"), retry);
        }
    }
}
