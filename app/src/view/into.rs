//! What may stand between braces: text, numbers, options, lists, views, functions of them, and signals.

use std::borrow::Cow;

use crate::reactive::{Memo, RwSignal, Signal};

use super::{Live, Value, View};

/// Can stand between elements.
pub trait IntoView {
    fn into_view(self) -> View;
}

/// Can be the value of an attribute, a class or a property.
pub trait IntoValue {
    fn into_value(self) -> Value;
}

/// A list of views.
pub trait CollectView: Iterator {
    fn collect_view(self) -> View;
}

impl<I: Iterator<Item: IntoView>> CollectView for I {
    fn collect_view(self) -> View {
        View::Many(self.map(IntoView::into_view).collect())
    }
}

impl IntoView for View {
    fn into_view(self) -> View {
        self
    }
}

impl<V: IntoView> IntoView for Option<V> {
    fn into_view(self) -> View {
        self.map_or(View::Nothing, IntoView::into_view)
    }
}

impl<V: IntoView> IntoView for Vec<V> {
    fn into_view(self) -> View {
        self.into_iter().collect_view()
    }
}

impl<F: FnMut() -> V + 'static, V: IntoView> IntoView for F {
    fn into_view(self) -> View {
        View::Live(Box::new(self))
    }
}

impl<F: FnMut() -> V, V: IntoView> Live<View> for F {
    fn now(&mut self) -> View {
        self().into_view()
    }
}

impl<V: IntoValue> IntoValue for Option<V> {
    fn into_value(self) -> Value {
        self.map_or(Value::Absent, IntoValue::into_value)
    }
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        Value::Flag(self)
    }
}

impl<F: FnMut() -> V + 'static, V: IntoValue> IntoValue for F {
    fn into_value(self) -> Value {
        Value::Live(Box::new(self))
    }
}

impl<F: FnMut() -> V, V: IntoValue> Live<Value> for F {
    fn now(&mut self) -> Value {
        self().into_value()
    }
}

macro_rules! text {
    ($($from:ty: $text:expr),* $(,)?) => {$(
        impl IntoView for $from {
            fn into_view(self) -> View {
                View::Text($text(self))
            }
        }
        impl IntoValue for $from {
            fn into_value(self) -> Value {
                Value::Text($text(self))
            }
        }
    )*};
}

fn number(number: impl Into<i64>) -> Cow<'static, str> {
    Cow::Owned(number.into().to_string())
}

text! {
    &'static str: Cow::Borrowed,
    String: Cow::Owned,
    u8: number,
    u32: number,
    i64: number,
    usize: |count| number(count as i64),
}

macro_rules! signal {
    ($($signal:ident),*) => {$(
        impl<T: IntoView + Clone + Send + Sync + 'static> IntoView for $signal<T> {
            fn into_view(self) -> View {
                (move || self.get()).into_view()
            }
        }
        impl<T: IntoValue + Clone + Send + Sync + 'static> IntoValue for $signal<T> {
            fn into_value(self) -> Value {
                (move || self.get()).into_value()
            }
        }
    )*};
}

signal!(Signal, Memo, RwSignal);
