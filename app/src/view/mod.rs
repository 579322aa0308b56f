//! Views: what `view!` makes, and what stands on the page of it. Components and signals are Leptos's; the elements are the
//! browser's own, cloned from templates, so that markup needs no code.
//!
//! Must not know any page.

mod dom;
mod into;
mod state;
mod template;

use std::borrow::Cow;
use std::rc::Rc;

use any_spawner::Executor;
use leptos::prelude::Owner;
use web_sys::Element;

pub use into::{CollectView, IntoValue, IntoView};
pub use template::{Kind, Template, handler};

/// A part of a page, not yet on it.
pub enum View {
    Nothing,
    Text(Cow<'static, str>),
    Many(Vec<View>),
    /// Made anew when a signal that it has read changes.
    Live(Box<dyn Live<View>>),
    Template(Template),
}

/// What an attribute, a class or a property is set to.
pub enum Value {
    /// Not there at all.
    Absent,
    Flag(bool),
    Text(Cow<'static, str>),
    /// Set anew when a signal that it has read changes.
    Live(Box<dyn Live<Value>>),
}

/// A function that works out what is shown now. In a box it is smaller than Rust's own kinds of function, which carry a
/// copy of themselves for each way to be called.
pub trait Live<T> {
    fn now(&mut self) -> T;
}

/// What stands inside of a component.
pub type Children = Box<dyn FnOnce() -> View>;
/// The same, for components that may show it again.
pub type ChildrenFn = Rc<dyn Fn() -> View>;

/// A function as the children that a component asks for.
pub trait ToChildren<F> {
    fn to_children(function: F) -> Self;
}

impl<F: FnOnce() -> View + 'static> ToChildren<F> for Children {
    fn to_children(function: F) -> Self {
        Box::new(function)
    }
}

impl<F: Fn() -> View + 'static> ToChildren<F> for ChildrenFn {
    fn to_children(function: F) -> Self {
        Rc::new(function)
    }
}

/// `view!` calls it for what stands inside of a component.
pub fn children<F, C: ToChildren<F>>(function: F) -> C {
    C::to_children(function)
}

/// Puts a view into an element for as long as the page is open.
pub fn mount(root: &Element, view: impl FnOnce() -> View) {
    // It fails where a page starts two clients: the first one's serves both.
    let _ = Executor::init_wasm_bindgen();
    let owner = Owner::new();
    let end = dom::comment();
    dom::append(root, &end);
    let state = owner.with(|| view().build(&end));
    std::mem::forget((owner, state));
}
