//! Stores answers for the time that the replica declares them unchanged (`Tiffin-Fresh-Ms`), and answers the same requests with them.
//!
//! The replica would answer the same until then, so that no client gets anything older than without the cache. A stored answer
//! counts only while its replica is the one that would get the request. Must not know what the answers contain.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, ETAG, HeaderMap,
    IF_NONE_MATCH,
};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use model::api;
use tokio::time::Instant;

use crate::body::ServedBody;
use crate::gateway::balance::RoutingTable;
use crate::gateway::config::{CACHE_ENTRY_OVERHEAD_BYTES, CACHE_MAX_BYTES};
use crate::gateway::upstream::Endpoint;

/// The header in which a replica declares for how many milliseconds its answer stays the same.
const TTL_MS: HeaderName = HeaderName::from_static(api::FRESH);

/// The cache. Answers beyond [`CACHE_MAX_BYTES`] are not stored until others have expired.
#[derive(Default)]
pub struct ResponseCache(RwLock<StoredResponses>);

#[derive(Default)]
struct StoredResponses {
    by_path: HashMap<String, Vec<StoredResponse>>,
    bytes: usize,
}

/// What identifies a request, as far as the answer depends on it.
pub struct CacheKey {
    uri: Uri,
    encodings: Option<HeaderValue>,
}

struct StoredResponse {
    encodings: Option<HeaderValue>,
    expires_at: Instant,
    answered_by: Arc<Endpoint>,
    headers: HeaderMap,
    body: Bytes,
}

impl CacheKey {
    /// The key of a `GET`; `None` for other requests.
    pub fn of<B>(request: &Request<B>) -> Option<Self> {
        (*request.method() == Method::GET).then(|| Self {
            uri: request.uri().clone(),
            encodings: request.headers().get(ACCEPT_ENCODING).cloned(),
        })
    }

    fn path_and_query(&self) -> &str {
        self.uri.path_and_query().map_or("/", |path| path.as_str())
    }
}

impl ResponseCache {
    /// Answers a request with what the first target of the table answered before its TTL ran out; with 304 where the client has it.
    pub fn get(
        &self,
        key: &CacheKey,
        request_headers: &HeaderMap,
        table: &RoutingTable,
    ) -> Option<Response<ServedBody>> {
        let first = &table.targets().first()?.endpoint;
        let stored = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let stored = stored
            .by_path
            .get(key.path_and_query())?
            .iter()
            .find(|stored| stored.encodings == key.encodings)?;
        let is_valid = stored.expires_at > Instant::now()
            && Arc::ptr_eq(&stored.answered_by, first)
            && !first.is_suspect();
        is_valid.then(|| stored.response(request_headers))
    }

    /// Stores a replica's answer, where the replica declares a TTL. Removes the declaration, which is not meant for clients.
    pub fn store(
        &self,
        key: Option<CacheKey>,
        answered_by: Option<&Arc<Endpoint>>,
        response: &mut Response<ServedBody>,
    ) {
        let Some(ttl_ms) = response.headers_mut().remove(TTL_MS) else {
            return;
        };
        let ttl_ms = ttl_ms.to_str().ok().and_then(|ms| ms.parse().ok());
        let (Some(key), Some(answered_by), Some(ttl_ms), ServedBody::Whole(body)) =
            (key, answered_by, ttl_ms, response.body())
        else {
            return;
        };
        if response.status() != StatusCode::OK {
            return;
        }
        let mut headers = response.headers().clone();
        // Set anew each time the stored answer is sent.
        headers.remove(DATE);
        let now = Instant::now();
        let new = StoredResponse {
            encodings: key.encodings.clone(),
            expires_at: now + Duration::from_millis(ttl_ms),
            answered_by: Arc::clone(answered_by),
            headers,
            body: body.clone(),
        };
        let mut stored = self.0.write().unwrap_or_else(PoisonError::into_inner);
        stored.put(key.path_and_query(), new, now);
    }
}

impl StoredResponses {
    /// Stores an answer in place of the former one of the same key, if there is room.
    fn put(&mut self, path: &str, new: StoredResponse, now: Instant) {
        if let Some(stored) = self.by_path.get_mut(path) {
            let replaced = stored.extract_if(.., |known| known.encodings == new.encodings);
            self.bytes -= replaced.map(|known| known.size()).sum::<usize>();
        }
        if self.bytes + new.size() > CACHE_MAX_BYTES {
            self.remove_expired(now);
        }
        if self.bytes + new.size() <= CACHE_MAX_BYTES {
            self.bytes += new.size();
            self.by_path.entry(path.to_owned()).or_default().push(new);
        }
    }

    fn remove_expired(&mut self, now: Instant) {
        self.by_path.retain(|_, stored| {
            stored.retain(|known| known.expires_at > now);
            !stored.is_empty()
        });
        let left = self.by_path.values().flatten();
        self.bytes = left.map(StoredResponse::size).sum();
    }
}

impl StoredResponse {
    fn size(&self) -> usize {
        self.body.len() + CACHE_ENTRY_OVERHEAD_BYTES
    }

    fn response(&self, request_headers: &HeaderMap) -> Response<ServedBody> {
        let mut response = Response::new(ServedBody::Whole(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        if self.is_known(request_headers) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = ServedBody::Whole(Bytes::new());
            for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LENGTH] {
                response.headers_mut().remove(name);
            }
        }
        response
    }

    /// Whether the client has the answer already, by its `If-None-Match`.
    fn is_known(&self, request_headers: &HeaderMap) -> bool {
        let tag = self.headers.get(ETAG).and_then(|tag| tag.to_str().ok());
        tag.is_some_and(|tag| {
            let lists = request_headers.get_all(IF_NONE_MATCH).iter();
            lists
                .filter_map(|list| list.to_str().ok())
                .any(|list| api::names_tag(list, tag))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(ttl_ms: u64, bytes: usize) -> StoredResponse {
        StoredResponse {
            encodings: None,
            expires_at: Instant::now() + Duration::from_millis(ttl_ms),
            answered_by: Endpoint::for_tests("replica-1"),
            headers: HeaderMap::new(),
            body: vec![0; bytes].into(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_size_is_bounded_and_expired_answers_make_room() {
        let mut stored = StoredResponses::default();
        for number in 0..1_000 {
            let now = Instant::now();
            stored.put(&format!("/{number}"), answer(1_000, 100_000), now);
        }
        assert!((300..400).contains(&stored.by_path.len()));
        assert!(stored.bytes <= CACHE_MAX_BYTES);
        tokio::time::advance(Duration::from_secs(2)).await;
        stored.put("/new", answer(1_000, 100_000), Instant::now());
        assert_eq!(stored.by_path.len(), 1);
        assert_eq!(stored.bytes, 100_000 + CACHE_ENTRY_OVERHEAD_BYTES);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_answer_replaces_the_old_one() {
        let mut stored = StoredResponses::default();
        for _ in 0..3 {
            stored.put("/", answer(1_000, 10), Instant::now());
        }
        assert_eq!(stored.by_path["/"].len(), 1);
        assert_eq!(stored.bytes, 10 + CACHE_ENTRY_OVERHEAD_BYTES);
    }
}
