//! `POST /api/v1/orders`: places an order, exactly once per idempotency key.

use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use model::order::{Order, PlaceOrder};
use model::place::Place;
use model::{Problem, api};

use crate::api::body::JsonBody;
use crate::api::error::ApiError;
use crate::api::idempotency::{IdempotencyKey, fingerprint_order};
use crate::api::openapi::IdempotencyKeyParam;
use crate::api::{ApiState, inventory, postcode, responses};
use crate::domain::inventory::Inventory;
use crate::domain::{self, Restaurant, drill};
use crate::store::{Fingerprint, Placement, SavedResponse};

/// Places an order, once per key
///
/// The key is looked up first: a repeated request gets the saved response, even when the menu has changed, the restaurant has closed or
/// the postcode cannot be located any more. The store decides between two requests that pass this check at the same time.
#[utoipa::path(
    post, path = "/api/v1/orders", operation_id = "placeOrder", tag = "Orders",
    params(IdempotencyKeyParam), request_body = PlaceOrder,
    responses(
        (status = 201, body = Order, description = "The order, or the saved response if it was placed with this key before.",
            headers(
                ("Location" = String, description = "The order's path."),
                ("Idempotency-Replayed" = Option<String>, description = "`true` on a saved response."),
            )),
        (status = 404, body = Problem, description = "`not_found`"),
        (status = 409, body = Problem, description = "`quote_changed`"),
        (status = 422, body = Problem, description = "`invalid`, `not_orderable`, `postcode_invalid`, `postcode_special`"),
    )
)]
pub(in crate::api) async fn place_order(
    State(state): State<ApiState>,
    IdempotencyKey(key): IdempotencyKey,
    JsonBody { value, text }: JsonBody<PlaceOrder>,
) -> Result<Response, ApiError> {
    let fingerprint = fingerprint_order(&text)?;
    if let Some(before) = state.store.find_placement(&key, fingerprint).await? {
        return placement_response(before, |_| ApiError::internal());
    }
    let restaurant = state
        .catalogue
        .get(&value.basket.restaurant)
        .ok_or_else(ApiError::no_such_restaurant)?;
    let place = postcode::locate_delivery(&state, &value.basket, "basket.postcode").await?;
    let now_ms = state.clock.now_ms();
    let request = OrderRequest {
        order: &value,
        restaurant,
        place: place.as_ref(),
        now_ms,
    };
    check_and_place(&state, &key, fingerprint, request).await
}

/// Parsed request whose key has not been used.
struct OrderRequest<'a> {
    order: &'a PlaceOrder,
    restaurant: &'a Restaurant,
    place: Option<&'a Place>,
    now_ms: i64,
}

/// Checks the order against menu, hours and inventory, and places it.
async fn check_and_place(
    state: &ApiState,
    key: &str,
    fingerprint: Fingerprint,
    request: OrderRequest<'_>,
) -> Result<Response, ApiError> {
    let OrderRequest {
        order,
        restaurant,
        place,
        now_ms,
    } = request;
    let check =
        |inventory: &Inventory| domain::check_order(order, restaurant, place, inventory, now_ms);
    let order = check(&inventory::load_or_default(state, restaurant, now_ms).await)?;
    let expires_at_ms =
        state
            .deadlines
            .expires_at_ms(restaurant.slug(), order.quote().slot, now_ms);
    let order = order.expiring_at(expires_at_ms);
    let placement = state.store.place_order(key, fingerprint, order).await?;
    // With the inventory of the transaction, the check names what is missing.
    placement_response(placement, |inventory| match check(inventory) {
        Err(error) => error.into(),
        Ok(_) => {
            tracing::error!(
                "the store rejected an order for lack of inventory, which the check finds sufficient"
            );
            ApiError::internal()
        }
    })
}

/// `POST /internal/v1/drill-orders`: places a drill order on the same path as all orders. Its content follows from its key.
pub(in crate::api) async fn place_drill_order(
    State(state): State<ApiState>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<Response, ApiError> {
    let fingerprint = Fingerprint::of(b"drill");
    if let Some(before) = state.store.find_placement(&key, fingerprint).await? {
        return placement_response(before, |_| ApiError::internal());
    }
    let now_ms = state.clock.now_ms();
    let request = OrderRequest {
        order: &drill::build_order(&state.drill_kitchen, &key, now_ms),
        restaurant: &state.drill_kitchen,
        place: None,
        now_ms,
    };
    check_and_place(&state, &key, fingerprint, request).await
}

fn placement_response(
    placement: Placement,
    sold_out: impl FnOnce(&Inventory) -> ApiError,
) -> Result<Response, ApiError> {
    match placement {
        Placement::Placed(answer) => created(answer),
        Placement::Replayed(answer) => {
            let mut response = created(answer)?;
            response
                .headers_mut()
                .insert(api::IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
            Ok(response)
        }
        Placement::KeyReused => Err(ApiError::key_reused()),
        Placement::InsufficientInventory(inventory) => Err(sold_out(&inventory)),
    }
}

fn created(answer: SavedResponse) -> Result<Response, ApiError> {
    let location = HeaderValue::try_from(format!("{}/{}", api::ORDERS, answer.token));
    let mut response = responses::json(StatusCode::CREATED, answer.body);
    response.headers_mut().insert(
        LOCATION,
        location.map_err(|error| {
            tracing::error!(%error, "an order's path is not a valid header value");
            ApiError::internal()
        })?,
    );
    Ok(response)
}
