//! Settings of a replica: flags, environment variables and keys of `[backend]` in `tiffin.toml`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use process::settings::CommonSettings;

use crate::geocode::{GeocodeConfig, ProviderKind};

/// The settings of a replica. Their doc comments are the texts of `--help`.
#[derive(Args, Clone, Debug)]
pub struct BackendSettings {
    #[command(flatten)]
    pub common: CommonSettings,

    /// Address to listen on; port 0 takes a free one
    #[arg(
        long,
        env = "TIFFIN_BACKEND_LISTEN",
        default_value = "127.0.0.1:0",
        value_name = "IP:PORT"
    )]
    pub listen: SocketAddr,

    /// Address that front-end servers reach this replica at, if it is not the one listened on
    #[arg(
        long,
        env = "TIFFIN_BACKEND_ADVERTISE",
        value_name = "HOST:PORT",
        value_parser = host_and_port
    )]
    pub advertise: Option<String>,

    /// Id of this replica, unique among the registered ones; random if not given
    #[arg(long, env = "TIFFIN_BACKEND_ID", value_name = "NAME", value_parser = replica_id)]
    pub id: Option<String>,

    /// Folder with the restaurants and their menus, one .toml file each
    #[arg(
        long,
        env = "TIFFIN_MENUS",
        default_value = "menus",
        value_name = "DIR"
    )]
    pub menus: PathBuf,

    /// Lease: how long the registry keeps a replica that sends no heartbeat, in milliseconds; heartbeats come five times as often
    #[arg(
        long,
        env = "TIFFIN_LEASE_MS",
        default_value = "3000",
        value_name = "MS",
        value_parser = milliseconds(250, 600_000)
    )]
    pub lease_ms: u64,

    /// How long requests may take to finish after shutdown is requested, in milliseconds
    #[arg(
        long,
        env = "TIFFIN_DRAIN_MS",
        default_value = "5000",
        value_name = "MS",
        value_parser = milliseconds(0, 600_000)
    )]
    pub drain_ms: u64,

    /// How long the staff have to accept an order before it expires, in milliseconds
    #[arg(
        long,
        env = "TIFFIN_ACCEPT_WITHIN_MS",
        default_value = "600000",
        value_name = "MS",
        value_parser = milliseconds(1_000, 86_400_000)
    )]
    pub accept_within_ms: u64,

    /// Retention of name, phone number, address and notes of an order, in days; afterwards they are purged, and what was sold stays
    #[arg(
        long,
        env = "TIFFIN_KEEP_PERSONAL_DATA_DAYS",
        default_value = "30",
        value_name = "DAYS",
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    pub keep_personal_data_days: u16,

    /// Geocoding providers in order of preference: postcodes.io, findthatpostcode.uk, getthedata.com, nominatim
    #[arg(
        long,
        env = "TIFFIN_GEOCODERS",
        default_value = "postcodes.io,findthatpostcode.uk",
        value_delimiter = ',',
        value_name = "NAMES"
    )]
    pub geocoders: Vec<ProviderKind>,

    /// Base address of postcodes.io
    #[arg(
        long,
        env = "TIFFIN_POSTCODES_IO_URL",
        default_value = "https://api.postcodes.io",
        value_name = "URL"
    )]
    pub postcodes_io_url: String,

    /// Base address of findthatpostcode.uk
    #[arg(
        long,
        env = "TIFFIN_FINDTHATPOSTCODE_URL",
        default_value = "https://findthatpostcode.uk",
        value_name = "URL"
    )]
    pub findthatpostcode_url: String,

    /// Base address of getthedata.com
    #[arg(
        long,
        env = "TIFFIN_GETTHEDATA_URL",
        default_value = "https://api.getthedata.com",
        value_name = "URL"
    )]
    pub getthedata_url: String,

    /// Base address of Nominatim, or of a server of one's own that speaks its protocol
    #[arg(
        long,
        env = "TIFFIN_NOMINATIM_URL",
        default_value = "https://nominatim.openstreetmap.org",
        value_name = "URL"
    )]
    pub nominatim_url: String,

    /// Timeout of a request to a geocoding provider, in milliseconds
    #[arg(
        long,
        env = "TIFFIN_GEOCODE_TIMEOUT_MS",
        default_value = "1500",
        value_name = "MS",
        value_parser = milliseconds(1, 60_000)
    )]
    pub geocode_timeout_ms: u64,

    /// Hedge delay: how long to wait for one geocoding provider before also asking the next, in milliseconds
    #[arg(
        long,
        env = "TIFFIN_GEOCODE_HEDGE_MS",
        default_value = "250",
        value_name = "MS",
        value_parser = milliseconds(0, 60_000)
    )]
    pub geocode_hedge_ms: u64,
}

