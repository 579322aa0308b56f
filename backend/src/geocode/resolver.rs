//! Resolves one postcode: from the store's cache while the entry is fresh, otherwise from the providers, otherwise from the
//! embedded gazetteer. Must not know the in-memory cache or concurrent callers.

use std::sync::Arc;
use std::time::Duration;

use model::Postcode;
use model::place::{Finding, Place};
use model::status::ProviderStatus;
use process::clock::SharedClock;

use super::cache::{CachedPlace, PlaceCache, UNCONFIRMED_TTL_MS, ttl_ms};
use super::chain::ProviderChain;
use super::consensus::Consensus;
use super::embedded_gazetteer::{EmbeddedGazetteer, place_without_position};
use super::lookups::ExpiringPlace;

/// Longest wait for the store's cache. The cache exists to be faster than the providers: when it is slower, they are queried.
const CACHE_TIMEOUT: Duration = Duration::from_millis(250);

pub struct Resolver {
    pub(super) chain: ProviderChain,
    pub(super) gazetteer: EmbeddedGazetteer,
    pub(super) cache: Arc<dyn PlaceCache>,
    pub(super) clock: SharedClock,
}

/// A place, and whether the providers confirm it, so that it may be written to the store's cache.
struct Resolution {
    place: Place,
    confirmed: bool,
}

impl Resolver {
    pub async fn resolve(&self, postcode: &Postcode) -> ExpiringPlace {
        let now_ms = self.clock.now_ms();
        let cached = tokio::time::timeout(CACHE_TIMEOUT, self.cache.get(postcode.as_str()))
            .await
            .unwrap_or_default()
            .filter(|cached| cached.place.postcode == postcode.as_str());
        if let Some(cached) = &cached
            && cached.is_fresh(now_ms)
        {
            return expiring(cached);
        }
        let consensus = self.chain.query(postcode).await;
        let resolution = self.interpret(consensus, postcode, cached);
        self.save(resolution)
    }

    /// Statistics of the providers, in order of preference.
    #[must_use]
    pub fn provider_statuses(&self) -> Vec<ProviderStatus> {
        let providers = self.chain.providers.iter();
        providers.map(|provider| provider.status()).collect()
    }

    /// Combines the providers' consensus with an expired entry of the store's cache and the gazetteer.
    fn interpret(
        &self,
        consensus: Consensus,
        postcode: &Postcode,
        expired: Option<CachedPlace>,
    ) -> Resolution {
        match consensus {
            Consensus::Found { position, source } => Resolution {
                place: Place {
                    position: Some(position),
                    ..place_without_position(postcode, Finding::Found, Some(source))
                },
                confirmed: true,
            },
            Consensus::NotLocatable { source } => Resolution {
                place: place_without_position(postcode, Finding::NotLocatable, Some(source)),
                confirmed: true,
            },
            Consensus::Terminated {
                since,
                source,
                confirmed,
            } => Resolution {
                place: Place {
                    terminated: since,
                    ..place_without_position(postcode, Finding::Terminated, Some(source))
                },
                confirmed,
            },
            Consensus::Unknown { source, confirmed } => {
                // One provider alone may have old data: then an entry of the gazetteer goes before its negative answer.
                let listed = (!confirmed)
                    .then(|| self.gazetteer.find(postcode))
                    .flatten();
                Resolution {
                    place: listed.unwrap_or_else(|| Place {
                        suggestion: self.gazetteer.suggest(postcode),
                        ..place_without_position(postcode, Finding::Unknown, Some(source))
                    }),
                    confirmed,
                }
            }
            Consensus::NoAnswer => {
                let place = expired
                    .map(|expired| expired.place)
                    .filter(|place| matches!(place.finding, Finding::Found | Finding::NotLocatable))
                    .unwrap_or_else(|| self.gazetteer.estimate(postcode));
                Resolution {
                    place,
                    confirmed: false,
                }
            }
        }
    }

    /// Writes a confirmed place to the store's cache, and sets how long the place stays in memory.
    fn save(&self, resolution: Resolution) -> ExpiringPlace {
        let Resolution { place, confirmed } = resolution;
        let checked_at_ms = self.clock.now_ms();
        if !confirmed {
            return ExpiringPlace {
                place,
                expires_at_ms: checked_at_ms + UNCONFIRMED_TTL_MS,
            };
        }
        let cached = CachedPlace {
            place,
            checked_at_ms,
        };
        let place = expiring(&cached);
        let cache = Arc::clone(&self.cache);
        // The answer does not wait for the store.
        tokio::spawn(async move { cache.put(cached).await });
        place
    }
}

/// Carries the TTL of the store's cache over to the in-memory cache.
fn expiring(cached: &CachedPlace) -> ExpiringPlace {
    ExpiringPlace {
        place: cached.place.clone(),
        expires_at_ms: cached.checked_at_ms + ttl_ms(cached.place.finding).unwrap_or_default(),
    }
}
