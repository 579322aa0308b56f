use model::Pence;

use super::*;
use crate::menus::fixtures::{nowhere, place, restaurant, with};

fn fee_at(metres_north: f64) -> Option<Pence> {
    let sample = restaurant();
    let distance = distance_m(&sample, &place(metres_north))?;
    find_band(&sample, distance).map(|band| band.fee)
}

#[test]
fn a_band_includes_its_limit() {
    assert_eq!(fee_at(0.0), Some(Pence(149)));
    assert_eq!(fee_at(1999.5), Some(Pence(149)));
    assert_eq!(fee_at(2000.5), Some(Pence(299)));
    assert_eq!(fee_at(4999.5), Some(Pence(299)));
    assert_eq!(fee_at(5000.5), None);
    assert_eq!(fee_at(400_000.0), None);
}

#[test]
fn an_approximate_place_counts_by_its_centre() {
    let sector = Place {
        finding: Finding::Approximate,
        radius_m: Some(3000),
        ..place(1900.0)
    };
    assert_eq!(distance_m(&restaurant(), &sector), Some(1900));
}

#[test]
fn a_place_that_was_not_found_has_no_distance() {
    for finding in [
        Finding::NotLocatable,
        Finding::Terminated,
        Finding::Unknown,
        Finding::CouldNotCheck,
    ] {
        // Coordinates are ignored: those of a postcode no longer in use may be anywhere.
        let with_position = Place {
            finding,
            ..place(100.0)
        };
        assert_eq!(distance_m(&restaurant(), &with_position), None);
    }
    assert_eq!(distance_m(&restaurant(), &nowhere(Finding::Found)), None);
    // An invalid position counts as the far side of the Earth.
    let mut broken = place(0.0);
    broken.position = broken.position.map(|position| model::place::Position {
        latitude: f64::NAN,
        ..position
    });
    let distance = distance_m(&restaurant(), &broken).unwrap();
    assert_eq!(find_band(&restaurant(), distance), None);
}

#[test]
fn terms_count_from_ordering_to_the_door() {
    let sample = with(&[("prepare_minutes = 20", "prepare_minutes = 35")]);
    let far = terms_of(&sample, &sample.bands()[1]);
    assert_eq!((far.from_minutes, far.to_minutes), (60, 75));
    assert_eq!(
        (far.fee_pence, far.minimum_pence),
        (Pence(299), Pence(1500))
    );
}
