//! UK postcodes: shape, normal form, special codes and likely typing mistakes.
//!
//! Shape and area are checked here; whether a postcode of that shape exists is for the geocoding chain to say. Matching is
//! by hand, because a regex engine would cost the client more than all the rest of this crate.

mod areas;
mod mend;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use mend::suggest;

/// A postcode of the right shape, in an area that exists, in its normal form: `DH1 3EL`. That does not say that the postcode
/// itself exists.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Postcode(String);

/// Why a text is no postcode that could be delivered to. Shown to people with [`fmt::Display`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostcodeError {
    /// Nothing but separators.
    Empty,
    /// Cannot be a postcode; perhaps it was meant to be `suggestion`.
    Shape {
        suggestion: Option<Postcode>,
    },
    /// Of the right shape, but there is no such postcode area.
    Area {
        /// The one or two letters that it begins with.
        area: String,
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
    /// Takes any case, and any or no spaces, hyphens, full stops and brackets between, before and after the letters and
    /// digits. Nothing is mended: a likely typing mistake is refused with a suggestion.
    ///
    /// # Errors
    /// If the text has another character, the wrong shape, an area that does not exist, or is one of the special codes.
    pub fn parse(text: &str) -> Result<Self, PostcodeError> {
        let compact = match Compact::read(text) {
            Ok(compact) => compact,
            Err(Unreadable::Empty) => return Err(PostcodeError::Empty),
            Err(Unreadable::OtherCharacters) => {
                return Err(PostcodeError::Shape {
                    suggestion: suggest(text),
                });
            }
        };
        Self::from_compact(compact.as_bytes()).map_err(|refusal| match refusal {
            Refusal::Shape => PostcodeError::Shape {
                suggestion: suggest(text),
            },
            Refusal::Area(area) => PostcodeError::Area {
                area,
                suggestion: suggest(text),
            },
            Refusal::Special(special) => PostcodeError::Special(special),
        })
    }

    /// From upper-case letters and digits alone.
    fn from_compact(compact: &[u8]) -> Result<Self, Refusal> {
        if let Some(special) = special(compact) {
            return Err(Refusal::Special(special));
        }
        if !(5..=7).contains(&compact.len()) {
            return Err(Refusal::Shape);
        }
        let (outward, inward) = compact.split_at(compact.len() - 3);
        let is_current = is_outward(outward) && is_inward(inward);
        if !is_current && !is_old_newport(outward, inward) {
            return Err(Refusal::Shape);
        }
        let postcode = Self(
            [outward, b" ", inward]
                .concat()
                .into_iter()
                .map(char::from)
                .collect(),
        );
        let area = postcode.area();
        if area == "BF" {
            return Err(Refusal::Special(Special::Forces));
        }
        if !areas::exists(area) {
            return Err(Refusal::Area(area.to_owned()));
        }
        Ok(postcode)
    }

    /// Postcodes that a hand or an eye takes for this one (`W1O 0AA`, `W10 0AA`), the likeliest first. Which of them exist is
    /// for the caller to find out.
    #[must_use]
    pub fn lookalikes(&self) -> Vec<Self> {
        let compact = [self.outward(), self.inward()].concat();
        mend::candidates(compact.as_bytes())
            .into_iter()
            .map(|(_, candidate)| candidate)
            .filter(|candidate| candidate != self)
            .collect()
    }

    /// `DH1 3EL`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `DH`.
    #[must_use]
    pub fn area(&self) -> &str {
        let letters = self.0.bytes().take_while(u8::is_ascii_alphabetic).count();
        &self.0[..letters]
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
    /// What was probably meant; to be offered, never to be applied silently.
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

impl fmt::Display for Special {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Retired => "GIR 0AA was a bank's postcode and is no longer in use.",
            Self::Forces => {
                "That is a forces mail code (BFPO), and restaurants cannot deliver to it."
            }
            Self::Overseas => {
                "That postcode is overseas, too far away for any restaurant here to deliver to."
            }
        })
    }
}

enum Refusal {
    Shape,
    Area(String),
    Special(Special),
}

enum Unreadable {
    Empty,
    OtherCharacters,
}

/// The letters and digits of a text, upper case. Keeps one more than any code has, so that a long text stays too long without
/// being copied.
struct Compact {
    bytes: [u8; Self::MOST],
    len: usize,
}

impl Compact {
    /// `BFPO` with four digits has eight.
    const MOST: usize = 9;

    fn read(text: &str) -> Result<Self, Unreadable> {
        let mut compact = Self {
            bytes: [0; Self::MOST],
            len: 0,
        };
        for character in text.chars() {
            if character.is_ascii_alphanumeric() {
                compact.push(character);
            } else if !is_separator(character) {
                return Err(Unreadable::OtherCharacters);
            }
        }
        if compact.len == 0 {
            return Err(Unreadable::Empty);
        }
        Ok(compact)
    }

    fn push(&mut self, alphanumeric: char) {
        if let (Some(slot), Ok(byte)) = (self.bytes.get_mut(self.len), u8::try_from(alphanumeric)) {
            *slot = byte.to_ascii_uppercase();
            self.len += 1;
        }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// What people, keyboards and address books put around or into a postcode. White space includes the no-break space, and
/// keyboards turn hyphens into dashes.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
        || matches!(character, '.' | '(' | ')' | '[' | ']' | '{' | '}')
}

fn special(compact: &[u8]) -> Option<Special> {
    match compact {
        b"GIR0AA" => Some(Special::Retired),
        [b'B', b'F', b'P', b'O', number @ ..]
            if number.len() <= 4 && number.iter().all(u8::is_ascii_digit) =>
        {
            Some(Special::Forces)
        }
        b"ASCN1ZZ" | b"BBND1ZZ" | b"BIQQ1ZZ" | b"FIQQ1ZZ" | b"PCRN1ZZ" | b"SIQQ1ZZ"
        | b"STHL1ZZ" | b"TDCU1ZZ" | b"TKCA1ZZ" | b"GX111AA" => Some(Special::Overseas),
        _ => None,
    }
}

/// `[0-9][ABD-HJLNP-UW-Z]{2}`: the letters left out are easily taken for others.
fn is_inward(inward: &[u8]) -> bool {
    matches!(
        inward,
        [
            b'0'..=b'9',
            b'A' | b'B' | b'D'..=b'H' | b'J' | b'L' | b'N' | b'P'..=b'U' | b'W'..=b'Z',
            b'A' | b'B' | b'D'..=b'H' | b'J' | b'L' | b'N' | b'P'..=b'U' | b'W'..=b'Z',
        ]
    )
}

/// `A9 A99 AA9 AA99 A9A AA9A`.
fn is_outward(outward: &[u8]) -> bool {
    match outward {
        [b'A'..=b'Z', b'0'..=b'9'] | [b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9' | b'A'..=b'Z'] => true,
        [b'A'..=b'Z', second, b'0'..=b'9']
        | [b'A'..=b'Z', second, b'0'..=b'9', b'0'..=b'9' | b'A'..=b'Z'] => {
            matches!(second, b'A'..=b'H' | b'J'..=b'Y')
        }
        _ => false,
    }
}

/// `NPT 0AD`: Newport's before its area became `NP`, which address books still hold. One of them, `NPT 0VA`, has a letter that
/// no other inward code has.
fn is_old_newport(outward: &[u8], inward: &[u8]) -> bool {
    outward == b"NPT" && (is_inward(inward) || inward == b"0VA")
}
