//! Requests to a replica: path, query, headers and body. No response has a status of 500 or above, and every error is a problem.

#![no_main]

use std::cell::RefCell;

use fuzz::replica::Replica;
use fuzz::request;
use libfuzzer_sys::fuzz_target;
use model::{Problem, problem};

/// Requests before the replica and its store are replaced by new ones, so that the store stays small.
const REQUESTS_PER_REPLICA: u32 = 20_000;

thread_local! {
    static REPLICA: RefCell<Option<(Replica, u32)>> = const { RefCell::new(None) };
}

fuzz_target!(|text: &[u8]| {
    REPLICA.with_borrow_mut(|current| {
        let (replica, requests) = current.get_or_insert_with(|| (Replica::start(), 0));
        let Some(request) = request::parse(text, |name| replica.placeholder(name)) else {
            return;
        };
        let (status, kind, body) = replica.send(request);
        assert!(status < 500, "{status}: {}", String::from_utf8_lossy(&body));
        if status >= 400 {
            assert_eq!(kind, problem::CONTENT_TYPE);
            let problem: Problem = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem.status, status);
        }
        *requests += 1;
        if *requests == REQUESTS_PER_REPLICA {
            *current = None;
        }
    });
});
