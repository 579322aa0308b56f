//! The fields of the checkout form and their validation before it is sent. Pure; the server validates again and decides.

use model::basket::{MAX_NOTE_CHARS, Obstacle, ObstacleCode};
use model::order::Customer;
use model::problem::FieldError;
use model::restaurant::Fulfilment;
use model::{Postcode, Problem};

const MAX_NAME_CHARS: usize = 100;
const MIN_ADDRESS_CHARS: usize = 3;
const MAX_ADDRESS_CHARS: usize = 200;

/// In the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Fulfilment,
    Slot,
    Postcode,
    Address,
    Name,
    Phone,
    Notes,
    /// The list of what is ordered.
    Lines,
}

impl Field {
    /// The id of its input; its error has the id `<id>-error`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Fulfilment => "how",
            Self::Slot => "when",
            Self::Postcode => "postcode",
            Self::Address => "address",
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Notes => "notes",
            Self::Lines => "lines",
        }
    }

    /// The field of a path in the request's body.
    fn of_path(path: &str) -> Option<Self> {
        Some(match path {
            "customer.name" => Self::Name,
            "customer.phone" => Self::Phone,
            "customer.address" => Self::Address,
            "notes" => Self::Notes,
            "basket.postcode" => Self::Postcode,
            "basket.slot_start_ms" => Self::Slot,
            "basket.fulfilment" => Self::Fulfilment,
            _ if path.starts_with("basket.lines") => Self::Lines,
            _ => return None,
        })
    }
}

/// An error of the form: the field where it can be corrected, if there is one, and a sentence.
pub type FormError = (Option<Field>, String);

/// The errors of the form, in the order of the page.
#[must_use]
pub fn validate(
    fulfilment: Fulfilment,
    postcode: &str,
    customer: &Customer,
    notes: &str,
) -> Vec<FormError> {
    let mut errors = Vec::new();
    let mut add = |field, message: Option<String>| {
        errors.extend(message.map(|message| (Some(field), message)));
    };
    if fulfilment == Fulfilment::Delivery {
        add(Field::Postcode, postcode_error(postcode));
        add(Field::Address, address_error(&customer.address));
    }
    add(Field::Name, name_error(&customer.name));
    add(Field::Phone, phone_error(&customer.phone));
    add(Field::Notes, notes_error(notes));
    errors
}

/// The field where an obstacle is shown and can be resolved.
#[must_use]
pub fn field_of_obstacle(obstacle: &Obstacle) -> Field {
    match obstacle.code {
        ObstacleCode::NoDelivery | ObstacleCode::NoCollection => Field::Fulfilment,
        ObstacleCode::Closed | ObstacleCode::SlotGone => Field::Slot,
        ObstacleCode::EmptyBasket
        | ObstacleCode::UnknownDish
        | ObstacleCode::UnknownChoice
        | ObstacleCode::SoldOut
        | ObstacleCode::TooFewChoices
        | ObstacleCode::TooManyChoices
        | ObstacleCode::BadQuantity
        | ObstacleCode::BelowMinimum => Field::Lines,
        ObstacleCode::PostcodeMissing
        | ObstacleCode::PostcodeUnknown
        | ObstacleCode::PostcodeTerminated
        | ObstacleCode::OutsideArea
        | ObstacleCode::CouldNotCheck
        | ObstacleCode::NotLocatable => Field::Postcode,
    }
}

/// The server's errors, each with its field.
#[must_use]
pub fn errors_of_problem(problem: &Problem) -> Vec<FormError> {
    let mut errors: Vec<FormError> = problem
        .errors
        .iter()
        .map(|FieldError { field, message }| (Field::of_path(field), message.clone()))
        .collect();
    sort_by_field(&mut errors);
    errors
}

/// Sorts errors in the order of the form's fields.
pub fn sort_by_field(errors: &mut [FormError]) {
    errors.sort_by_key(|(field, _)| *field);
}

