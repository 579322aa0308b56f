//! Values and functions that are kept for as long as the component that made them, and are handed around as copies.

use std::marker::PhantomData;

use leptos::prelude::{GetValue, StoredValue as LeptosStored};

use super::held::Held;

/// A value that nobody follows.
pub struct StoredValue<T>(LeptosStored<Held>, PhantomData<fn() -> T>);

impl<T> Clone for StoredValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for StoredValue<T> {}

impl<T: Send + Sync + 'static> StoredValue<T> {
    pub fn new(value: T) -> Self {
        Self(LeptosStored::new(Held::new(value)), PhantomData)
    }

    pub fn get_value(self) -> T
    where
        T: Clone,
    {
        self.0.get_value().of::<T>().clone()
    }

    pub fn with_value<U>(self, read: impl FnOnce(&T) -> U) -> U {
        read(self.0.get_value().of())
    }
}

type Call<T> = Box<dyn Fn(T) + Send + Sync>;

/// What a component calls when something happens.
pub struct Callback<T: 'static>(StoredValue<Call<T>>);

impl<T> Clone for Callback<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Callback<T> {}

impl<T: 'static> Callback<T> {
    pub fn new(call: impl Fn(T) + Send + Sync + 'static) -> Self {
        Self(StoredValue::new(Box::new(call)))
    }

    pub fn run(self, argument: T) {
        self.0.with_value(|call| call(argument));
    }
}

impl<T: 'static, F: Fn(T) + Send + Sync + 'static> From<F> for Callback<T> {
    fn from(call: F) -> Self {
        Self::new(call)
    }
}
