//! A geocoder over scripted providers, with a store's cache that tests inspect and a clock that tests advance.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use model::place::{Finding, Place, Position, Source};
use process::clock::{ManualClock, SharedClock};

use super::postcode;
use super::scripted::ScriptedProvider;
use crate::geocode::Geocoder;
use crate::geocode::cache::{CachedPlace, PlaceCache};
use crate::geocode::chain::ProviderChain;
use crate::geocode::embedded_gazetteer::EmbeddedGazetteer;
use crate::geocode::guarded_provider::GuardedProvider;
use crate::geocode::provider::{ProviderAnswer, ProviderError};

pub const A: Source = Source::PostcodesIo;
pub const B: Source = Source::FindThatPostcode;
pub const C: Source = Source::GetTheData;
pub const TIMEOUT: Duration = Duration::from_millis(1500);
pub const HEDGE: Duration = Duration::from_millis(250);
pub const DAY_MS: i64 = 86_400_000;
/// In the gazetteer. The scripted providers answer with another position.
pub const LISTED: &str = "SW1A 1AA";
/// Not in the gazetteer, but its sector is.
pub const NEIGHBOUR: &str = "SW1A 1ZZ";
/// In Northern Ireland, which the gazetteer does not contain.
pub const IRISH: &str = "BT1 5GS";

pub fn found() -> Result<ProviderAnswer, ProviderError> {
    Ok(ProviderAnswer::Found(Position {
        latitude: 54.5,
        longitude: -1.5,
    }))
}

pub fn unknown() -> Result<ProviderAnswer, ProviderError> {
    Ok(ProviderAnswer::Unknown)
}

pub fn terminated() -> Result<ProviderAnswer, ProviderError> {
    Ok(ProviderAnswer::Terminated {
        since: Some("1996-06".to_owned()),
    })
}

pub fn unavailable() -> Result<ProviderAnswer, ProviderError> {
    Err(ProviderError::Status(503))
}

pub fn a(answer: Result<ProviderAnswer, ProviderError>) -> ScriptedProvider {
    ScriptedProvider::new(A, answer)
}

pub fn b(answer: Result<ProviderAnswer, ProviderError>) -> ScriptedProvider {
    ScriptedProvider::new(B, answer)
}

/// A store's cache that tests inspect.
#[derive(Default)]
pub struct FakePlaceCache {
    places: Mutex<HashMap<String, CachedPlace>>,
    pub reads: AtomicUsize,
    hangs: bool,
}

#[async_trait]
impl PlaceCache for FakePlaceCache {
    async fn get(&self, postcode: &str) -> Option<CachedPlace> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.hangs {
            std::future::pending::<()>().await;
        }
        self.places.lock().unwrap().get(postcode).cloned()
    }

    async fn put(&self, cached: CachedPlace) {
        let key = cached.place.postcode.clone();
        self.places.lock().unwrap().insert(key, cached);
    }
}

impl FakePlaceCache {
    /// Makes a cache that never answers a read.
    pub fn hanging() -> Self {
        Self {
            hangs: true,
            ..Self::default()
        }
    }

    pub fn finding(&self, postcode: &str) -> Option<Finding> {
        let places = self.places.lock().unwrap();
        places.get(postcode).map(|cached| cached.place.finding)
    }
}

pub struct Setup {
    pub geocoder: Geocoder,
    pub cache: Arc<FakePlaceCache>,
    pub clock: Arc<ManualClock>,
}

impl Setup {
    pub fn new(scripts: &[&ScriptedProvider]) -> Self {
        Self::over(scripts, Arc::default(), ManualClock::at(1_000_000_000_000))
    }

    pub fn over(
        scripts: &[&ScriptedProvider],
        cache: Arc<FakePlaceCache>,
        clock: Arc<ManualClock>,
    ) -> Self {
        let shared: SharedClock = clock.clone();
        let guard = |script: &&ScriptedProvider| {
            let provider = Box::new((**script).clone());
            Arc::new(GuardedProvider::new(provider, TIMEOUT, shared.clone()))
        };
        let chain = ProviderChain {
            providers: scripts.iter().map(guard).collect(),
            timeout: TIMEOUT,
            hedge: HEDGE,
        };
        let gazetteer = EmbeddedGazetteer::load().unwrap();
        Self {
            geocoder: Geocoder::from_parts(chain, gazetteer, cache.clone(), shared.clone()),
            cache,
            clock,
        }
    }

    pub async fn locate(&self, text: &str) -> Place {
        let place = self.geocoder.locate(&postcode(text)).await;
        // The store's cache is written in a task of its own, which runs here.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        place
    }

    /// Makes the geocoder of a restarted replica with the same store.
    pub fn restarted(&self, scripts: &[&ScriptedProvider]) -> Self {
        Self::over(scripts, self.cache.clone(), self.clock.clone())
    }
}
