//! A page of the app: what its content security policy must allow, and what stands in for it while the app is not built.
//!
//! The policy names the page's own style, and a script where the page has one, by their hashes, so that no other one that
//! somebody smuggles in is run. It calls its own server and the installation's others, and nobody else.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use http::{HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use crate::sync::locked;

pub struct Page {
    file: PathBuf,
    read: Mutex<Option<Read>>,
}

struct Read {
    changed: SystemTime,
    length: u64,
    policy: HeaderValue,
}

impl Page {
    pub fn new(folder: &Path, name: &str) -> Self {
        Self {
            file: folder.join(name),
            read: Mutex::default(),
        }
    }

    /// The policy of the page as it is now: read again when the file changed, as it does with every build.
    pub async fn policy(&self) -> Option<HeaderValue> {
        let metadata = tokio::fs::metadata(&self.file).await.ok()?;
        let (changed, length) = (metadata.modified().ok()?, metadata.len());
        let known = locked(&self.read)
            .as_ref()
            .filter(|read| (read.changed, read.length) == (changed, length))
            .map(|read| read.policy.clone());
        if known.is_some() {
            return known;
        }
        let html = tokio::fs::read_to_string(&self.file).await.ok()?;
        let policy = HeaderValue::from_str(&policy_for(&html)).ok()?;
        *locked(&self.read) = Some(Read {
            changed,
            length,
            policy: policy.clone(),
        });
        Some(policy)
    }

    pub fn how_to_build(&self) -> Response {
        let folder = self
            .file
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
            (
                CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
            ),
        ];
        (StatusCode::SERVICE_UNAVAILABLE, headers, Html(page)).into_response()
    }
}

fn policy_for(html: &str) -> String {
    let scripts = hashes(html, "script");
    let styles = hashes(html, "style");
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; \
         img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; \
         connect-src 'self'"
    )
}

/// The policy with further servers that the page may call, as origins.
pub fn may_call(policy: HeaderValue, servers: &[String]) -> HeaderValue {
    let mut longer = policy.as_bytes().to_vec();
    // What may be called stands last.
    for server in servers {
        longer.push(b' ');
        longer.extend_from_slice(server.as_bytes());
    }
    // Origins are letters, digits and a few signs; the page goes on with its own server alone, should that ever change.
    HeaderValue::from_bytes(&longer).unwrap_or(policy)
}

/// ` 'sha256-…'` for each inline element of this name.
fn hashes(html: &str, element: &str) -> String {
    inline(html, element)
        .iter()
        .map(|content| {
            let hash = Sha256::digest(content.as_bytes());
            format!(" 'sha256-{}'", STANDARD.encode(hash))
        })
        .collect()
}

/// Contents of the inline elements of this name, as a browser hashes them. The page is our own build's, so that this need not
/// be a whole HTML parser; what it misreads is not run, which a browser test shows.
fn inline(html: &str, element: &str) -> Vec<String> {
    // Browsers see one kind of line ending only.
    let html = without_comments(&html.replace("\r\n", "\n"));
    // As long as the text itself, since only ASCII letters change.
    let lower = html.to_ascii_lowercase();
    let (opening, closing) = (format!("<{element}"), format!("</{element}"));
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = lower[at..].find(&opening).map(|offset| at + offset) {
        let Some(end) = lower[start..].find('>').map(|offset| start + offset) else {
            break;
        };
        let attributes = &lower[start + opening.len()..end];
        at = end + 1;
        if !attributes.is_empty() && !attributes.starts_with(char::is_whitespace) {
            continue;
        }
        let Some(close) = lower[at..].find(&closing).map(|offset| at + offset) else {
            break;
        };
        let refers_elsewhere = attributes
            .split_whitespace()
            .any(|attribute| attribute == "src" || attribute.starts_with("src="));
        if !refers_elsewhere {
            found.push(html[at..close].to_owned());
        }
        at = close;
    }
    found
}

fn without_comments(html: &str) -> String {
    let mut rest = html;
    let mut kept = String::with_capacity(html.len());
    while let Some((before, comment)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTML: &str = "<!doctype html><html><head>\n\
        <!-- <script>commented()</script> -->\n\
        <link rel=stylesheet href=/style-0123456789abcdef.css>\n\
        <style>body { margin: 0 }</style>\n\
        <script type=\"module\" nonce=\"x\">\nimport init from '/app.js';\ninit();\n</script>\n\
        <script src=\"/other.js\"></script>\n\
        <SCRIPT>shout()</SCRIPT></head></html>";

    #[test]
    fn inline_scripts_and_styles_are_found_and_others_are_not() {
        assert_eq!(
            inline(HTML, "script"),
            ["\nimport init from '/app.js';\ninit();\n", "shout()"]
        );
        assert_eq!(inline(HTML, "style"), ["body { margin: 0 }"]);
    }

    #[test]
    fn the_policy_names_them_by_hash() {
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        let policy = policy_for("<script>alert(1)</script>");
        assert!(
            policy.contains(
                "script-src 'self' 'wasm-unsafe-eval' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
            ),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-inline"), "{policy}");
    }

    #[test]
    fn other_servers_may_be_called_and_nothing_else_changes() {
        let policy = HeaderValue::from_str(&policy_for("")).unwrap();
        let alone = policy.to_str().unwrap().to_owned();
        assert!(alone.ends_with("; connect-src 'self'"), "{alone}");
        let others = ["https://two.shop.example", "http://10.0.0.7:8080"].map(str::to_owned);
        let longer = may_call(policy, &others);
        assert_eq!(
            longer.to_str().unwrap(),
            format!("{alone} {}", others.join(" "))
        );
    }

    #[test]
    fn line_endings_are_hashed_as_browsers_see_them() {
        assert_eq!(inline("<script>a\r\nb</script>", "script"), ["a\nb"]);
    }
}
