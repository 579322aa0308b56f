//! The error of every API function, as far as pages have to tell cases apart. Pure; pages translate it to text.

use model::Problem;
use model::problem::Code;
use thiserror::Error;

/// The reason for which a request has no usable answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ApiError {
    /// A Tiffin server answered with a problem.
    #[error("{}", .0.title)]
    Problem(Box<Problem>),
    /// The browser reports that it has no connection.
    #[error("the browser is offline")]
    Offline,
    /// The connection failed or broke before an answer.
    #[error("the connection failed")]
    Network,
    /// No answer within the timeout; the request may still be in progress.
    #[error("the request timed out")]
    TimedOut,
    /// The answer is not a Tiffin server's: a captive portal, a proxy, an older version.
    #[error("the answer cannot be read")]
    Malformed,
}

impl ApiError {
    /// The error for an answer whose body is not a [`Problem`], from its HTTP status alone.
    #[must_use]
    pub fn from_status(status: u16) -> Self {
        let code = match status {
            502 => Code::ReplicaFailed,
            503 => Code::Unavailable,
            504 => Code::TimedOut,
            _ => return Self::Malformed,
        };
        Self::Problem(Box::new(Problem::new(
            code,
            "We cannot take that just now",
            "Nothing is lost. We will try again.",
        )))
    }

    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            _ => None,
        }
    }

    /// Whether the same request may succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Problem(problem) => matches!(problem.status, 502..=504),
            Self::Offline | Self::Network | Self::TimedOut => true,
            Self::Malformed => false,
        }
    }

    /// Whether it is certain that the server read the request and did nothing.
    #[must_use]
    pub fn is_rejection(&self) -> bool {
        self.code().is_some_and(|code| {
            matches!(
                code,
                Code::MalformedRequest
                    | Code::IdempotencyKeyRequired
                    | Code::Unauthorised
                    | Code::Forbidden
                    | Code::NotFound
                    | Code::MethodNotAllowed
                    | Code::QuoteChanged
                    | Code::BodyTooLarge
                    | Code::UnsupportedMediaType
                    | Code::Invalid
                    | Code::NotOrderable
                    | Code::PostcodeInvalid
                    | Code::PostcodeSpecial
                    | Code::TooManyRequests
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: Code) -> ApiError {
        ApiError::Problem(Box::new(Problem::new(code, "", "")))
    }

    #[test]
    fn a_gateway_failure_is_transient_and_no_rejection() {
        for code in [Code::ReplicaFailed, Code::Unavailable, Code::TimedOut] {
            assert!(problem(code).is_transient(), "{code:?}");
            assert!(!problem(code).is_rejection(), "{code:?}");
        }
        assert!(ApiError::Network.is_transient());
    }

    #[test]
    fn a_rejection_is_certain_and_not_transient() {
        for code in [Code::Invalid, Code::QuoteChanged, Code::TooManyRequests] {
            assert!(problem(code).is_rejection(), "{code:?}");
            assert!(!problem(code).is_transient(), "{code:?}");
        }
    }

    #[test]
    fn an_internal_error_a_reused_key_and_a_malformed_answer_leave_the_outcome_open() {
        for error in [
            problem(Code::Internal),
            problem(Code::IdempotencyKeyReused),
            problem(Code::OrderConflict),
            ApiError::Malformed,
        ] {
            assert!(!error.is_rejection(), "{error:?}");
        }
    }

    #[test]
    fn a_status_without_a_problem_body_is_classified_by_its_number() {
        assert_eq!(ApiError::from_status(503).code(), Some(Code::Unavailable));
        assert_eq!(ApiError::from_status(418), ApiError::Malformed);
    }
}
