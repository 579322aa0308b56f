//! What Rust's own types are in JSON: the same as with serde.

use crate::{Fit, FromJson, Object, ToJson, Value, Writer};

/// Takes a field out of an object. One that is not there is read as `null`.
#[inline(never)]
pub fn field<T: FromJson>(object: &mut Object, name: &str, fit: &mut Fit) -> T {
    T::from_json(take(object, name).unwrap_or(Value::Null), fit)
}

/// The same, of a field that may be missing.
#[inline(never)]
pub fn field_or_default<T: FromJson + Default>(
    object: &mut Object,
    name: &str,
    fit: &mut Fit,
) -> T {
    match take(object, name) {
        Some(value) => T::from_json(value, fit),
        None => T::default(),
    }
}

fn take(object: &mut Object, name: &str) -> Option<Value> {
    let (_, value) = object.iter_mut().find(|(field, _)| field == name)?;
    Some(std::mem::replace(value, Value::Null))
}

/// Which one of some names a value is.
#[must_use]
pub fn variant(value: &Value, names: &[&str], fit: &mut Fit) -> usize {
    let place = match value {
        Value::Text(text) => names.iter().position(|name| name == text),
        _ => None,
    };
    fit.or_default(place)
}

impl Value {
    /// Its fields: it should be an object.
    #[must_use]
    pub fn object(self, fit: &mut Fit) -> Object {
        fit.or_default(match self {
            Self::Object(object) => Some(object),
            _ => None,
        })
    }

    fn list(self, fit: &mut Fit) -> Vec<Self> {
        fit.or_default(match self {
            Self::List(values) => Some(values),
            _ => None,
        })
    }
}

impl FromJson for bool {
    fn from_json(value: Value, fit: &mut Fit) -> Self {
        fit.or_default(match value {
            Value::Bool(bool) => Some(bool),
            _ => None,
        })
    }
}

impl ToJson for bool {
    fn to_json(&self, to: &mut Writer) {
        to.raw(if *self { "true" } else { "false" });
    }
}

impl FromJson for String {
    fn from_json(value: Value, fit: &mut Fit) -> Self {
        fit.or_default(match value {
            Value::Text(text) => Some(text),
            _ => None,
        })
    }
}

impl ToJson for String {
    fn to_json(&self, to: &mut Writer) {
        to.text(self);
    }
}

macro_rules! whole {
    ($($number:ty),*) => {$(
        impl FromJson for $number {
            fn from_json(value: Value, fit: &mut Fit) -> Self {
                let number = match value {
                    Value::Number(number) => number.parse().ok(),
                    _ => None,
                };
                fit.or_default(number)
            }
        }
        impl ToJson for $number {
            fn to_json(&self, to: &mut Writer) {
                to.raw(&self.to_string());
            }
        }
    )*};
}

whole!(u8, u16, u32, u64, usize, i64);

impl FromJson for f64 {
    fn from_json(value: Value, fit: &mut Fit) -> Self {
        let number = match value {
            Value::Number(number) => Some(fraction(&number)),
            _ => None,
        };
        fit.or_default(number)
    }
}

impl FromJson for f32 {
    fn from_json(value: Value, fit: &mut Fit) -> Self {
        f64::from_json(value, fit) as Self
    }
}

macro_rules! fraction {
    ($($number:ty),*) => {$(
        impl ToJson for $number {
            fn to_json(&self, to: &mut Writer) {
                if self.is_finite() {
                    to.raw(&self.to_string());
                } else {
                    to.raw("null");
                }
            }
        }
    )*};
}

fraction!(f32, f64);

/// The number that some digits stand for: exact up to 15 of them around the point (Clinger, "How to read floating point
/// numbers accurately", 1990), within some 10⁻¹⁵ of it beyond. Rust's own reading has tables that weigh more than all else
/// here.
fn fraction(text: &str) -> f64 {
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let mut exponent: i32 = exponent.parse().unwrap_or(0);
    let mut whole = 0_u64;
    let mut behind_point = false;
    for digit in digits.bytes() {
        match digit {
            b'0'..=b'9' if whole < 1_000_000_000_000_000_000 => {
                whole = whole * 10 + u64::from(digit - b'0');
                exponent = exponent.saturating_sub(i32::from(behind_point));
            }
            b'0'..=b'9' => exponent = exponent.saturating_add(i32::from(!behind_point)),
            b'.' => behind_point = true,
            _ => {}
        }
    }
    let power = 10_f64.powi(exponent.unsigned_abs().min(400) as i32);
    let number = if exponent < 0 {
        whole as f64 / power
    } else {
        whole as f64 * power
    };
    if text.starts_with('-') {
        -number
    } else {
        number
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: Value, fit: &mut Fit) -> Self {
        match value {
            Value::Null => None,
            value => Some(T::from_json(value, fit)),
        }
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self, to: &mut Writer) {
        match self {
            Some(value) => value.to_json(to),
            None => to.raw("null"),
        }
    }

    fn is_nothing(&self) -> bool {
        self.is_none()
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn from_json(value: Value, fit: &mut Fit) -> Self {
        Self::new(T::from_json(value, fit))
    }
}

impl<T: ToJson> ToJson for Box<T> {
    fn to_json(&self, to: &mut Writer) {
        (**self).to_json(to);
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: Value, fit: &mut Fit) -> Self {
        let mut list = Self::new();
        for value in value.list(fit) {
            list.push(T::from_json(value, fit));
        }
        list
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self, to: &mut Writer) {
        self.as_slice().to_json(to);
    }

    fn is_nothing(&self) -> bool {
        self.is_empty()
    }
}

impl<T: ToJson> ToJson for [T] {
    fn to_json(&self, to: &mut Writer) {
        to.raw("[");
        for (index, value) in self.iter().enumerate() {
            if index != 0 {
                to.raw(",");
            }
            value.to_json(to);
        }
        to.raw("]");
    }
}

impl<T: FromJson, const N: usize> FromJson for [T; N] {
    fn from_json(value: Value, fit: &mut Fit) -> Self {
        let values = value.list(fit);
        if values.len() != N {
            fit.refuse();
        }
        let mut values = values.into_iter();
        std::array::from_fn(|_| T::from_json(values.next().unwrap_or(Value::Null), fit))
    }
}

impl<T: ToJson, const N: usize> ToJson for [T; N] {
    fn to_json(&self, to: &mut Writer) {
        self.as_slice().to_json(to);
    }
}
