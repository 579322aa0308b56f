//! Which pages may call: those that a front-end server of this installation has served. What they may is said in the headers of
//! cross-origin resource sharing (the Fetch standard, section 3.2); other pages get none of them, and may change nothing.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, ORIGIN, VARY,
};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use model::problem::Code;

use crate::body::ServedBody;
use crate::origin::Origin;
use crate::problem::Refusal;
use crate::servers::Servers;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE");
const MAY_SEND: HeaderValue = HeaderValue::from_static(
    "Content-Type, Idempotency-Key, Last-Event-ID, If-Match, If-None-Match",
);
const MAY_READ: HeaderValue =
    HeaderValue::from_static("ETag, Location, Retry-After, Idempotency-Replayed, Tiffin-Replica");
/// As long as Chromium keeps it: a page that moves to another server should not have to ask for leave each time.
const KEPT_S: HeaderValue = HeaderValue::from_static("7200");

/// Where the page lives that sent a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Page {
    /// On this server, or there is no page.
    Own,
    /// On a server of ours, and its origin as it was told.
    Ours(HeaderValue),
    Foreign,
}

impl Page {
    pub fn of<B>(request: &Request<B>, servers: &Servers) -> Self {
        let headers = request.headers();
        let Some(told) = headers.get(ORIGIN) else {
            return Self::Own;
        };
        let asked = Origin::asked(request.uri(), headers);
        match told.to_str().ok().and_then(|text| text.parse().ok()) {
            Some(origin) if Some(&origin) == asked.as_ref() => Self::Own,
            Some(origin) if servers.served(&origin, asked.as_ref()) => Self::Ours(told.clone()),
            _ => Self::Foreign,
        }
    }

    /// The answer to a question for leave, and to a change that a foreign page attempts. A cookie is kept from pages of other
    /// sites by its `SameSite`, but not from other programs on the same host. Browsers tell of those in `Sec-Fetch-Site`, and truly;
    /// `Origin` alone would not do, because a proxy in front may have rewritten `Host`.
    pub fn answer<B>(&self, request: &Request<B>) -> Option<Response<ServedBody>> {
        let headers = request.headers();
        let method = request.method();
        let foreign = *self == Self::Foreign;
        if *method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            return Some(if foreign { refused() } else { allowed() });
        }
        let elsewhere = headers
            .get(SEC_FETCH_SITE)
            .is_some_and(|site| site == "cross-site" || site == "same-site");
        (foreign && elsewhere && !method.is_safe()).then(refused)
    }

    /// Says on an answer who may read it.
    pub fn told(self, headers: &mut HeaderMap) {
        headers.append(VARY, HeaderValue::from_static("origin"));
        if let Self::Ours(origin) = self {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(
                ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, MAY_READ);
        }
    }
}

fn allowed() -> Response<ServedBody> {
    let mut response = Response::new(ServedBody::Whole(bytes::Bytes::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, MAY_SEND);
    headers.insert(ACCESS_CONTROL_MAX_AGE, KEPT_S);
    response
}

fn refused() -> Response<ServedBody> {
    Refusal::new(
        Code::Forbidden,
        "This page is not one of ours",
        "Nothing was changed. Pages of the installation's own servers may call it; see --public-url and --shared-url of the server.",
    )
    .served()
}
