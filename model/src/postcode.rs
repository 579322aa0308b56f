//! UK postcodes: shape, normal form, special codes and likely typing mistakes.

use std::fmt;

/// A postcode of the right shape in its normal form, `DH1 3EL`. The shape does not say that it exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Postcode(String);

/// Why a text is no postcode that could be delivered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostcodeError {
    /// Nothing but separators.
    Empty,
    /// Cannot be a postcode; perhaps it was meant to be `suggestion`.
    Shape {
        suggestion: Option<Postcode>,
    },
    Special(Special),
}

/// Codes that look like postcodes but are no addresses in the United Kingdom's street network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// `GIR 0AA`.
    Retired,
    /// `BFPO 12`, `BF1 …`.
    Forces,
    /// `ASCN 1ZZ`, `GX11 1AA`, …
    Overseas,
}

impl Postcode {
    /// `DH1 3EL`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `DH1`.
    #[must_use]
    pub fn outward(&self) -> &str {
        &self.0[..self.0.len() - 4]
    }

    /// `3EL`.
    #[must_use]
    pub fn inward(&self) -> &str {
        &self.0[self.0.len() - 3..]
    }

    /// `DH1 3`.
    #[must_use]
    pub fn sector(&self) -> &str {
        &self.0[..self.0.len() - 2]
    }
}

impl fmt::Display for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
