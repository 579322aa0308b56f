//! The front-end servers that this tab knows, and which of them is tried first.
//!
//! The page's own server comes first; the others follow in the order of the list that a server gave. The server that answered last is
//! tried first from then on. The tab returns to the page's own server when the other one becomes unreachable, or on reload: then its
//! own has just answered.

use std::cell::RefCell;

use model::problem::Code;

use super::error::ApiError;
use crate::state::browser::{self, Area};

/// The storage key of the list, so that the next page knows the servers from its start.
const STORAGE_KEY: &str = "tiffin.v1.servers";

/// Base URLs; the page's own server is the empty string.
#[derive(Default)]
struct KnownServers {
    /// Without the page's own.
    others: Vec<String>,
    current: String,
    /// Grows each time `current` changes.
    generation: u32,
}

impl KnownServers {
    /// The current server, then those that follow it, around the ring.
    fn candidates(&self) -> Vec<String> {
        let mut all = self.others.clone();
        all.insert(0, String::new());
        let current = all.iter().position(|url| *url == self.current).unwrap_or(0);
        all.rotate_left(current);
        all
    }

    /// Makes `url` the current server: it answered where those before it did not.
    fn mark_reachable(&mut self, url: &str) {
        if self.current != url {
            url.clone_into(&mut self.current);
            self.generation += 1;
        }
    }

    /// Replaces the list. The current server stays even if the list lacks it, until it is unreachable.
    fn set_others(&mut self, mut others: Vec<String>) {
        if !self.current.is_empty() && !others.contains(&self.current) {
            others.push(self.current.clone());
        }
        self.others = others;
    }
}

/// What a failed attempt shows about the server that it went to.
#[derive(Debug)]
pub(super) enum AttemptError {
    /// The server was not reached: a broken connection, a timeout, or the error of a proxy in front of it.
    Unreachable(ApiError),
    /// A Tiffin server has answered.
    Answered(ApiError),
}

impl AttemptError {
    /// The error, and whether another server is to be tried. `sent_before`: the same request has gone to another server before. A
    /// rate limiter stands before the store and does not know what became of that request, so its refusal is no answer to it.
    pub(super) fn classify(self, sent_before: bool) -> (ApiError, bool) {
        match self {
            Self::Unreachable(error) => {
                let try_next = error != ApiError::Offline;
                (error, try_next)
            }
            Self::Answered(error) => {
                let try_next = sent_before && error.code() == Some(Code::TooManyRequests);
                (error, try_next)
            }
        }
    }
}

thread_local! {
    static SERVERS: RefCell<KnownServers> = RefCell::new(KnownServers {
        others: browser::stored(Area::Local, STORAGE_KEY)
            .unwrap_or_default()
            .split_ascii_whitespace()
            .map(str::to_owned)
            .collect(),
        ..KnownServers::default()
    });
}

/// Replaces the list of servers with the one that a server gave, and stores it on the phone.
pub(super) fn set_known(urls: impl Iterator<Item = String>) {
    let own = browser::origin();
    let others: Vec<String> = urls.filter(|url| *url != own).collect();
    browser::store(Area::Local, STORAGE_KEY, &others.join(" "));
    SERVERS.with_borrow_mut(|servers| servers.set_others(others));
}

/// The servers to try, in this order.
pub(super) fn candidates() -> Vec<String> {
    SERVERS.with_borrow(KnownServers::candidates)
}

pub(super) fn mark_reachable(url: &str) {
    SERVERS.with_borrow_mut(|servers| servers.mark_reachable(url));
}

/// The URL of `path` at the current server.
pub(super) fn current_url(path: &str) -> String {
    SERVERS.with_borrow(|servers| format!("{}{path}", servers.current))
}

/// Grows whenever the current server changes: event streams from the former one must then be opened anew.
#[must_use]
pub fn generation() -> u32 {
    SERVERS.with_borrow(|servers| servers.generation)
}

/// The base URL of the current server, where that is not the page's own.
#[must_use]
pub fn other_server() -> Option<String> {
    SERVERS.with_borrow(|servers| Some(servers.current.clone()).filter(|url| !url.is_empty()))
}

#[cfg(test)]
mod tests {
    use model::Problem;

    use super::*;

    fn with_others(others: &[&str]) -> KnownServers {
        let mut servers = KnownServers::default();
        servers.set_others(others.iter().map(|&url| url.to_owned()).collect());
        servers
    }

    #[test]
    fn the_pages_own_server_comes_first() {
        assert_eq!(KnownServers::default().candidates(), [""]);
        assert_eq!(
            with_others(&["http://b", "http://c"]).candidates(),
            ["", "http://b", "http://c"]
        );
    }

    #[test]
    fn the_server_that_answered_comes_first_and_the_others_follow_around_the_ring() {
        let mut servers = with_others(&["http://b", "http://c"]);
        servers.mark_reachable("");
        assert_eq!(servers.generation, 0);
        servers.mark_reachable("http://b");
        assert_eq!(servers.candidates(), ["http://b", "http://c", ""]);
        servers.mark_reachable("http://b");
        assert_eq!(servers.generation, 1);
        servers.mark_reachable("");
        assert_eq!(servers.candidates(), ["", "http://b", "http://c"]);
        assert_eq!(servers.generation, 2);
    }

    #[test]
    fn a_new_list_keeps_the_current_server() {
        let mut servers = with_others(&["http://b", "http://c"]);
        servers.mark_reachable("http://c");
        servers.set_others(vec!["http://d".to_owned(), "http://c".to_owned()]);
        assert_eq!(servers.candidates(), ["http://c", "", "http://d"]);
        servers.set_others(vec!["http://d".to_owned()]);
        assert_eq!(servers.candidates(), ["http://c", "", "http://d"]);
        assert_eq!(servers.generation, 1);
    }

    fn answered(code: Code) -> AttemptError {
        AttemptError::Answered(ApiError::Problem(Box::new(Problem::new(code, "", ""))))
    }

    #[test]
    fn an_unreachable_server_is_followed_by_the_next() {
        for error in [
            ApiError::Network,
            ApiError::TimedOut,
            ApiError::from_status(502),
        ] {
            assert!(AttemptError::Unreachable(error).classify(false).1);
        }
    }

    #[test]
    fn an_answer_counts_for_all_servers() {
        for code in [
            Code::Unavailable,
            Code::ReplicaFailed,
            Code::TimedOut,
            Code::NotPlaced,
            Code::QuoteChanged,
        ] {
            assert!(!answered(code).classify(true).1, "{code:?}");
        }
        assert!(!answered(Code::TooManyRequests).classify(false).1);
    }

    #[test]
    fn an_offline_browser_tries_no_other_server() {
        assert!(
            !AttemptError::Unreachable(ApiError::Offline)
                .classify(false)
                .1
        );
    }

    #[test]
    fn a_rate_limiter_does_not_answer_for_a_request_sent_to_another_server() {
        assert!(answered(Code::TooManyRequests).classify(true).1);
    }
}
