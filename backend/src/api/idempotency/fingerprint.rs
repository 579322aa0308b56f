//! What makes two requests with one key the same: their content, not how it is written.

use serde_json::Value;

use crate::api::body;
use crate::api::refusal::Refusal;
use crate::store::Fingerprint;

/// Parts of the agreed quote that move with the clock or with how the place was found while the deal stays: two tabs that show
/// the same deal, opened a minute apart, ask for the same order.
const NO_PART_OF_THE_DEAL: [&str; 5] = [
    "digest",
    "expected",
    "obstacles",
    "distance_m",
    "approximate",
];

/// Taken from the text and not from our own types, so that replicas of different versions agree on it.
pub(in crate::api) fn of_order(text: &[u8]) -> Result<Fingerprint, Refusal> {
    let mut request: Value = body::parse(text)?;
    if let Some(agreed) = request.get_mut("agreed").and_then(Value::as_object_mut) {
        for part in NO_PART_OF_THE_DEAL {
            agreed.remove(part);
        }
    }
    // Members come sorted by name: serde_json keeps objects as ordered maps.
    Ok(Fingerprint::of(request.to_string().as_bytes()))
}

/// Which step with which order is part of what was asked.
pub(in crate::api) fn of_step(
    token: &str,
    step: &str,
    text: &[u8],
) -> Result<Fingerprint, Refusal> {
    let request: Value = body::parse(text)?;
    Ok(Fingerprint::of(
        format!("{token} {step} {request}").as_bytes(),
    ))
}

#[cfg(test)]
mod tests {
    use super::{of_order as of, of_step};

    fn same(left: &str, right: &str) -> bool {
        of(left.as_bytes()).unwrap() == of(right.as_bytes()).unwrap()
    }

    #[test]
    fn formatting_and_order_do_not_matter() {
        assert!(same(
            r#"{"basket": {"a": 1, "b": [1, 2]}, "notes": "caf\u00e9"}"#,
            "{\"notes\":\"café\",\n  \"basket\":{\"b\":[1,2],\"a\":1}}"
        ));
    }

    #[test]
    fn a_step_is_of_one_order() {
        let step = |token, step, text: &str| of_step(token, step, text.as_bytes()).unwrap();
        let first = step("a", "ready", r#"{"version": 1}"#);
        assert_eq!(first, step("a", "ready", r#"{ "version":1 }"#));
        assert_ne!(first, step("b", "ready", r#"{"version": 1}"#));
        assert_ne!(first, step("a", "failed", r#"{"version": 1}"#));
        assert_ne!(first, step("a", "ready", r#"{"version": 2}"#));
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
    fn what_moves_with_the_clock_does_not_matter() {
        assert!(same(
            r#"{"agreed": {"total_pence": 1, "expected": {"start_ms": 1, "end_ms": 2}}}"#,
            r#"{"agreed": {"total_pence": 1, "expected": null}}"#
        ));
    }
}
