//! Staff: sessions, open orders and transitions.

use model::OrderState;
use model::order::{Order, PaymentState};
use model::staff::{StaffOrder, StaffOrders, StaffSession};
use serde_json::{Value, json};

use super::*;

const PASSWORD: &str = "a password for tests";
const OTHER_SHOP: &str = "another-shop";

/// Builds a GET request with a bearer token.
pub(super) fn get_signed_in(path: &str, token: &str) -> Request<Body> {
    build_request(Method::GET, path)
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap()
}

pub(super) async fn with_accounts() -> (SharedStore, Replica) {
    let shared = SharedStore::new();
    let hash = process::password::hash(PASSWORD).unwrap();
    for shop in [SHOP, OTHER_SHOP] {
        let added = shared.accounts.add_staff_account(shop, "kitchen", &hash, 0);
        assert!(added.await.unwrap());
    }
    let replica = Replica::on(
        Arc::clone(&shared.store),
        [samples::shop(SHOP), samples::shop(OTHER_SHOP)],
    );
    (shared, replica)
}

fn credentials(restaurant: &str, name: &str, password: &str) -> Value {
    json!({"restaurant": restaurant, "name": name, "password": password, "bearer": true})
}

pub(super) async fn sign_in(replica: &Replica, restaurant: &str) -> String {
    let answer = replica
        .post(
            api::STAFF_SESSION,
            &credentials(restaurant, "kitchen", PASSWORD),
        )
        .await;
    assert!(answer.headers.get("set-cookie").is_none());
    answer.read::<StaffSession>(200).token.unwrap()
}

async fn place_order(replica: &Replica, key: &str) -> Order {
    let order = samples::order_request(&samples::shop(SHOP));
    let body = serde_json::to_vec(&order).unwrap();
    replica.place(key, body).await.read(201)
}

/// Sends a transition with a key of its own.
async fn send_transition(
    replica: &Replica,
    session: &str,
    order: &Order,
    name: &str,
    body: &Value,
) -> TestResponse {
    send_transition_with_key(
        replica,
        session,
        &format!("{KEY}-{name}"),
        order,
        name,
        body,
    )
    .await
}

async fn send_transition_with_key(
    replica: &Replica,
    session: &str,
    key: &str,
    order: &Order,
    name: &str,
    body: &Value,
) -> TestResponse {
    let path = format!("{}/{}/{name}", api::STAFF_ORDERS, order.token);
    let request = build_request(Method::POST, &path)
        .header("authorization", format!("Bearer {session}"))
        .header("content-type", "application/json")
        .header(api::IDEMPOTENCY_KEY, key)
        .body(Body::from(body.to_string()));
    replica.send(request.unwrap()).await
}

