//! The few calls of the browser's that views are made of.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};

use super::Value;
use super::template::Kind;

/// An empty place.
pub fn comment() -> Node {
    document().create_comment("").unchecked_into()
}

pub fn append(parent: &Node, child: &Node) {
    // Fails only for a node that is its own parent's parent, which nothing here makes.
    let _ = parent.append_child(child);
}

/// Puts a node in front of another one.
pub fn insert(node: &Node, before: &Node) {
    if let Some(parent) = before.parent_node() {
        let _ = parent.insert_before(node, Some(before));
    }
}

pub fn remove(node: &Node) {
    if let Some(parent) = node.parent_node() {
        let _ = parent.remove_child(node);
    }
}

/// Sets what `name` says to what `value` says.
pub fn set(element: &Element, kind: Kind, name: &str, value: &Value) {
    let text = match value {
        Value::Text(text) => Some(&**text),
        Value::Flag(true) => Some(""),
        Value::Flag(false) | Value::Absent | Value::Live(_) => None,
    };
    // None of them fails for the names that our own markup holds.
    let _ = match kind {
        Kind::Attribute => match text {
            Some(text) => element.set_attribute(name, text),
            None => element.remove_attribute(name),
        },
        Kind::Class => element
            .class_list()
            .toggle_with_force(name, text.is_some())
            .map(|_| ()),
        Kind::Property => {
            let value = match value {
                Value::Flag(flag) => (*flag).into(),
                _ => text.unwrap_or_default().into(),
            };
            js_sys::Reflect::set(element, &name.into(), &value).map(|_| ())
        }
        Kind::Style => element
            .unchecked_ref::<HtmlElement>()
            .style()
            .set_property(name, text.unwrap_or_default()),
    };
}
