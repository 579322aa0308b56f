//! Which pages may call this server: those that a front-end server of this installation serves or has served.
//!
//! Allowed pages get the headers of cross-origin resource sharing (the Fetch standard, section 3.2). Other pages get none of them,
//! and cannot change anything. tower-http's `CorsLayer` sets such headers, but refuses neither a foreign preflight nor a foreign
//! change.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, ORIGIN, VARY,
};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use model::problem::Code;

use super::origin::Origin;
use super::problem::ProblemResponse;
use super::response_body::ResponseBody;
use crate::server_directory::ServerDirectory;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE");
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "Content-Type, Idempotency-Key, Last-Event-ID, If-Match, If-None-Match",
);
const EXPOSED_HEADERS: HeaderValue =
    HeaderValue::from_static("ETag, Location, Retry-After, Idempotency-Replayed, Tiffin-Replica");
/// Chromium's upper limit: a page that moves to another server need not send a preflight each time.
const MAX_AGE_S: HeaderValue = HeaderValue::from_static("7200");

/// Where the page comes from that sent a request.
#[derive(Debug, PartialEq, Eq)]
pub enum PageOrigin {
    /// This server, or the request has no `Origin`.
    SameOrigin,
    /// Another server of the installation; holds the value of `Origin`.
    Installation(HeaderValue),
    Foreign,
}

impl PageOrigin {
    pub fn of<B>(request: &Request<B>, servers: &ServerDirectory) -> Self {
        let headers = request.headers();
        let Some(value) = headers.get(ORIGIN) else {
            return Self::SameOrigin;
        };
        let target = Origin::of_target(request.uri(), headers);
        match value.to_str().ok().and_then(|text| text.parse().ok()) {
            Some(origin) if Some(&origin) == target.as_ref() => Self::SameOrigin,
            Some(origin) if servers.has_served(&origin, target.as_ref()) => {
                Self::Installation(value.clone())
            }
            _ => Self::Foreign,
        }
    }

    /// Answers a preflight, and refuses a change that a foreign page attempts; `None` for all other requests.
    ///
    /// `SameSite` keeps a session's cookie from pages of other sites, but not from other programs on the same host. Browsers report
    /// those truthfully in `Sec-Fetch-Site`. `Origin` alone would not do, because a proxy in front may have rewritten `Host`.
    pub fn intercept<B>(&self, request: &Request<B>) -> Option<Response<ResponseBody>> {
        let headers = request.headers();
        let method = request.method();
        let is_foreign = *self == Self::Foreign;
        if *method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            return Some(if is_foreign {
                forbidden()
            } else {
                preflight_response()
            });
        }
        let is_cross_origin = headers
            .get(SEC_FETCH_SITE)
            .is_some_and(|site| site == "cross-site" || site == "same-site");
        (is_foreign && is_cross_origin && !method.is_safe()).then(forbidden)
    }

    /// Sets the headers that let the page read a response, if it may.
    pub fn set_headers(self, headers: &mut HeaderMap) {
        headers.append(VARY, HeaderValue::from_static("origin"));
        if let Self::Installation(origin) = self {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(
                ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
        }
    }
}

fn preflight_response() -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::Whole(bytes::Bytes::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE_S);
    response
}

fn forbidden() -> Response<ResponseBody> {
    ProblemResponse::new(
        Code::Forbidden,
        "This page is not one of ours",
        "Nothing was changed. Pages of the installation's own servers may call it; see --public-url and --shared-url of the server.",
    )
    .into_http()
}
