//! Markup to HTML and holes. A hole's place is the number of its node, counted as a reader meets them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use rstml::node::{
    KeyedAttribute, KeyedAttributeValue, Node, NodeAttribute, NodeBlock, NodeElement,
};
use syn::spanned::Spanned;
use syn::{Expr, Lit, Stmt};

use crate::component;

type Element = NodeElement<rstml::Infallible>;

/// Elements without an end.
const VOID: [&str; 8] = ["area", "br", "col", "hr", "img", "input", "link", "meta"];

/// Elements that are a drawing's: alone at the top of a view, a browser would take them for HTML's.
const DRAWN: [&str; 8] = [
    "circle", "ellipse", "g", "line", "path", "polyline", "rect", "use",
];

/// Elements that end a `p` where a browser meets them inside of one.
const BLOCKS: [&str; 22] = [
    "address", "article", "aside", "details", "div", "dl", "fieldset", "footer", "form", "h1",
    "h2", "h3", "h4", "header", "hr", "main", "nav", "ol", "p", "section", "table", "ul",
];

/// What is written so far.
#[derive(Default)]
pub struct Template {
    pub html: String,
    /// Calls of the builder, one a hole.
    pub holes: TokenStream,
    /// How many nodes there are in `html`.
    pub count: u16,
    /// The last thing written is text: a browser adds the next text to it.
    in_text: bool,
}

