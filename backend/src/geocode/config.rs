//! Which providers are asked, where, and with how much patience.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use model::Postcode;
use model::place::Source;
use process::clock::SharedClock;

use super::fetch::{Base, Fetcher};
use super::findthatpostcode::{self, FindThatPostcode};
use super::getthedata::{self, GetTheData};
use super::nominatim::{self, Nominatim};
use super::postcodes_io::{self, PostcodesIo};
use super::provider::{Answer, Failure, Provider};
use super::watched::Watched;

/// A provider that there is an adapter for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProviderKind {
    PostcodesIo,
    FindThatPostcode,
    GetTheData,
    Nominatim,
}

#[derive(Clone, Debug)]
pub struct GeocodeConfig {
    /// In order of preference; none at all leaves the gazetteer alone.
    pub providers: Vec<ProviderKind>,
    pub postcodes_io_url: String,
    pub findthatpostcode_url: String,
    pub getthedata_url: String,
    pub nominatim_url: String,
    /// For one answer of one provider, and for all of them together.
    pub timeout: Duration,
    /// Silence of one provider after which the next is asked as well.
    pub hedge: Duration,
    /// Between two requests of this replica to Nominatim. Its rule is one a second for the whole application: a second for
    /// each replica.
    pub nominatim_interval: Duration,
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the address of {provider} is no web address: {why}")]
    Address { provider: ProviderKind, why: String },
    #[error("{0} is listed twice among the geocoding providers")]
    Twice(ProviderKind),
    #[error("the table of postcodes in this program: {0}")]
    Gazetteer(#[from] gazetteer::FormatError),
}

/// A name that is no provider's.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no geocoding provider; there are {all}", all = ProviderKind::ALL.map(|kind| kind.to_string()).join(", "))]
pub struct NoSuchProvider(String);

impl ProviderKind {
    pub const ALL: [Self; 4] = [
        Self::PostcodesIo,
        Self::FindThatPostcode,
        Self::GetTheData,
        Self::Nominatim,
    ];

    /// What an answer of this provider's says of the postcode that was asked for. Asks nobody.
    ///
    /// # Errors
    /// If it is no answer of this provider's, or one to another question.
    pub fn understand(self, status: u16, body: &[u8], asked: &Postcode) -> Result<Answer, Failure> {
        let classify = match self {
            Self::PostcodesIo => postcodes_io::classify,
            Self::FindThatPostcode => findthatpostcode::classify,
            Self::GetTheData => getthedata::classify,
            Self::Nominatim => nominatim::classify,
        };
        classify(status, body, asked)
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
    type Err = NoSuchProvider;

    fn from_str(name: &str) -> Result<Self, NoSuchProvider> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.source().name() == name)
            .ok_or_else(|| NoSuchProvider(name.to_owned()))
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
    pub(super) fn providers(&self, clock: &SharedClock) -> Result<Vec<Watched>, ConfigError> {
        let fetcher = Fetcher::new();
        if let (Some(why), false) = (fetcher.fault(), self.providers.is_empty()) {
            tracing::error!(
                why,
                "no geocoding provider can be asked; the embedded gazetteer answers alone"
            );
        }
        let mut seen = Vec::new();
        for &kind in &self.providers {
            if seen.contains(&kind) {
                return Err(ConfigError::Twice(kind));
            }
            seen.push(kind);
        }
        seen.into_iter()
            .map(|kind| {
                let provider = self.provider(kind, fetcher.clone())?;
                Ok(Watched::new(provider, self.timeout, clock.clone()))
            })
            .collect()
    }

    fn provider(
        &self,
        kind: ProviderKind,
        fetcher: Fetcher,
    ) -> Result<Box<dyn Provider>, ConfigError> {
        let base = |url: &str| {
            Base::parse(url).map_err(|why| ConfigError::Address {
                provider: kind,
                why,
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

    fn providers(config: &GeocodeConfig) -> Result<Vec<Watched>, ConfigError> {
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
    fn the_order_is_kept() {
        let config = GeocodeConfig {
            providers: vec![ProviderKind::Nominatim, ProviderKind::PostcodesIo],
            ..GeocodeConfig::default()
        };
        let sources: Vec<_> = providers(&config)
            .unwrap()
            .iter()
            .map(Watched::source)
            .collect();
        assert_eq!(sources, [Source::Nominatim, Source::PostcodesIo]);
    }

    #[test]
    fn mistakes_are_named() {
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
