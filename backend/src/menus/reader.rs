//! Reads a TOML document with its line numbers, and collects errors instead of stopping at the first. Must not know what a menu
//! contains.
//!
//! A getter that finds an error reports it and returns `None`. The caller continues with the next field, and builds its value at the end
//! if all fields are there.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::Diagnostic;

/// One file, and the errors found in it so far.
pub struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

impl<'t> Reader<'t> {
    pub fn new(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            diagnostics: RefCell::default(),
        }
    }

    /// Parses the document; reports its syntax errors and returns `None` if it is not TOML.
    pub fn parse_document(&self) -> Option<DeTable<'t>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let at = error.span().unwrap_or_default();
            self.diagnostics.borrow_mut().push(Diagnostic::of_line(
                self.file,
                self.line_of(at.start),
                None,
                format!("is not TOML ({}); mend it there", error.message()),
            ));
        }
        errors.is_empty().then(|| table.into_inner())
    }

    /// Returns the errors, sorted by line.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics.into_inner();
        diagnostics.sort_by_key(Diagnostic::line);
        diagnostics
    }

    fn report(&self, at: &Range<usize>, field: &str, message: String) {
        self.diagnostics.borrow_mut().push(Diagnostic::of_line(
            self.file,
            self.line_of(at.start),
            Some(field),
            message,
        ));
    }

    fn line_of(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        before.filter(|&&byte| byte == b'\n').count() + 1
    }
}

/// A table that records which keys are read; [`Fields::finish`] reports the others as unknown.
pub struct Fields<'r, 't> {
    reader: &'r Reader<'t>,
    table: &'r DeTable<'t>,
    at: Range<usize>,
    path: RefCell<String>,
    known_keys: RefCell<Vec<&'static str>>,
}

impl<'r, 't> Fields<'r, 't> {
    pub fn of_document(reader: &'r Reader<'t>, table: &'r DeTable<'t>) -> Self {
        Self {
            reader,
            table,
            at: 0..0,
            path: RefCell::default(),
            known_keys: RefCell::default(),
        }
    }

    pub fn optional(&self, key: &'static str) -> Option<Value<'r, 't>> {
        self.known_keys.borrow_mut().push(key);
        let value = self.table.get(key)?;
        Some(Value {
            reader: self.reader,
            value,
            field: self.path_of(key),
        })
    }

    pub fn required(&self, key: &'static str) -> Option<Value<'r, 't>> {
        let value = self.optional(key);
        if value.is_none() {
            self.report(key, "is missing; add it");
        }
        value
    }

    /// Names the table in later reports by its id, `dishes[lamb-karahi]`, instead of its index.
    pub fn set_id(&self, id: &str) {
        let mut path = self.path.borrow_mut();
        if let Some(bracket) = path.rfind('[') {
            path.truncate(bracket);
            path.push('[');
            path.push_str(id);
            path.push(']');
        }
    }

    /// Reports an error of a field, at the field's line if it exists, otherwise at the table's.
    pub fn report(&self, key: &str, message: impl Into<String>) {
        let at = self
            .table
            .get(key)
            .map_or_else(|| self.at.clone(), Spanned::span);
        self.reader.report(&at, &self.path_of(key), message.into());
    }

    /// Reports an error of one item of a list; `index` counts from 0.
    pub fn report_item(&self, key: &str, index: usize, message: impl Into<String>) {
        let item = self
            .table
            .get(key)
            .and_then(|list| list.get_ref().get(index));
        let at = item.map_or_else(|| self.at.clone(), Spanned::span);
        let field = format!("{}[{}]", self.path_of(key), index + 1);
        self.reader.report(&at, &field, message.into());
    }

    /// Reports all keys that have not been read.
    pub fn finish(self) {
        let known_keys = self.known_keys.borrow();
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !known_keys.contains(&name) {
                let mut known = known_keys.clone();
                known.sort_unstable();
                known.dedup();
                self.reader.report(
                    &key.span(),
                    &self.path_of(name),
                    format!(
                        "there is no such key; remove it or use one of: {}",
                        known.join(", ")
                    ),
                );
            }
        }
    }

    fn path_of(&self, key: &str) -> String {
        let path = self.path.borrow();
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    }
}

/// One value with its field path and position.
pub struct Value<'r, 't> {
    reader: &'r Reader<'t>,
    value: &'r Spanned<DeValue<'t>>,
    field: String,
}

impl<'r, 't> Value<'r, 't> {
    pub fn report(&self, message: impl Into<String>) {
        self.reader
            .report(&self.value.span(), &self.field, message.into());
    }

    /// Reports what the value must be, if it was not found to be so.
    fn expect<T>(&self, found: Option<T>, expected: &str) -> Option<T> {
        if found.is_none() {
            self.report(format!("must be {expected}"));
        }
        found
    }

    /// Reads a string that is not blank, without the spaces around it.
    pub fn text(&self) -> Option<&'r str> {
        let text = self.value.get_ref().as_str();
        let text = self.expect(text, "a text in quotes")?.trim();
        if text.is_empty() {
            self.report("is empty; write something or remove it");
            return None;
        }
        Some(text)
    }

    pub fn boolean(&self) -> Option<bool> {
        self.expect(self.value.get_ref().as_bool(), "true or false")
    }

    pub fn integer(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let number = self.value.get_ref().as_integer().and_then(|integer| {
            u32::from_str_radix(integer.as_str(), integer.radix())
                .ok()
                .filter(|number| range.contains(number))
        });
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.expect(number, &expected)
    }

    pub fn number(&self) -> Option<f64> {
        let number = match self.value.get_ref() {
            DeValue::Float(float) => f64::from_str(float.as_str()).ok(),
            DeValue::Integer(integer) => f64::from_str(integer.as_str()).ok(),
            _ => None,
        };
        self.expect(number.filter(|number| number.is_finite()), "a number")
    }

    pub fn list(&self) -> Option<Vec<Value<'r, 't>>> {
        let list = self.expect(self.value.get_ref().as_array(), "a list in [ ]")?;
        let values = list.iter().enumerate().map(|(index, value)| Value {
            reader: self.reader,
            value,
            field: format!("{}[{}]", self.field, index + 1),
        });
        Some(values.collect())
    }

    pub fn table(&self) -> Option<Fields<'r, 't>> {
        let table = self.expect(self.value.get_ref().as_table(), "a table")?;
        Some(Fields {
            reader: self.reader,
            table,
            at: self.value.span(),
            path: RefCell::new(self.field.clone()),
            known_keys: RefCell::default(),
        })
    }

    /// Reads an array of tables (`[[…]]`).
    pub fn tables(&self) -> Option<Vec<Fields<'r, 't>>> {
        let values = self.list()?;
        // Collected first, so that every item that is not a table is reported.
        let tables: Vec<Option<Fields<'r, 't>>> = values.iter().map(Value::table).collect();
        tables.into_iter().collect()
    }
}
