//! Which front-end server is asked, and which one next when that is gone. The rule is pure; one value of it is the tab's.
//!
//! The page's own server comes first; the others follow in the order of the list that a server gave. Where a request found an answer,
//! the next ones begin. The page goes back to its own server when the other one is gone, or when it is loaded anew: then its own has
//! just answered.

use std::cell::RefCell;

use super::error::ApiError;
use crate::state::browser::{self, Area};

/// So that the next page knows them from its start.
const KEPT: &str = "tiffin.v1.servers";

/// Addresses without a path; the page's own server is the empty one.
#[derive(Default)]
struct Servers {
    /// Without the page's own.
    others: Vec<String>,
    at: String,
    moves: u32,
}

impl Servers {
    /// The one that requests go to, then those that follow it, around.
    fn order(&self) -> Vec<String> {
        let mut all = self.others.clone();
        all.insert(0, String::new());
        let at = all.iter().position(|url| *url == self.at).unwrap_or(0);
        all.rotate_left(at);
        all
    }

    /// This one answered where those before it did not.
    fn found(&mut self, url: &str) {
        if self.at != url {
            url.clone_into(&mut self.at);
            self.moves += 1;
        }
    }

    /// What a server told. One that requests go to stays, also where it is no longer told of, until it is gone.
    fn learn(&mut self, mut others: Vec<String>) {
        if !self.at.is_empty() && !others.contains(&self.at) {
            others.push(self.at.clone());
        }
        self.others = others;
    }
}

/// What an answer that is no success says of the server that it came from.
#[derive(Debug)]
pub(super) enum Failed {
    /// Nothing of the server is to be heard: a broken connection, silence, or a proxy in front of it that says so.
    Gone(ApiError),
    /// A server of ours has answered.
    Told(ApiError),
}

impl Failed {
    /// The error, and whether another server is to be asked. `sent`: the same request has gone to another one before. A limiter stands
    /// before the store and knows nothing of what became of that, so that its refusal must not be taken for the answer.
    pub(super) fn judged(self, sent: bool) -> (ApiError, bool) {
        use model::problem::Code::TooManyRequests;
        match self {
            Self::Gone(error) => {
                let offline = error == ApiError::Offline;
                (error, !offline)
            }
            Self::Told(error) => {
                let limited = sent && error.code() == Some(TooManyRequests);
                (error, limited)
            }
        }
    }
}

thread_local! {
    static TAB: RefCell<Servers> = RefCell::new(Servers {
        others: browser::stored(Area::Local, KEPT)
            .unwrap_or_default()
            .split_ascii_whitespace()
            .map(str::to_owned)
            .collect(),
        ..Servers::default()
    });
}

/// Takes over the list that a server gave, and keeps it on the phone.
pub(super) fn learn(urls: impl Iterator<Item = String>) {
    let own = browser::origin();
    let others: Vec<String> = urls.filter(|url| *url != own).collect();
    browser::store(Area::Local, KEPT, &others.join(" "));
    TAB.with_borrow_mut(|servers| servers.learn(others));
}

/// Where a request is to be sent, in this order.
pub(super) fn order() -> Vec<String> {
    TAB.with_borrow(Servers::order)
}

pub(super) fn found(url: &str) {
    TAB.with_borrow_mut(|servers| servers.found(url));
}

/// The address of `path` at the server that requests go to.
pub(super) fn at(path: &str) -> String {
    TAB.with_borrow(|servers| format!("{}{path}", servers.at))
}

/// Grows whenever requests begin to go to another server: streams from the former one are to be opened anew.
pub fn moves() -> u32 {
    TAB.with_borrow(|servers| servers.moves)
}

/// The address of the server that requests go to, where that is not the page's own.
pub fn elsewhere() -> Option<String> {
    TAB.with_borrow(|servers| Some(servers.at.clone()).filter(|at| !at.is_empty()))
}

#[cfg(test)]
mod tests {
    use model::Problem;
    use model::problem::Code;

    use super::*;

    fn knowing(others: &[&str]) -> Servers {
        let mut servers = Servers::default();
        servers.learn(others.iter().map(|&url| url.to_owned()).collect());
        servers
    }

    #[test]
    fn the_pages_own_server_is_first_and_alone_at_the_beginning() {
        assert_eq!(Servers::default().order(), [""]);
        assert_eq!(
            knowing(&["http://b", "http://c"]).order(),
            ["", "http://b", "http://c"]
        );
    }

    #[test]
    fn the_one_that_answered_is_first_and_the_others_follow_around() {
        let mut servers = knowing(&["http://b", "http://c"]);
        servers.found("");
        assert_eq!(servers.moves, 0);
        servers.found("http://b");
        assert_eq!(servers.order(), ["http://b", "http://c", ""]);
        servers.found("http://b");
        assert_eq!(servers.moves, 1);
        servers.found("");
        assert_eq!(servers.order(), ["", "http://b", "http://c"]);
        assert_eq!(servers.moves, 2);
    }

    #[test]
    fn a_new_list_moves_nobody() {
        let mut servers = knowing(&["http://b", "http://c"]);
        servers.found("http://c");
        servers.learn(vec!["http://d".to_owned(), "http://c".to_owned()]);
        assert_eq!(servers.order(), ["http://c", "", "http://d"]);
        servers.learn(vec!["http://d".to_owned()]);
        assert_eq!(servers.order(), ["http://c", "", "http://d"]);
        assert_eq!(servers.moves, 1);
    }

    fn told(code: Code) -> Failed {
        Failed::Told(ApiError::Problem(Box::new(Problem::new(code, "", ""))))
    }

    #[test]
    fn another_one_is_asked_where_nothing_is_heard_of_a_server() {
        for error in [
            ApiError::Network,
            ApiError::TimedOut,
            ApiError::from_status(502),
        ] {
            assert!(Failed::Gone(error).judged(false).1);
        }
    }

    #[test]
    fn what_a_server_says_holds_for_all_of_them() {
        for code in [
            Code::Unavailable,
            Code::ReplicaFailed,
            Code::TimedOut,
            Code::NotPlaced,
            Code::QuoteChanged,
        ] {
            assert!(!told(code).judged(true).1, "{code:?}");
        }
        assert!(!told(Code::TooManyRequests).judged(false).1);
    }

    #[test]
    fn without_a_connection_nobody_else_is_asked() {
        assert!(!Failed::Gone(ApiError::Offline).judged(false).1);
    }

    #[test]
    fn a_limiter_does_not_answer_for_what_another_server_was_sent() {
        assert!(told(Code::TooManyRequests).judged(true).1);
    }
}
