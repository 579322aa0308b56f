//! Stands in for the crate of this name: bodies of Leptos's server functions as streams. Tiffin has no server functions, yet
//! Leptos links them, and what that crate exports to JavaScript nothing can take out again: 8,000 bytes for a phone to fetch.
//! What Leptos calls of it is here, and never runs.
//!
//! It takes that crate's place by `[patch]` in the workspace's `Cargo.toml`. When cargo says that the patch is not used,
//! Leptos has gone on to another version of it: give this one that version too.

use futures_util::Stream;
use futures_util::stream;
use wasm_bindgen::JsValue;

/// A body that JavaScript reads or writes.
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    pub fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        unreachable!("there are no server functions")
    }

    pub fn into_stream(self) -> impl Stream<Item = Result<JsValue, JsValue>> {
        stream::pending()
    }
}
