//! The geocoding cache, over several handles and restarts.

use model::place::{Finding, Place, Position, Source};

use super::*;
use crate::geocode::cache::{CachedPlace, PlaceCache};

fn checked(finding: Finding, checked_at_ms: i64) -> CachedPlace {
    CachedPlace {
        place: Place {
            postcode: "DH1 3EL".to_owned(),
            finding,
            position: Some(Position {
                latitude: 54.775_312,
                longitude: -1.584_901,
            }),
            radius_m: None,
            source: Some(Source::PostcodesIo),
            terminated: None,
            suggestion: None,
        },
        checked_at_ms,
    }
}

#[tokio::test]
async fn all_replicas_share_the_cache_which_survives_restarts() {
    let data = tempfile::tempdir().unwrap();
    let one = SqliteStore::open(data.path()).unwrap();
    let other = SqliteStore::open(data.path()).unwrap();
    assert_eq!(one.get("DH1 3EL").await, None);
    one.put(checked(Finding::Found, 5)).await;
    assert_eq!(other.get("DH1 3EL").await, Some(checked(Finding::Found, 5)));
    drop((one, other));
    let reopened = SqliteStore::open(data.path()).unwrap();
    assert_eq!(
        reopened.get("DH1 3EL").await,
        Some(checked(Finding::Found, 5))
    );
}

#[tokio::test]
async fn a_later_check_replaces_an_earlier_one_and_never_the_reverse() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    store.put(checked(Finding::Found, 5)).await;
    store.put(checked(Finding::Terminated, 9)).await;
    store.put(checked(Finding::Unknown, 7)).await;
    assert_eq!(
        store.get("DH1 3EL").await,
        Some(checked(Finding::Terminated, 9))
    );
}

#[tokio::test]
async fn an_unreadable_row_counts_as_missing() {
    let data = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(data.path()).unwrap();
    store.put(checked(Finding::Found, 5)).await;
    tamper(data.path(), "UPDATE places SET place = '{}'");
    assert_eq!(store.get("DH1 3EL").await, None);
}
