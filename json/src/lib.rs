//! JSON (RFC 8259) as the client reads and writes it. The servers use serde; its code for the same types would be a third of
//! all that a phone has to fetch. Here a text is read into a [`Value`] first, by code that knows no type, and a type only
//! takes its fields out of that.
//!
//! Must not know any type of Tiffin's. The derived traits go by serde's own attributes, so that both read and write the same.

mod read;
mod types;
mod write;

pub use json_derive::{FromJson, ToJson};
pub use types::{field, field_or_default, variant};
pub use write::Writer;

/// What a text says.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// As it was written.
    Number(String),
    Text(String),
    List(Vec<Value>),
    Object(Object),
}

/// Names and values in the order of the text. Of a name that comes twice, the first one counts.
pub type Object = Vec<(String, Value)>;

/// Can be read.
pub trait FromJson: Sized {
    /// What a value says. Where it is none of this type's, `fit` is told and what is returned is of no use: to go on with
    /// something is a fraction of the code of stopping in the middle, where all that has been read so far has to be let go.
    fn from_json(value: Value, fit: &mut Fit) -> Self;
}

/// Whether values are of the types that they are read as.
#[derive(Debug)]
pub struct Fit(bool);

impl Fit {
    /// The value is none of the type's.
    pub fn refuse(&mut self) {
        self.0 = false;
    }

    /// What was found, or anything where it was nothing of the kind.
    pub fn or_default<T: Default>(&mut self, found: Option<T>) -> T {
        found.unwrap_or_else(|| {
            self.refuse();
            T::default()
        })
    }
}

/// Can be written.
pub trait ToJson {
    fn to_json(&self, to: &mut Writer);

    /// Nothing to be told: a field that may be left out is.
    fn is_nothing(&self) -> bool {
        false
    }
}

/// Reads a whole text. `None` where it is no JSON, or none of this type's.
#[must_use]
pub fn from_str<T: FromJson>(text: &str) -> Option<T> {
    let value = read::read(text)?;
    let mut fit = Fit(true);
    let read = T::from_json(value, &mut fit);
    fit.0.then_some(read)
}

/// Writes a text without white space.
pub fn to_string(value: &impl ToJson) -> String {
    let mut writer = Writer::default();
    value.to_json(&mut writer);
    writer.finish()
}

#[cfg(test)]
mod tests;
