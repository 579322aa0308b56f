//! The addresses of the shop's pages. A postcode only ever stands in the fragment: it is shared and reloaded with the address, but not
//! sent to any server or written to any log.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params, use_query};
use leptos_router::params::{Params, ParamsError};
use model::Postcode;
use model::postcode::PostcodeError;

pub const RESTAURANTS: &str = "/restaurants";

/// `/restaurants#DH1-3EL`.
#[must_use]
pub fn restaurants(postcode: &Postcode) -> String {
    with_postcode(RESTAURANTS, Some(postcode))
}

/// `/r/the-copper-pan#DH1-3EL`.
#[must_use]
pub fn menu(slug: &str, postcode: Option<&Postcode>) -> String {
    with_postcode(&format!("/r/{slug}"), postcode)
}

/// The checkout of one restaurant's basket. Without the query it is the basket that was changed last.
#[must_use]
pub fn checkout(slug: &str) -> String {
    format!("/checkout?from={slug}")
}

/// An order by its token.
#[must_use]
pub fn order(token: &str) -> String {
    format!("/orders/{token}")
}

fn with_postcode(path: &str, postcode: Option<&Postcode>) -> String {
    match postcode {
        Some(postcode) => format!("{path}#{}-{}", postcode.outward(), postcode.inward()),
        None => path.to_owned(),
    }
}

/// The postcode in a fragment, which may be typed by hand.
///
/// # Errors
/// If it is not a postcode.
pub fn postcode_in(fragment: &str) -> Result<Postcode, PostcodeError> {
    Postcode::parse(&as_typed(fragment))
}

/// The fragment as text for the postcode field.
#[must_use]
pub fn as_typed(fragment: &str) -> String {
    let text = fragment.strip_prefix('#').unwrap_or(fragment);
    text.replace("%20", " ").replace('-', " ")
}

/// The variable parts of the pages' addresses. Each page has at most one.
#[derive(Params, PartialEq)]
struct AddressParts {
    /// The restaurant of a menu.
    slug: Option<String>,
    /// An order's token.
    token: Option<String>,
    /// The restaurant of a checkout.
    from: Option<String>,
}

/// The restaurant in the address of a menu.
pub fn use_menu_restaurant() -> Memo<String> {
    part_of(use_params(), |parts| &parts.slug)
}

/// The token in the address of an order.
pub fn use_order_token() -> Memo<String> {
    part_of(use_params(), |parts| &parts.token)
}

/// The restaurant in the address of a checkout; empty where it names none.
pub fn use_checkout_restaurant() -> Memo<String> {
    part_of(use_query(), |parts| &parts.from)
}

fn part_of(
    parts: Memo<Result<AddressParts, ParamsError>>,
    part: fn(&AddressParts) -> &Option<String>,
) -> Memo<String> {
    Memo::new(move |_| {
        parts.with(|parts| {
            let parts = parts.as_ref().ok();
            parts
                .and_then(|parts| part(parts).clone())
                .unwrap_or_default()
        })
    })
}

/// Gives a function that replaces the current address, so that "back" does not lead to it. Call it while a component is set up.
pub fn use_replace() -> impl Fn(&str) + Clone {
    let navigate = use_navigate();
    move |href: &str| {
        let options = NavigateOptions {
            replace: true,
            ..NavigateOptions::default()
        };
        navigate(href, options);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postcode_survives_the_address() {
        let postcode = Postcode::parse("dh1 3el").expect("a postcode");
        assert_eq!(restaurants(&postcode), "/restaurants#DH1-3EL");
        assert_eq!(
            menu("the-copper-pan", Some(&postcode)),
            "/r/the-copper-pan#DH1-3EL"
        );
        assert_eq!(menu("the-copper-pan", None), "/r/the-copper-pan");
        assert_eq!(postcode_in("#DH1-3EL"), Ok(postcode.clone()));
        assert_eq!(postcode_in("#dh1%203el"), Ok(postcode));
    }

    #[test]
    fn a_fragment_that_is_no_postcode_is_shown_for_correction() {
        assert_eq!(postcode_in(""), Err(PostcodeError::Empty));
        assert_eq!(as_typed("#WIA-OAA"), "WIA OAA");
        assert!(postcode_in("#WIA-OAA").is_err());
    }
}
