//! The table that ships with the backend is complete and within its limits, and every postcode in it parses and prints unchanged.

use gazetteer::{Entry, Gazetteer};
use model::Postcode;

static TABLE: &[u8] = include_bytes!("../../backend/data/gazetteer.bin");

fn shipped() -> Gazetteer<'static> {
    Gazetteer::from_bytes(TABLE).unwrap()
}

#[test]
fn the_table_is_complete_and_small() {
    assert_eq!(shipped().verify(), Ok(()));
    assert!(TABLE.len() < 8 << 20, "{} bytes", TABLE.len());
}

#[test]
fn every_listed_postcode_parses_and_prints_unchanged() {
    let gazetteer = shipped();
    let mut listed = 0;
    let mut without_position = 0;
    for (text, position) in gazetteer.iter() {
        let postcode = Postcode::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(postcode.as_str(), text);
        listed += 1;
        match position {
            None => without_position += 1,
            Some(position) => {
                assert!((49.0..61.5).contains(&position.latitude), "{text}");
                assert!((-9.0..2.5).contains(&position.longitude), "{text}");
            }
        }
    }
    assert_eq!(listed, gazetteer.len());
    assert!(listed > 2_600_000, "{listed}");
    assert!(without_position < listed / 50, "{without_position}");
}

#[test]
fn well_known_postcodes_have_their_positions() {
    let lookup = |text| shipped().lookup(&Postcode::parse(text).unwrap());
    let assert_near = |text, latitude: f64, longitude: f64| {
        let Entry::Unit(position) = lookup(text) else {
            panic!("{text} has no position");
        };
        assert!((position.latitude - latitude).abs() < 0.001, "{text}");
        assert!((position.longitude - longitude).abs() < 0.001, "{text}");
    };
    assert_near("SW1A 1AA", 51.501, -0.1416);
    assert_near("EX36 4AT", 51.0147, -3.8332);
    assert_near("BR8 7RE", 51.4118, 0.1789);
    assert_near("AB10 1AB", 57.1496, -2.0969);
    assert_eq!(lookup("JE2 4WD"), Entry::UnitWithoutPosition);
    assert_eq!(lookup("BT1 5GS"), Entry::Unlisted);
    let Entry::Sector { centre, radius_m } = lookup("SW1A 1ZZ") else {
        panic!("SW1A 1ZZ is expected to be unlisted, in a listed sector");
    };
    assert!((51.4..51.6).contains(&centre.latitude));
    assert!((100..5_000).contains(&radius_m), "{radius_m}");
}
