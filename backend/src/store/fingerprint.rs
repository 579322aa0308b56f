//! Request fingerprints.

use sha2::{Digest, Sha256};

/// SHA-256 of a request with an idempotency key: distinguishes a retry from another request with the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Computes the fingerprint. `canonical` must be the same bytes for all texts of the same request.
    #[must_use]
    pub fn of(canonical: &[u8]) -> Self {
        Self(Sha256::digest(canonical).into())
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
