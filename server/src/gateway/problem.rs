//! What the gateway answers itself: 400, 413, 502, 503 and 504, in one place.

use model::problem::Code;

use super::retry::GiveUp;
use crate::http::problem::ProblemResponse;

/// After this many seconds a replica is likely to be there again, or another server to be asked.
const RETRY_AFTER_S: u32 = 2;

/// `safe`: the request may be sent again without doing anything twice.
pub fn gave_up(why: GiveUp, safe: bool) -> ProblemResponse {
    let (code, title) = match why {
        GiveUp::Broken => (Code::ReplicaFailed, "The connection broke"),
        GiveUp::Overloaded => (Code::Unavailable, "Tiffin is very busy just now"),
        GiveUp::TimedOut => (Code::TimedOut, "There was no answer in time"),
        GiveUp::NoneAvailable | GiveUp::PassOn => {
            (Code::Unavailable, "Tiffin is not available just now")
        }
    };
    let detail = match (why, safe) {
        (_, true) => "Sending the same request again in a few seconds is safe.",
        // An unkeyed write ends here only when no replica took it.
        (GiveUp::NoneAvailable | GiveUp::Overloaded, false) => {
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

pub fn body_broken() -> ProblemResponse {
    ProblemResponse::new(
        Code::MalformedRequest,
        "The request did not arrive whole",
        "Its body broke off or came too slowly. Nothing was changed. Send it again.",
    )
}
