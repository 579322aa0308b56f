//! Walks a TOML document that knows its lines, and collects mistakes instead of stopping at the first.
//!
//! A getter that finds something wrong notes the mistake and gives `None`; so whoever reads goes on with the next field, and
//! builds a value at the end out of what is there.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::Mistake;

/// One file.
pub struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    mistakes: RefCell<Vec<Mistake>>,
}

impl<'t> Reader<'t> {
    pub fn new(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            mistakes: RefCell::default(),
        }
    }

    /// The document's outermost table; `None` when the text is no TOML, which is noted.
    pub fn document(&self) -> Option<DeTable<'t>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let at = error.span().unwrap_or_default();
            self.mistakes.borrow_mut().push(Mistake::of_line(
                self.file,
                self.line(at.start),
                None,
                format!("is not TOML ({}); mend it there", error.message()),
            ));
        }
        errors.is_empty().then(|| table.into_inner())
    }

    /// By line.
    pub fn into_mistakes(self) -> Vec<Mistake> {
        let mut mistakes = self.mistakes.into_inner();
        mistakes.sort_by_key(Mistake::line);
        mistakes
    }

    fn note(&self, at: &Range<usize>, field: &str, what: String) {
        self.mistakes.borrow_mut().push(Mistake::of_line(
            self.file,
            self.line(at.start),
            Some(field),
            what,
        ));
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        before.filter(|&&byte| byte == b'\n').count() + 1
    }
}

/// A table of which every key is to be asked for; [`Fields::finish`] notes those that nobody asked for.
pub struct Fields<'r, 't> {
    reader: &'r Reader<'t>,
    table: &'r DeTable<'t>,
    at: Range<usize>,
    path: RefCell<String>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'r, 't> Fields<'r, 't> {
    pub fn of_document(reader: &'r Reader<'t>, table: &'r DeTable<'t>) -> Self {
        Self {
            reader,
            table,
            at: 0..0,
            path: RefCell::default(),
            asked: RefCell::default(),
        }
    }

    pub fn optional(&self, key: &'static str) -> Option<Value<'r, 't>> {
        self.asked.borrow_mut().push(key);
        let value = self.table.get(key)?;
        Some(Value {
            reader: self.reader,
            value,
            field: self.field(key),
        })
    }

    pub fn required(&self, key: &'static str) -> Option<Value<'r, 't>> {
        let value = self.optional(key);
        if value.is_none() {
            self.wrong(key, "is missing; add it");
        }
        value
    }

    /// From here on the table is called by what it describes, `dishes[lamb-karahi]`, rather than by its place.
    pub fn call(&self, name: &str) {
        let mut path = self.path.borrow_mut();
        if let Some(bracket) = path.rfind('[') {
            path.truncate(bracket);
            path.push('[');
            path.push_str(name);
            path.push(']');
        }
    }

    /// Notes a mistake of one of the table's fields, at the field's line where it is there.
    pub fn wrong(&self, key: &str, what: impl Into<String>) {
        let at = self
            .table
            .get(key)
            .map_or_else(|| self.at.clone(), Spanned::span);
        self.reader.note(&at, &self.field(key), what.into());
    }

    /// The same for one part of a list, counted from 0.
    pub fn wrong_at(&self, key: &str, index: usize, what: impl Into<String>) {
        let part = self
            .table
            .get(key)
            .and_then(|list| list.get_ref().get(index));
        let at = part.map_or_else(|| self.at.clone(), Spanned::span);
        let field = format!("{}[{}]", self.field(key), index + 1);
        self.reader.note(&at, &field, what.into());
    }

    /// Notes all keys that have not been asked for.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !asked.contains(&name) {
                let mut known = asked.clone();
                known.sort_unstable();
                known.dedup();
                self.reader.note(
                    &key.span(),
                    &self.field(name),
                    format!(
                        "there is no such key; remove it or use one of: {}",
                        known.join(", ")
                    ),
                );
            }
        }
    }

    fn field(&self, key: &str) -> String {
        let path = self.path.borrow();
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    }
}

/// One value with its place.
pub struct Value<'r, 't> {
    reader: &'r Reader<'t>,
    value: &'r Spanned<DeValue<'t>>,
    field: String,
}

impl<'r, 't> Value<'r, 't> {
    pub fn wrong(&self, what: impl Into<String>) {
        self.reader
            .note(&self.value.span(), &self.field, what.into());
    }

    fn expected<T>(&self, found: Option<T>, what: &str) -> Option<T> {
        if found.is_none() {
            self.wrong(format!("must be {what}"));
        }
        found
    }

    /// A text that is not blank; spaces around it are taken away.
    pub fn text(&self) -> Option<&'r str> {
        let text = self.value.get_ref().as_str();
        let text = self.expected(text, "a text in quotes")?.trim();
        if text.is_empty() {
            self.wrong("is empty; write something or remove it");
            return None;
        }
        Some(text)
    }

    pub fn truth(&self) -> Option<bool> {
        self.expected(self.value.get_ref().as_bool(), "true or false")
    }

    pub fn whole_number(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let number = self.value.get_ref().as_integer().and_then(|integer| {
            u32::from_str_radix(integer.as_str(), integer.radix())
                .ok()
                .filter(|number| range.contains(number))
        });
        let what = format!("a whole number from {} to {}", range.start(), range.end());
        self.expected(number, &what)
    }

    pub fn number(&self) -> Option<f64> {
        let number = match self.value.get_ref() {
            DeValue::Float(float) => f64::from_str(float.as_str()).ok(),
            DeValue::Integer(integer) => f64::from_str(integer.as_str()).ok(),
            _ => None,
        };
        self.expected(number.filter(|number| number.is_finite()), "a number")
    }

    pub fn list(&self) -> Option<Vec<Value<'r, 't>>> {
        let list = self.expected(self.value.get_ref().as_array(), "a list in [ ]")?;
        let values = list.iter().enumerate().map(|(index, value)| Value {
            reader: self.reader,
            value,
            field: format!("{}[{}]", self.field, index + 1),
        });
        Some(values.collect())
    }

    pub fn table(&self) -> Option<Fields<'r, 't>> {
        let table = self.expected(self.value.get_ref().as_table(), "a table")?;
        Some(Fields {
            reader: self.reader,
            table,
            at: self.value.span(),
            path: RefCell::new(self.field.clone()),
            asked: RefCell::default(),
        })
    }

    /// The tables of a list (`[[…]]`).
    pub fn tables(&self) -> Option<Vec<Fields<'r, 't>>> {
        let values = self.list()?;
        // All are looked at, so that every one that is no table is noted.
        let tables: Vec<Option<Fields<'r, 't>>> = values.iter().map(Value::table).collect();
        tables.into_iter().collect()
    }
}
