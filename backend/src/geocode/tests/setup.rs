//! A geocoder over scripted providers, with a store's cache that can be looked into and a clock that is moved by hand.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use model::place::{Finding, Place, Position, Source};
use process::clock::{ManualClock, SharedClock};

use super::postcode;
use super::scripted::Script;
use crate::geocode::Geocoder;
use crate::geocode::cache::{CachedPlace, PlaceCache};
use crate::geocode::chain::Chain;
use crate::geocode::provider::{Answer, Failure};
use crate::geocode::table::Table;
use crate::geocode::watched::Watched;

pub const A: Source = Source::PostcodesIo;
pub const B: Source = Source::FindThatPostcode;
pub const C: Source = Source::GetTheData;
pub const TIMEOUT: Duration = Duration::from_millis(1500);
pub const HEDGE: Duration = Duration::from_millis(250);
pub const DAY_MS: i64 = 86_400_000;
/// In the gazetteer, but not there.
pub const LISTED: &str = "SW1A 1AA";
/// Its sector is in the gazetteer, it is not.
pub const NEIGHBOUR: &str = "SW1A 1ZZ";
pub const IRISH: &str = "BT1 5GS";

pub fn found() -> Result<Answer, Failure> {
    Ok(Answer::Found(Position {
        latitude: 54.5,
        longitude: -1.5,
    }))
}

pub fn unknown() -> Result<Answer, Failure> {
    Ok(Answer::Unknown)
}

pub fn terminated() -> Result<Answer, Failure> {
    Ok(Answer::Terminated {
        since: Some("1996-06".to_owned()),
    })
}

pub fn away() -> Result<Answer, Failure> {
    Err(Failure::Status(503))
}

pub fn a(answer: Result<Answer, Failure>) -> Script {
    Script::new(A, answer)
}

pub fn b(answer: Result<Answer, Failure>) -> Script {
    Script::new(B, answer)
}

/// A store's cache that can be looked into.
#[derive(Default)]
pub struct Kept {
    places: Mutex<HashMap<String, CachedPlace>>,
    pub read: AtomicUsize,
    hangs: bool,
}

#[async_trait]
impl PlaceCache for Kept {
    async fn get(&self, postcode: &str) -> Option<CachedPlace> {
        self.read.fetch_add(1, Ordering::SeqCst);
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

impl Kept {
    /// Gives no answer to anything.
    pub fn hanging() -> Self {
        Self {
            hangs: true,
            ..Self::default()
        }
    }

    pub fn finding(&self, postcode: &str) -> Option<Finding> {
        let places = self.places.lock().unwrap();
        places.get(postcode).map(|kept| kept.place.finding)
    }
}

pub struct Setup {
    pub geocoder: Geocoder,
    pub cache: Arc<Kept>,
    pub clock: Arc<ManualClock>,
}

impl Setup {
    pub fn new(scripts: &[&Script]) -> Self {
        Self::over(scripts, Arc::default(), ManualClock::at(1_000_000_000_000))
    }

    pub fn over(scripts: &[&Script], cache: Arc<Kept>, clock: Arc<ManualClock>) -> Self {
        let shared: SharedClock = clock.clone();
        let watch = |script: &&Script| {
            let provider = Box::new((**script).clone());
            Arc::new(Watched::new(provider, TIMEOUT, shared.clone()))
        };
        let chain = Chain {
            providers: scripts.iter().map(watch).collect(),
            timeout: TIMEOUT,
            hedge: HEDGE,
        };
        let table = Table::embedded().unwrap();
        Self {
            geocoder: Geocoder::over(chain, table, cache.clone(), shared.clone()),
            cache,
            clock,
        }
    }

    pub async fn locate(&self, text: &str) -> Place {
        let place = self.geocoder.locate(&postcode(text)).await;
        // What is kept is kept behind the answer's back.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        place
    }

    /// A replica that starts anew with the same store.
    pub fn restarted(&self, scripts: &[&Script]) -> Self {
        Self::over(scripts, self.cache.clone(), self.clock.clone())
    }
}
