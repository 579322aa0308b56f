//! The few things of the browser that state and requests need: time, chance, storage, one lock between tabs. Must not know what
//! they are used for. Everything here copes with a browser that refuses (private mode, old phone, no secure context).

use std::time::Duration;

use js_sys::{Date, Function, JsString, Promise, Reflect};
use leptos::prelude::{document, set_timeout, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Storage;

pub fn now_ms() -> i64 {
    Date::now() as i64
}

/// 0 to 1, for spreading; not for secrets.
pub fn random() -> f64 {
    js_sys::Math::random()
}

/// Completes after `ms`.
pub async fn sleep(ms: u32) {
    let promise = Promise::new(&mut |resolve, _| {
        set_timeout(
            move || {
                let _ = resolve.call0(&JsValue::UNDEFINED);
            },
            Duration::from_millis(u64::from(ms)),
        );
    });
    let _ = JsFuture::from(promise).await;
}

/// False only when the browser is sure that there is no connection.
pub fn online() -> bool {
    window().navigator().on_line()
}

/// The page is not to be seen: another tab is in front, or the phone is locked.
pub fn hidden() -> bool {
    document().hidden()
}

/// Of the server that gave this page.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// One part of an address.
pub fn encode(part: &str) -> String {
    js_sys::encode_uri_component(part).into()
}

/// By the browser's own tables of letters: Rust's would have to be fetched.
pub fn lower_case(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

/// A UUID of version 4. `crypto.randomUUID` needs a secure context, which a phone on plain http in the local network does not
/// have; `getRandomValues` does not.
pub fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    let filled = window()
        .crypto()
        .is_ok_and(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).is_ok());
    if !filled {
        for byte in &mut bytes {
            *byte = (random() * 256.0) as u8;
        }
    }
    super::key::uuid_v4(bytes)
}

/// Which of the browser's two stores.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Kept, and shared by all tabs.
    Local,
    /// This tab's own, gone with it.
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

/// False where the browser keeps nothing for pages: some private modes, or the person forbade it.
pub fn can_store(area: Area) -> bool {
    storage(area).is_some()
}

/// False where it could not be kept.
pub fn store(area: Area, key: &str, text: &str) -> bool {
    storage(area).is_some_and(|storage| storage.set_item(key, text).is_ok())
}

pub fn forget(area: Area, key: &str) {
    if let Some(storage) = storage(area) {
        let _ = storage.remove_item(key);
    }
}

/// The browser's lock between tabs, held until dropped. `None` where it has none (no secure context): the caller must then
/// compare what is stored.
pub struct TabLock(Function);

impl TabLock {
    pub async fn acquire(name: &str) -> Option<Self> {
        let navigator = window().navigator();
        let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
        let request: Function = Reflect::get(&locks, &"request".into())
            .ok()?
            .dyn_into()
            .ok()?;
        // The lock lasts as long as the promise that the callback returns: `release` resolves it, `held` says that it began.
        let mut release = None;
        let until = Promise::new(&mut |resolve, _| release = Some(resolve));
        let mut begun = None;
        let held = Promise::new(&mut |resolve, _| begun = Some(resolve));
        let begun = begun?;
        let callback = Closure::once_into_js(move |_: JsValue| {
            let _ = begun.call0(&JsValue::UNDEFINED);
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
