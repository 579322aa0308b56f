//! What can go wrong with a request, as far as a page has to tell cases apart. Pure; must not know the browser.

use model::Problem;
use model::problem::Code;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// Our own servers answered with a problem.
    Problem(Box<Problem>),
    /// The browser knows that it has no connection.
    Offline,
    /// The request left, or tried to, and no answer came back.
    Network,
    /// No answer within the time we give it; it may still be under way.
    TimedOut,
    /// An answer that is not ours: a captive portal, a proxy, an older server.
    Malformed,
}

impl ApiError {
    /// For an answer whose body is not a [`Problem`]: what its status alone says.
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
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    #[must_use]
    pub fn code(&self) -> Option<Code> {
        self.problem().map(|problem| problem.code)
    }

    /// The same request may well succeed a moment later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Problem(problem) => matches!(problem.status, 502..=504),
            Self::Offline | Self::Network | Self::TimedOut => true,
            Self::Malformed => false,
        }
    }

    /// A refusal that is certain: our server read the request and did nothing.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
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

    /// What happened, for people.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Problem(problem) => problem.title.clone(),
            Self::Offline => "You are offline".into(),
            Self::Network => "We could not reach Tiffin".into(),
            Self::TimedOut => "That took too long".into(),
            Self::Malformed => "We could not read the answer".into(),
        }
    }

    /// What is safe and what to do next, for people.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Problem(problem) => problem.detail.clone(),
            Self::Offline => {
                "Your basket is safe on this phone. We go on as soon as you are back.".into()
            }
            Self::Network | Self::TimedOut => {
                "Your basket is safe on this phone. Check your connection and try again.".into()
            }
            Self::Malformed => {
                "Your basket is safe on this phone. If you are on a public network, sign in to it first."
                    .into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: Code) -> ApiError {
        ApiError::Problem(Box::new(Problem::new(code, "", "")))
    }

    #[test]
    fn a_gateway_failure_passes_and_is_no_refusal() {
        for code in [Code::ReplicaFailed, Code::Unavailable, Code::TimedOut] {
            assert!(problem(code).is_passing(), "{code:?}");
            assert!(!problem(code).is_refusal(), "{code:?}");
        }
        assert!(ApiError::Network.is_passing());
    }

    #[test]
    fn a_refusal_is_certain_and_does_not_pass() {
        for code in [Code::Invalid, Code::QuoteChanged, Code::TooManyRequests] {
            assert!(problem(code).is_refusal(), "{code:?}");
            assert!(!problem(code).is_passing(), "{code:?}");
        }
    }

    #[test]
    fn a_fault_of_ours_a_used_key_and_a_strange_answer_leave_the_outcome_open() {
        for error in [
            problem(Code::Internal),
            problem(Code::IdempotencyKeyReused),
            problem(Code::OrderConflict),
            ApiError::Malformed,
        ] {
            assert!(!error.is_refusal(), "{error:?}");
        }
    }

    #[test]
    fn a_status_without_our_body_still_tells() {
        assert_eq!(ApiError::from_status(503).code(), Some(Code::Unavailable));
        assert_eq!(ApiError::from_status(418), ApiError::Malformed);
    }
}
