//! A client's request, kept so that it can be sent more than once, with the headers that a replica should see.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, FORWARDED, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::BodyExt;
use hyper::body::Body;
use model::api;

use super::{problem, retry, wire};
use crate::http::peer::Peer;
use crate::http::problem::ProblemResponse;

/// Largest request body in bytes: an order of a hundred lines fits many times. The body stays in memory so that it can be resent.
const MAX_BODY_BYTES: usize = 64 * 1024;

const CREDENTIAL: HeaderName = HeaderName::from_static(api::CREDENTIAL);
const ATTEMPT: HeaderName = HeaderName::from_static(api::ATTEMPT);
const DEADLINE: HeaderName = HeaderName::from_static(api::DEADLINE);
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Headers that speak of one connection (RFC 9110, section 7.6.1), and so are not passed on.
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

/// What only we may say.
const OURS: [HeaderName; 7] = [
    CREDENTIAL,
    ATTEMPT,
    DEADLINE,
    X_FORWARDED_FOR,
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
    FORWARDED,
];

pub struct Kept {
    method: Method,
    target: Uri,
    headers: HeaderMap,
    body: Bytes,
    repeatable: bool,
    prompt: bool,
    ours: bool,
}

impl Kept {
    /// Takes a request in, body and all.
    ///
    /// # Errors
    /// 413 when the body is too large, 400 when it breaks off.
    pub async fn take_in<B>(
        request: Request<B>,
        peer: &Peer,
        credential: &HeaderValue,
    ) -> Result<Self, ProblemResponse>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let (parts, body) = request.into_parts();
        let body = if body.is_end_stream() {
            Bytes::new()
        } else {
            whole(body).await?
        };
        let path = parts.uri.path();
        let repeatable = retry::repeatable(&parts.method, path, &parts.headers);
        let prompt = retry::prompt(&parts.method, path);
        let mut headers = parts.headers;
        drop_hop_by_hop(&mut headers);
        for name in &OURS {
            headers.remove(name);
        }
        headers.remove(EXPECT);
        headers.remove(CONTENT_LENGTH);
        headers.insert(CREDENTIAL, credential.clone());
        headers.insert(X_FORWARDED_FOR, peer.forwarded_for.clone());
        if !headers.contains_key(HOST) {
            headers.insert(HOST, HeaderValue::from_static("tiffin"));
        }
        Ok(Self {
            method: parts.method,
            target: origin_form(parts.uri),
            headers,
            body,
            repeatable,
            prompt,
            ours: false,
        })
    }

    /// A `GET` of this server's own, which the replica may take its time for.
    pub fn of_ours(path: &str, credential: &HeaderValue) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CREDENTIAL, credential.clone());
        headers.insert(HOST, HeaderValue::from_static("tiffin"));
        Self {
            method: Method::GET,
            target: path.parse().unwrap_or_default(),
            headers,
            body: Bytes::new(),
            repeatable: true,
            prompt: false,
            ours: true,
        }
    }

    /// With these headers beside its own.
    pub fn with(mut self, headers: &HeaderMap) -> Self {
        self.headers.extend(headers.clone());
        self
    }

    /// A drill's order, which its key says all of; the rest is as with a customer's.
    pub fn for_drill(key: &str, credential: &HeaderValue) -> Self {
        let mut order = Self::of_ours(api::DRILL_ORDERS, credential);
        order.method = Method::POST;
        order.prompt = true;
        order.ours = false;
        if let Ok(key) = HeaderValue::from_str(key) {
            order.headers.insert(api::IDEMPOTENCY_KEY, key);
        }
        order
    }

    pub fn repeatable(&self) -> bool {
        self.repeatable
    }

    /// Asked by this server itself: it may take its time, and no customer waits for it.
    pub fn is_ours(&self) -> bool {
        self.ours
    }

    pub fn prompt(&self) -> bool {
        self.prompt
    }

    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The request as the `number`th replica gets it, from 1. `left`: how long anybody waits for its answer.
    pub fn attempt(&self, number: u32, left: Duration) -> Vec<u8> {
        let left_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        let numbers = [(&ATTEMPT, number.into()), (&DEADLINE, left_ms)];
        wire::request(
            &self.method,
            &self.target,
            &self.headers,
            &numbers,
            &self.body,
        )
    }
}

/// The headers of a request of this server's own to the replica at `address` and no other.
pub fn headers_to(address: &str, credential: Option<&HeaderValue>) -> HeaderMap {
    let host =
        HeaderValue::from_str(address).unwrap_or_else(|_| HeaderValue::from_static("replica"));
    let mut headers = HeaderMap::new();
    headers.insert(HOST, host);
    if let Some(credential) = credential {
        headers.insert(CREDENTIAL, credential.clone());
    }
    headers
}

async fn whole<B>(mut body: B) -> Result<Bytes, ProblemResponse>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(problem::body_too_large());
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| problem::body_broken())?.into_data() else {
            continue;
        };
        if first.len() + rest.len() + data.len() > MAX_BODY_BYTES {
            return Err(problem::body_too_large());
        }
        if first.is_empty() {
            // Most bodies come in one piece, which need not be copied.
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    let mut all = BytesMut::with_capacity(first.len() + rest.len());
    all.extend_from_slice(&first);
    all.extend_from_slice(&rest);
    Ok(all.freeze())
}

/// A client may send the whole address; a replica is asked for the path.
fn origin_form(uri: Uri) -> Uri {
    if uri.scheme().is_none() && uri.authority().is_none() {
        return uri;
    }
    uri.path_and_query()
        .cloned()
        .unwrap_or_else(|| PathAndQuery::from_static("/"))
        .into()
}

/// Removes what speaks of one connection only, in either direction.
pub fn drop_hop_by_hop(headers: &mut HeaderMap) {
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
    fn what_speaks_of_one_connection_goes_and_the_rest_stays() {
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
        drop_hop_by_hop(&mut headers);
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-stays"]);
    }

    #[test]
    fn a_whole_address_becomes_a_path() {
        let uri: Uri = "http://shop.test/api/v1/x?y=1".parse().unwrap();
        assert_eq!(origin_form(uri), "/api/v1/x?y=1");
    }
}
