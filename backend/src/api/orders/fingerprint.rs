//! What makes two requests with one key the same: their content, not how it is written.

use serde_json::Value;

use super::super::body;
use super::super::refusal::Refusal;
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
pub(super) fn of(text: &[u8]) -> Result<Fingerprint, Refusal> {
    let mut request: Value = body::parse(text)?;
    if let Some(agreed) = request.get_mut("agreed").and_then(Value::as_object_mut) {
        for part in NO_PART_OF_THE_DEAL {
            agreed.remove(part);
        }
    }
    // Members come sorted by name: serde_json keeps objects as ordered maps.
    Ok(Fingerprint::of(request.to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::of;

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
