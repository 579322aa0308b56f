//! Postcodes as customers type them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::postcode::{PostcodeError, suggest};
use model::{Postcode, api};

fuzz_target!(|text: &str| {
    match Postcode::parse(text) {
        Ok(postcode) => {
            // The normal form parses to itself.
            assert_eq!(Postcode::parse(postcode.as_str()).as_ref(), Ok(&postcode));
            let joined = format!("{} {}", postcode.outward(), postcode.inward());
            assert_eq!(joined, postcode.as_str());
            let lower = text.to_ascii_lowercase();
            assert_eq!(Postcode::parse(&lower), Ok(postcode));
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            if let PostcodeError::Shape {
                suggestion: Some(suggestion),
            }
            | PostcodeError::Area {
                suggestion: Some(suggestion),
                ..
            } = error
            {
                assert_eq!(Postcode::parse(suggestion.as_str()), Ok(suggestion));
            }
        }
    }
    let _ = suggest(text);
    if let Some(key) = api::idempotency_key(text) {
        assert_eq!(api::idempotency_key(key), Some(key));
    }
});
