//! Security headers, on every response.

use http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, header::Entry};

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// The content security policy of everything that is not a page: a browser that shows such a response as a document runs and
/// frames nothing.
pub const DENY_ALL_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Sets the security headers; a response that brings its own content security policy keeps it.
pub fn set_security_headers(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        PERMISSIONS_POLICY,
        HeaderValue::from_static("geolocation=(self), camera=(), microphone=(), payment=()"),
    );
    if let Entry::Vacant(missing) = headers.entry(CONTENT_SECURITY_POLICY) {
        missing.insert(DENY_ALL_POLICY);
    }
}