/// The call that makes a view of some nodes.
pub fn call(nodes: &[Node]) -> syn::Result<TokenStream> {
    let mut template = Template::default();
    template.nodes(nodes, "")?;
    let drawn = nodes.iter().any(
        |node| matches!(node, Node::Element(element) if DRAWN.contains(&tag(element).as_str())),
    );
    let Template { html, holes, .. } = template;
    let new = if drawn {
        format_ident!("drawn")
    } else {
        format_ident!("new")
    };
    let view = name();
    Ok(quote! {{
        let mut #view = crate::view::Template::#new(#html);
        #holes
        crate::view::View::Template(#view)
    }})
}

impl Template {
    /// Some nodes, one after the other, inside of a `parent`.
    pub fn nodes(&mut self, nodes: &[Node], parent: &str) -> syn::Result<()> {
        nodes.iter().try_for_each(|node| self.node(node, parent))
    }

    fn node(&mut self, node: &Node, parent: &str) -> syn::Result<()> {
        match node {
            Node::Text(text) => self.text(&text.value_string()),
            Node::Fragment(fragment) => self.nodes(fragment.children(), parent)?,
            Node::Element(element) if component::is_component(element) => {
                let view = component::call(element)?;
                self.child(&view);
            }
            Node::Element(element) => self.element(element, parent)?,
            Node::Block(block) => {
                self.child(&inside(block));
            }
            Node::Comment(_) | Node::Doctype(_) | Node::RawText(_) | Node::Custom(_) => {
                return Err(syn::Error::new(
                    node.span(),
                    "a view holds elements, components, text in quotes and {expressions}",
                ));
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.in_text {
            self.count += 1;
        }
        self.in_text = true;
        escape(text, &mut self.html);
    }

    /// A comment holds the place of what comes from outside.
    fn child(&mut self, child: &TokenStream) {
        let at = self.next();
        let view = name();
        self.html.push_str("<!>");
        self.holes
            .extend(quote!(#view.child(#at, crate::view::IntoView::into_view(#child));));
    }

    /// The number of the next node, which is no text.
    fn next(&mut self) -> u16 {
        self.in_text = false;
        self.count += 1;
        self.count - 1
    }

    fn element(&mut self, element: &Element, parent: &str) -> syn::Result<()> {
        let tag = tag(element);
        if parent == "p" && BLOCKS.contains(&tag.as_str()) {
            return Err(syn::Error::new(
                element.name().span(),
                "a browser ends the `p` before this: use a `div` instead of the `p`",
            ));
        }
        let at = self.next();
        self.html.push('<');
        self.html.push_str(&tag);
        for attribute in element.attributes() {
            match attribute {
                NodeAttribute::Attribute(attribute) => self.attribute(at, &tag, attribute)?,
                NodeAttribute::Block(_) => {
                    return Err(syn::Error::new(
                        attribute.span(),
                        "an attribute has a name and a value",
                    ));
                }
            }
        }
        self.html.push('>');
        if VOID.contains(&tag.as_str()) {
            return Ok(());
        }
        self.nodes(element.children(), &tag)?;
        self.in_text = false;
        self.html.push_str("</");
        self.html.push_str(&tag);
        self.html.push('>');
        Ok(())
    }

    fn attribute(&mut self, at: u16, tag: &str, attribute: &KeyedAttribute) -> syn::Result<()> {
        let key = attribute.key.to_string();
        let value = match &attribute.possible_value {
            KeyedAttributeValue::None => None,
            _ => Some(
                value_of(attribute)
                    .ok_or_else(|| syn::Error::new(attribute.span(), "a value is an expression"))?,
            ),
        };
        let Some(value) = value else {
            self.html.push(' ');
            self.html.push_str(&key);
            return Ok(());
        };
        let (kind, name) = match key.split_once(':') {
            Some((kind, name)) => (kind, name),
            None if key == "inner_html" => ("prop", "innerHTML"),
            None => ("attribute", key.as_str()),
        };
        let view = self::name();
        let set = |kind: &TokenStream| {
            quote! {
                #view.set(
                    #at,
                    crate::view::Kind::#kind,
                    #name,
                    crate::view::IntoValue::into_value(#value)
                );
            }
        };
        self.holes.extend(match kind {
            "on" => {
                let event = Ident::new(name, attribute.key.span());
                quote!(#view.on(#at, crate::view::handler(::leptos::ev::#event, #value));)
            }
            "prop" => set(&quote!(Property)),
            "class" => set(&quote!(Class)),
            "style" => set(&quote!(Style)),
            "attribute" if name == "node_ref" => {
                let kind = format_ident!("{}{}", tag[..1].to_ascii_uppercase(), &tag[1..]);
                quote!(#view.node_ref::<::leptos::html::#kind>(#at, #value);)
            }
            "attribute" => match literal(attribute) {
                Some(text) => {
                    self.html.push(' ');
                    self.html.push_str(name);
                    self.html.push_str("=\"");
                    escape(&text, &mut self.html);
                    self.html.push('"');
                    TokenStream::new()
                }
                None => set(&quote!(Attribute)),
            },
            _ => {
                return Err(syn::Error::new(
                    attribute.key.span(),
                    "attributes begin with on:, prop:, class: or style:, or with nothing of the kind",
                ));
            }
        });
        Ok(())
    }
}

/// The value of an attribute, without the braces that only help the markup to be read.
pub fn value_of(attribute: &KeyedAttribute) -> Option<&Expr> {
    match attribute.value()? {
        Expr::Block(block) if block.label.is_none() && block.attrs.is_empty() => {
            match block.block.stmts.as_slice() {
                [Stmt::Expr(expression, None)] => Some(expression),
                _ => attribute.value(),
            }
        }
        value => Some(value),
    }
}

/// What the template is called in the code: a name that no expression of the page can mean.
fn name() -> Ident {
    Ident::new("view", Span::mixed_site())
}

/// What a block holds: braces around one expression alone are the markup's, not Rust's.
pub fn inside(block: &NodeBlock) -> TokenStream {
    match block.try_block().map(|block| block.stmts.as_slice()) {
        Some([Stmt::Expr(expression, None)]) => quote!(#expression),
        _ => quote!(#block),
    }
}

/// The name of an element as HTML writes it: `use_` for `use`, which is Rust's own word.
fn tag(element: &Element) -> String {
    element.name().to_string().trim_end_matches('_').to_owned()
}

/// A value that is there when the client is built. `true` and `false` say whether an attribute is there at all.
fn literal(attribute: &KeyedAttribute) -> Option<String> {
    match attribute.value() {
        Some(Expr::Lit(literal)) if !matches!(literal.lit, Lit::Bool(_)) => {
            attribute.value_literal_string()
        }
        _ => None,
    }
}

fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}
