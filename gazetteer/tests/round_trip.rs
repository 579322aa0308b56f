//! The reader returns the entries as built; damaged bytes are rejected or list fewer entries, and never cause a panic.

use std::collections::BTreeMap;

use gazetteer::{Builder, Entry, FormatError, Gazetteer};
use model::Postcode;
use model::place::Position;
use proptest::prelude::*;

type Table = BTreeMap<String, Option<(i32, i32)>>;

/// Few sectors, so that each has many units; positions all over the Earth, so that boxes have any size.
fn tables() -> impl Strategy<Value = Table> {
    let postcode = "(DH1|M1|SW1A|B10|NPT) [0-2][ABDE][ABDEFZ]|NPT 0VA";
    let spread = prop_oneof![Just(3), Just(3_000), Just(900_000)];
    spread.prop_flat_map(move |spread| {
        let point = (-spread..=spread, -2 * spread..=2 * spread);
        prop::collection::btree_map(postcode, prop::option::weighted(0.8, point), 0..60)
    })
}

fn position((north, east): (i32, i32)) -> Position {
    Position {
        latitude: f64::from(north) / 10_000.0,
        longitude: f64::from(east) / 10_000.0,
    }
}

fn build(table: &Table) -> Vec<u8> {
    let mut builder = Builder::default();
    for (postcode, point) in table {
        let postcode = Postcode::parse(postcode).unwrap();
        builder.add(&postcode, point.map(position), false).unwrap();
    }
    builder.finish().unwrap()
}

fn positions_in_sector(table: &Table, sector: &str) -> Vec<Position> {
    table
        .iter()
        .filter(|(postcode, _)| postcode.starts_with(sector))
        .filter_map(|(_, point)| point.map(position))
        .collect()
}

proptest! {
    #[test]
    fn entries_read_as_built(table in tables(), others in prop::collection::vec("(DH1|M1|SW1A|B10|NPT|E2) [0-3][ABDE][ABDEFZ]", 20)) {
        let bytes = build(&table);
        let gazetteer = Gazetteer::from_bytes(&bytes).unwrap();
        prop_assert_eq!(gazetteer.verify(), Ok(()));
        prop_assert_eq!(gazetteer.len(), table.len());
        let listed: BTreeMap<_, _> = gazetteer.iter().collect();
        let expected: BTreeMap<_, _> = table
            .iter()
            .map(|(postcode, point)| (postcode.clone(), point.map(position)))
            .collect();
        prop_assert_eq!(listed, expected);
        for text in table.keys().chain(&others) {
            let postcode = Postcode::parse(text).unwrap();
            let neighbours = positions_in_sector(&table, postcode.sector());
            match (table.get(text), gazetteer.lookup(&postcode)) {
                (Some(Some(point)), entry) => prop_assert_eq!(entry, Entry::Unit(position(*point))),
                (Some(None), entry) => prop_assert_eq!(entry, Entry::UnitWithoutPosition),
                (None, Entry::Sector { centre, radius_m }) => {
                    let within = neighbours
                        .iter()
                        .filter(|neighbour| centre.distance_m(**neighbour) <= f64::from(radius_m))
                        .count();
                    let far = radius_m == (1 << 20) - 1;
                    prop_assert!(far || within * 10 >= neighbours.len() * 9);
                }
                (None, entry) => {
                    prop_assert_eq!(entry, Entry::Unlisted);
                    prop_assert!(neighbours.is_empty());
                }
            }
        }
    }

    #[test]
    fn damaged_bytes_never_cause_a_panic(
        table in tables(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..8),
        length in any::<prop::sample::Index>(),
    ) {
        let mut bytes = build(&table);
        for (index, change) in &damage {
            let index = index.index(bytes.len());
            bytes[index] ^= change;
        }
        read_everything(&bytes, &table);
        read_everything(&bytes[..length.index(bytes.len())], &table);
    }

    #[test]
    fn a_truncated_table_is_rejected(table in tables(), length in any::<prop::sample::Index>()) {
        let bytes = build(&table);
        let part = &bytes[..length.index(bytes.len())];
        prop_assert!(Gazetteer::from_bytes(part).is_err());
    }

    #[test]
    fn any_bytes_are_read_without_panic(tail in prop::collection::vec(any::<u8>(), 0..300), sectors in 0..6_u32) {
        let body = u32::try_from(tail.len()).unwrap().saturating_sub(sectors * 8);
        let mut bytes = b"TIFFINGZ".to_vec();
        for number in [1, sectors, 7, body, 0, 0] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(&tail);
        read_everything(&bytes, &Table::new());
        read_everything(&tail, &Table::new());
    }
}

fn read_everything(bytes: &[u8], table: &Table) {
    if let Ok(gazetteer) = Gazetteer::from_bytes(bytes) {
        let _ = gazetteer.verify();
        let listed = gazetteer.iter().count();
        assert!(listed <= bytes.len() * 21 * 21);
        for postcode in table
            .keys()
            .map(String::as_str)
            .chain(["DH1 3EL", "E2 0AA"])
        {
            let _ = gazetteer.lookup(&Postcode::parse(postcode).unwrap());
        }
    }
}

#[test]
fn each_kind_of_invalid_bytes_has_its_own_error() {
    let table = Table::from([("DH1 3EL".to_owned(), Some((547_753, -15_849)))]);
    let valid = build(&table);
    let reason = |bytes: &[u8]| Gazetteer::from_bytes(bytes).map(|_| ()).unwrap_err();
    assert_eq!(reason(b""), FormatError::Magic);
    assert_eq!(reason(&[0; 64]), FormatError::Magic);
    assert_eq!(reason(&valid[..valid.len() - 1]), FormatError::Length);
    let mut newer = valid.clone();
    newer[8] = 2;
    assert_eq!(reason(&newer), FormatError::Version { found: 2 });
    let mut damaged = valid.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let verified = Gazetteer::from_bytes(&damaged).unwrap().verify();
    assert_eq!(verified, Err(FormatError::Checksum));
}
