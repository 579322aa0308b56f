//! A piece of markup with its holes, and the browser's copy of it that all of its uses are cloned from.

use std::borrow::Cow;
use std::cell::RefCell;
use std::marker::PhantomData;

use leptos::ev::EventDescriptor;
use leptos::prelude::document;
use leptos::tachys::html::element::ElementType;
use leptos::tachys::html::node_ref::NodeRefContainer;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlTemplateElement, Node};

use super::state::{Handle, Handler};
use super::{Value, View};

/// What a name between the brackets of an element means.
#[derive(Clone, Copy)]
pub enum Kind {
    Attribute,
    Class,
    Property,
    Style,
}

/// What is to be done at one node of the markup.
pub enum Hole {
    Child(View),
    Set(Kind, &'static str, Value),
    On(&'static str, Handler),
    /// Is told which element it is.
    Ref(Box<dyn FnOnce(&Element)>),
}

/// Markup and holes. Two with the same markup are the same view with other content.
pub struct Template {
    pub(super) html: &'static str,
    drawn: bool,
    /// With the number of their nodes, ascending.
    pub(super) holes: Vec<(u16, Hole)>,
}

impl Template {
    pub fn new(html: &'static str) -> Self {
        Self {
            html,
            drawn: false,
            holes: Vec::new(),
        }
    }

    /// Parts of a drawing: they are only that inside of an `svg`.
    pub fn drawn(html: &'static str) -> Self {
        Self {
            drawn: true,
            ..Self::new(html)
        }
    }

    #[inline(never)]
    pub fn child(&mut self, at: u16, view: View) {
        self.holes.push((at, Hole::Child(view)));
    }

    #[inline(never)]
    pub fn set(&mut self, at: u16, kind: Kind, name: &'static str, value: Value) {
        self.holes.push((at, Hole::Set(kind, name, value)));
    }

    #[inline(never)]
    pub fn on(&mut self, at: u16, (name, handler): (&'static str, Handler)) {
        self.holes.push((at, Hole::On(name, handler)));
    }

    pub fn node_ref<E: ElementType>(&mut self, at: u16, container: impl NodeRefContainer<E>) {
        let load = Box::new(move |element: &Element| container.load(element));
        self.holes.push((at, Hole::Ref(load)));
    }

    /// A fresh copy of the markup: its top nodes, and the node of each hole.
    pub(super) fn clone_nodes(&self) -> (Vec<Node>, Vec<Node>) {
        let root = parsed(self.html, self.drawn);
        let Ok(copy) = root.clone_node_with_deep(true) else {
            return Default::default();
        };
        let top = copy.child_nodes();
        let top: Vec<Node> = (0..top.length()).filter_map(|at| top.item(at)).collect();
        let mut nodes = Vec::with_capacity(self.holes.len());
        if let Ok(walker) = document().create_tree_walker(&copy) {
            let mut here: Option<(u16, Node)> = None;
            for (at, _) in &self.holes {
                while here.as_ref().is_none_or(|(number, _)| number < at) {
                    let Ok(Some(node)) = walker.next_node() else {
                        break;
                    };
                    here = Some((here.map_or(0, |(number, _)| number + 1), node));
                }
                nodes.extend(here.as_ref().map(|(_, node)| node.clone()));
            }
        }
        (top, nodes)
    }
}

/// The name of an event, and a function that takes it as any event.
pub fn handler<E: EventDescriptor<EventType: JsCast> + 'static>(
    event: E,
    function: impl FnMut(E::EventType) + 'static,
) -> (&'static str, Handler) {
    let name = match event.name() {
        Cow::Borrowed(name) => name,
        // Only events that Leptos does not know by name are of this kind.
        Cow::Owned(name) => name.leak(),
    };
    (name, Box::new(Typed(function, PhantomData::<E>)))
}

/// A function that wants its own kind of event.
struct Typed<F, E>(F, PhantomData<E>);

impl<E: EventDescriptor<EventType: JsCast>, F: FnMut(E::EventType)> Handle for Typed<F, E> {
    fn handle(&mut self, event: Event) {
        self.0(event.unchecked_into());
    }
}

thread_local! {
    /// Parsed markup by the address of its text, ascending.
    static PARSED: RefCell<Vec<(usize, Node)>> = const { RefCell::new(Vec::new()) };
}

/// The browser's own reading of the markup, made once.
fn parsed(html: &'static str, drawn: bool) -> Node {
    PARSED.with_borrow_mut(|parsed| {
        let key = html.as_ptr() as usize;
        match parsed.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(found) => parsed[found].1.clone(),
            Err(place) => {
                let node = parse(html, drawn);
                parsed.insert(place, (key, node.clone()));
                node
            }
        }
    })
}

fn parse(html: &str, drawn: bool) -> Node {
    let document = document();
    let element = document
        .create_element("template")
        .unwrap_or_else(|_| unreachable!());
    let content: Node = if drawn {
        element.set_inner_html(&["<svg>", html, "</svg>"].concat());
        let content = element.unchecked_into::<HtmlTemplateElement>().content();
        content.first_child().unwrap_or_else(|| content.into())
    } else {
        element.set_inner_html(html);
        element
            .unchecked_into::<HtmlTemplateElement>()
            .content()
            .into()
    };
    content
}
