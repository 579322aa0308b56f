//! Diagnostics of the restaurant's profile, hours and delivery bands.

use super::*;

#[test]
fn the_slug_is_the_name_of_the_file() {
    let slug = "slug = \"the-test-kitchen\"";
    assert_eq!(
        diagnostics(slug, "slug = \"the-other-kitchen\""),
        [
            "line 1, slug: \"the-other-kitchen\" is not the file's name; write \"the-test-kitchen\" \
          or call the file the-other-kitchen.toml"
        ]
    );
    assert_eq!(
        diagnostics(slug, "slug = \"The Test Kitchen\""),
        ["line 1, slug: \"The Test Kitchen\" is no id; use small letters, digits and hyphens"]
    );
}

#[test]
fn bands_are_sorted_by_distance() {
    assert_eq!(
        diagnostics("up_to_m = 5000", "up_to_m = 2000"),
        [
            "line 38, delivery[2].up_to_m: must be more than the 2000 of the band before; sort the \
          bands, nearest first"
        ]
    );
    assert_eq!(
        diagnostics("minutes = 25", "minutes = 0"),
        ["line 41, delivery[2].minutes: must be a whole number from 1 to 180"]
    );
}

#[test]
fn hours_are_ranges_that_do_not_overlap() {
    let friday = "friday = [\"17:00-02:00\"]";
    assert_eq!(
        diagnostics(friday, "friday = [\"17:00-02:00\", \"16:00-18:00\"]"),
        [
            "line 21, hours.friday[1]: begins before 16:00–18:00 on Friday has ended; let one end \
          before the next begins"
        ]
    );
    assert_eq!(
        diagnostics(
            "saturday = [\"17:00-02:00\"]",
            "saturday = [\"01:30-03:00\"]"
        ),
        [
            "line 22, hours.saturday[1]: begins before 17:00–02:00 on Friday has ended; let one end \
          before the next begins"
        ]
    );
    assert_eq!(
        diagnostics(friday, "friday = [\"5pm-2am\"]"),
        [
            "line 21, hours.friday[1]: \"5pm-2am\" is no range of hours; write it like \
          \"11:30-14:30\", and \"00:00-24:00\" for all day"
        ]
    );
    assert_eq!(
        diagnostics(&format!("{friday}\n"), ""),
        ["line 16, hours.friday: is missing; add it"]
    );
}

#[test]
fn postcodes_positions_phones_zones_and_dates_are_checked() {
    for (old, new, sentence) in [
        (
            "postcode = \"DH1 3RB\"",
            "postcode = \"AAA 1AA\"",
            "line 8, postcode: \"AAA 1AA\" is no postcode; write it like \"DH1 3RB\"",
        ),
        (
            "latitude = 54.7766",
            "latitude = 45.7766",
            "line 9, latitude: 45.7766 lies outside the United Kingdom; write degrees from 49.8 to 60.9",
        ),
        (
            "longitude = -1.5769",
            "longitude = 15",
            "line 10, longitude: 15 lies outside the United Kingdom; write degrees from -8.7 to 1.8",
        ),
        (
            "phone = \"0191 498 0123\"",
            "phone = \"498 0123\"",
            "line 11, phone: \"498 0123\" is no phone number; write 10 to 15 digits, such as \"0191 498 0123\"",
        ),
        (
            "zone = \"Europe/London\"",
            "zone = \"Europe/Durham\"",
            "line 12, zone: \"Europe/Durham\" is no time zone; write its IANA name, such as \"Europe/London\"",
        ),
        (
            "[\"2026-12-25\"]",
            "[\"2026-12-32\"]",
            "line 14, closed_dates[1]: \"2026-12-32\" is no date; write year, month and day, such as \"2026-12-25\"",
        ),
    ] {
        assert_eq!(diagnostics(old, new), [sentence]);
    }
}
