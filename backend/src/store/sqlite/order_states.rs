//! SQL conditions on the state of an order, derived from the lists of [`OrderState`].
//!
//! SQLite uses a partial index only where a query repeats the index's condition literally, so every query takes its
//! condition from here. The migrations spell the conditions out, because they are never edited; the test below compares them.

use std::sync::LazyLock;

use model::OrderState;

/// Orders that the restaurant still has work with; condition of the index `open_orders`.
pub(super) static IS_OPEN: LazyLock<String> =
    LazyLock::new(|| format!("state IN ({})", quoted(&OrderState::OPEN)));

/// Orders that occupy their slot; condition of the index `places_in_slots`.
pub(super) static OCCUPIES_SLOT: LazyLock<String> =
    LazyLock::new(|| format!("state NOT IN ({})", quoted(&OrderState::RELEASED)));

/// Orders that wait to be accepted; condition of the index `waiting_orders`.
pub(super) static AWAITS_ACCEPTANCE: LazyLock<String> =
    LazyLock::new(|| format!("state = {}", quoted(&[OrderState::Placed])));

fn quoted(states: &[OrderState]) -> String {
    let names: Vec<String> = states
        .iter()
        .map(|state| format!("'{}'", state.as_str()))
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::connection;

    #[test]
    fn the_indexes_have_these_conditions() {
        let data = tempfile::tempdir().unwrap();
        let db = connection::open_migrated(&data.path().join("tiffin.db")).unwrap();
        for (index, condition) in [
            ("open_orders", &*IS_OPEN),
            ("places_in_slots", &*OCCUPIES_SLOT),
            ("waiting_orders", &*AWAITS_ACCEPTANCE),
        ] {
            let sql: String = db
                .query_row(
                    "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?1",
                    [index],
                    |row| row.get(0),
                )
                .unwrap();
            let (_, written) = sql.split_once("WHERE ").unwrap();
            assert_eq!(written, condition, "{index}");
        }
    }
}
