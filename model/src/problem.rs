//! The one shape of an error on the wire: `application/problem+json` (RFC 9457), with members of our own.

use serde::{Deserialize, Serialize};

use crate::basket::{Quote, QuoteChange};
use crate::order::Order;

pub const CONTENT_TYPE: &str = "application/problem+json";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// What programs branch on; see `docs/API.md` for all of them.
    pub code: Code,
    pub status: u16,
    /// What happened, for people.
    pub title: String,
    /// What is safe, and what to do next.
    pub detail: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// A likely mend of a mistyped postcode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// With `quote_changed`: what differs from the agreed quote …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<QuoteChange>,
    /// … and the quote in force, to be agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Box<Quote>>,
    /// With `order_conflict`: the order as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Box<Order>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Path into the body: `customer.phone`, `basket.lines.0.quantity`.
    pub field: String,
    pub message: String,
}

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
    /// 403: the caller is not one of ours.
    Forbidden,
    /// 404.
    NotFound,
    /// 404: no order has this key.
    NotPlaced,
    /// 405.
    MethodNotAllowed,
    /// 409: the deal differs from the one agreed to; `changes` and `quote` tell.
    QuoteChanged,
    /// 409: the order is no longer in a state that allows this; `order` tells.
    OrderConflict,
    /// 409: a drill runs already, or the fault would leave no replica.
    DrillRefused,
    /// 413.
    BodyTooLarge,
    /// 415.
    UnsupportedMediaType,
    /// 422: `errors` names the fields.
    Invalid,
    /// 422: the basket cannot be ordered; `quote.obstacles` tells why.
    NotOrderable,
    /// 422: the text cannot be a postcode; `suggestion` may help.
    PostcodeInvalid,
    /// 422: a special code (forces mail, overseas, retired) that cannot be delivered to.
    PostcodeSpecial,
    /// 422: this key was used for another order.
    IdempotencyKeyReused,
    /// 429.
    TooManyRequests,
    /// 500: a fault of ours.
    Internal,
    /// 502: a replica broke the connection and the request could not be repeated safely.
    ReplicaFailed,
    /// 503: no replica, or its store, is available just now.
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
