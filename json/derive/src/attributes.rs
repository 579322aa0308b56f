//! The attributes of serde's that Tiffin's types carry.

use syn::spanned::Spanned;
use syn::{Attribute, LitStr};

/// What they say.
#[derive(Default)]
pub struct Attributes {
    rename: Option<String>,
    pub snake_case: bool,
    /// A field that may be missing.
    pub default: bool,
    /// A field that is not written when there is nothing in it.
    pub skip_nothing: bool,
    /// Written as a string, and read through `TryFrom<String>`.
    pub as_string: bool,
}

impl Attributes {
    /// # Errors
    /// An attribute that would make serde write something else than what is derived here.
    pub fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut found = Self::default();
        for attribute in attributes.iter().filter(|it| it.path().is_ident("serde")) {
            attribute.parse_nested_meta(|meta| {
                let name = meta
                    .path
                    .get_ident()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let value = match meta.value() {
                    Ok(value) => Some(value.parse::<LitStr>()?.value()),
                    Err(_) => None,
                };
                match (name.as_str(), value.as_deref()) {
                    ("rename", Some(name)) => found.rename = Some(name.to_owned()),
                    ("rename_all", Some("snake_case")) => found.snake_case = true,
                    ("default", None) => found.default = true,
                    ("skip_serializing_if", Some("Option::is_none" | "Vec::is_empty")) => {
                        found.skip_nothing = true;
                    }
                    ("try_from" | "into", Some("String")) => found.as_string = true,
                    // A struct of one thing is written as that thing anyway.
                    ("transparent", None) => {}
                    _ => {
                        return Err(syn::Error::new(
                            meta.path.span(),
                            "JSON cannot be derived with this attribute of serde's",
                        ));
                    }
                }
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// The name on the wire of what is called `name` in Rust.
    pub fn name(&self, name: &str) -> String {
        self.rename.clone().unwrap_or_else(|| name.to_owned())
    }
}

/// `OutForDelivery` as `out_for_delivery`.
pub fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}
