//! Error responses: every one is a [`Problem`], and is made here.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use model::Problem;
use model::basket::{Quote, QuoteChange};
use model::order::Order;
use model::problem::{self, Code, FieldError};

use crate::domain;
use crate::store::StoreError;

/// A restart of a replica or a wait for a lock of the store is over within this time.
const RETRY_AFTER_S: u32 = 1;

#[derive(Debug)]
pub(super) struct ApiError {
    problem: Box<Problem>,
    retry_after_s: Option<u32>,
}

impl ApiError {
    pub(super) fn new(code: Code, title: &str, detail: impl Into<String>) -> Self {
        Self {
            problem: Box::new(Problem::new(code, title, detail)),
            retry_after_s: None,
        }
    }

    pub(super) fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.problem.errors = errors;
        self
    }

    pub(super) fn with_suggestion(mut self, suggestion: Option<String>) -> Self {
        self.problem.suggestion = suggestion;
        self
    }

    pub(super) fn no_such_address() -> Self {
        Self::new(
            Code::NotFound,
            "There is nothing at this address",
            "Check the address.",
        )
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(
            Code::MethodNotAllowed,
            "This address does not take that method",
            "The Allow header names the methods that it takes.",
        )
    }

    pub(super) fn no_such_restaurant() -> Self {
        Self::new(
            Code::NotFound,
            "There is no such restaurant",
            "It may have left. Choose another from the list.",
        )
    }

    pub(super) fn no_such_order() -> Self {
        Self::new(
            Code::NotFound,
            "There is no such order",
            "Check the link to the order.",
        )
    }

    pub(super) fn not_placed() -> Self {
        Self::new(
            Code::NotPlaced,
            "No order was placed with this key",
            "It is safe to send the order again with the same key.",
        )
    }

    pub(super) fn key_reused() -> Self {
        Self::new(
            Code::IdempotencyKeyReused,
            "Another order was placed with this key",
            "That order stands. Look it up by its key; a new order needs a new key.",
        )
    }

    pub(super) fn order_conflict(order: Order) -> Self {
        let mut error = Self::new(
            Code::OrderConflict,
            "The order can no longer be cancelled here",
            "The restaurant has taken it up or it has ended. Call the restaurant to ask.",
        );
        error.problem.order = Some(Box::new(order));
        error
    }

    pub(super) fn transition_key_reused() -> Self {
        Self::new(
            Code::IdempotencyKeyReused,
            "Something else was done with this key",
            "That stands. A new step needs a new key.",
        )
    }

    pub(super) fn no_such_dish() -> Self {
        Self::new(
            Code::NotFound,
            "There is no such dish on the menu",
            "Choose one by the id that the menu gives it.",
        )
    }

    /// The order has another version than the one the staff saw, or does not allow the transition.
    pub(super) fn transition_conflict(order: Box<Order>) -> Self {
        let mut error = Self::new(
            Code::OrderConflict,
            "The order has changed, or does not allow this",
            "Nothing was changed. Look at the order as it is now and decide again.",
        );
        error.problem.order = Some(order);
        error
    }

    pub(super) fn too_many_attempts(retry_after_s: u32) -> Self {
        let mut error = Self::new(
            Code::TooManyRequests,
            "Too many attempts to sign in",
            format!("Try again in {retry_after_s} seconds."),
        );
        error.retry_after_s = Some(retry_after_s);
        error
    }

    fn not_orderable(quote: Box<Quote>) -> Self {
        let mut error = Self::new(
            Code::NotOrderable,
            "This basket cannot be ordered as it is",
            "Nothing was ordered. Change what is named and order again.",
        );
        error.problem.quote = Some(quote);
        error
    }

    fn quote_changed(changes: Vec<QuoteChange>, quote: Box<Quote>) -> Self {
        let (title, detail) = if quote.orderable() {
            (
                "Something changed since you saw the price",
                "Nothing was ordered yet. Agree to the new price to order.",
            )
        } else {
            (
                "Others were faster",
                "Nothing was ordered. Change what is named and order again.",
            )
        };
        let mut error = Self::new(Code::QuoteChanged, title, detail);
        error.problem.changes = changes;
        error.problem.quote = Some(quote);
        error
    }

    /// Internal error. The cause is logged, not sent.
    pub(super) fn internal() -> Self {
        Self::new(
            Code::Internal,
            "Something went wrong on our side",
            "Nothing is lost. If you were ordering, look whether the order is in before you order again.",
        )
    }

    fn unavailable() -> Self {
        let mut error = Self::new(
            Code::Unavailable,
            "Orders cannot be reached just now",
            "Nothing is lost. Try again in a moment; the same order sent again is placed only once.",
        );
        error.retry_after_s = Some(RETRY_AFTER_S);
        error
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => {
                tracing::warn!(%error, "a request failed: the store is unavailable");
                Self::unavailable()
            }
            StoreError::Unreadable { .. } | StoreError::Failed(_) => {
                tracing::error!(%error, "a request failed: the store reported an error");
                Self::internal()
            }
        }
    }
}

impl From<domain::CheckOrderError> for ApiError {
    fn from(error: domain::CheckOrderError) -> Self {
        match error {
            domain::CheckOrderError::Invalid(errors) => Self::new(
                Code::Invalid,
                "Some of what you typed cannot be right",
                "Nothing was ordered. Mend the fields that are named and order again.",
            )
            .with_errors(errors),
            domain::CheckOrderError::NotOrderable(quote) => Self::not_orderable(quote),
            domain::CheckOrderError::QuoteChanged { changes, quote } => {
                Self::quote_changed(changes, quote)
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = match serde_json::to_vec(&self.problem) {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(%error, "a problem could not be serialised");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let headers = [
            (
                CONTENT_TYPE,
                HeaderValue::from_static(problem::CONTENT_TYPE),
            ),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        let mut response = (status, headers, body).into_response();
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
