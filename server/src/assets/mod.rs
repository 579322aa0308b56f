//! Serves the built app: files with cache headers, and the app's page for every path that the app routes itself.
//!
//! Must not know what the app does, except that a menu's page needs a menu.

mod csp;
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

use crate::http::origin::Origin;
use crate::http::problem::ProblemResponse;
use crate::server_directory::ServerDirectory;
use page::Page;

const SHOP: &str = "/index.html";
/// The status panel's own page. Where a build has none, the shop's page starts the panel.
const PANEL: &str = "/status.html";
/// For files with a hash in their name, whose content never changes.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// The browser caches the file and revalidates it at each use.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
/// Length of the hash that trunk puts into file names.
const HASH_DIGITS: usize = 16;

#[derive(Clone)]
pub struct Assets {
    files: ServeDir,
    shop: Arc<Page>,
    panel: Arc<Page>,
    servers: Arc<ServerDirectory>,
}

impl Assets {
    /// `folder` need not exist yet, and may be replaced while the server runs.
    pub fn new(folder: &Path, servers: Arc<ServerDirectory>) -> Self {
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
        return (allowed, ProblemResponse::method_not_allowed()).into_response();
    }
    if is_page(request.uri().path()) {
        serve_page(assets, request).await
    } else {
        serve_file(assets, request).await
    }
}

async fn serve_page(assets: Assets, mut request: Request) -> Response {
    let path = request.uri().path();
    let menu_link = menu_link(path);
    let target = Origin::of_target(request.uri(), request.headers());
    let other_servers = assets.servers.others(target.as_ref());
    let panel_policy = if is_panel(path) {
        assets.panel.policy(&other_servers).await
    } else {
        None
    };
    let (file, policy) = match panel_policy {
        Some(policy) => (PANEL, policy),
        None => match assets.shop.policy(&other_servers).await {
            Some(policy) => (SHOP, policy),
            None => return assets.shop.not_built(),
        },
    };
    *request.uri_mut() = Uri::from_static(file);
    let mut response = read_file(assets.files, request).await;
    let headers = response.headers_mut();
    if let Some(link) = menu_link {
        headers.insert(LINK, link);
    }
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(CACHE_CONTROL, REVALIDATE);
    response
}

async fn serve_file(assets: Assets, request: Request) -> Response {
    let caching = if is_hashed(request.uri().path()) {
        IMMUTABLE
    } else {
        REVALIDATE
    };
    let mut response = read_file(assets.files, request).await;
    if response.status() == StatusCode::NOT_FOUND {
        return ProblemResponse::not_found().into_response();
    }
    response.headers_mut().insert(CACHE_CONTROL, caching);
    response
}

async fn read_file(files: ServeDir, request: Request) -> Response {
    match files.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

/// The `Link` header of a menu's page: the browser fetches the menu along with the app, which would request it once it has started.
fn menu_link(path: &str) -> Option<HeaderValue> {
    let slug = path.strip_prefix("/r/")?.trim_end_matches('/');
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if slug.is_empty() || !slug.bytes().all(is_allowed) {
        return None;
    }
    let link = format!(
        "<{}/{slug}/menu>; rel=preload; as=fetch; crossorigin",
        api::RESTAURANTS
    );
    HeaderValue::from_str(&link).ok()
}

/// True for the paths that the app routes itself, which have no file extension.
fn is_page(path: &str) -> bool {
    path == SHOP || path == PANEL || !path.rsplit('/').next().unwrap_or_default().contains('.')
}

fn is_panel(path: &str) -> bool {
    path == PANEL || path.trim_end_matches('/') == "/status"
}

/// True for names with trunk's hash: `/app-0123456789abcdef_bg.wasm`, `/snippets/part-0123456789abcdef/inline0.js`.
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
    fn paths_without_an_extension_are_pages() {
        for page in ["/", "/status", "/orders/abc", "/r/noodle-bar/", SHOP, PANEL] {
            assert!(is_page(page), "{page}");
        }
        for file in ["/app.js", "/icons/bowl.svg", "/favicon.ico"] {
            assert!(!is_page(file), "{file}");
        }
    }

    #[test]
    fn a_menus_page_links_to_its_menu() {
        assert_eq!(
            menu_link("/r/noodle-bar").unwrap(),
            "</api/v1/restaurants/noodle-bar/menu>; rel=preload; as=fetch; crossorigin"
        );
        for other in ["/", "/r/", "/r/a/b", "/r/a>;x", "/restaurants"] {
            assert_eq!(menu_link(other), None, "{other}");
        }
    }

    #[test]
    fn only_names_with_trunks_hash_are_immutable() {
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
