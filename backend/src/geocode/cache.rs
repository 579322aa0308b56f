//! Cache of located postcodes in the store, shared by all replicas: its trait, and the TTL of an answer by its finding. Must not
//! know providers; the in-memory cache in front of it is `lookups`.

use async_trait::async_trait;
use model::place::{Finding, Place};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// A place confirmed by the providers, with the time of their answer.
#[derive(Clone, Debug, PartialEq)]
pub struct CachedPlace {
    pub place: Place,
    pub checked_at_ms: i64,
}

/// Cache that outlives the process. An implementation logs its own failures and reports them as a miss.
#[async_trait]
pub trait PlaceCache: Send + Sync + 'static {
    /// Reads the entry of a postcode (`DH1 3EL`), however old.
    async fn get(&self, postcode: &str) -> Option<CachedPlace>;

    /// Writes the entry of `cached.place.postcode`, replacing an older one.
    async fn put(&self, cached: CachedPlace);
}

/// Cache without entries.
pub struct NoPlaceCache;

#[async_trait]
impl PlaceCache for NoPlaceCache {
    async fn get(&self, _postcode: &str) -> Option<CachedPlace> {
        None
    }

    async fn put(&self, _cached: CachedPlace) {}
}

/// TTL of an answer that the providers confirm; `None` for a finding that is never cached.
///
/// The ONS publishes postcodes four times a year, so a position is kept for three months. A postcode that is unknown today may be a
/// new street tomorrow, so that answer is kept for a day.
#[must_use]
pub fn ttl_ms(finding: Finding) -> Option<i64> {
    match finding {
        Finding::Found => Some(90 * DAY_MS),
        Finding::NotLocatable | Finding::Terminated => Some(30 * DAY_MS),
        Finding::Unknown => Some(DAY_MS),
        Finding::Approximate | Finding::CouldNotCheck => None,
    }
}

/// TTL of an answer that the providers do not confirm; it is kept in memory only. Without it, each page view during an outage
/// would send a request to a provider that is already struggling; a longer one would delay the correct answer after the outage.
pub const UNCONFIRMED_TTL_MS: i64 = MINUTE_MS;

impl CachedPlace {
    /// Whether the TTL has not passed at `now_ms`. An entry from the future, which a clock that was set back leaves behind, is not
    /// fresh.
    #[must_use]
    pub fn is_fresh(&self, now_ms: i64) -> bool {
        ttl_ms(self.place.finding)
            .is_some_and(|ttl_ms| (0..ttl_ms).contains(&(now_ms - self.checked_at_ms)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_expire() {
        for (finding, days) in [
            (Finding::Found, 90),
            (Finding::Terminated, 30),
            (Finding::NotLocatable, 30),
            (Finding::Unknown, 1),
        ] {
            let place = Place {
                postcode: "DH1 3EL".to_owned(),
                finding,
                position: None,
                radius_m: None,
                source: None,
                terminated: None,
                suggestion: None,
            };
            let cached = CachedPlace {
                place,
                checked_at_ms: 1_000,
            };
            assert!(
                cached.is_fresh(1_000 + days * DAY_MS - 1),
                "{finding:?} before its TTL has passed"
            );
            assert!(
                !cached.is_fresh(1_000 + days * DAY_MS),
                "{finding:?} after its TTL has passed"
            );
            assert!(!cached.is_fresh(999), "{finding:?} from the future");
        }
    }

    #[test]
    fn approximate_findings_are_not_cached() {
        assert_eq!(ttl_ms(Finding::Approximate), None);
        assert_eq!(ttl_ms(Finding::CouldNotCheck), None);
    }
}
