//! Whom an order is for: what a customer types, checked and brought into one form.
//!
//! These are personal data: none of these types prints itself in full with `Debug`, so that none slips into a log.

use std::fmt;

use model::basket::MAX_NOTE_CHARS;

const MAX_NAME_CHARS: usize = 100;
const MIN_ADDRESS_CHARS: usize = 3;
const MAX_ADDRESS_CHARS: usize = 200;
/// E.164 allows 15 digits; the shortest British numbers have 10 with their leading zero.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 10..=15;

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
    /// 1 to 100 characters.
    CustomerName,
    /// `+447700900123`: the plus and digits where the country is known, otherwise digits.
    Phone,
    /// House and street on one line, 3 to 200 characters, without the postcode.
    Address,
    /// Up to [`MAX_NOTE_CHARS`] characters, perhaps none, perhaps several lines.
    Notes
}

impl CustomerName {
    /// # Errors
    /// A sentence for the customer.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 {
            return Err("Enter the name that the order is for.".to_owned());
        }
        if length > MAX_NAME_CHARS {
            return Err(format!("Shorten the name to {MAX_NAME_CHARS} characters."));
        }
        printable(text, "the name")?;
        Ok(Self(text.to_owned()))
    }
}

impl Phone {
    /// Digits, spaces, `+`, brackets and hyphens, with 10 to 15 digits. British numbers get their country code, so that one
    /// number has one form however it is typed.
    ///
    /// # Errors
    /// A sentence for the customer.
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
                // `+44 (0)191 …`: the bracketed zero is dialled at home only.
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
    /// Lines are joined by commas.
    ///
    /// # Errors
    /// A sentence for the customer.
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
        printable(&text, "the address")?;
        Ok(Self(text))
    }
}

impl Notes {
    /// # Errors
    /// A sentence for the customer.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().replace("\r\n", "\n");
        if text.chars().count() > MAX_NOTE_CHARS {
            return Err(format!("Shorten the notes to {MAX_NOTE_CHARS} characters."));
        }
        for line in text.split('\n') {
            printable(line, "the notes")?;
        }
        Ok(Self(text))
    }
}

/// Control characters, and those that turn the direction of writing, could make a ticket show something else than was typed.
pub(super) fn printable(text: &str, what: &str) -> Result<(), String> {
    let unprintable = |letter: char| {
        letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(unprintable) {
        return Err(format!(
            "Take the characters out of {what} that cannot be printed."
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
