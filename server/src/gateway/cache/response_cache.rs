//! Stores answers for the time that the replica declares them unchanged (`Tiffin-Fresh-Ms`), and answers the same requests with them.
//!
//! The replica would answer the same until then, so that no client gets anything older than without the cache. A stored answer
//! counts only while its replica is the one that would get the request. Must not know what the answers contain.
//!
//! `moka` bounds the size and removes what has expired. Its single flight is not used: before the answer it is unknown whether it
//! may be stored, and most are not, so that requests would wait for each other in vain.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, ETAG, HeaderMap,
    IF_NONE_MATCH,
};
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use model::api;
use moka::Expiry;
use moka::sync::Cache;

use crate::gateway::balance::RoutingTable;
use crate::gateway::config::{CACHE_ENTRY_OVERHEAD_BYTES, CACHE_MAX_BYTES};
use crate::gateway::upstream::Endpoint;
use crate::http::response_body::ResponseBody;

/// The header in which a replica declares for how many milliseconds its answer stays the same.
const TTL_MS: HeaderName = HeaderName::from_static(api::RESPONSE_TTL);

pub struct ResponseCache(Cache<CacheKey, Arc<StoredResponse>>);

/// What identifies a request, as far as the answer depends on it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    path: PathAndQuery,
    encodings: Option<HeaderValue>,
}

struct StoredResponse {
    ttl: Duration,
    answered_by: Arc<Endpoint>,
    headers: HeaderMap,
    body: Bytes,
}

/// Gives each answer the TTL that its replica declares.
struct DeclaredTtl;

impl Expiry<CacheKey, Arc<StoredResponse>> for DeclaredTtl {
    fn expire_after_create(
        &self,
        _key: &CacheKey,
        stored: &Arc<StoredResponse>,
        _created_at: Instant,
    ) -> Option<Duration> {
        Some(stored.ttl)
    }

    fn expire_after_update(
        &self,
        _key: &CacheKey,
        stored: &Arc<StoredResponse>,
        _updated_at: Instant,
        _remaining: Option<Duration>,
    ) -> Option<Duration> {
        Some(stored.ttl)
    }
}

impl CacheKey {
    /// The key of a `GET`; `None` for other requests.
    pub fn of<B>(request: &Request<B>) -> Option<Self> {
        (*request.method() == Method::GET).then(|| Self {
            path: request
                .uri()
                .path_and_query()
                .cloned()
                .unwrap_or_else(|| PathAndQuery::from_static("/")),
            encodings: request.headers().get(ACCEPT_ENCODING).cloned(),
        })
    }

    /// Copies the key's bytes, which otherwise keep the client's whole read buffer in memory; `None` if that fails.
    fn detached(&self) -> Option<Self> {
        let path = Bytes::copy_from_slice(self.path.as_str().as_bytes());
        let encodings = match &self.encodings {
            Some(encodings) => Some(HeaderValue::from_bytes(encodings.as_bytes()).ok()?),
            None => None,
        };
        Some(Self {
            path: PathAndQuery::from_maybe_shared(path).ok()?,
            encodings,
        })
    }
}

impl Default for ResponseCache {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(CACHE_MAX_BYTES)
            .weigher(|_, stored: &Arc<StoredResponse>| stored.size())
            .expire_after(DeclaredTtl)
            .build();
        Self(cache)
    }
}

impl ResponseCache {
    /// Answers a request with what the first target of the table answered before its TTL ran out; with 304 where the client has it.
    pub fn get(
        &self,
        key: &CacheKey,
        request_headers: &HeaderMap,
        table: &RoutingTable,
    ) -> Option<Response<ResponseBody>> {
        let first = &table.targets().first()?.endpoint;
        let stored = self.0.get(key)?;
        let is_valid = Arc::ptr_eq(&stored.answered_by, first) && !first.is_suspect();
        is_valid.then(|| stored.response(request_headers))
    }

    /// Stores a replica's answer, where the replica declares a TTL. Removes the declaration, which is not meant for clients.
    pub fn store(
        &self,
        key: Option<CacheKey>,
        answered_by: Option<&Arc<Endpoint>>,
        response: &mut Response<ResponseBody>,
    ) {
        let Some(ttl_ms) = response.headers_mut().remove(TTL_MS) else {
            return;
        };
        let ttl_ms = ttl_ms.to_str().ok().and_then(|ms| ms.parse().ok());
        let (Some(key), Some(answered_by), Some(ttl_ms), ResponseBody::Whole(body)) =
            (key, answered_by, ttl_ms, response.body())
        else {
            return;
        };
        let Some(key) = key.detached() else { return };
        if response.status() != StatusCode::OK {
            return;
        }
        let mut headers = response.headers().clone();
        // Set anew each time the stored answer is sent.
        headers.remove(DATE);
        let stored = StoredResponse {
            ttl: Duration::from_millis(ttl_ms),
            answered_by: Arc::clone(answered_by),
            headers,
            body: body.clone(),
        };
        self.0.insert(key, Arc::new(stored));
    }
}

impl StoredResponse {
    fn size(&self) -> u32 {
        let bytes = self.body.len() + CACHE_ENTRY_OVERHEAD_BYTES;
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }

    fn response(&self, request_headers: &HeaderMap) -> Response<ResponseBody> {
        let mut response = Response::new(ResponseBody::Whole(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        if self.is_known(request_headers) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = ResponseBody::Whole(Bytes::new());
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
                .any(|list| api::matches_etag(list, tag))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG_MS: u64 = 600_000;
    const BODY_BYTES: usize = 100_000;

    fn store(cache: &ResponseCache, path: &str, ttl_ms: u64, bytes: usize) {
        let request = Request::get(path).body(()).unwrap();
        let body = ResponseBody::Whole(vec![0; bytes].into());
        let mut response = Response::new(body);
        response
            .headers_mut()
            .insert(TTL_MS, HeaderValue::from(ttl_ms));
        let endpoint = Endpoint::for_tests("replica-1");
        cache.store(CacheKey::of(&request), Some(&endpoint), &mut response);
    }

    fn fill(ttl_ms: u64) -> ResponseCache {
        let cache = ResponseCache::default();
        for number in 0..1_000 {
            store(&cache, &format!("/{number}"), ttl_ms, BODY_BYTES);
        }
        cache.0.run_pending_tasks();
        cache
    }

    #[test]
    fn the_size_is_bounded() {
        let cache = fill(LONG_MS).0;
        assert!((300..400).contains(&cache.entry_count()));
        assert!(cache.weighted_size() <= CACHE_MAX_BYTES);
    }

    #[test]
    fn expired_answers_make_room() {
        let cache = fill(1);
        let began = Instant::now();
        // Their space is reclaimed about a second after they expire.
        while cache.0.entry_count() > 0 && began.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(10));
            cache.0.run_pending_tasks();
        }
        store(&cache, "/new", LONG_MS, BODY_BYTES);
        cache.0.run_pending_tasks();
        assert_eq!(cache.0.entry_count(), 1);
        let size = BODY_BYTES + CACHE_ENTRY_OVERHEAD_BYTES;
        assert_eq!(cache.0.weighted_size(), size as u64);
    }

    #[test]
    fn a_new_answer_replaces_the_old_one() {
        let cache = ResponseCache::default();
        for _ in 0..3 {
            store(&cache, "/", LONG_MS, 10);
        }
        cache.0.run_pending_tasks();
        assert_eq!(cache.0.entry_count(), 1);
        let size = 10 + CACHE_ENTRY_OVERHEAD_BYTES;
        assert_eq!(cache.0.weighted_size(), size as u64);
    }
}
