//! A value that lives in the browser's storage and in a signal at once, the same in every tab. Must not know what it holds.

use crate::prelude::*;
use json::{FromJson, ToJson};
use leptos::ev;

use super::browser::{self, Area};

/// What can be kept.
pub trait Keep: Default + Clone + PartialEq + ToJson + FromJson + Send + Sync + 'static {}
impl<T> Keep for T where T: Default + Clone + PartialEq + ToJson + FromJson + Send + Sync + 'static {}

/// Copies share the value. Reading tracks; writing reaches the other tabs by the browser's `storage` event.
pub struct Stored<T: 'static> {
    area: Area,
    key: &'static str,
    signal: RwSignal<T>,
}

impl<T> Clone for Stored<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Stored<T> {}

impl<T: Keep> Stored<T> {
    /// Starts from what is stored under `key`, the default where that is nothing or damaged. `key` carries the version of
    /// its shape.
    pub fn new(area: Area, key: &'static str) -> Self {
        let stored = Self {
            area,
            key,
            signal: RwSignal::new(T::default()),
        };
        stored.refresh();
        if area == Area::Local {
            let handle = window_event_listener(ev::storage, move |event| {
                // No key: the whole storage was cleared.
                if event.key().is_none_or(|changed| changed == key) {
                    stored.refresh();
                }
            });
            on_cleanup(move || handle.remove());
            // A page that comes back from the browser's back-forward cache has missed the events meanwhile.
            let handle = window_event_listener(ev::pageshow, move |event| {
                if event.persisted() {
                    stored.refresh();
                }
            });
            on_cleanup(move || handle.remove());
        }
        stored
    }

    /// What the storage holds at this instant, whatever this tab has seen so far; the signal's value where nothing is kept.
    pub fn latest(self) -> T {
        match browser::stored(self.area, self.key) {
            Some(text) => match json::from_str(&text) {
                Some(value) => value,
                None => {
                    // Damaged, or of a version that never was: nothing in it can be used.
                    browser::forget(self.area, self.key);
                    T::default()
                }
            },
            None if browser::can_store(self.area) => T::default(),
            None => self.signal.get_untracked(),
        }
    }

    /// Changes the stored value, not this tab's older picture of it, so that two tabs add up.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        let mut value = self.latest();
        change(&mut value);
        browser::store(self.area, self.key, &json::to_string(&value));
        self.show(value);
    }

    pub fn set(self, value: T) {
        self.update(|held| *held = value);
    }

    pub fn get(self) -> T {
        self.signal.get()
    }

    pub fn get_untracked(self) -> T {
        self.signal.get_untracked()
    }

    pub fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
        self.signal.with(read)
    }

    fn refresh(self) {
        self.show(self.latest());
    }

    fn show(self, value: T) {
        if self.signal.with_untracked(|shown| *shown != value) {
            self.signal.set(value);
        }
    }
}
