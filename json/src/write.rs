//! The writer. Must not know what is written.

/// A text that grows.
#[derive(Default)]
pub struct Writer(String);

impl Writer {
    /// Something that is JSON already: a number, a word, a bracket.
    pub fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// A comma, unless something has just begun.
    pub fn next(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with(['[', '{']) {
            self.0.push(',');
        }
    }

    /// The name of an object's field.
    pub fn name(&mut self, name: &str) {
        self.next();
        self.text(name);
        self.0.push(':');
    }

    /// A text in quotes.
    pub fn text(&mut self, text: &str) {
        self.0.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => {
                    self.0.push('\\');
                    self.0.push(character);
                }
                ' '.. => self.0.push(character),
                control => {
                    self.0.push_str("\\u00");
                    self.0.push(hexadecimal(control as u32 >> 4));
                    self.0.push(hexadecimal(control as u32 & 15));
                }
            }
        }
        self.0.push('"');
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

fn hexadecimal(digit: u32) -> char {
    char::from_digit(digit, 16).unwrap_or('0')
}
