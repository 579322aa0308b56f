//! Request and response headers that concern one connection only, and those of the gateway's own requests to a replica.

use bytes::Bytes;
use http::header::{CONNECTION, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use model::api;

pub const CREDENTIAL: HeaderName = HeaderName::from_static(api::CREDENTIAL);

/// Headers that describe one connection (RFC 9110, section 7.6.1) and therefore are not passed on.
const HOP_BY_HOP: [HeaderName; 8] = [
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("proxy-authenticate"),
    HeaderName::from_static("proxy-authorization"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Builds a request of this server's own to the replica at `address`.
pub fn own_request(
    method: Method,
    path: &'static str,
    address: &str,
    credential: Option<&HeaderValue>,
    body: Bytes,
) -> Request<Full<Bytes>> {
    let host =
        HeaderValue::from_str(address).unwrap_or_else(|_| HeaderValue::from_static("replica"));
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = Uri::from_static(path);
    let headers = request.headers_mut();
    headers.insert(HOST, host);
    if let Some(credential) = credential {
        headers.insert(CREDENTIAL, credential.clone());
    }
    request
}

/// Removes the headers of a request or a response that describe one connection, those that `Connection` lists included.
pub fn remove_hop_by_hop(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let lists: Vec<HeaderValue> = headers.get_all(CONNECTION).iter().cloned().collect();
        headers.remove(CONNECTION);
        for list in lists {
            for name in list.to_str().unwrap_or_default().split(',') {
                headers.remove(name.trim());
            }
        }
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hop_by_hop_headers_are_removed_and_the_rest_stays() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "keep-alive, x-hop"),
            ("x-hop", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("upgrade", "websocket"),
            ("x-stays", "1"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        remove_hop_by_hop(&mut headers);
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-stays"]);
    }
}
