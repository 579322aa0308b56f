//! A client's request, kept in memory so that it can be sent more than once, with the headers that a replica should get.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, EXPECT, FORWARDED, HOST};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Body;
use model::api;

use super::{problems, request_class};
use crate::gateway::config::MAX_REQUEST_BODY_BYTES;
use crate::gateway::upstream::headers::{CREDENTIAL, remove_hop_by_hop};
use crate::http::peer::Peer;
use crate::http::problem::ProblemResponse;

const ATTEMPT: HeaderName = HeaderName::from_static(api::ATTEMPT);
const DEADLINE: HeaderName = HeaderName::from_static(api::DEADLINE);
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Headers that only the gateway may set: a client's own are removed.
const RESERVED: [HeaderName; 7] = [
    CREDENTIAL,
    ATTEMPT,
    DEADLINE,
    X_FORWARDED_FOR,
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
    FORWARDED,
];

pub struct ReplayableRequest {
    method: Method,
    target: Uri,
    headers: HeaderMap,
    body: Bytes,
    replayable: bool,
    prompt: bool,
    internal: bool,
}

impl ReplayableRequest {
    /// Reads a client's request with its body.
    ///
    /// # Errors
    /// 413 when the body is too large, 400 when it breaks off.
    pub async fn read<B>(
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
            read_body(body).await?
        };
        let path = parts.uri.path();
        let replayable = request_class::is_replayable(&parts.method, path, &parts.headers);
        let prompt = request_class::expects_prompt_answer(&parts.method, path);
        let mut headers = parts.headers;
        remove_hop_by_hop(&mut headers);
        for name in &RESERVED {
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
            target: to_origin_form(parts.uri),
            headers,
            body,
            replayable,
            prompt,
            internal: false,
        })
    }

    /// Builds a `GET` of this server's own with additional `headers`. Its answer need not be prompt: it may be a long poll.
    pub fn internal_get(path: &str, headers: &HeaderMap, credential: &HeaderValue) -> Self {
        let mut all = HeaderMap::new();
        all.insert(CREDENTIAL, credential.clone());
        all.insert(HOST, HeaderValue::from_static("tiffin"));
        all.extend(headers.clone());
        Self {
            method: Method::GET,
            target: path.parse().unwrap_or_default(),
            headers: all,
            body: Bytes::new(),
            replayable: true,
            prompt: false,
            internal: true,
        }
    }

    /// Builds the request for a drill's order, whose content follows from its key. It is dispatched like a customer's order.
    pub fn drill_order(key: &str, credential: &HeaderValue) -> Self {
        let mut headers = HeaderMap::new();
        if let Ok(key) = HeaderValue::from_str(key) {
            headers.insert(api::IDEMPOTENCY_KEY, key);
        }
        Self {
            method: Method::POST,
            prompt: true,
            internal: false,
            ..Self::internal_get(api::DRILL_ORDERS, &headers, credential)
        }
    }

    /// Whether sending the request twice cannot change anything twice.
    pub fn is_replayable(&self) -> bool {
        self.replayable
    }

    /// Whether this server itself sends the request: the answer need not be prompt, and no customer waits for it.
    pub fn is_internal(&self) -> bool {
        self.internal
    }

    /// Whether the answer depends on nothing but the replica and its store.
    pub fn expects_prompt_answer(&self) -> bool {
        self.prompt
    }

    /// Builds the attempt of this `number`, from 1, whose answer is awaited for `timeout`.
    pub fn attempt(&self, number: u32, timeout: Duration) -> Request<Full<Bytes>> {
        let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        let mut attempt = Request::new(Full::new(self.body.clone()));
        *attempt.method_mut() = self.method.clone();
        *attempt.uri_mut() = self.target.clone();
        *attempt.headers_mut() = self.headers.clone();
        attempt.headers_mut().insert(ATTEMPT, number.into());
        attempt.headers_mut().insert(DEADLINE, timeout_ms.into());
        attempt
    }
}

async fn read_body<B>(mut body: B) -> Result<Bytes, ProblemResponse>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > MAX_REQUEST_BODY_BYTES as u64 {
        return Err(problems::body_too_large());
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| problems::body_incomplete())?.into_data() else {
            continue;
        };
        if first.len() + rest.len() + data.len() > MAX_REQUEST_BODY_BYTES {
            return Err(problems::body_too_large());
        }
        if first.is_empty() {
            // Most bodies arrive in one piece, which need not be copied.
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}

/// Reduces an absolute URI, which a client may send, to its path and query.
fn to_origin_form(uri: Uri) -> Uri {
    if uri.scheme().is_none() && uri.authority().is_none() {
        return uri;
    }
    uri.path_and_query()
        .cloned()
        .unwrap_or_else(|| PathAndQuery::from_static("/"))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absolute_uri_becomes_a_path() {
        let uri: Uri = "http://shop.test/api/v1/x?y=1".parse().unwrap();
        assert_eq!(to_origin_form(uri), "/api/v1/x?y=1");
    }
}
