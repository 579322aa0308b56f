//! What a module that draws needs: Leptos's own prelude with views, effects and memos of our own.

pub use leptos::prelude::*;
pub use view_macro::view;

pub use crate::reactive::{
    Callback, Memo, RwSignal, Signal, StoredValue, derive, effect, memo, spawn,
};
pub use crate::view::{Children, ChildrenFn, CollectView, IntoView, View};
