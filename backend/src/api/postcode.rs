//! Postcodes in requests: parsing and locating.

use model::Postcode;
use model::basket::Basket;
use model::place::Place;
use model::postcode::PostcodeError;
use model::problem::{Code, FieldError};
use model::restaurant::Fulfilment;

use super::ApiState;
use super::error::ApiError;

/// Parses a postcode as the customer typed it.
///
/// # Errors
/// 422, with a suggestion if there is one; `field` is the postcode's path in the body.
pub(super) fn parse(text: &str, field: &str) -> Result<Postcode, ApiError> {
    Postcode::parse(text).map_err(|error| {
        let (code, title, suggestion) = match &error {
            PostcodeError::Special(_) => (
                Code::PostcodeSpecial,
                "This postcode cannot be delivered to",
                None,
            ),
            PostcodeError::Empty => (Code::PostcodeInvalid, "The postcode is missing", None),
            PostcodeError::Shape { suggestion } | PostcodeError::Area { suggestion, .. } => (
                Code::PostcodeInvalid,
                "This is not a postcode",
                suggestion.as_ref().map(Postcode::to_string),
            ),
        };
        ApiError::new(code, title, error.to_string())
            .with_suggestion(suggestion)
            .with_errors(vec![FieldError {
                field: field.to_owned(),
                message: error.to_string(),
            }])
    })
}

/// Locates the delivery address of a basket; `None` for collection, or while the postcode is empty.
pub(super) async fn locate_delivery(
    state: &ApiState,
    basket: &Basket,
    field: &str,
) -> Result<Option<Place>, ApiError> {
    let typed = basket.postcode.as_deref().unwrap_or_default().trim();
    if basket.fulfilment == Fulfilment::Collection || typed.is_empty() {
        return Ok(None);
    }
    let postcode = parse(typed, field)?;
    Ok(Some(state.geocoder.locate(&postcode).await))
}
