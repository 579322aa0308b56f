//! Serves the built app: files with the right caching, and the page for every address that is one of the app's own.
//!
//! Knows nothing of what the app does, but that a menu's page needs a menu.

mod page;

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, LINK};
use http::uri::Uri;
use http::{HeaderValue, Method, StatusCode};
use model::api;
use tower::ServiceExt;
use tower_http::services::ServeDir;

use crate::origin::Origin;
use crate::problem::Refusal;
use crate::servers::Servers;
use page::Page;

const SHOP: &str = "/index.html";
/// The status panel's own page. A plain `trunk build` makes none: its one page starts either program.
const PANEL: &str = "/status.html";
/// A name with a hash in it never means another content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Kept by the browser, but asked for again each time.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
/// Length of the hash that trunk puts into names.
const HASH_DIGITS: usize = 16;

#[derive(Clone)]
pub struct Assets {
    files: ServeDir,
    shop: Arc<Page>,
    panel: Arc<Page>,
    servers: Arc<Servers>,
}

impl Assets {
    /// `folder` need not be there yet, and may be replaced while the server runs.
    pub fn new(folder: &Path, servers: Arc<Servers>) -> Self {
        if !folder.join("index.html").exists() {
            tracing::warn!(
                folder = %folder.display(),
                "there is no built app; `cargo xtask up` builds it, --assets names another folder"
            );
        }
        Self {
            files: ServeDir::new(folder)
                .precompressed_br()
                .precompressed_gzip(),
            shop: Arc::new(Page::new(folder, "index.html")),
            panel: Arc::new(Page::new(folder, "status.html")),
            servers,
        }
    }
}

pub async fn serve(State(assets): State<Assets>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let allowed = [(ALLOW, "GET, HEAD")];
        return (allowed, Refusal::wrong_method()).into_response();
    }
    if is_page(request.uri().path()) {
        page(assets, request).await
    } else {
        file(assets, request).await
    }
}

async fn page(assets: Assets, mut request: Request) -> Response {
    let path = request.uri().path();
    let menu = menu_link(path);
    let panel = if is_panels(path) {
        assets.panel.policy().await
    } else {
        None
    };
    let (file, policy) = match panel {
        Some(policy) => (PANEL, policy),
        None => match assets.shop.policy().await {
            Some(policy) => (SHOP, policy),
            None => return assets.shop.how_to_build(),
        },
    };
    let asked = Origin::asked(request.uri(), request.headers());
    let others = assets.servers.others(asked.as_ref());
    let policy = page::may_call(policy, &others);
    *request.uri_mut() = Uri::from_static(file);
    let mut response = fetch(assets.files, request).await;
    let headers = response.headers_mut();
    if let Some(link) = menu {
        headers.insert(LINK, link);
    }
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(CACHE_CONTROL, ASK_AGAIN);
    response
}

async fn file(assets: Assets, request: Request) -> Response {
    let caching = if is_hashed(request.uri().path()) {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    let mut response = fetch(assets.files, request).await;
    if response.status() == StatusCode::NOT_FOUND {
        return Refusal::not_found().into_response();
    }
    response.headers_mut().insert(CACHE_CONTROL, caching);
    response
}

async fn fetch(files: ServeDir, request: Request) -> Response {
    match files.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

/// A menu's page will ask for the menu as soon as the app is there; told beforehand, a browser fetches both at once.
fn menu_link(path: &str) -> Option<HeaderValue> {
    let slug = path.strip_prefix("/r/")?.trim_end_matches('/');
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if slug.is_empty() || !slug.bytes().all(plain) {
        return None;
    }
    let link = format!(
        "<{}/{slug}/menu>; rel=preload; as=fetch; crossorigin",
        api::RESTAURANTS
    );
    HeaderValue::from_str(&link).ok()
}

/// The app's own addresses have no file extension; it reads them itself.
fn is_page(path: &str) -> bool {
    path == SHOP || path == PANEL || !path.rsplit('/').next().unwrap_or_default().contains('.')
}

fn is_panels(path: &str) -> bool {
    path == PANEL || path.trim_end_matches('/') == "/status"
}

/// `/app-0123456789abcdef_bg.wasm`, `/snippets/part-0123456789abcdef/inline0.js`.
fn is_hashed(path: &str) -> bool {
    path.split('-').skip(1).any(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        digits == HASH_DIGITS && matches!(rest.as_bytes().get(digits), Some(b'.' | b'_' | b'/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_without_an_extension_are_the_apps_own() {
        for page in ["/", "/status", "/orders/abc", "/r/noodle-bar/", SHOP, PANEL] {
            assert!(is_page(page), "{page}");
        }
        for file in ["/app.js", "/icons/bowl.svg", "/favicon.ico"] {
            assert!(!is_page(file), "{file}");
        }
    }

    #[test]
    fn a_menus_page_names_its_menu() {
        assert_eq!(
            menu_link("/r/noodle-bar").unwrap(),
            "</api/v1/restaurants/noodle-bar/menu>; rel=preload; as=fetch; crossorigin"
        );
        for other in ["/", "/r/", "/r/a/b", "/r/a>;x", "/restaurants"] {
            assert_eq!(menu_link(other), None, "{other}");
        }
    }

    #[test]
    fn only_names_with_trunks_hash_are_kept_for_ever() {
        for hashed in [
            "/app-0123456789abcdef.js",
            "/app-0123456789abcdef_bg.wasm",
            "/snippets/part-0123456789abcdef/inline0.js",
        ] {
            assert!(is_hashed(hashed), "{hashed}");
        }
        for plain in [
            "/app.js",
            "/app-0123.js",
            "/app-0123456789abcdef0.js",
            "/app-0123456789abcdeg.js",
            "/noodle-bar.svg",
        ] {
            assert!(!is_hashed(plain), "{plain}");
        }
    }
}
