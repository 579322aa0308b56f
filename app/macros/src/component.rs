//! A component: a call with named properties, and its children as a function.

use proc_macro2::TokenStream;
use quote::quote;
use rstml::node::{Node, NodeAttribute, NodeElement, NodeName};
use syn::spanned::Spanned;

use crate::template::value_of;
use crate::view_of;

type Element = NodeElement<rstml::Infallible>;

/// Components begin with a capital letter, elements do not.
pub fn is_component(element: &Element) -> bool {
    match element.name() {
        NodeName::Path(path) => path.path.segments.last().is_some_and(|segment| {
            segment
                .ident
                .to_string()
                .starts_with(|first: char| first.is_ascii_uppercase())
        }),
        _ => false,
    }
}

/// The call of a component that `leptos::component` has made.
pub fn call(element: &Element) -> syn::Result<TokenStream> {
    let name = element.name();
    let mut props = TokenStream::new();
    for attribute in element.attributes() {
        let NodeAttribute::Attribute(attribute) = attribute else {
            return Err(syn::Error::new(
                attribute.span(),
                "a component takes named properties only",
            ));
        };
        let key = &attribute.key;
        if !matches!(key, NodeName::Path(_)) {
            return Err(syn::Error::new(
                key.span(),
                "a property is a plain name: a component decides itself what its elements carry",
            ));
        }
        props.extend(match value_of(attribute) {
            Some(value) => quote!(.#key(#value)),
            // As in a struct: the name stands for the variable too.
            None => quote!(.#key(#key)),
        });
    }
    let children: &[Node] = element.children();
    if !children.is_empty() {
        let children = view_of(children)?;
        props.extend(quote!(.children(crate::view::children(move || #children))));
    }
    Ok(quote! {
        ::leptos::component::component_view(
            &#name,
            ::leptos::component::component_props_builder(&#name) #props .build(),
        )
    })
}