#[tokio::test]
async fn a_session_cookie_is_valid_on_every_replica_until_it_ends() {
    let (shared, replica) = with_accounts().await;
    let mut sign_in = credentials(SHOP, "kitchen", PASSWORD);
    sign_in["bearer"] = false.into();
    let answer = replica.post(api::STAFF_SESSION, &sign_in).await;
    let signed_in: StaffSession = answer.read(200);
    assert_eq!((&*signed_in.restaurant, signed_in.token), (SHOP, None));
    let set = answer.header("set-cookie");
    for attribute in [
        "HttpOnly",
        "SameSite=Strict",
        "Path=/api/v1/staff",
        "Max-Age=259200",
    ] {
        assert!(set.contains(attribute), "{set}");
    }
    assert!(!set.contains("Secure"), "{set}");
    let cookie = set.split(';').next().unwrap().to_owned();

    let other = shared.replica();
    let who = || {
        let request = build_request(Method::GET, api::STAFF_SESSION).header("cookie", &cookie);
        other.send(request.body(Body::empty()).unwrap())
    };
    assert_eq!(who().await.read::<StaffSession>(200).name, "kitchen");
    other.clock.set(signed_in.ends_at_ms);
    who().await.problem(Code::Unauthorised);

    let out = build_request(Method::DELETE, api::STAFF_SESSION).body(Body::empty());
    let answer = replica.send(out.unwrap()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn a_new_password_or_removal_ends_sessions() {
    let (shared, replica) = with_accounts().await;
    let session = sign_in(&replica, SHOP).await;
    let list_orders = || replica.send(get_signed_in(api::STAFF_ORDERS, &session));
    assert_eq!(list_orders().await.status, StatusCode::OK);
    let hash = process::password::hash("another password").unwrap();
    let changed = shared.accounts.set_staff_password(SHOP, "kitchen", &hash);
    assert!(changed.await.unwrap());
    list_orders().await.problem(Code::Unauthorised);

    let session = sign_in(&replica, OTHER_SHOP).await;
    let list_orders = || replica.send(get_signed_in(api::STAFF_ORDERS, &session));
    assert_eq!(list_orders().await.status, StatusCode::OK);
    let removed = shared.accounts.remove_staff_account(OTHER_SHOP, "kitchen");
    assert!(removed.await.unwrap());
    list_orders().await.problem(Code::Unauthorised);
    // A new account of the same name does not revive the session.
    let hash = process::password::hash(PASSWORD).unwrap();
    let again = shared
        .accounts
        .add_staff_account(OTHER_SHOP, "kitchen", &hash, 0);
    assert!(again.await.unwrap());
    list_orders().await.problem(Code::Unauthorised);
}

#[tokio::test]
async fn requests_without_a_valid_session_are_rejected() {
    let (_shared, replica) = with_accounts().await;
    let session = sign_in(&replica, SHOP).await;
    let (head, signature) = session.rsplit_once('.').unwrap();
    let (id, ends_at_ms) = head.split_once('.').unwrap();
    let ends_at_ms: i64 = ends_at_ms.parse().unwrap();
    for forged in [
        format!("2.{ends_at_ms}.{signature}"),
        format!("{id}.{}.{signature}", ends_at_ms + 1),
        format!("{head}.{}", "0".repeat(64)),
        format!("{head}."),
        "nonsense".to_owned(),
        String::new(),
    ] {
        let answer = replica
            .send(get_signed_in(api::STAFF_ORDERS, &forged))
            .await;
        answer.problem(Code::Unauthorised);
    }
    replica
        .get(api::STAFF_ORDERS)
        .await
        .problem(Code::Unauthorised);
    replica
        .get(api::STAFF_SESSION)
        .await
        .problem(Code::Unauthorised);
}

#[tokio::test]
async fn guesses_are_limited_and_get_the_same_answer() {
    let (_shared, replica) = with_accounts().await;
    let mut problems = Vec::new();
    for (restaurant, name, password) in [
        (SHOP, "kitchen", "wrong"),
        (SHOP, "nobody", PASSWORD),
        ("nowhere", "kitchen", PASSWORD),
        (SHOP, "kitchen", ""),
        (SHOP, "", ""),
    ] {
        let guess = credentials(restaurant, name, password);
        let answer = replica.post(api::STAFF_SESSION, &guess).await;
        problems.push(answer.problem(Code::Unauthorised));
    }
    assert!(problems.windows(2).all(|pair| pair[0] == pair[1]));
    let right = credentials(SHOP, "kitchen", PASSWORD);
    let answer = replica.post(api::STAFF_SESSION, &right).await;
    answer.problem(Code::TooManyRequests);
    assert_eq!(answer.header("retry-after"), "30");
    // The limit is per client address.
    let request = build_request(Method::POST, api::STAFF_SESSION)
        .header("content-type", "application/json")
        .header("x-forwarded-for", "10.0.0.9")
        .body(Body::from(right.to_string()));
    let answer = replica.send(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn the_kitchen_sees_its_open_orders_and_no_others() {
    let (_shared, replica) = with_accounts().await;
    let session = sign_in(&replica, SHOP).await;
    let first = place_order(&replica, KEY).await;
    replica.clock.advance(1_000);
    let second = place_order(&replica, "another-key-of-enough-length").await;
    let list: StaffOrders = replica
        .send(get_signed_in(api::STAFF_ORDERS, &session))
        .await
        .read(200);
    let tokens: Vec<&str> = list
        .orders
        .iter()
        .map(|shown| &*shown.order.token)
        .collect();
    assert_eq!(tokens, [&first.token, &second.token]);
    let shown = &list.orders[0];
    assert_eq!(shown.order, first);
    assert_eq!(shown.customer_phone.as_deref(), Some("+441914980999"));
    assert_eq!(shown.expires_at_ms, Some(NOW_MS + 600_000));
    assert_eq!(shown.allergens.len(), 2);
    assert!(shown.allergens.iter().all(Option::is_some));

    let reject = json!({"version": 1, "reason": "busy"});
    let answer = send_transition(&replica, &session, &first, "rejection", &reject).await;
    assert_eq!(answer.read::<Order>(200).state, OrderState::Rejected);
    let list: StaffOrders = replica
        .send(get_signed_in(api::STAFF_ORDERS, &session))
        .await
        .read(200);
    assert_eq!(list.orders.len(), 1);
    let one = format!("{}/{}", api::STAFF_ORDERS, first.token);
    let shown: StaffOrder = replica.send(get_signed_in(&one, &session)).await.read(200);
    assert_eq!(shown.order.history[1].reason.as_deref(), Some("busy"));

    let elsewhere = sign_in(&replica, OTHER_SHOP).await;
    let list: StaffOrders = replica
        .send(get_signed_in(api::STAFF_ORDERS, &elsewhere))
        .await
        .read(200);
    assert!(list.orders.is_empty());
    replica
        .send(get_signed_in(&one, &elsewhere))
        .await
        .problem(Code::NotFound);
    let seen = json!({"version": 1, "minutes": 20});
    let answer = send_transition(&replica, &elsewhere, &second, "acceptance", &seen).await;
    answer.problem(Code::NotFound);
}

#[tokio::test]
async fn an_order_passes_all_its_transitions_on_any_replica() {
    let (shared, replica) = with_accounts().await;
    let other = shared.replica();
    let session = sign_in(&replica, SHOP).await;
    let order = place_order(&replica, KEY).await;
    let transitions = [
        (
            "acceptance",
            json!({"version": 1, "minutes": 35}),
            OrderState::Accepted,
        ),
        ("preparation", json!({"version": 2}), OrderState::Preparing),
        ("readiness", json!({"version": 3}), OrderState::Ready),
        (
            "departure",
            json!({"version": 4}),
            OrderState::OutForDelivery,
        ),
        ("completion", json!({"version": 5}), OrderState::Completed),
    ];
    for (index, (name, body, state)) in transitions.iter().enumerate() {
        let on = [&replica, &other][index % 2];
        let first = send_transition(on, &session, &order, name, body).await;
        assert_eq!(first.header(api::IDEMPOTENCY_REPLAYED), "");
        let moved: Order = first.read(200);
        assert_eq!(moved.state, *state);
        assert_eq!(moved.expected.unwrap().start_ms, NOW_MS + 35 * 60_000);
        let again =
            send_transition([&other, &replica][index % 2], &session, &order, name, body).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.header(api::IDEMPOTENCY_REPLAYED), "true");
    }
    let read: Order = replica
        .get(&format!("{}/{}", api::ORDERS, order.token))
        .await
        .read(200);
    assert_eq!((read.state, read.version), (OrderState::Completed, 6));
    assert_eq!(read.payment, PaymentState::Captured);
}

#[tokio::test]
async fn a_transition_of_an_outdated_version_is_a_conflict_with_the_current_order() {
    let (_shared, replica) = with_accounts().await;
    let session = sign_in(&replica, SHOP).await;
    let order = place_order(&replica, KEY).await;
    let cancellation = format!("{}/{}/cancellation", api::ORDERS, order.token);
    replica
        .send(json(&cancellation, ""))
        .await
        .read::<Order>(200);
    let seen = json!({"version": 1, "minutes": 20});
    let answer = send_transition(&replica, &session, &order, "acceptance", &seen).await;
    let now = answer.problem(Code::OrderConflict).order.unwrap();
    assert_eq!((now.state, now.version), (OrderState::Cancelled, 2));
    let seen = json!({"version": 2, "minutes": 20});
    let answer = send_transition(&replica, &session, &order, "acceptance", &seen).await;
    answer.problem(Code::OrderConflict);
}

#[tokio::test]
async fn invalid_transitions_name_the_field() {
    let (_shared, replica) = with_accounts().await;
    let session = sign_in(&replica, SHOP).await;
    let order = place_order(&replica, KEY).await;
    for (name, body, field) in [
        ("acceptance", json!({"version": 1}), "minutes"),
        ("acceptance", json!({"version": 1, "minutes": 0}), "minutes"),
        (
            "rejection",
            json!({"version": 1, "reason": "other"}),
            "words",
        ),
        ("cancellation", json!({"version": 1, "words": " "}), "words"),
    ] {
        let answer = send_transition(&replica, &session, &order, name, &body).await;
        assert_eq!(answer.problem(Code::Invalid).errors[0].field, field);
    }
    let answer = send_transition(
        &replica,
        &session,
        &order,
        "rejection",
        &json!({"version": 1}),
    )
    .await;
    answer.problem(Code::MalformedRequest);
    let bare = json!({"version": 1});
    let answer =
        send_transition_with_key(&replica, &session, "short", &order, "readiness", &bare).await;
    answer.problem(Code::IdempotencyKeyRequired);
    let path = format!("{}/{}/readiness", api::STAFF_ORDERS, order.token);
    let form = build_request(Method::POST, &path)
        .header("authorization", format!("Bearer {session}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header(api::IDEMPOTENCY_KEY, KEY)
        .body(Body::from("version=1"));
    replica
        .send(form.unwrap())
        .await
        .problem(Code::UnsupportedMediaType);

    // One key for two orders: the second is rejected.
    let other = place_order(&replica, "another-key-of-enough-length").await;
    let body = json!({"version": 1, "minutes": 20});
    let accepted =
        send_transition_with_key(&replica, &session, KEY, &order, "acceptance", &body).await;
    assert_eq!(accepted.status, StatusCode::OK);
    let reused =
        send_transition_with_key(&replica, &session, KEY, &other, "acceptance", &body).await;
    reused.problem(Code::IdempotencyKeyReused);
}

#[tokio::test]
async fn automatic_acceptance_happens_as_the_order_is_placed() {
    let (shared, _) = with_accounts().await;
    let sample = include_str!("../../../tests/samples/shop.toml");
    let automatic = sample.replace("days_ahead = 1", "days_ahead = 1\nauto_accept = true");
    let replica = Replica::on(
        Arc::clone(&shared.store),
        [menus::parse(SHOP, &automatic).unwrap()],
    );
    let order = place_order(&replica, KEY).await;
    assert_eq!((order.state, order.version), (OrderState::Accepted, 2));
    assert_eq!(order.history.len(), 2);
    let session = sign_in(&replica, SHOP).await;
    let one = format!("{}/{}", api::STAFF_ORDERS, order.token);
    let shown: StaffOrder = replica.send(get_signed_in(&one, &session)).await.read(200);
    assert_eq!((shown.order, shown.expires_at_ms), (order, None));
}
