//! Addresses of the shop's pages. A postcode only ever stands in the fragment: it is shared and reloaded with the address, and
//! is sent to no server and written to no log.

use model::Postcode;
use model::postcode::PostcodeError;

/// `/restaurants#DH1-3EL`.
#[must_use]
pub fn restaurants(postcode: &Postcode) -> String {
    with_postcode("/restaurants", Some(postcode))
}

/// `/r/the-copper-pan#DH1-3EL`.
#[must_use]
pub fn menu(slug: &str, postcode: Option<&Postcode>) -> String {
    with_postcode(&["/r/", slug].concat(), postcode)
}

fn with_postcode(path: &str, postcode: Option<&Postcode>) -> String {
    match postcode {
        Some(postcode) => [path, "#", postcode.outward(), "-", postcode.inward()].concat(),
        None => path.to_owned(),
    }
}

/// What a person put into the fragment by hand or by a shared address.
///
/// # Errors
/// If it is no postcode.
pub fn postcode_in(fragment: &str) -> Result<Postcode, PostcodeError> {
    Postcode::parse(&as_typed(fragment))
}

/// The fragment as text for the postcode field.
#[must_use]
pub fn as_typed(fragment: &str) -> String {
    let text = fragment.strip_prefix('#').unwrap_or(fragment);
    text.replace("%20", " ").replace('-', " ")
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
    fn a_fragment_that_is_no_postcode_can_be_shown_and_mended() {
        assert_eq!(postcode_in(""), Err(PostcodeError::Empty));
        assert_eq!(as_typed("#WIA-OAA"), "WIA OAA");
        assert!(postcode_in("#WIA-OAA").is_err());
    }
}
