//! `GET /api/v1/restaurants/{slug}/menu`: a whole menu, or 304 where the caller has it already.
//!
//! A menu is written out as JSON, and compressed, at most once a second: little in it changes while the process runs, and menus
//! are what is asked for most.

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
use process::secret;
use sha2::{Digest, Sha256};

use super::described::Slug;
use super::encoding::{Encoded, Encoding};
use super::path::Name;
use super::refusal::Refusal;
use super::{ApiState, headers, supply};
use crate::domain::inventory::Inventory;
use crate::domain::{self, Restaurant};

/// How old a written menu may be. Longer, and a shop that has just closed looks open for as long, or a dish to be had.
const WRITTEN_FOR_MS: i64 = 1_000;

/// The menus as they were written last, by slug.
#[derive(Default)]
pub(super) struct Rendered(RwLock<HashMap<String, Arc<Page>>>);

struct Page {
    at_ms: i64,
    body: Encoded,
    tag: HeaderValue,
}

/// A whole menu, or 304 where the caller has it already
#[utoipa::path(
    get, path = "/api/v1/restaurants/{slug}/menu", operation_id = "showMenu", tag = "Shop",
    params(
        Slug,
        ("If-None-Match" = Option<String>, Header, description = "Tags of menus that the caller has."),
    ),
    responses(
        (status = 200, body = Menu, description = "Plain, or with gzip or brotli where `Accept-Encoding` has one of them.",
            headers(("ETag" = String, description = "Weak: names what the menu says."))),
        (status = 304, description = "The caller has it.",
            headers(("ETag" = String, description = "Weak: names what the menu says."))),
        (status = 404, body = Problem, description = "`not_found`"),
    )
)]
pub(super) async fn show(
    Extension(menus): Extension<Arc<Rendered>>,
    State(state): State<ApiState>,
    Name(slug): Name,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let restaurant = state
        .catalogue
        .get(&slug)
        .ok_or_else(Refusal::no_such_restaurant)?;
    let now_ms = state.clock.now_ms();
    let page = match menus.written(&slug, now_ms) {
        Some(page) => page,
        None => {
            let supply = supply::known(&state, restaurant, now_ms).await;
            menus.write(restaurant, &supply, now_ms)?
        }
    };
    let known = [
        (ETAG, page.tag.clone()),
        // Kept, but asked for again before each use.
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (VARY, HeaderValue::from_static("accept-encoding")),
    ];
    let fresh_ms = (page.at_ms + WRITTEN_FOR_MS - now_ms).clamp(0, WRITTEN_FOR_MS);
    if matches(&asked, &page.tag) {
        return Ok((StatusCode::NOT_MODIFIED, known).into_response());
    }
    let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let encoding = Encoding::accepted(&asked);
    let body = match page.body.made(encoding) {
        Some(body) => body,
        // Beside the threads that answer everybody else, health checks among them.
        None => tokio::task::spawn_blocking(move || page.body.body(encoding))
            .await
            .map_err(|error| {
                tracing::error!(%error, "a menu could not be compressed");
                Refusal::internal()
            })?,
    };
    let mut answer = (known, json, body).into_response();
    answer
        .headers_mut()
        .insert(api::FRESH, HeaderValue::from(fresh_ms));
    if let Some(name) = encoding.name() {
        answer.headers_mut().insert(CONTENT_ENCODING, name);
    }
    Ok(answer)
}

impl Rendered {
    fn written(&self, slug: &str, now_ms: i64) -> Option<Arc<Page>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(slug)
            .filter(|page| (0..WRITTEN_FOR_MS).contains(&(now_ms - page.at_ms)))
            .cloned()
    }

    fn write(
        &self,
        restaurant: &Restaurant,
        supply: &Inventory,
        now_ms: i64,
    ) -> Result<Arc<Page>, Refusal> {
        let page = Arc::new(Page::write(restaurant, supply, now_ms)?);
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(restaurant.slug().to_owned(), Arc::clone(&page));
        Ok(page)
    }
}

impl Page {
    fn write(restaurant: &Restaurant, supply: &Inventory, now_ms: i64) -> Result<Self, Refusal> {
        let mut menu = domain::build_menu(restaurant, supply, now_ms);
        // The tag names what the menu says, not when it was written: weak, therefore, and the same on every replica.
        menu.now_ms = 0;
        let digest = Sha256::digest(headers::to_json(&menu)?);
        menu.now_ms = now_ms;
        let tag = format!("W/\"{}\"", secret::to_hex(&digest[..16]));
        Ok(Self {
            at_ms: now_ms,
            body: Encoded::new(headers::to_json(&menu)?),
            tag: HeaderValue::try_from(tag).map_err(|error| {
                tracing::error!(%error, "a menu's tag cannot be a header");
                Refusal::internal()
            })?,
        })
    }
}

/// The caller says in If-None-Match that it has it.
fn matches(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let Ok(tag) = tag.to_str() else { return false };
    asked
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|list| list.to_str().ok())
        .any(|list| api::names_tag(list, tag))
}
