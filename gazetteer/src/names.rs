//! Postcodes as numbers: the key of a sector, and the letters of a unit within it.

use model::Postcode;

/// The letters of the inward code; the others are easily confused with these. `V` occurs in one postcode only, `NPT 0VA`.
const LETTERS: &[u8; 21] = b"ABDEFGHJLNPQRSTUVWXYZ";
/// The symbols of the outward code; a space pads it to four.
const SYMBOLS: &[u8; 37] = b" 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A unit within its sector: the indexes of its two letters in [`LETTERS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    pub first: u32,
    pub second: u32,
}

/// Encodes a postcode as the key of its sector, ascending in alphabetical order, and the unit in it.
#[must_use]
pub fn encode(postcode: &Postcode) -> Option<(u32, Unit)> {
    let mut key: u32 = 0;
    let outward = postcode.outward().as_bytes();
    for index in 0..4 {
        let symbol = outward.get(index).copied().unwrap_or(b' ');
        key = key * 37 + symbol_index(symbol)?;
    }
    let &[digit, first, second] = postcode.inward().as_bytes() else {
        return None;
    };
    let unit = Unit {
        first: letter_index(first)?,
        second: letter_index(second)?,
    };
    Some((
        key * 10 + u32::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?),
        unit,
    ))
}

/// Decodes a sector's key and a unit to a postcode, `DH1 3EL`; `None` if either is invalid.
#[must_use]
pub fn decode(key: u32, unit: Unit) -> Option<String> {
    let mut rest = key / 10;
    let mut outward = [b' '; 4];
    for slot in outward.iter_mut().rev() {
        *slot = *SYMBOLS.get(usize::try_from(rest % 37).ok()?)?;
        rest /= 37;
    }
    if rest != 0 {
        return None;
    }
    let letter = |index: u32| LETTERS.get(usize::try_from(index).ok()?).copied();
    let mut text = String::with_capacity(8);
    text.push_str(std::str::from_utf8(&outward).ok()?.trim_end());
    text.push(' ');
    text.push(char::from_digit(key % 10, 10)?);
    text.push(char::from(letter(unit.first)?));
    text.push(char::from(letter(unit.second)?));
    Some(text)
}

/// The index of a symbol in [`SYMBOLS`].
fn symbol_index(symbol: u8) -> Option<u32> {
    match symbol {
        b' ' => Some(0),
        b'0'..=b'9' => Some(1 + u32::from(symbol - b'0')),
        b'A'..=b'Z' => Some(11 + u32::from(symbol - b'A')),
        _ => None,
    }
}

/// The index of a letter in [`LETTERS`], from a lookup table, because every lookup needs it.
fn letter_index(letter: u8) -> Option<u32> {
    const NONE: u8 = u8::MAX;
    const INDEXES: [u8; 26] = {
        let mut indexes = [NONE; 26];
        let mut index = 0;
        while index < LETTERS.len() {
            indexes[(LETTERS[index] - b'A') as usize] = index as u8;
            index += 1;
        }
        indexes
    };
    let index = *INDEXES.get(usize::from(letter.checked_sub(b'A')?))?;
    (index != NONE).then_some(u32::from(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postcodes_encode_and_decode() {
        let mut last = 0;
        for text in [
            "B1 1AA", "B1 2ZZ", "B10 0AA", "BA1 1AB", "NPT 0VA", "SW1A 1AA", "ZE3 9ZZ",
        ] {
            let (key, unit) = encode(&Postcode::parse(text).unwrap()).unwrap();
            assert_eq!(decode(key, unit).as_deref(), Some(text));
            assert!(key > last, "{text}");
            last = key;
        }
    }

    #[test]
    fn invalid_keys_are_none() {
        let unit = Unit {
            first: 0,
            second: 0,
        };
        assert_eq!(decode(u32::MAX, unit), None);
        assert_eq!(
            decode(
                37 * 10,
                Unit {
                    first: 21,
                    second: 0
                }
            ),
            None
        );
    }
}
