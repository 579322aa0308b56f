//! `cargo xtask bench`: measurements on one machine. Only ratios within one run are comparable.

mod failover;
mod forwarding;
mod gateway;
mod listeners;
mod overload;
mod proxy_configuration;
mod requests;
mod reverse_proxy;
mod server_build;
mod stops;
mod testbed;

use std::time::Duration;

use clap::{Parser, Subcommand};

use server_build::ServerBuild;

#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    #[command(subcommand)]
    bench: Option<Bench>,

    /// Another build of the front-end server to compare this one with, instead of the general proxies; repeatable
    #[arg(long = "server", value_name = "NAME=PATH", global = true)]
    servers: Vec<ServerBuild>,
}

#[derive(Subcommand)]
enum Bench {
    /// The cost of a proxy, then that of the front-end server before real replicas (the default)
    Gateway,
    /// What customers see of each fault
    Failover {
        /// Runs of each fault, of which the worst is printed
        #[arg(default_value = "3")]
        runs: u32,
        /// Only the faults whose names contain this
        #[arg(default_value = "")]
        fault: String,
    },
    /// How long nothing is committed when the primary is stopped at a random time
    Stops {
        #[arg(default_value = "100")]
        number: u32,
    },
    /// The delay of events to ten thousand streams
    Listeners,
    /// Goodput at up to ten times the capacity
    Overload,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { bench, servers } = Arguments::parse();
    match bench.unwrap_or(Bench::Gateway) {
        Bench::Gateway => {
            forwarding::run(&servers).await?;
            gateway::run(&servers).await
        }
        Bench::Failover { runs, fault } => failover::run(runs, &fault, &servers).await,
        Bench::Stops { number } => stops::run(number).await,
        Bench::Listeners => listeners::run().await,
        Bench::Overload => overload::run(&servers).await,
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