fn postcode_error(text: &str) -> Option<String> {
    Postcode::parse(text)
        .err()
        .map(|error| match error.suggestion() {
            Some(meant) => format!("{error} Did you mean {meant}?"),
            None => error.to_string(),
        })
}

/// The likely correction of a mistyped postcode.
#[must_use]
pub fn postcode_suggestion(text: &str) -> Option<Postcode> {
    Postcode::parse(text).err()?.suggestion().cloned()
}

fn address_error(text: &str) -> Option<String> {
    match text.trim().chars().count() {
        0..MIN_ADDRESS_CHARS => Some("Enter the house and street to deliver to.".into()),
        MIN_ADDRESS_CHARS..=MAX_ADDRESS_CHARS => None,
        _ => Some(format!(
            "Shorten the address to {MAX_ADDRESS_CHARS} characters."
        )),
    }
}

fn name_error(text: &str) -> Option<String> {
    match text.trim().chars().count() {
        0 => Some("Enter the name that the order is for.".into()),
        1..=MAX_NAME_CHARS => None,
        _ => Some(format!("Shorten the name to {MAX_NAME_CHARS} characters.")),
    }
}

fn phone_error(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return Some("Enter a phone number, so that the restaurant can reach you.".into());
    }
    let known = |letter: char| letter.is_ascii_digit() || " ()-+".contains(letter);
    if !text.chars().all(known) {
        return Some("Enter the phone number in digits, such as 07700 900123.".into());
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (!(10..=15).contains(&digits)).then(|| "Enter the whole phone number, 10 to 15 digits.".into())
}

fn notes_error(text: &str) -> Option<String> {
    (text.trim().chars().count() > MAX_NOTE_CHARS)
        .then(|| format!("Shorten the notes to {MAX_NOTE_CHARS} characters."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::problem::Code;

    fn customer() -> Customer {
        Customer {
            name: "Ada".into(),
            phone: "+44 (0)191 498 0123".into(),
            address: "14 Silver Street".into(),
        }
    }

    fn fields(errors: &[FormError]) -> Vec<Option<Field>> {
        errors.iter().map(|(field, _)| *field).collect()
    }

    #[test]
    fn a_complete_form_has_no_error() {
        assert_eq!(
            validate(Fulfilment::Delivery, "dh13el", &customer(), ""),
            []
        );
    }

    #[test]
    fn an_empty_form_has_an_error_for_every_field_in_the_order_of_the_page() {
        let errors = validate(Fulfilment::Delivery, "", &Customer::default(), "");
        assert_eq!(
            fields(&errors),
            [
                Some(Field::Postcode),
                Some(Field::Address),
                Some(Field::Name),
                Some(Field::Phone)
            ]
        );
    }

    #[test]
    fn collection_needs_no_address() {
        let person = Customer {
            address: String::new(),
            ..customer()
        };
        assert_eq!(validate(Fulfilment::Collection, "", &person, ""), []);
    }

    #[test]
    fn phones_are_digits_and_long_enough() {
        for good in ["07700 900123", "+447700900123", "0191-498-0123"] {
            assert_eq!(phone_error(good), None, "{good}");
        }
        for bad in ["", "ring the bell", "07700 9001", "1234567890123456"] {
            assert!(phone_error(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_mistyped_postcode_gets_a_suggestion() {
        let error = postcode_error("DH1 3E1").unwrap_or_default();
        assert!(
            error.contains("DH1 3EL") || error.contains("DH1 3EI"),
            "{error}"
        );
    }

    #[test]
    fn errors_of_the_server_find_their_field() {
        let mut problem = Problem::new(Code::Invalid, "", "");
        for field in [
            "customer.phone",
            "basket.lines.0.quantity",
            "basket.postcode",
        ] {
            problem.errors.push(FieldError {
                field: field.into(),
                message: field.into(),
            });
        }
        assert_eq!(
            fields(&errors_of_problem(&problem)),
            [
                Some(Field::Postcode),
                Some(Field::Phone),
                Some(Field::Lines)
            ]
        );
    }
}