impl BackendSettings {
    #[must_use]
    pub fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms)
    }

    #[must_use]
    pub fn drain(&self) -> Duration {
        Duration::from_millis(self.drain_ms)
    }

    /// The acceptance window in milliseconds.
    #[must_use]
    pub fn acceptance_window_ms(&self) -> i64 {
        i64::try_from(self.accept_within_ms).unwrap_or(i64::MAX)
    }

    /// The retention period of personal data in milliseconds.
    #[must_use]
    pub fn retention_ms(&self) -> i64 {
        i64::from(self.keep_personal_data_days) * 24 * 60 * 60_000
    }

    #[must_use]
    pub fn geocoding(&self) -> GeocodeConfig {
        GeocodeConfig {
            providers: self.geocoders.clone(),
            postcodes_io_url: self.postcodes_io_url.clone(),
            findthatpostcode_url: self.findthatpostcode_url.clone(),
            getthedata_url: self.getthedata_url.clone(),
            nominatim_url: self.nominatim_url.clone(),
            timeout: Duration::from_millis(self.geocode_timeout_ms),
            hedge: Duration::from_millis(self.geocode_hedge_ms),
            ..GeocodeConfig::default()
        }
    }
}

fn milliseconds(minimum: u64, maximum: u64) -> RangedU64ValueParser<u64> {
    RangedU64ValueParser::new().range(minimum..=maximum)
}

/// Parses a replica id. The status panel shows ids and uses them in its URLs.
fn replica_id(text: &str) -> Result<String, String> {
    let fits = (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    fits.then(|| text.to_owned())
        .ok_or_else(|| "1 to 40 letters, digits, hyphens, underscores or full stops".to_owned())
}

fn host_and_port(text: &str) -> Result<String, String> {
    text.rsplit_once(':')
        .filter(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0))
        .map(|_| text.to_owned())
        .ok_or_else(|| "a host and a port, such as 10.0.0.7:4100".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        settings: BackendSettings,
    }

    fn parse(arguments: &[&str]) -> Result<BackendSettings, String> {
        Arguments::try_parse_from(std::iter::once(&"backend").chain(arguments))
            .map(|parsed| parsed.settings)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn no_argument_is_needed() {
        let settings = parse(&[]).unwrap();
        assert_eq!(settings.listen, SocketAddr::from(([127, 0, 0, 1], 0)));
        assert_eq!(settings.lease(), Duration::from_secs(3));
        assert_eq!((settings.id, settings.advertise), (None, None));
    }

    #[test]
    fn invalid_settings_are_refused() {
        for arguments in [
            ["--id", "a/b"],
            ["--id", ""],
            ["--advertise", "10.0.0.7"],
            ["--advertise", ":80"],
            ["--advertise", "host:0"],
            ["--lease-ms", "10"],
            ["--listen", "8080"],
            ["--geocoders", "postcodes.io,google"],
        ] {
            let error = parse(&arguments).expect_err(arguments[1]);
            assert!(error.contains(arguments[0]), "{error}");
        }
    }
}
