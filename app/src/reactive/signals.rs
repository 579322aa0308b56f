//! Signals that say their type and keep their value as one that does not.

use std::marker::PhantomData;

use leptos::prelude::{
    Get, GetUntracked, Memo as LeptosMemo, RwSignal as LeptosSignal, Set, Signal as LeptosAny,
    Track,
};

use super::held::Held;

macro_rules! signal {
    ($(#[$what:meta])* $name:ident, $leptos:ident) => {
        $(#[$what])*
        pub struct $name<T>($leptos<Held>, PhantomData<fn() -> T>);

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<T> Copy for $name<T> {}

        impl<T: 'static> $name<T> {
            pub(super) fn of(signal: $leptos<Held>) -> Self {
                Self(signal, PhantomData)
            }

            /// A copy of the value; whatever runs now runs again when it changes.
            pub fn get(self) -> T
            where
                T: Clone,
            {
                self.0.get().of::<T>().clone()
            }

            /// The same, without running again.
            pub fn get_untracked(self) -> T
            where
                T: Clone,
            {
                self.0.get_untracked().of::<T>().clone()
            }

            /// Looks at the value; whatever runs now runs again when it changes.
            pub fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
                read(self.0.get().of())
            }
        }
    };
}

signal! {
    /// A value that can be set.
    RwSignal, LeptosSignal
}
signal! {
    /// A value that is worked out from others; made by [`super::memo`].
    Memo, LeptosMemo
}
signal! {
    /// Any value that may change.
    Signal, LeptosAny
}

macro_rules! untracked {
    ($($name:ident),*) => {$(
        impl<T: 'static> $name<T> {
            /// Looks at the value, without running again.
            pub fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
                read(self.0.get_untracked().of())
            }

            /// Whatever runs now runs again when the value changes.
            pub fn track(self) {
                self.0.track();
            }
        }
    )*};
}

untracked!(RwSignal, Memo);

impl<T: Send + Sync + 'static> RwSignal<T> {
    pub fn new(value: T) -> Self {
        Self::of(LeptosSignal::new(Held::new(value)))
    }

    pub fn set(self, value: T) {
        self.0.set(Held::new(value));
    }

    pub fn update(self, change: impl FnOnce(&mut T))
    where
        T: Clone,
    {
        let mut value = self.get_untracked();
        change(&mut value);
        self.set(value);
    }
}

impl<T: 'static> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self::of(signal.0.into())
    }
}

impl<T: 'static> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self::of(memo.0.into())
    }
}

impl<T: Send + Sync + 'static> From<T> for Signal<T> {
    fn from(value: T) -> Self {
        Self::of(LeptosAny::stored(Held::new(value)))
    }
}

impl From<&'static str> for Signal<String> {
    fn from(text: &'static str) -> Self {
        text.to_owned().into()
    }
}
