//! Every request that a replica takes: address, query, headers and body. None is answered with a fault of ours, and every refusal
//! is a problem.

#![no_main]

use std::cell::RefCell;

use fuzz::replica::Replica;
use fuzz::request;
use libfuzzer_sys::fuzz_target;
use model::{Problem, problem};

/// Until then what was ordered stays, and a new replica begins with nothing.
const REQUESTS_EACH: u32 = 20_000;

thread_local! {
    static REPLICA: RefCell<Option<(Replica, u32)>> = const { RefCell::new(None) };
}

fuzz_target!(|text: &[u8]| {
    REPLICA.with_borrow_mut(|kept| {
        let (replica, asked) = kept.get_or_insert_with(|| (Replica::start(), 0));
        let Some(request) = request::read(text, |name| replica.known(name)) else {
            return;
        };
        let (status, kind, body) = replica.ask(request);
        assert!(status < 500, "{status}: {}", String::from_utf8_lossy(&body));
        if status >= 400 {
            assert_eq!(kind, problem::CONTENT_TYPE);
            let problem: Problem = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem.status, status);
        }
        *asked += 1;
        if *asked == REQUESTS_EACH {
            *kept = None;
        }
    });
});
