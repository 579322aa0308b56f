//! A signal whose value is kept in the browser's storage, the same in every tab. It must not know what it holds.

use std::rc::Rc;

use leptos::ev;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::browser::{self, Area};
use crate::json;

/// What can be stored.
pub trait Persist:
    Default + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
}
impl<T> Persist for T where
    T: Default + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

/// Copies share the value. Reading tracks; writing reaches the other tabs by the browser's `storage` event.
///
/// A library's storage signal writes the tab's own copy of the value; this one changes what is stored at that instant, so that two
/// tabs do not overwrite each other.
pub struct PersistentSignal<T: 'static> {
    area: Area,
    key: &'static str,
    signal: RwSignal<T>,
}

impl<T> Clone for PersistentSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for PersistentSignal<T> {}

impl<T: Persist> PersistentSignal<T> {
    /// Starts from the value stored under `key`, or from the default where there is none or it is damaged. `key` carries the version
    /// of the value's shape.
    pub fn new(area: Area, key: &'static str) -> Self {
        let persistent = Self {
            area,
            key,
            signal: RwSignal::new(T::default()),
        };
        persistent.refresh();
        if area == Area::Local {
            on_change_elsewhere(key, Rc::new(move || persistent.refresh()));
        }
        persistent
    }

    /// The value in storage at this instant, which may be newer than the signal's; the signal's value where the browser stores
    /// nothing.
    pub fn latest(self) -> T {
        match browser::stored(self.area, self.key) {
            Some(text) => json::parse(&text).unwrap_or_else(|| {
                // Damaged, or of an unknown version: nothing in it can be used.
                browser::forget(self.area, self.key);
                T::default()
            }),
            None if browser::can_store(self.area) => T::default(),
            None => self.signal.get_untracked(),
        }
    }

    /// Changes the stored value, not this tab's older copy of it, so that the changes of two tabs add up.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        let mut value = self.latest();
        change(&mut value);
        if let Some(text) = json::to_string(&value) {
            browser::store(self.area, self.key, &text);
        }
        self.show(value);
    }

    pub fn set(self, value: T) {
        self.update(|stored| *stored = value);
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

/// Calls `refresh` whenever another tab may have changed the value under `key`, until the current owner is cleaned up.
fn on_change_elsewhere(key: &'static str, refresh: Rc<dyn Fn()>) {
    let refresh_shown = Rc::clone(&refresh);
    let handle = window_event_listener(ev::storage, move |event| {
        // No key: the whole storage was cleared.
        if event.key().is_none_or(|changed| changed == key) {
            refresh();
        }
    });
    on_cleanup(move || handle.remove());
    // A page that comes back from the back-forward cache has missed the events meanwhile.
    let handle = window_event_listener(ev::pageshow, move |event| {
        if event.persisted() {
            refresh_shown();
        }
    });
    on_cleanup(move || handle.remove());
}
