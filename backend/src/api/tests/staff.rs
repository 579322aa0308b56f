//! Signing in, seeing orders, moving them along.

use model::OrderState;
use model::order::{Order, PaymentState};
use model::staff::{SignedIn, StaffOrder, StaffOrders};
use serde_json::{Value, json};

use super::*;

const PASSWORD: &str = "a password for tests";
const OTHER_SHOP: &str = "another-shop";

/// A GET with a bearer token.
pub(super) fn asking(path: &str, token: &str) -> Request<Body> {
    ask(Method::GET, path)
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap()
}

pub(super) async fn with_accounts() -> (Shared, Replica) {
    let shared = Shared::new();
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

pub(super) async fn signed_in(replica: &Replica, restaurant: &str) -> String {
    let answer = replica
        .post(
            api::STAFF_SESSION,
            &credentials(restaurant, "kitchen", PASSWORD),
        )
        .await;
    assert!(answer.headers.get("set-cookie").is_none());
    answer.read::<SignedIn>(200).token.unwrap()
}

async fn placed(replica: &Replica, key: &str) -> Order {
    let order = samples::order_request(&samples::shop(SHOP));
    let body = serde_json::to_vec(&order).unwrap();
    replica.place(key, body).await.read(201)
}

/// One step of the staff.
async fn step(replica: &Replica, session: &str, order: &Order, name: &str, body: &Value) -> Answer {
    keyed_step(
        replica,
        session,
        &format!("{KEY}-{name}"),
        order,
        name,
        body,
    )
    .await
}

async fn keyed_step(
    replica: &Replica,
    session: &str,
    key: &str,
    order: &Order,
    name: &str,
    body: &Value,
) -> Answer {
    let path = format!("{}/{}/{name}", api::STAFF_ORDERS, order.token);
    let request = ask(Method::POST, &path)
        .header("authorization", format!("Bearer {session}"))
        .header("content-type", "application/json")
        .header(api::IDEMPOTENCY_KEY, key)
        .body(Body::from(body.to_string()));
    replica.send(request.unwrap()).await
}

#[tokio::test]
async fn a_session_is_a_cookie_that_every_replica_knows_until_it_ends() {
    let (shared, replica) = with_accounts().await;
    let mut asked = credentials(SHOP, "kitchen", PASSWORD);
    asked["bearer"] = false.into();
    let answer = replica.post(api::STAFF_SESSION, &asked).await;
    let signed_in: SignedIn = answer.read(200);
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
        let request = ask(Method::GET, api::STAFF_SESSION).header("cookie", &cookie);
        other.send(request.body(Body::empty()).unwrap())
    };
    assert_eq!(who().await.read::<SignedIn>(200).name, "kitchen");
    other.clock.set(signed_in.ends_at_ms);
    who().await.problem(Code::Unauthorised);

    let out = ask(Method::DELETE, api::STAFF_SESSION).body(Body::empty());
    let answer = replica.send(out.unwrap()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn a_new_password_or_removal_ends_sessions() {
    let (shared, replica) = with_accounts().await;
    let session = signed_in(&replica, SHOP).await;
    let see = || replica.send(asking(api::STAFF_ORDERS, &session));
    assert_eq!(see().await.status, StatusCode::OK);
    let hash = process::password::hash("another password").unwrap();
    let changed = shared.accounts.set_staff_password(SHOP, "kitchen", &hash);
    assert!(changed.await.unwrap());
    see().await.problem(Code::Unauthorised);

    let session = signed_in(&replica, OTHER_SHOP).await;
    let see = || replica.send(asking(api::STAFF_ORDERS, &session));
    assert_eq!(see().await.status, StatusCode::OK);
    let removed = shared.accounts.remove_staff_account(OTHER_SHOP, "kitchen");
    assert!(removed.await.unwrap());
    see().await.problem(Code::Unauthorised);
    // Whoever gets the name next is somebody else.
    let hash = process::password::hash(PASSWORD).unwrap();
    let again = shared
        .accounts
        .add_staff_account(OTHER_SHOP, "kitchen", &hash, 0);
    assert!(again.await.unwrap());
    see().await.problem(Code::Unauthorised);
}

#[tokio::test]
async fn without_a_session_nothing_is_told() {
    let (_shared, replica) = with_accounts().await;
    let session = signed_in(&replica, SHOP).await;
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
        let answer = replica.send(asking(api::STAFF_ORDERS, &forged)).await;
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
async fn guessing_is_limited_and_tells_nothing() {
    let (_shared, replica) = with_accounts().await;
    let mut said = Vec::new();
    for (restaurant, name, password) in [
        (SHOP, "kitchen", "wrong"),
        (SHOP, "nobody", PASSWORD),
        ("nowhere", "kitchen", PASSWORD),
        (SHOP, "kitchen", ""),
        (SHOP, "", ""),
    ] {
        let guess = credentials(restaurant, name, password);
        let answer = replica.post(api::STAFF_SESSION, &guess).await;
        said.push(answer.problem(Code::Unauthorised));
    }
    assert!(said.windows(2).all(|pair| pair[0] == pair[1]));
    let right = credentials(SHOP, "kitchen", PASSWORD);
    let answer = replica.post(api::STAFF_SESSION, &right).await;
    answer.problem(Code::TooManyRequests);
    assert_eq!(answer.header("retry-after"), "30");
    // Another address is another guesser.
    let request = ask(Method::POST, api::STAFF_SESSION)
        .header("content-type", "application/json")
        .header("x-forwarded-for", "10.0.0.9")
        .body(Body::from(right.to_string()));
    let answer = replica.send(request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn the_kitchen_sees_its_open_orders_and_no_others() {
    let (_shared, replica) = with_accounts().await;
    let session = signed_in(&replica, SHOP).await;
    let first = placed(&replica, KEY).await;
    replica.clock.advance(1_000);
    let second = placed(&replica, "another-key-of-enough-length").await;
    let list: StaffOrders = replica
        .send(asking(api::STAFF_ORDERS, &session))
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
    let answer = step(&replica, &session, &first, "rejection", &reject).await;
    assert_eq!(answer.read::<Order>(200).state, OrderState::Rejected);
    let list: StaffOrders = replica
        .send(asking(api::STAFF_ORDERS, &session))
        .await
        .read(200);
    assert_eq!(list.orders.len(), 1);
    let one = format!("{}/{}", api::STAFF_ORDERS, first.token);
    let shown: StaffOrder = replica.send(asking(&one, &session)).await.read(200);
    assert_eq!(shown.order.history[1].reason.as_deref(), Some("busy"));

    let elsewhere = signed_in(&replica, OTHER_SHOP).await;
    let list: StaffOrders = replica
        .send(asking(api::STAFF_ORDERS, &elsewhere))
        .await
        .read(200);
    assert!(list.orders.is_empty());
    replica
        .send(asking(&one, &elsewhere))
        .await
        .problem(Code::NotFound);
    let seen = json!({"version": 1, "minutes": 20});
    let answer = step(&replica, &elsewhere, &second, "acceptance", &seen).await;
    answer.problem(Code::NotFound);
}

#[tokio::test]
async fn an_order_goes_all_its_way_step_by_step_on_any_replica() {
    let (shared, replica) = with_accounts().await;
    let other = shared.replica();
    let session = signed_in(&replica, SHOP).await;
    let order = placed(&replica, KEY).await;
    let steps = [
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
    for (index, (name, body, state)) in steps.iter().enumerate() {
        let on = [&replica, &other][index % 2];
        let first = step(on, &session, &order, name, body).await;
        assert_eq!(first.header(api::REPLAYED), "");
        let moved: Order = first.read(200);
        assert_eq!(moved.state, *state);
        assert_eq!(moved.expected.unwrap().start_ms, NOW_MS + 35 * 60_000);
        let again = step([&other, &replica][index % 2], &session, &order, name, body).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.header(api::REPLAYED), "true");
    }
    let read: Order = replica
        .get(&format!("{}/{}", api::ORDERS, order.token))
        .await
        .read(200);
    assert_eq!((read.state, read.version), (OrderState::Completed, 6));
    assert_eq!(read.payment, PaymentState::Captured);
}

#[tokio::test]
async fn what_changed_meanwhile_is_a_conflict_with_the_order_as_it_is() {
    let (_shared, replica) = with_accounts().await;
    let session = signed_in(&replica, SHOP).await;
    let order = placed(&replica, KEY).await;
    let cancellation = format!("{}/{}/cancellation", api::ORDERS, order.token);
    replica
        .send(json(&cancellation, ""))
        .await
        .read::<Order>(200);
    let seen = json!({"version": 1, "minutes": 20});
    let answer = step(&replica, &session, &order, "acceptance", &seen).await;
    let now = answer.problem(Code::OrderConflict).order.unwrap();
    assert_eq!((now.state, now.version), (OrderState::Cancelled, 2));
    let seen = json!({"version": 2, "minutes": 20});
    let answer = step(&replica, &session, &order, "acceptance", &seen).await;
    answer.problem(Code::OrderConflict);
}

#[tokio::test]
async fn steps_say_what_they_lack() {
    let (_shared, replica) = with_accounts().await;
    let session = signed_in(&replica, SHOP).await;
    let order = placed(&replica, KEY).await;
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
        let answer = step(&replica, &session, &order, name, &body).await;
        assert_eq!(answer.problem(Code::Invalid).errors[0].field, field);
    }
    let answer = step(
        &replica,
        &session,
        &order,
        "rejection",
        &json!({"version": 1}),
    )
    .await;
    answer.problem(Code::MalformedRequest);
    let bare = json!({"version": 1});
    let answer = keyed_step(&replica, &session, "short", &order, "readiness", &bare).await;
    answer.problem(Code::IdempotencyKeyRequired);
    let path = format!("{}/{}/readiness", api::STAFF_ORDERS, order.token);
    let form = ask(Method::POST, &path)
        .header("authorization", format!("Bearer {session}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header(api::IDEMPOTENCY_KEY, KEY)
        .body(Body::from("version=1"));
    replica
        .send(form.unwrap())
        .await
        .problem(Code::UnsupportedMediaType);

    // One key, two orders: the second is told so.
    let other = placed(&replica, "another-key-of-enough-length").await;
    let body = json!({"version": 1, "minutes": 20});
    let accepted = keyed_step(&replica, &session, KEY, &order, "acceptance", &body).await;
    assert_eq!(accepted.status, StatusCode::OK);
    let reused = keyed_step(&replica, &session, KEY, &other, "acceptance", &body).await;
    reused.problem(Code::IdempotencyKeyReused);
}

#[tokio::test]
async fn a_restaurant_that_accepts_everything_does_so_as_the_order_is_placed() {
    let (shared, _) = with_accounts().await;
    let sample = include_str!("../../../tests/samples/shop.toml");
    let eager = sample.replace("days_ahead = 1", "days_ahead = 1\nauto_accept = true");
    let replica = Replica::on(
        Arc::clone(&shared.store),
        [menus::parse(SHOP, &eager).unwrap()],
    );
    let order = placed(&replica, KEY).await;
    assert_eq!((order.state, order.version), (OrderState::Accepted, 2));
    assert_eq!(order.history.len(), 2);
    let session = signed_in(&replica, SHOP).await;
    let one = format!("{}/{}", api::STAFF_ORDERS, order.token);
    let shown: StaffOrder = replica.send(asking(&one, &session)).await.read(200);
    assert_eq!((shown.order, shown.expires_at_ms), (order, None));
}
