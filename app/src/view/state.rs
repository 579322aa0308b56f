//! What stands on the page of a view, and how it becomes that of another one: in place wherever the markup is the same, so
//! that focus, scroll and what is typed stay.

use std::borrow::Cow;
use std::cell::RefCell;
use std::mem;
use std::rc::Rc;

use leptos::prelude::{RenderEffect, document};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, Node};

use super::template::{Hole, Kind, Template};
use super::{Live, Value, View, dom};

/// What happens on an event.
pub trait Handle {
    fn handle(&mut self, event: Event);
}

pub type Handler = Box<dyn Handle>;

/// On the page.
pub enum State {
    Nothing(Node),
    Text(Node, Cow<'static, str>),
    /// With the place of the next item.
    Many(Vec<State>, Node),
    /// With the place behind it.
    Live(RenderEffect<State>, Node),
    Template(Copy),
    /// A value that an element was given.
    Value(Value),
}

/// A copy of a template's markup.
pub struct Copy {
    html: &'static str,
    top: Vec<Node>,
    holes: Vec<Filled>,
}

/// A hole with what is in it.
enum Filled {
    Child(State),
    Set(Element, Value),
    SetLive(
        Element,
        #[expect(dead_code, reason = "ends when it is dropped")] RenderEffect<State>,
    ),
    On(Listener),
    Ref(Element),
}

/// What an element calls. It can be another function's later; it is nobody's once the element has gone.
struct Listener(Rc<RefCell<Option<Handler>>>);

impl Listener {
    fn new(element: &Node, name: &str, handler: Handler) -> Self {
        let slot = Rc::new(RefCell::new(Some(handler)));
        let called = Rc::clone(&slot);
        let call = Closure::<dyn FnMut(Event)>::new(move |event| {
            // Out of its place while it runs: it may cause the same event once more.
            let taken = called.borrow_mut().take();
            if let Some(mut handler) = taken {
                handler.handle(event);
                called.borrow_mut().get_or_insert(handler);
            }
        });
        // Fails for no name.
        let _ =
            element.add_event_listener_with_callback(name, call.into_js_value().unchecked_ref());
        Self(slot)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.borrow_mut().take();
    }
}

impl View {
    /// Puts it on the page in front of a node.
    pub fn build(self, before: &Node) -> State {
        match self {
            Self::Nothing => State::Nothing(place(before)),
            Self::Text(text) => {
                let node: Node = document().create_text_node(&text).unchecked_into();
                dom::insert(&node, before);
                State::Text(node, text)
            }
            Self::Many(views) => {
                let end = place(before);
                State::Many(
                    views.into_iter().map(|view| view.build(&end)).collect(),
                    end,
                )
            }
            Self::Live(function) => {
                let end = place(before);
                State::Live(live(function, None, end.clone()), end)
            }
            Self::Template(template) => template.build(before),
        }
    }

    /// Turns what is on the page into this.
    fn patch(self, state: &mut State) {
        match (self, &mut *state) {
            (Self::Nothing, State::Nothing(_)) => {}
            (Self::Text(text), State::Text(node, old)) => {
                if text != *old {
                    node.set_node_value(Some(&text));
                    *old = text;
                }
            }
            (Self::Many(views), State::Many(states, end)) => {
                for gone in states.drain(views.len().min(states.len())..) {
                    gone.remove();
                }
                for (index, view) in views.into_iter().enumerate() {
                    match states.get_mut(index) {
                        Some(state) => view.patch(state),
                        None => states.push(view.build(end)),
                    }
                }
            }
            (Self::Live(function), State::Live(effect, end)) => {
                let old = effect.take_value();
                *effect = live(function, old, end.clone());
            }
            (Self::Template(template), State::Template(copy)) if template.html == copy.html => {
                for ((_, hole), filled) in template.holes.into_iter().zip(&mut copy.holes) {
                    hole.patch(filled);
                }
            }
            (view, state) => {
                let new = view.build(state.last());
                mem::replace(state, new).remove();
            }
        }
    }
}

/// An empty place in front of a node.
fn place(before: &Node) -> Node {
    let node = dom::comment();
    dom::insert(&node, before);
    node
}

/// Draws in front of `end`, now and whenever a signal that it reads changes.
fn live(mut function: Box<dyn Live<View>>, first: Option<State>, end: Node) -> RenderEffect<State> {
    let mut first = first;
    RenderEffect::new(move |old: Option<State>| {
        let view = function.now();
        match old.or_else(|| first.take()) {
            Some(mut state) => {
                view.patch(&mut state);
                state
            }
            None => view.build(&end),
        }
    })
}

/// Sets a value, now and whenever a signal that it reads changes.
fn set_live(
    element: Element,
    kind: Kind,
    name: &'static str,
    mut function: Box<dyn Live<Value>>,
) -> RenderEffect<State> {
    RenderEffect::new(move |old: Option<State>| {
        let value = function.now();
        if !matches!(&old, Some(State::Value(old)) if same(old, &value)) {
            dom::set(&element, kind, name, &value);
        }
        State::Value(value)
    })
}

fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Absent, Value::Absent) => true,
        (Value::Flag(one), Value::Flag(other)) => one == other,
        (Value::Text(one), Value::Text(other)) => one == other,
        _ => false,
    }
}

