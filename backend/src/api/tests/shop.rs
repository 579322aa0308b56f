//! Address checks, restaurant searches, menus, slots and quotes.

use model::basket::{ObstacleCode, Quote};
use model::menu::Menu;
use model::restaurant::{SearchResult, Slots};
use serde_json::json;

use super::*;

fn menu_path() -> String {
    format!("{}/{SHOP}/menu", api::RESTAURANTS)
}

#[tokio::test]
async fn an_address_check_locates_a_postcode() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let answer = replica
        .post(api::ADDRESS_CHECKS, &json!({"postcode": " dh1-3el "}))
        .await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let place: Place = answer.read(200);
    assert_eq!(place.postcode, "DH1 3EL");
    assert_eq!(place.finding, Finding::Found);
    assert!(place.position.is_some());
}

#[tokio::test]
async fn an_invalid_postcode_is_rejected_with_a_suggestion() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    for (typed, code, suggestion) in [
        ("WIA OAA", Code::PostcodeInvalid, Some("W1A 0AA")),
        ("junkSW1A 1AA", Code::PostcodeInvalid, None),
        ("", Code::PostcodeInvalid, None),
        ("BFPO 12", Code::PostcodeSpecial, None),
        ("GIR 0AA", Code::PostcodeSpecial, None),
    ] {
        for path in [api::ADDRESS_CHECKS, api::RESTAURANT_SEARCHES] {
            let answer = replica.post(path, &json!({"postcode": typed})).await;
            let problem = answer.problem(code);
            assert_eq!(problem.suggestion.as_deref(), suggestion, "{typed}");
            assert_eq!(problem.errors[0].field, "postcode");
        }
    }
}

#[tokio::test]
async fn a_search_lists_restaurants_that_deliver() {
    let shared = SharedStore::new();
    let answer = shared
        .replica()
        .post(api::RESTAURANT_SEARCHES, &json!({"postcode": "DH1 3EL"}))
        .await;
    let result: SearchResult = answer.read(200);
    assert_eq!(result.now_ms, NOW_MS);
    assert_eq!(result.restaurants.len(), 1);
    assert!(result.restaurants[0].delivery.is_some());
}

#[tokio::test]
async fn a_menu_that_the_caller_has_is_not_modified() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let first = replica.get(&menu_path()).await;
    let read: Menu = first.read(200);
    assert_eq!(read.restaurant.slug, SHOP);
    let etag = first.header("etag").to_owned();
    assert_eq!(first.header("cache-control"), "no-cache");

    let strong = etag.trim_start_matches("W/");
    for known in [etag.as_str(), strong, "*", &format!("\"other\", {etag}")] {
        let request = build_request(Method::GET, &menu_path()).header("if-none-match", known);
        let answer = replica.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{known}");
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("etag"), etag);
    }
    let request = build_request(Method::GET, &menu_path()).header("if-none-match", "\"other\"");
    let answer = replica.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);

    let elsewhere = shared.replica();
    elsewhere.clock.advance(5_000);
    assert_eq!(elsewhere.get(&menu_path()).await.header("etag"), etag);
}

#[tokio::test]
async fn a_menu_is_compressed_for_callers_that_accept_it() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let plain = replica.get(&menu_path()).await;
    assert_eq!(plain.header("vary"), "accept-encoding");
    assert!(plain.headers.get("content-encoding").is_none());
    let mut lengths = vec![plain.body.len()];
    for encoding in ["gzip", "br"] {
        let request = build_request(Method::GET, &menu_path()).header("accept-encoding", encoding);
        let answer = replica.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("content-encoding"), encoding);
        assert_eq!(answer.header("etag"), plain.header("etag"));
        lengths.push(answer.body.len());
    }
    assert!(
        lengths.is_sorted_by(|longer, shorter| longer > shorter),
        "{lengths:?}"
    );
}

#[tokio::test]
async fn a_menu_is_rendered_once_a_second() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    for (after_ms, rendered_ms, ttl_ms) in [
        (0, 0, "1000"),
        (999, 0, "1"),
        (1, 1_000, "1000"),
        (-1, 999, "1000"),
    ] {
        replica.clock.advance(after_ms);
        let answer = replica.get(&menu_path()).await;
        assert_eq!(answer.header(api::RESPONSE_TTL), ttl_ms);
        let read: Menu = answer.read(200);
        assert_eq!(read.now_ms, NOW_MS + rendered_ms);
    }
}

#[tokio::test]
async fn other_opening_hours_change_the_etag() {
    let shared = SharedStore::new();
    let always = Replica::on(Arc::clone(&shared.store), [samples::shop(SHOP)]);
    let text = include_str!("../../../tests/samples/shop.toml");
    let closed = text.replace("[\"00:00-24:00\"]", "[]");
    let never = Replica::on(
        Arc::clone(&shared.store),
        [menus::parse(SHOP, &closed).unwrap()],
    );
    assert_ne!(
        always.get(&menu_path()).await.header("etag"),
        never.get(&menu_path()).await.header("etag")
    );
}

#[tokio::test]
async fn slots_are_listed_for_one_fulfilment() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let path = format!("{}/{SHOP}/slots", api::RESTAURANTS);
    for fulfilment in ["delivery", "collection"] {
        let address = format!("{path}?fulfilment={fulfilment}");
        let slots: Slots = replica.get(&address).await.read(200);
        assert!(slots.asap && !slots.slots.is_empty());
    }
    for query in ["", "?fulfilment=", "?fulfilment=teleport"] {
        let answer = replica.get(&format!("{path}{query}")).await;
        let problem = answer.problem(Code::MalformedRequest);
        assert_eq!(problem.errors[0].field, "fulfilment");
    }
}

#[tokio::test]
async fn an_unknown_restaurant_is_not_found() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    for path in ["nobody/menu", "nobody/slots?fulfilment=delivery"] {
        let answer = replica.get(&format!("{}/{path}", api::RESTAURANTS)).await;
        answer.problem(Code::NotFound);
    }
    let mut order = samples::order_request(&samples::shop(SHOP));
    order.basket.restaurant = "nobody".to_owned();
    let answer = replica.post(api::QUOTES, &order.basket).await;
    answer.problem(Code::NotFound);
    let answer = replica
        .place(KEY, serde_json::to_vec(&order).unwrap())
        .await;
    answer.problem(Code::NotFound);
}

#[tokio::test]
async fn a_basket_is_priced_and_its_obstacles_named() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let mut basket = samples::order_request(&samples::shop(SHOP)).basket;
    let quote: Quote = replica.post(api::QUOTES, &basket).await.read(200);
    assert!(quote.orderable(), "{quote:?}");
    assert_eq!(quote.goods_pence.0, 2 * 1150 + 350);

    basket.lines[0].dish = "mango-kulfi".to_owned();
    basket.postcode = None;
    let quote: Quote = replica.post(api::QUOTES, &basket).await.read(200);
    let codes: Vec<_> = quote.obstacles.iter().map(|found| found.code).collect();
    assert!(codes.contains(&ObstacleCode::SoldOut), "{codes:?}");
    assert!(codes.contains(&ObstacleCode::PostcodeMissing), "{codes:?}");

    basket.postcode = Some("nowhere".to_owned());
    let answer = replica.post(api::QUOTES, &basket).await;
    answer.problem(Code::PostcodeInvalid);
}
