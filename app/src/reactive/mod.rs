//! Leptos's signals, memos, effects and tasks, of one kind each. Leptos builds its whole machinery once for each type that a
//! signal holds and for each function that it is given; here types are put away behind pointers and functions in boxes, so
//! that a phone fetches the machinery once. They are used like Leptos's own.
//!
//! Must not know what is held.

mod callback;
mod held;
mod run;
mod signals;

pub use callback::{Callback, StoredValue};
pub use run::{derive, effect, memo, spawn};
pub use signals::{Memo, RwSignal, Signal};
