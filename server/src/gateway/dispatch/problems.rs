//! The gateway's own answers: 400, 413, 502, 503 and 504, in one place.

use model::problem::Code;

use super::retry::GiveUpReason;
use crate::gateway::config::RETRY_AFTER_S;
use crate::http::problem::ProblemResponse;

/// The answer to a request that was given up. `replayable`: it may be sent again without doing anything twice.
pub fn give_up_problem(reason: GiveUpReason, replayable: bool) -> ProblemResponse {
    let (code, title) = match reason {
        GiveUpReason::Broken => (Code::ReplicaFailed, "The connection broke"),
        GiveUpReason::Overloaded => (Code::Unavailable, "Tiffin is very busy just now"),
        GiveUpReason::TimedOut => (Code::TimedOut, "There was no answer in time"),
        GiveUpReason::NoHealthyUpstream | GiveUpReason::ReplicaUnavailable => {
            (Code::Unavailable, "Tiffin is not available just now")
        }
    };
    let detail = match (reason, replayable) {
        (_, true) => "Sending the same request again in a few seconds is safe.",
        // An unkeyed write ends here only when no replica received it.
        (GiveUpReason::NoHealthyUpstream | GiveUpReason::Overloaded, false) => {
            "Nothing was changed. Try again in a few seconds."
        }
        (_, false) => {
            "It is not known whether the request was carried out. Check before sending it again."
        }
    };
    ProblemResponse::new(code, title, detail).retry_after_s(RETRY_AFTER_S)
}

pub fn body_too_large() -> ProblemResponse {
    ProblemResponse::new(
        Code::BodyTooLarge,
        "The request is too large",
        "A request may carry at most 64 KB.",
    )
}

pub fn body_incomplete() -> ProblemResponse {
    ProblemResponse::new(
        Code::MalformedRequest,
        "The request did not arrive whole",
        "Its body broke off or came too slowly. Nothing was changed. Send it again.",
    )
}
