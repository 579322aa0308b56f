//! `POST /api/v1/orders`: places an order, exactly once for each idempotency key.

use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use model::order::{Order, PlaceOrder};
use model::place::Place;
use model::{Problem, api};

use crate::api::body::Json;
use crate::api::described::Keyed;
use crate::api::idempotency::{IdempotencyKey, fingerprint_of_order};
use crate::api::refusal::Refusal;
use crate::api::{ApiState, headers, postcode, supply};
use crate::domain::inventory::Inventory;
use crate::domain::{self, Restaurant, drill};
use crate::store::{Fingerprint, Placement, SavedResponse};

/// Places an order, once for each key
///
/// The key is looked up before anything else: what was placed is answered as it was, even when the menu has changed, the shop
/// has closed or the postcode cannot be located in the meantime. Two that pass this together are settled by the store.
#[utoipa::path(
    post, path = "/api/v1/orders", operation_id = "placeOrder", tag = "Orders",
    params(Keyed), request_body = PlaceOrder,
    responses(
        (status = 201, body = Order, description = "The order, or what was answered when it was placed with this key.",
            headers(
                ("Location" = String, description = "The order's address."),
                ("Idempotency-Replayed" = Option<String>, description = "`true` on an answer that was given before."),
            )),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`quote_changed`"),
        (status = 422, body = Problem, description = "`invalid`, `not_orderable`, `postcode_invalid`, `postcode_special`"),
    )
)]
pub(in crate::api) async fn place(
    State(state): State<ApiState>,
    IdempotencyKey(key): IdempotencyKey,
    Json { value, text }: Json<PlaceOrder>,
) -> Result<Response, Refusal> {
    let fingerprint = fingerprint_of_order(&text)?;
    if let Some(before) = state.store.find_placement(&key, fingerprint).await? {
        return answer(before, |_| Refusal::internal());
    }
    let restaurant = state
        .catalogue
        .get(&value.basket.restaurant)
        .ok_or_else(Refusal::no_such_restaurant)?;
    let place = postcode::place_of(&state, &value.basket, "basket.postcode").await?;
    let now_ms = state.clock.now_ms();
    let wish = Wish {
        order: &value,
        restaurant,
        place: place.as_ref(),
        now_ms,
    };
    checked(&state, &key, fingerprint, wish).await
}

/// A wish whose key is not known.
struct Wish<'a> {
    order: &'a PlaceOrder,
    restaurant: &'a Restaurant,
    place: Option<&'a Place>,
    now_ms: i64,
}

async fn checked(
    state: &ApiState,
    key: &str,
    fingerprint: Fingerprint,
    wish: Wish<'_>,
) -> Result<Response, Refusal> {
    let Wish {
        order,
        restaurant,
        place,
        now_ms,
    } = wish;
    let check = |supply: &Inventory| domain::check_order(order, restaurant, place, supply, now_ms);
    let order = check(&supply::known(state, restaurant, now_ms).await)?;
    let expires_at_ms =
        state
            .deadlines
            .expires_at_ms(restaurant.slug(), order.quote().slot, now_ms);
    let order = order.expiring_at(expires_at_ms);
    let placement = state.store.place_order(key, fingerprint, order).await?;
    // Looked at again with what the store had, the order is refused with what is missing.
    answer(placement, |supply| match check(supply) {
        Err(refusal) => refusal.into(),
        Ok(_) => {
            tracing::error!("the store refused an order for want of what there is");
            Refusal::internal()
        }
    })
}

/// `POST /internal/v1/drill-orders`: a drill's order, by the same way from here on as everybody's. Its key says all of it.
pub(in crate::api) async fn place_for_drill(
    State(state): State<ApiState>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Response, Refusal> {
    let fingerprint = Fingerprint::of(b"drill");
    if let Some(before) = state.store.find_placement(&key, fingerprint).await? {
        return answer(before, |_| Refusal::internal());
    }
    let now_ms = state.clock.now_ms();
    let wish = Wish {
        order: &drill::build_order(&state.drill_kitchen, &key, now_ms),
        restaurant: &state.drill_kitchen,
        place: None,
        now_ms,
    };
    checked(&state, &key, fingerprint, wish).await
}

fn answer(
    placement: Placement,
    refused: impl FnOnce(&Inventory) -> Refusal,
) -> Result<Response, Refusal> {
    match placement {
        Placement::Placed(answer) => created(answer),
        Placement::Replayed(answer) => {
            let mut response = created(answer)?;
            response
                .headers_mut()
                .insert(api::REPLAYED, HeaderValue::from_static("true"));
            Ok(response)
        }
        Placement::KeyReused => Err(Refusal::key_reused()),
        Placement::InsufficientInventory(supply) => Err(refused(&supply)),
    }
}

fn created(answer: SavedResponse) -> Result<Response, Refusal> {
    let location = HeaderValue::try_from(format!("{}/{}", api::ORDERS, answer.token));
    let mut response = headers::private_json(StatusCode::CREATED, answer.body);
    response.headers_mut().insert(
        LOCATION,
        location.map_err(|error| {
            tracing::error!(%error, "an order's address cannot be a header");
            Refusal::internal()
        })?,
    );
    Ok(response)
}
