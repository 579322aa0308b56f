use super::*;

#[test]
fn one_number_has_one_form() {
    for text in [
        "07700 900123",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "0044 7700 900123",
        "(07700) 900-123",
        "  07700900123 ",
    ] {
        assert_eq!(
            Phone::parse(text).unwrap().as_str(),
            "+447700900123",
            "{text}"
        );
    }
    assert_eq!(
        Phone::parse("+353 1 555 0123 4").unwrap().as_str(),
        "+353155501234"
    );
    assert_eq!(Phone::parse("7700 900123").unwrap().as_str(), "7700900123");
}

#[test]
fn text_that_is_no_phone_number_is_refused() {
    for text in [
        "07700 90012x",
        "07700.900.123",
        "0770+0900123",
        "++447700900123",
        "tel:07700900123",
        "٠٧٧٠٠٩٠٠١٢٣",
    ] {
        assert_eq!(
            Phone::parse(text).unwrap_err(),
            "Enter the phone number in digits, such as 07700 900123.",
            "{text}"
        );
    }
    for text in ["123 456 789", "+1234567890123456"] {
        assert_eq!(
            Phone::parse(text).unwrap_err(),
            "Enter the whole phone number, 10 to 15 digits.",
            "{text}"
        );
    }
    assert_eq!(
        Phone::parse(" ").unwrap_err(),
        "Enter a phone number, so that the restaurant can reach you."
    );
}

#[test]
fn names_have_1_to_100_characters() {
    assert_eq!(CustomerName::parse(" Zoë ").unwrap().as_str(), "Zoë");
    assert!(CustomerName::parse(&"ö".repeat(100)).is_ok());
    assert_eq!(
        CustomerName::parse(&"ö".repeat(101)).unwrap_err(),
        "Shorten the name to 100 characters."
    );
    assert_eq!(
        CustomerName::parse(" \t ").unwrap_err(),
        "Enter the name that the order is for."
    );
}

#[test]
fn addresses_become_one_line() {
    assert_eq!(
        Address::parse("Flat 2,\r\n 14 Mill Lane \n\n")
            .unwrap()
            .as_str(),
        "Flat 2, 14 Mill Lane"
    );
    assert_eq!(
        Address::parse("1A").unwrap_err(),
        "Enter the house and street to deliver to."
    );
    assert!(Address::parse(&"x".repeat(200)).is_ok());
    assert_eq!(
        Address::parse(&"x".repeat(201)).unwrap_err(),
        "Shorten the address to 200 characters."
    );
}

#[test]
fn notes_may_have_lines_and_may_be_absent() {
    assert_eq!(
        Notes::parse("No onions.\r\nRing twice. ").unwrap().as_str(),
        "No onions.\nRing twice."
    );
    assert_eq!(Notes::parse("").unwrap().as_str(), "");
    assert!(Notes::parse(&"é".repeat(500)).is_ok());
    assert_eq!(
        Notes::parse(&"é".repeat(501)).unwrap_err(),
        "Shorten the notes to 500 characters."
    );
}

#[test]
fn unprintable_characters_are_refused() {
    for letter in ['\0', '\u{7}', '\u{1b}', '\u{85}', '\u{202e}', '\u{2066}'] {
        let text = format!("Mill{letter}Lane");
        assert_eq!(
            CustomerName::parse(&text).unwrap_err(),
            "Take the characters out of the name that cannot be printed."
        );
        assert!(Address::parse(&text).is_err(), "{letter:?}");
        assert!(Notes::parse(&text).is_err(), "{letter:?}");
    }
}

#[test]
fn debug_output_contains_no_personal_data() {
    let name = CustomerName::parse("Zoë").unwrap();
    let phone = Phone::parse("07700 900123").unwrap();
    let shown = format!("{name:?} {phone:?}");
    assert_eq!(shown, "CustomerName(…) Phone(…)");
}
