//! Answers that a replica says will stay as they are for a moment: kept, and given to everybody who asks the same meanwhile.
//!
//! The replica would say the same until then, so nothing is older than it would be without this. What a replica said counts only
//! while it is the one that would be asked. Must not know what is asked for.

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

use super::endpoint::Endpoint;
use super::table::Table;
use crate::http::response_body::ResponseBody;

const FRESH: HeaderName = HeaderName::from_static(api::FRESH);

/// Hundreds of menus in three encodings. What comes beyond is not kept until something has run out.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// What an answer costs beside its body, roughly.
const OVERHEAD: usize = 1024;

#[derive(Default)]
pub struct Fresh(RwLock<Answers>);

#[derive(Default)]
struct Answers {
    by_address: HashMap<String, Vec<Answer>>,
    bytes: usize,
}

/// What somebody asks for, as far as it makes a difference.
pub struct Question {
    address: Uri,
    encodings: Option<HeaderValue>,
}

struct Answer {
    encodings: Option<HeaderValue>,
    until: Instant,
    from: Arc<Endpoint>,
    headers: HeaderMap,
    body: Bytes,
}

impl Question {
    /// Of a request that only reads; nothing for others.
    pub fn of<B>(request: &Request<B>) -> Option<Self> {
        (*request.method() == Method::GET).then(|| Self {
            address: request.uri().clone(),
            encodings: request.headers().get(ACCEPT_ENCODING).cloned(),
        })
    }

    fn address(&self) -> &str {
        self.address
            .path_and_query()
            .map_or("/", |all| all.as_str())
    }
}

impl Fresh {
    /// What the replica that is asked first answered a moment ago, if that still stands; 304 to who has it already.
    pub fn answer(
        &self,
        question: &Question,
        asked: &HeaderMap,
        table: &Table,
    ) -> Option<Response<ResponseBody>> {
        let first = table.preferred.first()?;
        let answers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let answer = answers
            .by_address
            .get(question.address())?
            .iter()
            .find(|answer| answer.encodings == question.encodings)?;
        let stands = answer.until > Instant::now()
            && Arc::ptr_eq(&answer.from, first)
            && !first.is_distrusted();
        stands.then(|| answer.response(asked))
    }

    /// Keeps what `from` answered, where it said that it may be kept. Nobody else learns that it said so.
    pub fn keep(
        &self,
        question: Option<Question>,
        from: Option<&Arc<Endpoint>>,
        response: &mut Response<ResponseBody>,
    ) {
        let Some(for_ms) = response.headers_mut().remove(FRESH) else {
            return;
        };
        let for_ms = for_ms.to_str().ok().and_then(|ms| ms.parse().ok());
        let (Some(question), Some(from), Some(for_ms), ResponseBody::Whole(body)) =
            (question, from, for_ms, response.body())
        else {
            return;
        };
        if response.status() != StatusCode::OK {
            return;
        }
        let mut headers = response.headers().clone();
        // Told anew, by the hour at which it is given.
        headers.remove(DATE);
        let now = Instant::now();
        let answer = Answer {
            encodings: question.encodings.clone(),
            until: now + Duration::from_millis(for_ms),
            from: Arc::clone(from),
            headers,
            body: body.clone(),
        };
        let mut answers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        answers.put(question.address(), answer, now);
    }
}

impl Answers {
    fn put(&mut self, address: &str, answer: Answer, now: Instant) {
        self.forget(address, |known| known.encodings == answer.encodings);
        if self.bytes + answer.size() > MOST_BYTES {
            self.by_address.retain(|_, answers| {
                answers.retain(|known| known.until > now);
                !answers.is_empty()
            });
            let left = self.by_address.values().flatten();
            self.bytes = left.map(Answer::size).sum();
        }
        if self.bytes + answer.size() <= MOST_BYTES {
            self.bytes += answer.size();
            let answers = self.by_address.entry(address.to_owned()).or_default();
            answers.push(answer);
        }
    }

    fn forget(&mut self, address: &str, which: impl Fn(&Answer) -> bool) {
        let Some(answers) = self.by_address.get_mut(address) else {
            return;
        };
        let gone = answers.extract_if(.., |known| which(known));
        self.bytes -= gone.map(|answer| answer.size()).sum::<usize>();
    }
}

impl Answer {
    fn size(&self) -> usize {
        self.body.len() + OVERHEAD
    }

    fn response(&self, asked: &HeaderMap) -> Response<ResponseBody> {
        let mut response = Response::new(ResponseBody::Whole(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        if self.is_known(asked) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = ResponseBody::Whole(Bytes::new());
            for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LENGTH] {
                response.headers_mut().remove(name);
            }
        }
        response
    }

    fn is_known(&self, asked: &HeaderMap) -> bool {
        let tag = self.headers.get(ETAG).and_then(|tag| tag.to_str().ok());
        tag.is_some_and(|tag| {
            let lists = asked.get_all(IF_NONE_MATCH).iter();
            lists
                .filter_map(|list| list.to_str().ok())
                .any(|list| api::names_tag(list, tag))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(for_ms: u64, bytes: usize) -> Answer {
        Answer {
            encodings: None,
            until: Instant::now() + Duration::from_millis(for_ms),
            from: Endpoint::for_tests("replica-1"),
            headers: HeaderMap::new(),
            body: vec![0; bytes].into(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_much_is_kept_and_what_has_run_out_makes_room() {
        let mut answers = Answers::default();
        for number in 0..1_000 {
            let now = Instant::now();
            answers.put(&format!("/{number}"), answer(1_000, 100_000), now);
        }
        assert!((300..400).contains(&answers.by_address.len()));
        assert!(answers.bytes <= MOST_BYTES);
        tokio::time::advance(Duration::from_secs(2)).await;
        answers.put("/new", answer(1_000, 100_000), Instant::now());
        assert_eq!(answers.by_address.len(), 1);
        assert_eq!(answers.bytes, 100_000 + OVERHEAD);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_answer_replaces_the_old_one() {
        let mut answers = Answers::default();
        for _ in 0..3 {
            answers.put("/", answer(1_000, 10), Instant::now());
        }
        assert_eq!(answers.by_address["/"].len(), 1);
        assert_eq!(answers.bytes, 10 + OVERHEAD);
    }
}
