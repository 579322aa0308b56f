//! The reader. Must not know what is read.

use crate::{Object, Value};

/// Lists and objects inside of each other: far more than any answer has, far fewer than would exhaust the stack.
const DEEPEST: u8 = 64;

/// A whole text.
pub fn read(text: &str) -> Option<Value> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.space();
    (reader.at == text.len()).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    /// In bytes; always between two characters.
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Passes a character, if it comes next.
    fn pass(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        let there = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        there.then_some(value)
    }

    fn value(&mut self, depth: u8) -> Option<Value> {
        if depth == DEEPEST {
            return None;
        }
        self.space();
        match self.peek()? {
            b'n' => self.word("null", Value::Null),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'"' => self.string().map(Value::Text),
            b'[' => self.list(depth).map(Value::List),
            b'{' => self.object(depth).map(Value::Object),
            _ => self.number().map(Value::Number),
        }
    }

    fn list(&mut self, depth: u8) -> Option<Vec<Value>> {
        let mut list = Vec::new();
        self.at += 1;
        self.space();
        if self.pass(b']') {
            return Some(list);
        }
        loop {
            list.push(self.value(depth + 1)?);
            self.space();
            if self.pass(b']') {
                return Some(list);
            }
            if !self.pass(b',') {
                return None;
            }
        }
    }

    fn object(&mut self, depth: u8) -> Option<Object> {
        let mut object = Object::new();
        self.at += 1;
        self.space();
        if self.pass(b'}') {
            return Some(object);
        }
        loop {
            self.space();
            let name = self.string()?;
            self.space();
            if !self.pass(b':') {
                return None;
            }
            let value = self.value(depth + 1)?;
            object.push((name, value));
            self.space();
            if self.pass(b'}') {
                return Some(object);
            }
            if !self.pass(b',') {
                return None;
            }
        }
    }

    fn digits(&mut self) -> Option<()> {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }

    fn number(&mut self) -> Option<String> {
        let from = self.at;
        self.pass(b'-');
        if !self.pass(b'0') {
            self.digits()?;
        }
        if self.pass(b'.') {
            self.digits()?;
        }
        if self.pass(b'e') || self.pass(b'E') {
            let _ = self.pass(b'-') || self.pass(b'+');
            self.digits()?;
        }
        Some(self.text.get(from..self.at)?.to_owned())
    }

    fn string(&mut self) -> Option<String> {
        if !self.pass(b'"') {
            return None;
        }
        let mut string = String::new();
        loop {
            let from = self.at;
            while self
                .peek()
                .is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
            {
                self.at += 1;
            }
            string.push_str(self.text.get(from..self.at)?);
            if self.pass(b'"') {
                return Some(string);
            }
            // Whatever else stops it is a control character, or the end.
            if !self.pass(b'\\') {
                return None;
            }
            string.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => byte as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                // A character beyond the first 65,536 is written as two halves.
                if (0xd800..0xdc00).contains(&first) {
                    if !(self.pass(b'\\') && self.pass(b'u')) {
                        return None;
                    }
                    let second = self
                        .unit()?
                        .checked_sub(0xdc00)
                        .filter(|low| *low < 0x400)?;
                    char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)?
                } else {
                    char::from_u32(first)?
                }
            }
            _ => return None,
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit * 16 + (self.peek()? as char).to_digit(16)?;
            self.at += 1;
        }
        Some(unit)
    }
}
