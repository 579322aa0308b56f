//! Postcodes as numbers: the key of a sector, and the number of a unit within it.

use model::Postcode;

/// The letters of the second half; the others are easily taken for these. `V` is in a single one, `NPT 0VA`.
const LETTERS: &[u8; 21] = b"ABDEFGHJLNPQRSTUVWXYZ";
/// What the first half is written with; a space pads it to four.
const SYMBOLS: &[u8; 37] = b" 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A unit within its sector: the places of its two letters among those in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    pub first: u32,
    pub second: u32,
}

/// The key of a postcode's sector, ascending in alphabetical order, and the unit in it.
#[must_use]
pub fn encode(postcode: &Postcode) -> Option<(u32, Unit)> {
    let mut key: u32 = 0;
    let outward = postcode.outward().as_bytes();
    for at in 0..4 {
        let symbol = outward.get(at).copied().unwrap_or(b' ');
        key = key * 37 + symbol_place(symbol)?;
    }
    let &[digit, first, second] = postcode.inward().as_bytes() else {
        return None;
    };
    let unit = Unit {
        first: letter_place(first)?,
        second: letter_place(second)?,
    };
    Some((
        key * 10 + u32::from(digit.checked_sub(b'0').filter(|digit| *digit < 10)?),
        unit,
    ))
}

/// The text of a sector's unit, `DH1 3EL`; `None` where the key is none.
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
    let letter = |place: u32| LETTERS.get(usize::try_from(place).ok()?).copied();
    let mut text = String::with_capacity(8);
    text.push_str(std::str::from_utf8(&outward).ok()?.trim_end());
    text.push(' ');
    text.push(char::from_digit(key % 10, 10)?);
    text.push(char::from(letter(unit.first)?));
    text.push(char::from(letter(unit.second)?));
    Some(text)
}

/// The place of a symbol in [`SYMBOLS`].
fn symbol_place(symbol: u8) -> Option<u32> {
    match symbol {
        b' ' => Some(0),
        b'0'..=b'9' => Some(1 + u32::from(symbol - b'0')),
        b'A'..=b'Z' => Some(11 + u32::from(symbol - b'A')),
        _ => None,
    }
}

/// The place of a letter in [`LETTERS`]; by a table, because this is done for every lookup.
fn letter_place(letter: u8) -> Option<u32> {
    const NONE: u8 = u8::MAX;
    const PLACES: [u8; 26] = {
        let mut places = [NONE; 26];
        let mut place = 0;
        while place < LETTERS.len() {
            places[(LETTERS[place] - b'A') as usize] = place as u8;
            place += 1;
        }
        places
    };
    let place = *PLACES.get(usize::from(letter.checked_sub(b'A')?))?;
    (place != NONE).then_some(u32::from(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbers_and_back() {
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
    fn keys_of_nothing_are_refused() {
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
