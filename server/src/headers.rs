//! Headers that protect the browser, on every answer.

use http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, header::Entry};

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// For everything that is not a page: nothing may be run or framed, should a browser ever show it as a document.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// For streams: nginx would otherwise hold events back until a buffer is full.
pub const UNBUFFERED: [(HeaderName, HeaderValue); 1] = [(
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
)];

/// Adds what is missing; a page brings its own content security policy.
pub fn protect(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        PERMISSIONS_POLICY,
        HeaderValue::from_static("geolocation=(self), camera=(), microphone=(), payment=()"),
    );
    if let Entry::Vacant(missing) = headers.entry(CONTENT_SECURITY_POLICY) {
        missing.insert(NOTHING);
    }
}
