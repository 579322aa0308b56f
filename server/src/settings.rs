//! The front-end server's settings; see `process::settings` for where they come from.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use http::HeaderValue;
use process::settings::Common;

use crate::gateway::{
    GatewayConfig, HealthCheckConfig, HedgeBounds, LimitBounds, ProgressBounds, RequestTimeouts,
};
use crate::origin::Origin;

/// Tiffin's front-end server: serves the app, forwards its requests to an available replica, shows the status panel
#[derive(Parser, Clone, Debug)]
#[command(name = "server", version)]
pub struct ServerSettings {
    #[command(flatten)]
    pub common: Common,

    /// Address and port to serve at; port 0 takes a free one
    #[arg(
        long,
        env = "TIFFIN_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS"
    )]
    pub listen: SocketAddr,

    /// Where phones reach this very server, such as https://one.shop.example; otherwise it follows from --listen
    #[arg(long, env = "TIFFIN_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Origin>,

    /// Where phones reach all front-end servers together, where there is such a name; pages from there may call each of them
    #[arg(long, env = "TIFFIN_SHARED_URL", value_name = "URL")]
    pub shared_url: Option<Origin>,

    /// Folder of the built app, as trunk leaves it
    #[arg(
        long,
        env = "TIFFIN_ASSETS",
        default_value = "dist",
        value_name = "DIR"
    )]
    pub assets: PathBuf,

    /// Name of this server in the registry and on the status panel; otherwise made up
    #[arg(long, env = "TIFFIN_SERVER_ID", value_name = "NAME")]
    pub id: Option<String>,

    /// The operator's password for the status panel; otherwise made on first start, printed once, and kept as a hash
    #[arg(
        long,
        env = "TIFFIN_OPERATOR_PASSWORD",
        hide_env_values = true,
        value_name = "TEXT"
    )]
    pub operator_password: Option<String>,

    /// How long the registry keeps a process that has gone silent, in milliseconds
    #[arg(
        long,
        env = "TIFFIN_LEASE_MS",
        default_value = "3000",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub lease_ms: u64,

    // Shorter moves a customer on sooner when a replica hangs; longer spares slow but healthy answers a second attempt.
    /// How long a replica may take to answer a request that another replica could answer as well
    #[arg(
        long,
        env = "TIFFIN_ATTEMPT_TIMEOUT_MS",
        default_value = "1000",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub attempt_timeout_ms: u64,

    // Longer than a phone's user waits gladly, shorter than most proxies and browsers allow.
    /// How long a request may take with all its attempts
    #[arg(
        long,
        env = "TIFFIN_REQUEST_TIMEOUT_MS",
        default_value = "10000",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub request_timeout_ms: u64,

    // Long enough for a replica to be restarted, short enough that the page can still say so itself.
    /// How long a request waits for a replica when none is available
    #[arg(
        long,
        env = "TIFFIN_WAIT_TIMEOUT_MS",
        default_value = "2000",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub wait_timeout_ms: u64,

    /// How often each replica is asked whether it is ready
    #[arg(
        long,
        env = "TIFFIN_HEALTH_INTERVAL_MS",
        default_value = "250",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub health_interval_ms: u64,

    // Two in a row count as a hang. Shorter notices it sooner; longer forgives a machine that is busy otherwise.
    /// How long a replica may take to say that it is ready
    #[arg(
        long,
        env = "TIFFIN_HEALTH_TIMEOUT_MS",
        default_value = "300",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub health_timeout_ms: u64,

    // Shorter moves customers on sooner when a replica hangs; longer forgives a machine that is busy otherwise.
    /// How long a replica may take to say that its process runs while nobody gets an answer from it; longer where it always does
    #[arg(
        long,
        env = "TIFFIN_PROBE_FLOOR_MS",
        default_value = "35",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub probe_floor_ms: u64,

    // Shorter has customers served sooner when a replica answers nothing; longer spares a busy machine work that is done twice.
    /// After how long without a single answer many requests are sent to another replica as well, at least and whatever is usual
    #[arg(
        long,
        env = "TIFFIN_SUSPECT_FLOOR_MS",
        default_value = "30",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub suspect_floor_ms: u64,

    // Shorter moves customers on sooner when a replica answers its checks and nothing else; longer forgives a slow disk.
    /// How long many requests may go without a single answer, at least and whatever is usual for the replica
    #[arg(
        long,
        env = "TIFFIN_STUCK_FLOOR_MS",
        default_value = "500",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub stuck_floor_ms: u64,

    /// The same at most, however slow the replica usually is
    #[arg(
        long,
        env = "TIFFIN_STUCK_CEILING_MS",
        default_value = "1000",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub stuck_ceiling_ms: u64,

    // Shorter serves the unlucky few sooner; longer sends less twice. Three times what is usual lies between the two.
    /// After how long a request that can safely be repeated is sent to another replica as well, at least
    #[arg(
        long,
        env = "TIFFIN_HEDGE_FLOOR_MS",
        default_value = "200",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub hedge_floor_ms: u64,

    /// The same at most, however slow the replica usually is
    #[arg(
        long,
        env = "TIFFIN_HEDGE_CEILING_MS",
        default_value = "800",
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub hedge_ceiling_ms: u64,

    // Lower refuses customers that could be served; higher has a replica work on what nobody waits for any more.
    /// How many requests a replica is given at once, however slow its answers become
    #[arg(
        long,
        env = "TIFFIN_CONCURRENCY_FLOOR",
        default_value = "256",
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub concurrency_floor: u32,

    /// The same at most, however quick they are
    #[arg(
        long,
        env = "TIFFIN_CONCURRENCY_CEILING",
        default_value = "1024",
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub concurrency_ceiling: u32,

    // Each idle connection costs some ten kilobytes.
    /// How many connections are served at once; further ones wait to be accepted
    #[arg(
        long,
        env = "TIFFIN_MAX_CONNECTIONS",
        default_value = "10000",
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub max_connections: u64,

    /// How long a client may take to send a request's headers, or its body, or to take in a part of the answer
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
    /// What the gateway needs. A ceiling below its floor counts as the floor.
    pub(crate) fn gateway_config(&self, credential: HeaderValue) -> GatewayConfig {
        GatewayConfig {
            health: HealthCheckConfig {
                interval: Duration::from_millis(self.health_interval_ms),
                timeout: Duration::from_millis(self.health_timeout_ms),
                heartbeat_floor: Duration::from_millis(self.probe_floor_ms),
                progress: ProgressBounds {
                    suspect_floor: Duration::from_millis(
                        self.suspect_floor_ms.min(self.stuck_floor_ms),
                    ),
                    stuck_floor: Duration::from_millis(self.stuck_floor_ms),
                    stuck_ceiling: Duration::from_millis(
                        self.stuck_ceiling_ms.max(self.stuck_floor_ms),
                    ),
                },
            },
            hedge: HedgeBounds {
                floor: Duration::from_millis(self.hedge_floor_ms),
                ceiling: Duration::from_millis(self.hedge_ceiling_ms.max(self.hedge_floor_ms)),
            },
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
