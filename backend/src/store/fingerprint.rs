//! What was asked, as a digest.

use sha2::{Digest, Sha256};

/// SHA-256 of what was asked with an idempotency key: tells a repeat from another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// `canonical` must be the same bytes for all texts that mean the same request.
    #[must_use]
    pub fn of(canonical: &[u8]) -> Self {
        Self(Sha256::digest(canonical).into())
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
