//! UK postcodes: shape, normal form, special codes and likely typing mistakes.
//!
//! This module checks shape and area; the backend's geocoding chain determines whether a postcode exists. Matching is done by hand,
//! because a regex engine would add more to the client's size than the rest of this crate.

mod areas;
mod shape;
mod typos;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use shape::{Compact, ReadError, ShapeError};

pub use shape::Special;

/// A postcode of a valid shape, in an area that exists, in its normal form: `DH1 3EL`. The postcode itself need not exist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Postcode(String);

/// Why a text is not a postcode in an area that restaurants could deliver to. [`fmt::Display`] gives the text for customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostcodeError {
    /// The text contains nothing but separators.
    Empty,
    /// The text does not have the shape of a postcode; `suggestion` corrects a likely typing mistake.
    Shape {
        suggestion: Option<Postcode>,
    },
    /// The shape is valid, but the postcode area does not exist.
    Area {
        /// The one or two letters that the text begins with.
        area: String,
        suggestion: Option<Postcode>,
    },
    Special(Special),
}

impl Postcode {
    /// Parses a postcode. Accepts any case, and any or no spaces, hyphens, full stops and brackets between, before and after the
    /// letters and digits. Corrects nothing: a likely typing mistake is an error with a suggestion.
    ///
    /// # Errors
    /// If the text has another character, an invalid shape, an area that does not exist, or is one of the special codes.
    pub fn parse(text: &str) -> Result<Self, PostcodeError> {
        let compact = match Compact::read(text) {
            Ok(compact) => compact,
            Err(ReadError::Empty) => return Err(PostcodeError::Empty),
            Err(ReadError::OtherCharacters) => {
                return Err(PostcodeError::Shape {
                    suggestion: suggest(text),
                });
            }
        };
        match shape::normalise(compact.as_bytes()) {
            Ok(normal) => Ok(Self(normal)),
            Err(ShapeError::Shape) => Err(PostcodeError::Shape {
                suggestion: suggest(text),
            }),
            Err(ShapeError::Area(area)) => Err(PostcodeError::Area {
                area,
                suggestion: suggest(text),
            }),
            Err(ShapeError::Special(special)) => Err(PostcodeError::Special(special)),
        }
    }

    /// Postcodes that are easily confused with this one (`W1O 0AA`, `W10 0AA`), the likeliest first. The caller determines which of
    /// them exist.
    #[must_use]
    pub fn lookalikes(&self) -> Vec<Self> {
        let compact = [self.outward(), self.inward()].concat();
        typos::candidates(compact.as_bytes())
            .into_iter()
            .map(|(_, candidate)| Self(candidate))
            .filter(|candidate| candidate != self)
            .collect()
    }

    /// The normal form, `DH1 3EL`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The area, `DH`.
    #[must_use]
    pub fn area(&self) -> &str {
        shape::area(&self.0)
    }

    /// The outward code, `DH1`.
    #[must_use]
    pub fn outward(&self) -> &str {
        &self.0[..self.0.len() - 4]
    }

    /// The inward code, `3EL`.
    #[must_use]
    pub fn inward(&self) -> &str {
        &self.0[self.0.len() - 3..]
    }

    /// The sector, `DH1 3`.
    #[must_use]
    pub fn sector(&self) -> &str {
        &self.0[..self.0.len() - 2]
    }
}

/// The postcode that `text`, which is not a postcode, was probably intended to be. `None` if `text` is a postcode already, if no
/// correction fits, or if two corrections are equally likely.
#[must_use]
pub fn suggest(text: &str) -> Option<Postcode> {
    typos::suggest(text).map(Postcode)
}

impl fmt::Display for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Postcode {
    type Err = PostcodeError;

    fn from_str(text: &str) -> Result<Self, PostcodeError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Postcode {
    type Error = PostcodeError;

    fn try_from(text: String) -> Result<Self, PostcodeError> {
        Self::parse(&text)
    }
}

impl From<Postcode> for String {
    fn from(postcode: Postcode) -> Self {
        postcode.0
    }
}

impl PostcodeError {
    /// The postcode that was probably intended; for the customer to confirm, never to be applied silently.
    #[must_use]
    pub fn suggestion(&self) -> Option<&Postcode> {
        match self {
            Self::Shape { suggestion } | Self::Area { suggestion, .. } => suggestion.as_ref(),
            Self::Empty | Self::Special(_) => None,
        }
    }
}

impl fmt::Display for PostcodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Enter a postcode, for example DH1 3EL."),
            Self::Shape { .. } => f.write_str(
                "That is not a complete UK postcode. It should look like DH1 3EL or SW1A 1AA.",
            ),
            Self::Area { area, .. } => write!(f, "No UK postcode begins with {area}."),
            Self::Special(special) => special.fmt(f),
        }
    }
}

impl std::error::Error for PostcodeError {}
