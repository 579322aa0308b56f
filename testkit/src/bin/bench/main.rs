//! `cargo xtask bench [gateway|failover|stops|listeners|overload]`: measurements on one machine. Only ratios within one run are
//! comparable.

mod failover;
mod forwarding;
mod gateway;
mod listeners;
mod overload;
mod proxy_configuration;
mod requests;
mod reverse_proxy;
mod stops;
mod testbed;

use std::time::Duration;

use anyhow::bail;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] | ["gateway"] => {
            forwarding::run().await?;
            gateway::run().await
        }
        ["failover"] => failover::run(3, "").await,
        ["failover", runs] => failover::run(runs.parse()?, "").await,
        ["failover", runs, fault] => failover::run(runs.parse()?, fault).await,
        ["stops"] => stops::run(100).await,
        ["stops", number] => stops::run(number.parse()?).await,
        ["listeners"] => listeners::run().await,
        ["overload"] => overload::run().await,
        _ => bail!(
            "usage: cargo xtask bench [gateway | failover [RUNS [FAULT]] | stops [NUMBER] | listeners | overload]"
        ),
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
