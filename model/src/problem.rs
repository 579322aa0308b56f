//! Errors in the API: `application/problem+json` (RFC 9457), with additional members.

use serde::{Deserialize, Serialize};

use crate::basket::{Quote, QuoteChange};
use crate::order::Order;

pub const CONTENT_TYPE: &str = "application/problem+json";

/// The body of every error response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Code for programs; `docs/API.md` lists all of them.
    pub code: Code,
    pub status: u16,
    /// What happened, as text for the customer.
    pub title: String,
    /// What is safe, and what to do next.
    pub detail: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The likely correction of a mistyped postcode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// With `quote_changed`: the differences from the agreed quote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<QuoteChange>,
    /// With `quote_changed`: the current quote, for the customer to agree to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Box<Quote>>,
    /// With `order_conflict`: the current state of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Box<Order>>,
}

/// An invalid field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Path into the body: `customer.phone`, `basket.lines.0.quantity`.
    pub field: String,
    pub message: String,
}

/// Kind of a problem, with its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// 400: not JSON, or not of the expected shape.
    MalformedRequest,
    /// 400: `Idempotency-Key` is missing or malformed.
    IdempotencyKeyRequired,
    /// 401: the operator is not signed in, or the password is wrong.
    Unauthorised,
    /// 403: the credential is missing or wrong.
    Forbidden,
    /// 404.
    NotFound,
    /// 404: no order has this key.
    NotPlaced,
    /// 405.
    MethodNotAllowed,
    /// 409: the current quote differs from the agreed one; see `changes` and `quote`.
    QuoteChanged,
    /// 409: the state of the order does not allow this transition; see `order`.
    OrderConflict,
    /// 409: another drill is running, or the fault would leave no replica.
    DrillRefused,
    /// 413.
    BodyTooLarge,
    /// 415.
    UnsupportedMediaType,
    /// 422: `errors` names the fields.
    Invalid,
    /// 422: the basket cannot be ordered; see `quote.obstacles`.
    NotOrderable,
    /// 422: the text is not a postcode; see `suggestion`.
    PostcodeInvalid,
    /// 422: a special code (forces mail, overseas, retired) to which no restaurant can deliver.
    PostcodeSpecial,
    /// 422: this key was used for another order.
    IdempotencyKeyReused,
    /// 429.
    TooManyRequests,
    /// 500: a bug in Tiffin.
    Internal,
    /// 502: a replica closed the connection, and the request could not be retried safely.
    ReplicaFailed,
    /// 503: no replica is available, or its store is unavailable.
    Unavailable,
    /// 504: no replica answered in time.
    TimedOut,
}

impl Code {
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::MalformedRequest | Self::IdempotencyKeyRequired => 400,
            Self::Unauthorised => 401,
            Self::Forbidden => 403,
            Self::NotFound | Self::NotPlaced => 404,
            Self::MethodNotAllowed => 405,
            Self::QuoteChanged | Self::OrderConflict | Self::DrillRefused => 409,
            Self::BodyTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid
            | Self::NotOrderable
            | Self::PostcodeInvalid
            | Self::PostcodeSpecial
            | Self::IdempotencyKeyReused => 422,
            Self::TooManyRequests => 429,
            Self::Internal => 500,
            Self::ReplicaFailed => 502,
            Self::Unavailable => 503,
            Self::TimedOut => 504,
        }
    }
}

impl Problem {
    #[must_use]
    pub fn new(code: Code, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            code,
            status: code.status(),
            title: title.into(),
            detail: detail.into(),
            errors: Vec::new(),
            suggestion: None,
            changes: Vec::new(),
            quote: None,
            order: None,
        }
    }
}
