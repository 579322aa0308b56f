//! The browser's functions that state and requests need: time, random numbers, storage, a lock between tabs. It must not know what they
//! are used for. Everything here works in browsers that refuse (private mode, an old phone, no secure context).

use gloo_timers::future::TimeoutFuture;
use js_sys::{Date, Function, JsString, Promise, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Storage;

pub fn now_ms() -> i64 {
    Date::now() as i64
}

/// A random number from 0 to 1, for jitter; not for secrets.
pub fn random() -> f64 {
    js_sys::Math::random()
}

/// Completes after `ms`.
pub async fn sleep(ms: u32) {
    TimeoutFuture::new(ms).await;
}

/// Whether there may be a connection; false only when the browser is sure that there is none.
pub fn online() -> bool {
    window().navigator().on_line()
}

/// Whether the page is hidden: another tab is in front, or the phone is locked.
pub fn hidden() -> bool {
    document().hidden()
}

/// The origin of the page.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Encodes one part of a URL.
pub fn encode(part: &str) -> String {
    js_sys::encode_uri_component(part).into()
}

/// The text in lower case, by the browser's tables of letters: Rust's own would be a part of the download.
pub fn to_lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

/// One of the browser's two storage areas.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Permanent, and shared by all tabs.
    Local,
    /// This tab's own; removed with it.
    Session,
}

fn storage(area: Area) -> Option<Storage> {
    match area {
        Area::Local => window().local_storage(),
        Area::Session => window().session_storage(),
    }
    .ok()
    .flatten()
}

pub fn stored(area: Area, key: &str) -> Option<String> {
    storage(area)?.get_item(key).ok().flatten()
}

/// Whether the browser stores anything: not in some private modes, or where the user has forbidden it.
pub fn can_store(area: Area) -> bool {
    storage(area).is_some()
}

/// Stores a text; does nothing where the browser refuses.
pub fn store(area: Area, key: &str, text: &str) {
    if let Some(storage) = storage(area) {
        let _ = storage.set_item(key, text);
    }
}

pub fn forget(area: Area, key: &str) {
    if let Some(storage) = storage(area) {
        let _ = storage.remove_item(key);
    }
}

/// A lock between tabs (Web Locks API), held until dropped.
pub struct TabLock(Function);

impl TabLock {
    /// Waits for the lock. `None` where the browser has none (no secure context): the caller must then compare what is stored.
    pub async fn acquire(name: &str) -> Option<Self> {
        let navigator = window().navigator();
        let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
        let request: Function = Reflect::get(&locks, &"request".into())
            .ok()?
            .dyn_into()
            .ok()?;
        // The lock is held until the promise that the callback returns is resolved, by `release`; `held` resolves when it is acquired.
        let mut release = None;
        let until = Promise::new(&mut |resolve, _| release = Some(resolve));
        let mut acquired = None;
        let held = Promise::new(&mut |resolve, _| acquired = Some(resolve));
        let acquired = acquired?;
        let callback = Closure::once_into_js(move |_: JsValue| {
            let _ = acquired.call0(&JsValue::UNDEFINED);
            until
        });
        request.call2(&locks, &name.into(), &callback).ok()?;
        JsFuture::from(held).await.ok()?;
        release.map(Self)
    }
}

impl Drop for TabLock {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}
