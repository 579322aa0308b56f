//! Mends likely typing mistakes: letters and digits that look alike, exchanged only where the position demands the other
//! kind. What comes out is offered to the person, never applied silently.

use super::{Compact, Postcode};

/// More exchanges than this is guessing.
const MOST_EXCHANGES: u8 = 3;

/// The postcode that `text`, which is none, was probably meant to be. `None` where `text` is a postcode already, where nothing
/// fits, and where two mends are equally likely.
#[must_use]
pub fn suggest(text: &str) -> Option<Postcode> {
    // A stray comma or quotation mark refuses the text, but is itself mended by leaving it out.
    let kept: String = text
        .chars()
        .filter(|character| !character.is_ascii_punctuation())
        .collect();
    let compact = Compact::read(&kept).ok()?;
    let mut likeliest = candidates(compact.as_bytes()).into_iter();
    let (exchanges, first) = likeliest.next()?;
    if exchanges == 0 && Compact::read(text).is_ok() {
        return None;
    }
    match likeliest.next() {
        Some((others, _)) if others == exchanges => None,
        _ => Some(first),
    }
}

/// All postcodes that come out of exchanging look-alikes, with the number of exchanges, fewest first.
pub(super) fn candidates(compact: &[u8]) -> Vec<(u8, Postcode)> {
    let outwards: &[&[u8]] = match compact.len() {
        5 => &[b"A9"],
        6 => &[b"A99", b"AA9", b"A9A"],
        7 => &[b"AA99", b"AA9A"],
        _ => &[],
    };
    let mut found = Vec::new();
    for outward in outwards {
        let pattern = [*outward, b"9AA"].concat();
        let mut partial = vec![(0, Vec::with_capacity(compact.len()))];
        for (&given, &kind) in compact.iter().zip(&pattern) {
            partial = partial
                .into_iter()
                .flat_map(|(exchanges, start)| {
                    readings(given, kind).iter().map(move |&reading| {
                        let longer = [start.as_slice(), &[reading]].concat();
                        (exchanges + u8::from(reading != given), longer)
                    })
                })
                .collect();
        }
        found.extend(
            partial
                .into_iter()
                .filter(|(exchanges, code)| {
                    *exchanges <= MOST_EXCHANGES && (*exchanges == 0 || is_written_so(code))
                })
                .filter_map(|(exchanges, code)| {
                    Some((exchanges, Postcode::from_compact(&code).ok()?))
                }),
        );
    }
    found.sort();
    found.dedup();
    found
}

/// The shape lets `S01 1AA` and `S0I 1AA` pass, but no district is written so: not to be suggested. The letters are those of
/// districts in use today.
fn is_written_so(compact: &[u8]) -> bool {
    match &compact[..compact.len() - 3] {
        [.., b'0', b'0'..=b'9'] => false,
        [_, b'0'..=b'9', last @ b'A'..=b'Z'] => b"ABCDEFGHJKPSTUW".contains(last),
        [.., b'0'..=b'9', last @ b'A'..=b'Z'] => b"ABEHMNPRVWXY".contains(last),
        _ => true,
    }
}

/// What `given` may stand for where the position demands a letter (`A`) or a digit (`9`).
fn readings(given: u8, kind: u8) -> &'static [u8] {
    const SELVES: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let demands_letter = kind == b'A';
    match (given, demands_letter) {
        (b'0', true) => b"O",
        (b'1', true) => b"IL",
        (b'2', true) => b"Z",
        (b'5', true) => b"S",
        (b'8', true) => b"B",
        (b'O', false) => b"0",
        (b'I' | b'L', false) => b"1",
        (b'Z', false) => b"2",
        (b'S', false) => b"5",
        (b'B', false) => b"8",
        (b'A'..=b'Z', true) => {
            let at = usize::from(given - b'A') + 10;
            &SELVES[at..=at]
        }
        (b'0'..=b'9', false) => {
            let at = usize::from(given - b'0');
            &SELVES[at..=at]
        }
        _ => b"",
    }
}
