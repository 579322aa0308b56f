//! What is typed at checkout, checked before it is sent. Pure; the server checks again and has the last word.

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
    /// Of its input; what is said about it is `<id>-error`.
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

    /// Which input a path of the request's body belongs to.
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

/// What is wrong with the form: an input, or none where no input can mend it; and a sentence.
pub type Mistake = (Option<Field>, String);

/// What is wrong, in the order of the page.
#[must_use]
pub fn check(
    fulfilment: Fulfilment,
    postcode: &str,
    customer: &Customer,
    notes: &str,
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut add = |field, message: Option<String>| {
        mistakes.extend(message.map(|message| (Some(field), message)));
    };
    if fulfilment == Fulfilment::Delivery {
        add(Field::Postcode, postcode_mistake(postcode));
        add(Field::Address, address_mistake(&customer.address));
    }
    add(Field::Name, name_mistake(&customer.name));
    add(Field::Phone, phone_mistake(&customer.phone));
    add(Field::Notes, notes_mistake(notes));
    mistakes
}

/// Where an obstacle is shown, and so where it is mended.
#[must_use]
pub fn of_obstacle(obstacle: &Obstacle) -> Field {
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

/// The server's word, with the inputs that it is about.
#[must_use]
pub fn of_problem(problem: &Problem) -> Vec<Mistake> {
    let mut mistakes: Vec<Mistake> = problem
        .errors
        .iter()
        .map(|FieldError { field, message }| (Field::of_path(field), message.clone()))
        .collect();
    mistakes.sort_by_key(|(field, _)| *field);
    mistakes
}

fn postcode_mistake(text: &str) -> Option<String> {
    Postcode::parse(text)
        .err()
        .map(|error| match error.suggestion() {
            Some(meant) => format!("{error} Did you mean {meant}?"),
            None => error.to_string(),
        })
}

/// What a mistyped postcode was probably meant to be.
#[must_use]
pub fn postcode_suggestion(text: &str) -> Option<Postcode> {
    Postcode::parse(text).err()?.suggestion().cloned()
}

fn address_mistake(text: &str) -> Option<String> {
    match text.trim().chars().count() {
        0..MIN_ADDRESS_CHARS => Some("Enter the house and street to deliver to.".into()),
        MIN_ADDRESS_CHARS..=MAX_ADDRESS_CHARS => None,
        _ => Some(format!(
            "Shorten the address to {MAX_ADDRESS_CHARS} characters."
        )),
    }
}

fn name_mistake(text: &str) -> Option<String> {
    match text.trim().chars().count() {
        0 => Some("Enter the name that the order is for.".into()),
        1..=MAX_NAME_CHARS => None,
        _ => Some(format!("Shorten the name to {MAX_NAME_CHARS} characters.")),
    }
}

fn phone_mistake(text: &str) -> Option<String> {
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

fn notes_mistake(text: &str) -> Option<String> {
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

    fn fields(mistakes: &[Mistake]) -> Vec<Option<Field>> {
        mistakes.iter().map(|(field, _)| *field).collect()
    }

    #[test]
    fn a_filled_form_has_no_mistake() {
        assert_eq!(check(Fulfilment::Delivery, "dh13el", &customer(), ""), []);
    }

    #[test]
    fn an_empty_form_tells_every_input_in_the_order_of_the_page() {
        let mistakes = check(Fulfilment::Delivery, "", &Customer::default(), "");
        assert_eq!(
            fields(&mistakes),
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
        assert_eq!(check(Fulfilment::Collection, "", &person, ""), []);
    }

    #[test]
    fn phones_are_digits_and_long_enough() {
        for good in ["07700 900123", "+447700900123", "0191-498-0123"] {
            assert_eq!(phone_mistake(good), None, "{good}");
        }
        for bad in ["", "ring the bell", "07700 9001", "1234567890123456"] {
            assert!(phone_mistake(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_mistyped_postcode_is_mended_in_words() {
        let said = postcode_mistake("DH1 3E1").unwrap_or_default();
        assert!(
            said.contains("DH1 3EL") || said.contains("DH1 3EI"),
            "{said}"
        );
    }

    #[test]
    fn what_the_server_says_finds_its_input() {
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
            fields(&of_problem(&problem)),
            [
                Some(Field::Postcode),
                Some(Field::Phone),
                Some(Field::Lines)
            ]
        );
    }
}
