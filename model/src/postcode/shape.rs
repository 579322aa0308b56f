//! The shape of a postcode: reads a text to its letters and digits, and checks them against the formats and areas in use. Knows
//! nothing of typing mistakes, and nothing of whether a postcode of the right shape exists.

use std::fmt;

use super::areas;

/// Codes that look like postcodes but are not addresses in the United Kingdom's street network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// `GIR 0AA`.
    Retired,
    /// `BFPO 12`, `BF1 …`.
    Forces,
    /// `ASCN 1ZZ`, `GX11 1AA`, …
    Overseas,
}

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

/// Why letters and digits are not a postcode.
pub(super) enum ShapeError {
    Shape,
    /// The area, which does not exist.
    Area(String),
    Special(Special),
}

/// Why a text cannot be read to letters and digits.
pub(super) enum ReadError {
    Empty,
    OtherCharacters,
}

/// The letters and digits of a text, in upper case. Holds one more than the longest code has, so that a long text stays too long
/// without being copied.
pub(super) struct Compact {
    bytes: [u8; Self::CAPACITY],
    len: usize,
}

impl Compact {
    /// The longest code, `BFPO` with four digits, has eight.
    const CAPACITY: usize = 9;

    pub(super) fn read(text: &str) -> Result<Self, ReadError> {
        let mut compact = Self {
            bytes: [0; Self::CAPACITY],
            len: 0,
        };
        for character in text.chars() {
            if character.is_ascii_alphanumeric() {
                compact.push(character);
            } else if !is_separator(character) {
                return Err(ReadError::OtherCharacters);
            }
        }
        if compact.len == 0 {
            return Err(ReadError::Empty);
        }
        Ok(compact)
    }

    fn push(&mut self, alphanumeric: char) {
        if let (Some(slot), Ok(byte)) = (self.bytes.get_mut(self.len), u8::try_from(alphanumeric)) {
            *slot = byte.to_ascii_uppercase();
            self.len += 1;
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Converts upper-case letters and digits to the normal form, `DH1 3EL`.
pub(super) fn normalise(compact: &[u8]) -> Result<String, ShapeError> {
    if let Some(special) = special_code(compact) {
        return Err(ShapeError::Special(special));
    }
    if !(5..=7).contains(&compact.len()) {
        return Err(ShapeError::Shape);
    }
    let (outward, inward) = compact.split_at(compact.len() - 3);
    let is_current = is_outward(outward) && is_inward(inward);
    if !is_current && !is_old_newport(outward, inward) {
        return Err(ShapeError::Shape);
    }
    let normal: String = [outward, b" ", inward]
        .concat()
        .into_iter()
        .map(char::from)
        .collect();
    match area(&normal) {
        "BF" => Err(ShapeError::Special(Special::Forces)),
        area if !areas::exists(area) => Err(ShapeError::Area(area.to_owned())),
        _ => Ok(normal),
    }
}

/// The one or two letters that a postcode begins with.
pub(super) fn area(postcode: &str) -> &str {
    let letters = postcode.bytes().take_while(u8::is_ascii_alphabetic).count();
    &postcode[..letters]
}

/// Whether `character` may stand around or within a postcode as people, keyboards and address books write it. White space includes
/// the no-break space; dashes are included because keyboards replace hyphens by them.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
        || matches!(character, '.' | '(' | ')' | '[' | ']' | '{' | '}')
}

fn special_code(compact: &[u8]) -> Option<Special> {
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

/// Whether the code is `[0-9][ABD-HJLNP-UW-Z]{2}`, which excludes letters that are easily confused.
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

/// Whether the code has one of the forms `A9 A99 AA9 AA99 A9A AA9A`.
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

/// Whether the code is one of Newport's before its area became `NP`, such as `NPT 0AD`, which address books still contain. One of
/// them, `NPT 0VA`, has a letter that no other inward code has.
fn is_old_newport(outward: &[u8], inward: &[u8]) -> bool {
    outward == b"NPT" && (is_inward(inward) || inward == b"0VA")
}
