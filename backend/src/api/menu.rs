//! `GET /api/v1/restaurants/{slug}/menu`: a restaurant's menu, or 304 where the caller has it.
//!
//! A menu is serialised and compressed at most once a second, because menus are requested most and change rarely.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Extension;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use model::menu::Menu;
use model::{Problem, api};
use sha2::{Digest, Sha256};

use super::encoding::{EncodedBody, Encoding};
use super::error::ApiError;
use super::openapi::SlugParam;
use super::path::PathParam;
use super::{ApiState, inventory, responses};
use crate::domain::inventory::Inventory;
use crate::domain::{self, Restaurant};

/// TTL of a rendered menu. A longer one would show a restaurant as open, or a dish as available, for as long after it has changed; a
/// shorter one would render more often.
const RENDERED_TTL_MS: i64 = 1_000;

/// Latest rendering of each menu, by slug.
#[derive(Default)]
pub(super) struct RenderedMenus(RwLock<HashMap<String, Arc<RenderedMenu>>>);

struct RenderedMenu {
    rendered_at_ms: i64,
    body: EncodedBody,
    etag: HeaderValue,
}

/// Shows a restaurant's menu, or 304 where the caller has it
#[utoipa::path(
    get, path = "/api/v1/restaurants/{slug}/menu", operation_id = "showMenu", tag = "Shop",
    params(
        SlugParam,
        ("If-None-Match" = Option<String>, Header, description = "ETags of menus that the caller has."),
    ),
    responses(
        (status = 200, body = Menu, description = "Compressed with brotli or gzip where `Accept-Encoding` allows it.",
            headers(("ETag" = String, description = "Weak: identifies the menu's content."))),
        (status = 304, description = "The caller has this menu.",
            headers(("ETag" = String, description = "Weak: identifies the menu's content."))),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub(super) async fn show(
    Extension(menus): Extension<Arc<RenderedMenus>>,
    State(state): State<ApiState>,
    PathParam(slug): PathParam,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let restaurant = state
        .catalogue
        .get(&slug)
        .ok_or_else(ApiError::no_such_restaurant)?;
    let now_ms = state.clock.now_ms();
    let menu = match menus.get(&slug, now_ms) {
        Some(menu) => menu,
        None => {
            let inventory = inventory::load_or_default(&state, restaurant, now_ms).await;
            menus.render(restaurant, &inventory, now_ms)?
        }
    };
    let cache_headers = [
        (ETAG, menu.etag.clone()),
        // Stored, but revalidated before each use.
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (VARY, HeaderValue::from_static("accept-encoding")),
    ];
    let ttl_ms = (menu.rendered_at_ms + RENDERED_TTL_MS - now_ms).clamp(0, RENDERED_TTL_MS);
    if has_etag(&headers, &menu.etag) {
        return Ok((StatusCode::NOT_MODIFIED, cache_headers).into_response());
    }
    let content_type = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let encoding = Encoding::negotiate(&headers);
    let body = match menu.body.get(encoding) {
        Some(body) => body,
        // On the blocking pool: the workers serve all other requests, health checks among them.
        None => tokio::task::spawn_blocking(move || menu.body.get_or_encode(encoding))
            .await
            .map_err(|error| {
                tracing::error!(%error, "a menu could not be compressed");
                ApiError::internal()
            })?,
    };
    let mut response = (cache_headers, content_type, body).into_response();
    response
        .headers_mut()
        .insert(api::RESPONSE_TTL, HeaderValue::from(ttl_ms));
    if let Some(name) = encoding.header_value() {
        response.headers_mut().insert(CONTENT_ENCODING, name);
    }
    Ok(response)
}

impl RenderedMenus {
    fn get(&self, slug: &str, now_ms: i64) -> Option<Arc<RenderedMenu>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(slug)
            .filter(|menu| (0..RENDERED_TTL_MS).contains(&(now_ms - menu.rendered_at_ms)))
            .cloned()
    }

    fn render(
        &self,
        restaurant: &Restaurant,
        inventory: &Inventory,
        now_ms: i64,
    ) -> Result<Arc<RenderedMenu>, ApiError> {
        let menu = Arc::new(RenderedMenu::new(restaurant, inventory, now_ms)?);
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(restaurant.slug().to_owned(), Arc::clone(&menu));
        Ok(menu)
    }
}

impl RenderedMenu {
    fn new(restaurant: &Restaurant, inventory: &Inventory, now_ms: i64) -> Result<Self, ApiError> {
        let mut menu = domain::build_menu(restaurant, inventory, now_ms);
        // The ETag covers the content without its time, so it is weak, and the same on every replica.
        menu.now_ms = 0;
        let digest = Sha256::digest(responses::to_json(&menu)?);
        menu.now_ms = now_ms;
        let etag = format!("W/\"{}\"", hex::encode(&digest[..16]));
        Ok(Self {
            rendered_at_ms: now_ms,
            body: EncodedBody::new(responses::to_json(&menu)?),
            etag: HeaderValue::try_from(etag).map_err(|error| {
                tracing::error!(%error, "a menu's ETag is not a valid header value");
                ApiError::internal()
            })?,
        })
    }
}

/// Whether `If-None-Match` lists the menu's ETag.
fn has_etag(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let Ok(etag) = etag.to_str() else {
        return false;
    };
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|list| list.to_str().ok())
        .any(|list| api::matches_etag(list, etag))
}
