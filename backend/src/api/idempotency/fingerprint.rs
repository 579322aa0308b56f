//! Fingerprint of a request: equal for equal content, whatever its formatting.

use serde_json::Value;

use crate::api::body;
use crate::api::error::ApiError;
use crate::store::Fingerprint;

/// Fields of the agreed quote that depend on the time or on how the postcode was located, not on the agreement. Two tabs with the same
/// quote, opened a minute apart, send the same order.
const VOLATILE_QUOTE_FIELDS: [&str; 5] = [
    "digest",
    "expected",
    "obstacles",
    "distance_m",
    "approximate",
];

/// Computes the fingerprint of an order, from the JSON text and not from our types, so that replicas of different versions agree.
pub(in crate::api) fn fingerprint_order(text: &[u8]) -> Result<Fingerprint, ApiError> {
    let mut request: Value = body::parse(text)?;
    if let Some(agreed) = request.get_mut("agreed").and_then(Value::as_object_mut) {
        for field in VOLATILE_QUOTE_FIELDS {
            agreed.remove(field);
        }
    }
    // serde_json keeps objects as ordered maps, so members come sorted by name.
    Ok(Fingerprint::of(request.to_string().as_bytes()))
}

/// Computes the fingerprint of a staff request, which includes the order or dish and the transition.
pub(in crate::api) fn fingerprint_transition(
    token: &str,
    transition: &str,
    text: &[u8],
) -> Result<Fingerprint, ApiError> {
    let request: Value = body::parse(text)?;
    Ok(Fingerprint::of(
        format!("{token} {transition} {request}").as_bytes(),
    ))
}

#[cfg(test)]
mod tests {
    use super::{fingerprint_order, fingerprint_transition};

    fn same(left: &str, right: &str) -> bool {
        fingerprint_order(left.as_bytes()).unwrap() == fingerprint_order(right.as_bytes()).unwrap()
    }

    #[test]
    fn formatting_and_order_do_not_matter() {
        assert!(same(
            r#"{"basket": {"a": 1, "b": [1, 2]}, "notes": "caf\u00e9"}"#,
            "{\"notes\":\"café\",\n  \"basket\":{\"b\":[1,2],\"a\":1}}"
        ));
    }

    #[test]
    fn a_transition_belongs_to_one_order() {
        let fingerprint = |token, transition, text: &str| {
            fingerprint_transition(token, transition, text.as_bytes()).unwrap()
        };
        let first = fingerprint("a", "ready", r#"{"version": 1}"#);
        assert_eq!(first, fingerprint("a", "ready", r#"{ "version":1 }"#));
        assert_ne!(first, fingerprint("b", "ready", r#"{"version": 1}"#));
        assert_ne!(first, fingerprint("a", "failed", r#"{"version": 1}"#));
        assert_ne!(first, fingerprint("a", "ready", r#"{"version": 2}"#));
    }

    #[test]
    fn content_matters() {
        assert!(!same(r#"{"notes": "a"}"#, r#"{"notes": "b"}"#));
        assert!(!same(r#"{"lines": [1, 2]}"#, r#"{"lines": [2, 1]}"#));
        assert!(!same(
            r#"{"agreed": {"total_pence": 1}}"#,
            r#"{"agreed": {"total_pence": 2}}"#
        ));
    }

    #[test]
    fn what_depends_on_the_time_does_not_matter() {
        assert!(same(
            r#"{"agreed": {"total_pence": 1, "expected": {"start_ms": 1, "end_ms": 2}}}"#,
            r#"{"agreed": {"total_pence": 1, "expected": null}}"#
        ));
    }
}
