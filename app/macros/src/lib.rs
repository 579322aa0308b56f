//! `view!`: the markup of a view as one piece of HTML that the browser parses itself, and code only for its holes, where
//! something comes from outside or can change. An element costs a phone its letters rather than its own machine code.
//!
//! Must not know the DOM: what a hole does is told by `crate::view` of the client, for which alone this is written.

mod component;
mod template;

use proc_macro2::TokenStream;
use quote::quote;
use rstml::node::Node;
use rstml::{Parser, ParserConfig};

/// Markup as in Leptos's `view!`: elements, text in quotes, `{expressions}`, components, and the attributes `on:`, `prop:`,
/// `class:`, `style:`, `inner_html` and `node_ref`. Gives a `crate::view::View`.
///
/// # Errors
/// Does not compile where the markup is none that a browser would keep as it is written: a block inside of a `p`.
#[proc_macro]
pub fn view(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(tokens.into())
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

fn expand(tokens: TokenStream) -> syn::Result<TokenStream> {
    let nodes = Parser::new(ParserConfig::new()).parse_simple(tokens)?;
    view_of(&nodes)
}

/// The view that some nodes stand for.
fn view_of(nodes: &[Node]) -> syn::Result<TokenStream> {
    match nodes {
        [] => Ok(quote!(crate::view::View::Nothing)),
        [Node::Element(element)] if component::is_component(element) => component::call(element),
        [Node::Block(block)] => {
            let inside = template::inside(block);
            Ok(quote!(crate::view::IntoView::into_view(#inside)))
        }
        _ => template::call(nodes),
    }
}

#[cfg(test)]
mod tests;
