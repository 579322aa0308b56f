//! Suggests corrections of likely typing mistakes: replaces letters and digits that look alike, only where the position requires the
//! other kind. Suggestions are for the customer to confirm, never applied silently.

use super::shape::{self, Compact};

/// Maximum number of replaced characters. With more, a suggestion is a guess.
const MAX_SUBSTITUTIONS: u8 = 3;

/// The normal form of the postcode that `text` was probably intended to be; see [`super::suggest`].
pub(super) fn suggest(text: &str) -> Option<String> {
    // A stray comma or quotation mark makes the text invalid; removing it is a correction.
    let cleaned: String = text
        .chars()
        .filter(|character| !character.is_ascii_punctuation())
        .collect();
    let compact = Compact::read(&cleaned).ok()?;
    let mut likeliest = candidates(compact.as_bytes()).into_iter();
    let (substitutions, first) = likeliest.next()?;
    if substitutions == 0 && Compact::read(text).is_ok() {
        return None;
    }
    match likeliest.next() {
        Some((others, _)) if others == substitutions => None,
        _ => Some(first),
    }
}

/// All postcodes that result from replacing look-alikes, in normal form, with the number of substitutions, fewest first.
pub(super) fn candidates(compact: &[u8]) -> Vec<(u8, String)> {
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
                .flat_map(|(substitutions, start)| {
                    intended_characters(given, kind)
                        .iter()
                        .map(move |&intended| {
                            let longer = [start.as_slice(), &[intended]].concat();
                            (substitutions + u8::from(intended != given), longer)
                        })
                })
                .collect();
        }
        found.extend(
            partial
                .into_iter()
                .filter(|(substitutions, code)| {
                    *substitutions <= MAX_SUBSTITUTIONS
                        && (*substitutions == 0 || is_district_format(code))
                })
                .filter_map(|(substitutions, code)| {
                    Some((substitutions, shape::normalise(&code).ok()?))
                }),
        );
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether districts are written in this form. `S01 1AA` and `S0I 1AA` have a valid shape, but no district begins in this way, so they
/// are not suggested. The letters are those of districts in use.
fn is_district_format(compact: &[u8]) -> bool {
    match &compact[..compact.len() - 3] {
        [.., b'0', b'0'..=b'9'] => false,
        [_, b'0'..=b'9', last @ b'A'..=b'Z'] => b"ABCDEFGHJKPSTUW".contains(last),
        [.., b'0'..=b'9', last @ b'A'..=b'Z'] => b"ABEHMNPRVWXY".contains(last),
        _ => true,
    }
}

/// The characters that `given` may be a typing mistake for, itself included, where the position requires a letter (`A`) or a digit
/// (`9`).
fn intended_characters(given: u8, kind: u8) -> &'static [u8] {
    const ALPHANUMERICS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let requires_letter = kind == b'A';
    match (given, requires_letter) {
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
            let index = usize::from(given - b'A') + 10;
            &ALPHANUMERICS[index..=index]
        }
        (b'0'..=b'9', false) => {
            let index = usize::from(given - b'0');
            &ALPHANUMERICS[index..=index]
        }
        _ => b"",
    }
}
