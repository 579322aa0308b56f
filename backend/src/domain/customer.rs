//! Customer data: what a customer types, validated and normalised.
//!
//! All of it is personal data: `Debug` prints none of these types in full, which keeps them out of logs.
//!
//! Phone numbers are parsed here and not by `phonenumber` (0.3.10, measured): that crate brings 20 further crates, a minute of compile
//! time, 3.3 MB of binary and 97 ms for the first number of a process. Its parser accepts `tel:`, `++44` and stray letters, and its
//! validity check refuses the numbers that Ofcom reserves for fiction, which drills and tests use.

use std::fmt;

use model::basket::MAX_NOTE_CHARS;

const MAX_NAME_CHARS: usize = 100;
const MIN_ADDRESS_CHARS: usize = 3;
const MAX_ADDRESS_CHARS: usize = 200;
/// E.164 allows 15 digits; the shortest British numbers have 10 with their leading zero.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 10..=15;

/// Defines string types whose `Debug` output hides their content.
macro_rules! personal {
    ($($(#[$doc:meta])* $name:ident),+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}

personal! {
    /// A name of 1 to 100 characters.
    CustomerName,
    /// A phone number, `+447700900123`: with plus sign where the country is known, otherwise digits only.
    Phone,
    /// House and street on one line of 3 to 200 characters, without the postcode.
    Address,
    /// Notes of 0 to [`MAX_NOTE_CHARS`] characters on any number of lines.
    Notes
}

impl CustomerName {
    /// # Errors
    /// Returns a sentence for the customer.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 {
            return Err("Enter the name that the order is for.".to_owned());
        }
        if length > MAX_NAME_CHARS {
            return Err(format!("Shorten the name to {MAX_NAME_CHARS} characters."));
        }
        reject_unprintable(text, "the name")?;
        Ok(Self(text.to_owned()))
    }
}

impl Phone {
    /// Parses 10 to 15 digits with spaces, `+`, brackets and hyphens between them. A British number gets its country code, so that
    /// it has one form however the customer types it.
    ///
    /// # Errors
    /// Returns a sentence for the customer.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("Enter a phone number, so that the restaurant can reach you.".to_owned());
        }
        let mut digits = String::new();
        let mut plus = false;
        for letter in text.chars() {
            match letter {
                '0'..='9' => digits.push(letter),
                '+' if digits.is_empty() && !plus => plus = true,
                ' ' | '(' | ')' | '-' => {}
                _ => {
                    return Err(
                        "Enter the phone number in digits, such as 07700 900123.".to_owned()
                    );
                }
            }
        }
        if !PHONE_DIGITS.contains(&digits.len()) {
            return Err("Enter the whole phone number, 10 to 15 digits.".to_owned());
        }
        let international = if plus {
            Some(digits.as_str())
        } else {
            digits.strip_prefix("00")
        };
        let normal = match (international, digits.strip_prefix('0')) {
            (Some(number), _) => match number.strip_prefix("440") {
                // In `+44 (0)191 …` the bracketed zero is dialled only within the country.
                Some(national) => format!("+44{national}"),
                None => format!("+{number}"),
            },
            (None, Some(national)) => format!("+44{national}"),
            (None, None) => digits,
        };
        Ok(Self(normal))
    }
}

impl Address {
    /// Parses an address and joins its lines with commas.
    ///
    /// # Errors
    /// Returns a sentence for the customer.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines: Vec<&str> = text
            .lines()
            .map(|line| line.trim().trim_end_matches(','))
            .filter(|line| !line.is_empty())
            .collect();
        let text = lines.join(", ");
        let length = text.chars().count();
        if length < MIN_ADDRESS_CHARS {
            return Err("Enter the house and street to deliver to.".to_owned());
        }
        if length > MAX_ADDRESS_CHARS {
            return Err(format!(
                "Shorten the address to {MAX_ADDRESS_CHARS} characters."
            ));
        }
        reject_unprintable(&text, "the address")?;
        Ok(Self(text))
    }
}

impl Notes {
    /// # Errors
    /// Returns a sentence for the customer.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().replace("\r\n", "\n");
        if text.chars().count() > MAX_NOTE_CHARS {
            return Err(format!("Shorten the notes to {MAX_NOTE_CHARS} characters."));
        }
        for line in text.split('\n') {
            reject_unprintable(line, "the notes")?;
        }
        Ok(Self(text))
    }
}

/// Rejects control characters and characters that change the writing direction: they could make a ticket show something else than the
/// customer typed.
pub(super) fn reject_unprintable(text: &str, what: &str) -> Result<(), String> {
    let is_unprintable = |letter: char| {
        letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(is_unprintable) {
        return Err(format!(
            "Take the characters out of {what} that cannot be printed."
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
