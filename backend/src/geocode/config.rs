//! Configuration of geocoding: providers, their addresses, timeouts and intervals.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use model::Postcode;
use model::place::Source;
use process::clock::SharedClock;

use super::fetch::{BaseUrl, Fetcher};
use super::findthatpostcode::{self, FindThatPostcode};
use super::getthedata::{self, GetTheData};
use super::guarded_provider::GuardedProvider;
use super::nominatim::{self, Nominatim};
use super::postcodes_io::{self, PostcodesIo};
use super::provider::{Provider, ProviderAnswer, ProviderError};

/// Provider with an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProviderKind {
    PostcodesIo,
    FindThatPostcode,
    GetTheData,
    Nominatim,
}

#[derive(Clone, Debug)]
pub struct GeocodeConfig {
    /// In order of preference. Without any, the gazetteer answers alone.
    pub providers: Vec<ProviderKind>,
    pub postcodes_io_url: String,
    pub findthatpostcode_url: String,
    pub getthedata_url: String,
    pub nominatim_url: String,
    /// Timeout of one request to a provider, and deadline of a lookup with all of them.
    pub timeout: Duration,
    /// Silence of a provider after which the next one is queried as well.
    pub hedge: Duration,
    /// Time between two requests of this replica to Nominatim. Its usage policy allows one request a second for the whole
    /// application, so allow one second for each replica.
    pub nominatim_interval: Duration,
}

/// Error in the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the address of {provider} is not a web address: {reason}")]
    Address {
        provider: ProviderKind,
        reason: String,
    },
    #[error("{0} is listed twice among the geocoding providers")]
    Duplicate(ProviderKind),
    #[error("the gazetteer embedded in this program cannot be read: {0}")]
    Gazetteer(#[from] gazetteer::FormatError),
}

/// Name of a provider that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a geocoding provider; use {all}", all = ProviderKind::ALL.map(|kind| kind.to_string()).join(", "))]
pub struct UnknownProvider(String);

impl ProviderKind {
    pub const ALL: [Self; 4] = [
        Self::PostcodesIo,
        Self::FindThatPostcode,
        Self::GetTheData,
        Self::Nominatim,
    ];

    /// Parses an HTTP answer of this provider to a request for `requested`. Does no I/O.
    ///
    /// # Errors
    /// If the answer is not in this provider's format, or is about another postcode.
    pub fn parse_answer(
        self,
        status: u16,
        body: &[u8],
        requested: &Postcode,
    ) -> Result<ProviderAnswer, ProviderError> {
        let parse = match self {
            Self::PostcodesIo => postcodes_io::parse_answer,
            Self::FindThatPostcode => findthatpostcode::parse_answer,
            Self::GetTheData => getthedata::parse_answer,
            Self::Nominatim => nominatim::parse_answer,
        };
        parse(status, body, requested)
    }

    fn source(self) -> Source {
        match self {
            Self::PostcodesIo => Source::PostcodesIo,
            Self::FindThatPostcode => Source::FindThatPostcode,
            Self::GetTheData => Source::GetTheData,
            Self::Nominatim => Source::Nominatim,
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source().name())
    }
}

impl FromStr for ProviderKind {
    type Err = UnknownProvider;

    fn from_str(name: &str) -> Result<Self, UnknownProvider> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.source().name() == name)
            .ok_or_else(|| UnknownProvider(name.to_owned()))
    }
}

impl Default for GeocodeConfig {
    fn default() -> Self {
        Self {
            providers: vec![ProviderKind::PostcodesIo, ProviderKind::FindThatPostcode],
            postcodes_io_url: "https://api.postcodes.io".to_owned(),
            findthatpostcode_url: "https://findthatpostcode.uk".to_owned(),
            getthedata_url: "https://api.getthedata.com".to_owned(),
            nominatim_url: "https://nominatim.openstreetmap.org".to_owned(),
            timeout: Duration::from_millis(1500),
            hedge: Duration::from_millis(250),
            nominatim_interval: Duration::from_secs(3),
        }
    }
}

impl GeocodeConfig {
    pub(super) fn providers(
        &self,
        clock: &SharedClock,
    ) -> Result<Vec<GuardedProvider>, ConfigError> {
        let fetcher = Fetcher::new();
        if let (Some(error), false) = (fetcher.setup_error(), self.providers.is_empty()) {
            tracing::error!(
                error,
                "no geocoding provider can be queried; the embedded gazetteer answers alone"
            );
        }
        let mut seen = Vec::new();
        for &kind in &self.providers {
            if seen.contains(&kind) {
                return Err(ConfigError::Duplicate(kind));
            }
            seen.push(kind);
        }
        seen.into_iter()
            .map(|kind| {
                let provider = self.provider(kind, fetcher.clone())?;
                Ok(GuardedProvider::new(provider, self.timeout, clock.clone()))
            })
            .collect()
    }

    fn provider(
        &self,
        kind: ProviderKind,
        fetcher: Fetcher,
    ) -> Result<Box<dyn Provider>, ConfigError> {
        let base = |url: &str| {
            BaseUrl::parse(url).map_err(|reason| ConfigError::Address {
                provider: kind,
                reason,
            })
        };
        Ok(match kind {
            ProviderKind::PostcodesIo => Box::new(PostcodesIo {
                base: base(&self.postcodes_io_url)?,
                fetcher,
            }),
            ProviderKind::FindThatPostcode => Box::new(FindThatPostcode {
                base: base(&self.findthatpostcode_url)?,
                fetcher,
            }),
            ProviderKind::GetTheData => Box::new(GetTheData {
                base: base(&self.getthedata_url)?,
                fetcher,
            }),
            ProviderKind::Nominatim => Box::new(Nominatim::new(
                base(&self.nominatim_url)?,
                fetcher,
                self.nominatim_interval,
            )),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use process::clock::SystemClock;

    use super::*;

    fn providers(config: &GeocodeConfig) -> Result<Vec<GuardedProvider>, ConfigError> {
        let clock: SharedClock = Arc::new(SystemClock::default());
        config.providers(&clock)
    }

    #[test]
    fn providers_have_names() {
        for kind in ProviderKind::ALL {
            assert_eq!(kind.to_string().parse::<ProviderKind>().unwrap(), kind);
        }
        let error = "google".parse::<ProviderKind>().unwrap_err().to_string();
        assert!(error.contains("postcodes.io"), "{error}");
    }

    #[test]
    fn the_order_of_preference_is_kept() {
        let config = GeocodeConfig {
            providers: vec![ProviderKind::Nominatim, ProviderKind::PostcodesIo],
            ..GeocodeConfig::default()
        };
        let sources: Vec<_> = providers(&config)
            .unwrap()
            .iter()
            .map(GuardedProvider::source)
            .collect();
        assert_eq!(sources, [Source::Nominatim, Source::PostcodesIo]);
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let twice = GeocodeConfig {
            providers: vec![ProviderKind::PostcodesIo; 2],
            ..GeocodeConfig::default()
        };
        let address = GeocodeConfig {
            findthatpostcode_url: "findthatpostcode.uk".to_owned(),
            ..GeocodeConfig::default()
        };
        for (config, named) in [(twice, "listed twice"), (address, "findthatpostcode.uk")] {
            let error = providers(&config).err().unwrap().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
