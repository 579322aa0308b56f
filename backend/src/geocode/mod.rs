//! Geocoding: where a postcode is, from two providers, with caches in front of them and the embedded gazetteer behind them.
//!
//! [`Geocoder`] answers every postcode within the timeout, and states how certain the answer is. From the outside in:
//! `lookups` caches answers in memory and coalesces concurrent lookups; `resolver` decides between the store's `cache`, the providers
//! and `embedded_gazetteer`; `chain` queries several providers and `consensus` combines their answers; `guarded_provider` adds
//! `breaker`, timeout and statistics to one `provider`; `postcodes_io`, `findthatpostcode`, `getthedata` and `nominatim` are the
//! adapters, over `fetch`. Must not know orders or HTTP handlers. Logs contain no postcode.

mod breaker;
pub mod cache;
mod chain;
mod config;
mod consensus;
mod embedded_gazetteer;
mod fetch;
mod findthatpostcode;
mod getthedata;
mod guarded_provider;
mod lookups;
mod nominatim;
mod postcodes_io;
mod provider;
mod resolver;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::Postcode;
use model::place::Place;
use model::status::ProviderStatus;
use process::clock::SharedClock;

use cache::PlaceCache;
use chain::ProviderChain;
use embedded_gazetteer::EmbeddedGazetteer;
use lookups::Lookups;
use resolver::Resolver;

pub use config::{ConfigError, GeocodeConfig, ProviderKind, UnknownProvider};
pub use provider::{ProviderAnswer, ProviderError};

/// Answers in memory, of a few hundred bytes each.
const MEMORY_CAPACITY: u64 = 20_000;

/// Answers where postcodes are. Cheap to clone.
#[derive(Clone)]
pub struct Geocoder {
    lookups: Lookups,
    resolver: Arc<Resolver>,
}

impl Geocoder {
    /// # Errors
    /// If the configuration contains an invalid address, or a provider twice.
    pub fn new(
        config: GeocodeConfig,
        cache: Arc<dyn PlaceCache>,
        clock: SharedClock,
    ) -> Result<Self, ConfigError> {
        let providers = config.providers(&clock)?;
        let chain = ProviderChain {
            providers: providers.into_iter().map(Arc::new).collect(),
            timeout: config.timeout,
            hedge: config.hedge,
        };
        Ok(Self::from_parts(
            chain,
            EmbeddedGazetteer::load()?,
            cache,
            clock,
        ))
    }

    fn from_parts(
        chain: ProviderChain,
        gazetteer: EmbeddedGazetteer,
        cache: Arc<dyn PlaceCache>,
        clock: SharedClock,
    ) -> Self {
        Self {
            lookups: Lookups::new(MEMORY_CAPACITY, clock.clone()),
            resolver: Arc::new(Resolver {
                chain,
                gazetteer,
                cache,
                clock,
            }),
        }
    }

    /// Locates a postcode within the timeout. It does not fail: the least certain answer is `CouldNotCheck`.
    pub async fn locate(&self, postcode: &Postcode) -> Place {
        let (resolver, owned) = (Arc::clone(&self.resolver), postcode.clone());
        self.lookups
            .join(postcode, async move { resolver.resolve(&owned).await })
            .await
            .unwrap_or_else(|| self.resolver.gazetteer.estimate(postcode))
    }

    /// Statistics of the providers, in order of preference.
    #[must_use]
    pub fn providers(&self) -> Vec<ProviderStatus> {
        self.resolver.provider_statuses()
    }
}
