//! The app's files: caching, compression, types, the page for every path of the app, and the security headers.

use std::fs;

use http::Method;
use model::problem::Code;

use crate::site::{Server, Site};

const HASHED: &str = "/app-0123456789abcdef";
/// `printf 'alert(1)' | openssl dgst -sha256 -binary | base64`
const SCRIPT_HASH: &str = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";

async fn start_with_app(site: &Site) -> Server {
    let folder = site.assets();
    fs::create_dir_all(folder.join("icons")).unwrap();
    for (name, content) in [
        ("index.html", "<script>alert(1)</script>shop"),
        (
            "index.html.csp",
            &format!("script-src {SCRIPT_HASH}\nstyle-src\n"),
        ),
        ("index.html.br", "brotli page"),
        ("app-0123456789abcdef.js", "js"),
        ("app-0123456789abcdef.js.br", "brotli js"),
        ("app-0123456789abcdef.js.gz", "gzip js"),
        ("app-0123456789abcdef_bg.wasm", "wasm"),
        ("icons/bowl.svg", "<svg/>"),
    ] {
        fs::write(folder.join(name), content).unwrap();
    }
    fs::write(site.data().join("secret.txt"), "secret").unwrap();
    site.start_server().await
}

#[tokio::test]
async fn hashed_files_are_immutable_and_others_revalidated() {
    let site = Site::new();
    let server = start_with_app(&site).await;
    let script = server.get(&format!("{HASHED}.js")).await;
    assert_eq!(script.text(), "js");
    assert_eq!(script.header("content-type"), "text/javascript");
    let immutable = "public, max-age=31536000, immutable";
    assert_eq!(script.header("cache-control"), immutable);
    let wasm = server.get(&format!("{HASHED}_bg.wasm")).await;
    assert_eq!(wasm.header("content-type"), "application/wasm");
    assert_eq!(wasm.header("cache-control"), immutable);
    let icon = server.get("/icons/bowl.svg").await;
    assert_eq!(icon.header("content-type"), "image/svg+xml");
    assert_eq!(icon.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn the_best_encoding_that_the_client_accepts_is_sent() {
    let site = Site::new();
    let server = start_with_app(&site).await;
    for (accepted, encoding, content) in [
        ("gzip, deflate, br", "br", "brotli js"),
        ("gzip", "gzip", "gzip js"),
        ("identity", "", "js"),
    ] {
        let response = server
            .request(Method::GET, &format!("{HASHED}.js"))
            .header("accept-encoding", accepted)
            .send()
            .await;
        assert_eq!(response.header("content-encoding"), encoding);
        assert_eq!(response.text(), content);
        assert_eq!(response.header("content-type"), "text/javascript");
        assert_eq!(response.header("vary"), "accept-encoding");
    }
}

#[tokio::test]
async fn every_path_of_the_app_serves_its_page() {
    let site = Site::new();
    let server = start_with_app(&site).await;
    for path in [
        "/",
        "/index.html",
        "/status",
        "/orders/abc?x=1",
        "/r/noodle-bar/",
    ] {
        let response = server.get(path).await;
        assert_eq!(response.status, 200, "{path}");
        assert_eq!(response.text(), "<script>alert(1)</script>shop", "{path}");
        assert_eq!(response.header("cache-control"), "no-cache");
        assert_eq!(response.header("content-type"), "text/html");
    }
    let compressed = server
        .request(Method::GET, "/status")
        .header("accept-encoding", "br")
        .send()
        .await;
    assert_eq!(compressed.text(), "brotli page");
    assert!(!compressed.header("content-security-policy").is_empty());
}

#[tokio::test]
async fn the_panel_has_its_own_page_if_one_was_built() {
    let site = Site::new();
    let server = start_with_app(&site).await;
    fs::write(site.assets().join("status.html"), "<style>a{}</style>panel").unwrap();
    fs::write(
        site.assets().join("status.html.csp"),
        "script-src\nstyle-src 'sha256-panel='\n",
    )
    .unwrap();
    for path in ["/status", "/status/", "/status.html"] {
        let response = server.get(path).await;
        assert_eq!(response.text(), "<style>a{}</style>panel", "{path}");
        assert_eq!(response.header("cache-control"), "no-cache");
        assert!(
            response
                .header("content-security-policy")
                .contains("style-src 'self' 'sha256-panel=';")
        );
    }
    assert!(server.get("/statuses").await.text().ends_with("shop"));
}

#[tokio::test]
async fn a_missing_file_is_404() {
    let site = Site::new();
    let server = start_with_app(&site).await;
    for path in [
        "/app-ffffffffffffffff.js",
        "/icons/none.svg",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
    ] {
        let response = server.get(path).await;
        assert_eq!(response.problem().code, Code::NotFound, "{path}");
        assert_ne!(
            response.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
    }
    let response = server.request(Method::POST, "/").send().await;
    assert_eq!(response.problem().code, Code::MethodNotAllowed);
    assert_eq!(response.header("allow"), "GET, HEAD");
}

#[tokio::test]
async fn the_page_may_run_its_own_script_and_no_other() {
    let site = Site::new();
    let server = start_with_app(&site).await;
    let policy = |response: &crate::client::TestResponse| {
        response.header("content-security-policy").to_owned()
    };
    let page = server.get("/").await;
    let first = policy(&page);
    let expected = format!("script-src 'self' 'wasm-unsafe-eval' {SCRIPT_HASH};");
    assert!(first.contains(&expected), "{first}");
    assert!(first.contains("frame-ancestors 'none'"), "{first}");
    assert!(!first.contains("unsafe-inline"), "{first}");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(
        page.header("permissions-policy")
            .contains("geolocation=(self)")
    );

    // A new build has another script.
    fs::write(
        site.assets().join("index.html"),
        "<script>other(22)</script>",
    )
    .unwrap();
    fs::write(
        site.assets().join("index.html.csp"),
        "script-src 'sha256-other='\nstyle-src\n",
    )
    .unwrap();
    let second = policy(&server.get("/").await);
    assert_ne!(first, second);
    assert!(second.contains("'sha256-other='"), "{second}");
}

#[tokio::test]
async fn a_page_without_hashes_may_run_nothing_inline() {
    let site = Site::new();
    let server = start_with_app(&site).await;
    fs::remove_file(site.assets().join("index.html.csp")).unwrap();
    let page = server.get("/").await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy");
    let expected = "script-src 'self' 'wasm-unsafe-eval'; style-src 'self';";
    assert!(policy.contains(expected), "{policy}");
}

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let site = Site::new();
    let server = start_with_app(&site).await;
    for path in [
        "/",
        "/icons/bowl.svg",
        "/none.js",
        "/api/none",
        model::api::STATUS,
    ] {
        let response = server.get(path).await;
        assert_eq!(
            response.header("x-content-type-options"),
            "nosniff",
            "{path}"
        );
        assert_eq!(response.header("referrer-policy"), "no-referrer", "{path}");
        assert!(
            !response.header("content-security-policy").is_empty(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_a_built_app_the_page_says_how_to_build_it() {
    let site = Site::new();
    let server = site.start_server().await;
    let response = server.get("/status").await;
    assert_eq!(response.status, 503);
    assert!(
        response.text().contains("cargo xtask up"),
        "{}",
        response.text()
    );
    assert_eq!(server.get(model::api::STATUS).await.status, 200);
    // A build that finishes while the server runs is served without a restart.
    fs::create_dir_all(site.assets()).unwrap();
    fs::write(site.assets().join("index.html"), "shop").unwrap();
    assert_eq!(server.get("/status").await.text(), "shop");
}
