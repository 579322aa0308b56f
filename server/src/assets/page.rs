//! A page of the app: its files, and the response that stands in for it while the app is not built.

use std::path::{Path, PathBuf};
use std::sync::Once;

use axum::response::{Html, IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use http::{HeaderValue, StatusCode};

use super::csp::page_policy;
use crate::http::headers::DENY_ALL_POLICY;

pub struct Page {
    html: PathBuf,
    /// Beside the page: the hashes of its inline scripts and styles.
    csp: PathBuf,
    missing_csp: Once,
}

impl Page {
    pub fn new(folder: &Path, name: &str) -> Self {
        Self {
            html: folder.join(name),
            csp: folder.join(format!("{name}.csp")),
            missing_csp: Once::new(),
        }
    }

    /// The page's content security policy, or `None` if the page is not built. Read from the file each time, since a new build may
    /// replace it while the server runs.
    pub async fn policy(&self, other_servers: &[String]) -> Option<HeaderValue> {
        match tokio::fs::read_to_string(&self.csp).await {
            Ok(hashes) => page_policy(&hashes, other_servers),
            Err(_) if tokio::fs::try_exists(&self.html).await.ok()? => {
                self.missing_csp.call_once(|| {
                    tracing::warn!(
                        file = %self.csp.display(),
                        "the hashes of a page's inline scripts and styles are missing, so browsers will not run them; \
                         build the app with trunk, whose hook writes the file"
                    );
                });
                page_policy("", other_servers)
            }
            Err(_) => None,
        }
    }

    /// 503 with instructions for the operator.
    pub fn not_built(&self) -> Response {
        let folder = self
            .html
            .parent()
            .unwrap_or(Path::new("."))
            .display()
            .to_string()
            .replace('&', "&amp;")
            .replace('<', "&lt;");
        let page = format!(
            "<!doctype html><html lang=en-GB><meta charset=utf-8>\
             <meta name=viewport content='width=device-width'><title>Tiffin</title>\
             <p>The app has not been built: there is no page in <code>{folder}</code>. \
             Run <code>cargo xtask up</code>, or start this server with <code>--assets</code> and the folder of the built app.\n"
        );
        let headers = [
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (CONTENT_SECURITY_POLICY, DENY_ALL_POLICY),
        ];
        (StatusCode::SERVICE_UNAVAILABLE, headers, Html(page)).into_response()
    }
}
