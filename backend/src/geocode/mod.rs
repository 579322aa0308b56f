//! Where a postcode is: two providers, a cache, and the gazetteer when both are away.
//!
//! [`Geocoder`] answers every postcode within the timeout, and says how sure it is. `provider` is what all providers are to
//! the rest; `postcodes_io`, `findthatpostcode`, `getthedata` and `nominatim` speak their formats over `fetch`; `watched` asks
//! them behind `breaker`; `chain` asks several, `tally` makes one verdict of their answers; `cache` and `flight` see to it that
//! nobody is asked twice; `table` is the gazetteer's part. Knows nothing of orders or HTTP handlers. Logs hold no postcode.

mod breaker;
pub mod cache;
mod chain;
mod config;
mod fetch;
mod findthatpostcode;
mod flight;
mod getthedata;
mod nominatim;
mod postcodes_io;
mod provider;
mod table;
mod tally;
mod watched;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use model::Postcode;
use model::place::{Finding, Place};
use model::status::ProviderStatus;
use process::clock::SharedClock;

use cache::{BRIEF_MS, CachedPlace, MemoryCache, PlaceCache, believed_for_ms};
use chain::Chain;
use flight::Flights;
use table::{Table, blank};
use tally::Verdict;

pub use config::{ConfigError, GeocodeConfig, NoSuchProvider, ProviderKind};
pub use provider::{Answer, Failure};

/// A few hundred bytes each.
const MOST_IN_MEMORY: usize = 20_000;
/// The store's cache is there to be quicker than the providers; when it is not, they are asked.
const CACHE_PATIENCE: Duration = Duration::from_millis(250);

/// Answers where postcodes are. Cheap to clone.
#[derive(Clone)]
pub struct Geocoder {
    desk: Arc<Desk>,
    flights: Arc<Flights<Place>>,
}

struct Desk {
    chain: Chain,
    table: Table,
    memory: MemoryCache,
    cache: Arc<dyn PlaceCache>,
    clock: SharedClock,
}

/// An answer, and whether the providers agree on it so that it may be kept.
struct Judged {
    place: Place,
    settled: bool,
}

impl Geocoder {
    /// # Errors
    /// If the configuration names an address that is none, or a provider twice.
    pub fn new(
        config: GeocodeConfig,
        cache: Arc<dyn PlaceCache>,
        clock: SharedClock,
    ) -> Result<Self, ConfigError> {
        let providers = config.providers(&clock)?;
        let chain = Chain {
            providers: providers.into_iter().map(Arc::new).collect(),
            timeout: config.timeout,
            hedge: config.hedge,
        };
        Ok(Self::over(chain, Table::embedded()?, cache, clock))
    }

    fn over(chain: Chain, table: Table, cache: Arc<dyn PlaceCache>, clock: SharedClock) -> Self {
        Self {
            desk: Arc::new(Desk {
                chain,
                table,
                memory: MemoryCache::new(MOST_IN_MEMORY),
                cache,
                clock,
            }),
            flights: Flights::new(),
        }
    }

    /// What is known of a postcode, within the timeout. Never fails: the worst answer is that it could not be checked.
    pub async fn locate(&self, postcode: &Postcode) -> Place {
        let now_ms = self.desk.clock.now_ms();
        if let Some(place) = self.desk.memory.get(postcode.as_str(), now_ms) {
            return place;
        }
        let (desk, asked) = (Arc::clone(&self.desk), postcode.clone());
        self.flights
            .join(postcode.as_str(), async move { desk.find(&asked).await })
            .await
            .unwrap_or_else(|| self.desk.table.alone(postcode))
    }

    /// How the providers have been doing, in the order in which they are asked.
    #[must_use]
    pub fn providers(&self) -> Vec<ProviderStatus> {
        self.desk
            .chain
            .providers
            .iter()
            .map(|watched| watched.status())
            .collect()
    }
}

impl Desk {
    async fn find(&self, postcode: &Postcode) -> Place {
        let now_ms = self.clock.now_ms();
        // A flight for the same postcode may have landed since the caller looked.
        if let Some(place) = self.memory.get(postcode.as_str(), now_ms) {
            return place;
        }
        let kept = tokio::time::timeout(CACHE_PATIENCE, self.cache.get(postcode.as_str()))
            .await
            .unwrap_or_default()
            .filter(|kept| kept.place.postcode == postcode.as_str());
        if let Some(kept) = &kept
            && kept.is_fresh(now_ms)
        {
            self.remember(kept);
            return kept.place.clone();
        }
        let judged = self.judge(self.chain.ask(postcode).await, postcode, kept);
        self.keep(&judged);
        judged.place
    }

    /// Makes an answer of the providers' verdict, what was kept although it is old, and the gazetteer.
    fn judge(&self, verdict: Verdict, postcode: &Postcode, old: Option<CachedPlace>) -> Judged {
        match verdict {
            Verdict::Found { position, source } => Judged {
                place: Place {
                    position: Some(position),
                    ..blank(postcode, Finding::Found, Some(source))
                },
                settled: true,
            },
            Verdict::NotLocatable { source } => Judged {
                place: blank(postcode, Finding::NotLocatable, Some(source)),
                settled: true,
            },
            Verdict::Terminated {
                since,
                source,
                confirmed,
            } => Judged {
                place: Place {
                    terminated: since,
                    ..blank(postcode, Finding::Terminated, Some(source))
                },
                settled: confirmed,
            },
            Verdict::Unknown { source, confirmed } => {
                // One provider alone may have old data; the table's yes is as good as its no.
                let listed = (!confirmed).then(|| self.table.listed(postcode)).flatten();
                Judged {
                    place: listed.unwrap_or_else(|| Place {
                        suggestion: self.table.mend(postcode),
                        ..blank(postcode, Finding::Unknown, Some(source))
                    }),
                    settled: confirmed,
                }
            }
            Verdict::Nothing => {
                let place = old
                    .map(|old| old.place)
                    .filter(|place| matches!(place.finding, Finding::Found | Finding::NotLocatable))
                    .unwrap_or_else(|| self.table.alone(postcode));
                Judged {
                    place,
                    settled: false,
                }
            }
        }
    }

    fn keep(&self, judged: &Judged) {
        let cached = CachedPlace {
            place: judged.place.clone(),
            checked_at_ms: self.clock.now_ms(),
        };
        if judged.settled {
            self.remember(&cached);
            let cache = Arc::clone(&self.cache);
            // The answer does not wait for the store.
            tokio::spawn(async move { cache.put(cached).await });
        } else {
            self.memory
                .put(cached.place, cached.checked_at_ms + BRIEF_MS);
        }
    }

    fn remember(&self, cached: &CachedPlace) {
        if let Some(believed_ms) = believed_for_ms(cached.place.finding) {
            let until_ms = cached.checked_at_ms + believed_ms;
            self.memory.put(cached.place.clone(), until_ms);
        }
    }
}
