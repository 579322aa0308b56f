//! `#[derive(FromJson, ToJson)]`. What serde's attributes say counts here too, so that there is one truth; an attribute that
//! is not understood does not compile.

mod attributes;

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Ident};

use attributes::{Attributes, snake_case};

/// Reads the type from a `json::Value`.
#[proc_macro_derive(FromJson, attributes(serde))]
pub fn from_json(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input, read)
}

/// Writes the type to a `json::Writer`.
#[proc_macro_derive(ToJson, attributes(serde))]
pub fn to_json(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input, write)
}

fn derive(
    input: proc_macro::TokenStream,
    body: fn(&DeriveInput) -> syn::Result<TokenStream>,
) -> proc_macro::TokenStream {
    syn::parse(input)
        .and_then(|input| body(&input))
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

fn read(input: &DeriveInput) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let of_type = Attributes::of(&input.attrs)?;
    let body = if of_type.as_string {
        quote! {
            Self::try_from(<String as ::json::FromJson>::from_json(value, fit)).unwrap_or_else(|_| {
                fit.refuse();
                Self::STAND_IN
            })
        }
    } else {
        match shape(input)? {
            Shape::Inner => quote!(Self(::json::FromJson::from_json(value, fit))),
            Shape::Struct(fields) => {
                let fields = fields.iter().map(|(ident, attributes)| {
                    let name = attributes.name(&ident.to_string());
                    let take = if attributes.default {
                        quote!(field_or_default)
                    } else {
                        quote!(field)
                    };
                    quote!(#ident: ::json::#take(&mut object, #name, fit))
                });
                quote! {
                    let mut object = value.object(fit);
                    Self { #(#fields),* }
                }
            }
            Shape::Enum(variants) => {
                let names = names(&variants, of_type.snake_case);
                // The first one stands for whatever is not known, too.
                let arms = variants
                    .iter()
                    .enumerate()
                    .skip(1)
                    .map(|(index, (ident, _))| quote!(#index => Self::#ident));
                let first = variants.first().map(|(ident, _)| ident);
                quote! {
                    match ::json::variant(&value, &[#(#names),*], fit) {
                        #(#arms,)*
                        _ => Self::#first,
                    }
                }
            }
        }
    };
    Ok(quote! {
        impl ::json::FromJson for #name {
            fn from_json(value: ::json::Value, fit: &mut ::json::Fit) -> Self {
                #body
            }
        }
    })
}

fn write(input: &DeriveInput) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let of_type = Attributes::of(&input.attrs)?;
    let body = if of_type.as_string {
        quote!(to.text(&String::from(self.clone()));)
    } else {
        match shape(input)? {
            Shape::Inner => quote!(::json::ToJson::to_json(&self.0, to);),
            Shape::Struct(fields) => {
                let fields = fields.iter().map(|(ident, attributes)| {
                    let name = attributes.name(&ident.to_string());
                    let write = quote! {
                        to.name(#name);
                        ::json::ToJson::to_json(&self.#ident, to);
                    };
                    if attributes.skip_nothing {
                        quote!(if !::json::ToJson::is_nothing(&self.#ident) { #write })
                    } else {
                        write
                    }
                });
                quote! {
                    to.raw("{");
                    #(#fields)*
                    to.raw("}");
                }
            }
            Shape::Enum(variants) => {
                let names = names(&variants, of_type.snake_case);
                let idents = variants.iter().map(|(ident, _)| ident);
                quote!(to.text(match self { #(Self::#idents => #names),* });)
            }
        }
    };
    Ok(quote! {
        impl ::json::ToJson for #name {
            fn to_json(&self, to: &mut ::json::Writer) {
                #body
            }
        }
    })
}

/// The types there are.
enum Shape {
    /// A struct of one thing, which is written as that thing.
    Inner,
    Struct(Vec<(Ident, Attributes)>),
    /// Of names alone.
    Enum(Vec<(Ident, Attributes)>),
}

fn shape(input: &DeriveInput) -> syn::Result<Shape> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => fields
                .named
                .iter()
                .filter_map(|field| Some((field.ident.clone()?, &field.attrs)))
                .map(|(ident, attributes)| Ok((ident, Attributes::of(attributes)?)))
                .collect::<syn::Result<_>>()
                .map(Shape::Struct),
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => Ok(Shape::Inner),
            _ => Err(unknown(input)),
        },
        Data::Enum(data) if data.variants.iter().all(|it| it.fields.is_empty()) => data
            .variants
            .iter()
            .map(|it| Ok((it.ident.clone(), Attributes::of(&it.attrs)?)))
            .collect::<syn::Result<_>>()
            .map(Shape::Enum),
        _ => Err(unknown(input)),
    }
}

fn unknown(input: &DeriveInput) -> syn::Error {
    syn::Error::new(
        input.span(),
        "JSON is derived for structs with named fields, structs of one thing, and enums of names alone",
    )
}

fn names(variants: &[(Ident, Attributes)], snake: bool) -> Vec<String> {
    variants
        .iter()
        .map(|(ident, attributes)| {
            let name = ident.to_string();
            attributes.name(&if snake { snake_case(&name) } else { name })
        })
        .collect()
}