impl State {
    /// The last of its nodes.
    fn last(&self) -> &Node {
        match self {
            Self::Nothing(node)
            | Self::Text(node, _)
            | Self::Many(_, node)
            | Self::Live(_, node) => node,
            Self::Template(copy) => copy.top.last().unwrap_or_else(|| unreachable!()),
            Self::Value(_) => unreachable!(),
        }
    }

    fn remove(self) {
        match self {
            Self::Nothing(node) | Self::Text(node, _) => dom::remove(&node),
            Self::Many(states, end) => {
                states.into_iter().for_each(Self::remove);
                dom::remove(&end);
            }
            Self::Live(effect, end) => {
                if let Some(state) = effect.take_value() {
                    state.remove();
                }
                dom::remove(&end);
            }
            Self::Template(copy) => {
                // What stands at the top in a hole's place is none of the markup's own nodes.
                for filled in copy.holes {
                    if let Filled::Child(state) = filled {
                        state.remove();
                    }
                }
                copy.top.iter().for_each(dom::remove);
            }
            Self::Value(_) => {}
        }
    }
}

impl Template {
    fn build(self, before: &Node) -> State {
        let (top, nodes) = self.clone_nodes();
        for node in &top {
            dom::insert(node, before);
        }
        let holes = self
            .holes
            .into_iter()
            .zip(&nodes)
            .map(|((_, hole), node)| hole.fill(node))
            .collect();
        State::Template(Copy {
            html: self.html,
            top,
            holes,
        })
    }
}

impl Hole {
    fn fill(self, node: &Node) -> Filled {
        let element = || node.unchecked_ref::<Element>().clone();
        match self {
            Self::Child(view) => Filled::Child(view.build(node)),
            Self::Set(kind, name, value) => Filled::set(element(), kind, name, value),
            Self::On(name, handler) => Filled::On(Listener::new(node, name, handler)),
            Self::Ref(load) => {
                load(&element());
                Filled::Ref(element())
            }
        }
    }

    fn patch(self, filled: &mut Filled) {
        match (self, filled) {
            (Self::Child(view), Filled::Child(state)) => view.patch(state),
            (Self::Set(_, _, value), Filled::Set(_, old)) if same(old, &value) => {}
            (Self::Set(kind, name, value), filled @ (Filled::Set(..) | Filled::SetLive(..))) => {
                let (Filled::Set(element, _) | Filled::SetLive(element, _)) = &*filled else {
                    return;
                };
                *filled = Filled::set(element.clone(), kind, name, value);
            }
            (Self::On(_, handler), Filled::On(listener)) => {
                *listener.0.borrow_mut() = Some(handler);
            }
            (Self::Ref(load), Filled::Ref(element)) => load(element),
            // The same markup has the same holes.
            _ => {}
        }
    }
}

impl Filled {
    fn set(element: Element, kind: Kind, name: &'static str, value: Value) -> Self {
        match value {
            Value::Live(function) => {
                let effect = set_live(element.clone(), kind, name, function);
                Self::SetLive(element, effect)
            }
            value => {
                dom::set(&element, kind, name, &value);
                Self::Set(element, value)
            }
        }
    }
}
