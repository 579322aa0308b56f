//! Answers of geocoding providers, of each provider and with each status: parsed to a position in the United Kingdom, or to an error.

#![no_main]

use backend::geocode::{ProviderAnswer, ProviderKind};
use libfuzzer_sys::fuzz_target;
use model::Postcode;

/// Takes the first string of the answer that is a postcode as the requested one, so that parsing goes further than a mismatch.
fn requested_postcode(body: &[u8]) -> Option<Postcode> {
    let text = std::str::from_utf8(body).ok()?;
    text.split('"').find_map(|part| Postcode::parse(part).ok())
}

fuzz_target!(|body: &[u8]| {
    let requested = requested_postcode(body).or_else(|| Postcode::parse("DH1 3EL").ok());
    let Some(requested) = requested else { return };
    for provider in ProviderKind::ALL {
        for status in [200, 404] {
            match provider.parse_answer(status, body, &requested) {
                Ok(ProviderAnswer::Found(position)) => {
                    assert!((49.0..=61.5).contains(&position.latitude));
                    assert!((-9.0..=2.5).contains(&position.longitude));
                }
                Ok(ProviderAnswer::Terminated { since: Some(since) }) => assert_eq!(since.len(), 7),
                Ok(_) => {}
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
});
