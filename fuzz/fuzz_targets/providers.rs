//! What geocoding providers answer, whichever of them and with whatever status: a place in the kingdom, or a reason.

#![no_main]

use backend::geocode::{Answer, ProviderKind};
use libfuzzer_sys::fuzz_target;
use model::Postcode;

/// The first text in the answer that is a postcode is the one that was asked for, so that more is read than a mismatch.
fn asked(body: &[u8]) -> Option<Postcode> {
    let text = std::str::from_utf8(body).ok()?;
    text.split('"').find_map(|part| Postcode::parse(part).ok())
}

fuzz_target!(|body: &[u8]| {
    let asked = asked(body).or_else(|| Postcode::parse("DH1 3EL").ok());
    let Some(asked) = asked else { return };
    for provider in ProviderKind::ALL {
        for status in [200, 404] {
            match provider.understand(status, body, &asked) {
                Ok(Answer::Found(position)) => {
                    assert!((49.0..=61.5).contains(&position.latitude));
                    assert!((-9.0..=2.5).contains(&position.longitude));
                }
                Ok(Answer::Terminated { since: Some(since) }) => assert_eq!(since.len(), 7),
                Ok(_) => {}
                Err(failure) => assert!(!failure.to_string().is_empty()),
            }
        }
    }
});
