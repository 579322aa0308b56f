//! The front-end server's settings. `process::settings` reads them from flags, environment variables and `tiffin.toml`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use http::HeaderValue;
use process::settings::CommonSettings;

pub use crate::gateway::DetectionBounds;
use crate::gateway::{GatewayConfig, HealthCheckConfig, LimitBounds, RequestTimeouts};
use crate::http::origin::Origin;

/// Tiffin's front-end server: serves the app, forwards its requests to an available replica, shows the status panel
#[derive(Parser, Clone, Debug)]
#[command(name = "server", version)]
pub struct ServerSettings {
    #[command(flatten)]
    pub common: CommonSettings,

    /// Address and port to serve at; port 0 takes a free one
    #[arg(
        long,
        env = "TIFFIN_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS"
    )]
    pub listen: SocketAddr,

    /// Address at which browsers reach this server, such as https://one.shop.example; derived from --listen if not set
    #[arg(long, env = "TIFFIN_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Origin>,

    /// Address at which browsers reach all front-end servers together, if there is one; its pages may call each server
    #[arg(long, env = "TIFFIN_SHARED_URL", value_name = "URL")]
    pub shared_url: Option<Origin>,

    /// Folder of the app that trunk has built
    #[arg(
        long,
        env = "TIFFIN_ASSETS",
        default_value = "dist",
        value_name = "DIR"
    )]
    pub assets: PathBuf,

    /// Name of this server in the registry and on the status panel; random if not set
    #[arg(long, env = "TIFFIN_SERVER_ID", value_name = "NAME")]
    pub id: Option<String>,

    /// The operator's password for the status panel; if not set, the first start generates it, prints it once and stores its hash
    #[arg(
        long,
        env = "TIFFIN_OPERATOR_PASSWORD",
        hide_env_values = true,
        value_name = "TEXT"
    )]
    pub operator_password: Option<String>,

    /// Time after its last heartbeat at which the registry drops a process
    #[arg(
        long,
        env = "TIFFIN_LEASE_MS",
        default_value = "3000",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub lease_ms: u64,

    // Shorter moves a customer on sooner when a replica hangs; longer retries fewer slow but healthy requests.
    /// Timeout of one attempt, for a request that can be retried on another replica
    #[arg(
        long,
        env = "TIFFIN_ATTEMPT_TIMEOUT_MS",
        default_value = "1000",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub attempt_timeout_ms: u64,

    // Longer than people like to wait, shorter than the timeouts of most proxies and browsers.
    /// Timeout of a request with all its attempts
    #[arg(
        long,
        env = "TIFFIN_REQUEST_TIMEOUT_MS",
        default_value = "10000",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub request_timeout_ms: u64,

    // Long enough for a replica to restart, short enough that the page can still show an error itself.
    /// How long a request waits for a replica while none is available
    #[arg(
        long,
        env = "TIFFIN_WAIT_TIMEOUT_MS",
        default_value = "2000",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub wait_timeout_ms: u64,

    /// Interval of the health checks of each replica
    #[arg(
        long,
        env = "TIFFIN_HEALTH_INTERVAL_MS",
        default_value = "250",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub health_interval_ms: u64,

    /// The bounds of failure detection, which adapts within them by itself; only tests set them
    #[arg(skip)]
    pub detection: DetectionBounds,

    // Lower rejects requests that could be served; higher has a replica work on requests whose clients have given up.
    /// Limit on the requests in flight to a replica, at least, however slow it becomes
    #[arg(
        long,
        env = "TIFFIN_CONCURRENCY_FLOOR",
        default_value = "256",
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub concurrency_floor: u32,

    /// The same limit at most, however fast the replica is
    #[arg(
        long,
        env = "TIFFIN_CONCURRENCY_CEILING",
        default_value = "1024",
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub concurrency_ceiling: u32,

    // Each idle connection costs some ten kilobytes.
    /// Number of client connections served at once; further ones wait
    #[arg(
        long,
        env = "TIFFIN_MAX_CONNECTIONS",
        default_value = "10000",
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub max_connections: u64,

    /// Time for a client to send a request's headers, to send its body, and to read a part of the response, each
    #[arg(
        long,
        env = "TIFFIN_CLIENT_TIMEOUT_MS",
        default_value = "20000",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub client_timeout_ms: u64,
}

impl ServerSettings {
    /// The gateway's limits and intervals. A ceiling below its floor counts as the floor.
    pub(crate) fn gateway_config(&self, credential: HeaderValue) -> GatewayConfig {
        GatewayConfig {
            health: HealthCheckConfig {
                interval: Duration::from_millis(self.health_interval_ms),
                timeout: self.detection.check_timeout,
                heartbeat_floor: self.detection.heartbeat_floor,
                progress: self.detection.progress,
            },
            hedge: self.detection.hedge,
            limit: LimitBounds {
                floor: self.concurrency_floor,
                ceiling: self.concurrency_ceiling.max(self.concurrency_floor),
            },
            timeouts: RequestTimeouts {
                attempt: Duration::from_millis(self.attempt_timeout_ms),
                request: Duration::from_millis(self.request_timeout_ms),
                wait: Duration::from_millis(self.wait_timeout_ms),
            },
            credential,
        }
    }

    #[must_use]
    pub fn client_timeout(&self) -> Duration {
        Duration::from_millis(self.client_timeout_ms)
    }
}
