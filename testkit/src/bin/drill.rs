//! `cargo xtask drill`: a drill on a running installation. Succeeds where no order was lost, duplicated or failed.

use std::process::ExitCode;

use clap::Parser;
use clap::builder::PossibleValuesParser;
use model::drill::DrillPlan;
use serde_json::json;
use testkit::drill;

/// Sends test orders through an installation, injects a fault into a replica, and reports what customers would have noticed
#[derive(Parser)]
#[command(name = "drill", override_usage = "cargo xtask drill [OPTIONS]")]
struct Arguments {
    /// A front-end server of the installation; without one, an installation of its own is started and ended
    #[arg(long, value_name = "URL")]
    url: String,

    /// The operator's password; needed with --url
    #[arg(
        long,
        env = "TIFFIN_OPERATOR_PASSWORD",
        hide_env_values = true,
        value_name = "TEXT"
    )]
    password: String,

    /// Orders a second, 1 to 200
    #[arg(long, default_value = "50", value_name = "N")]
    rate: u32,

    /// Duration, 5 to 60; the fault begins after a third
    #[arg(long, default_value = "15", value_name = "N")]
    seconds: u32,

    /// The fault of the replica
    #[arg(long, default_value = "kill", value_parser = PossibleValuesParser::new(["kill", "hang", "down", "drain", "none"]))]
    fault: String,

    /// The replica with the fault; the primary if absent
    #[arg(long, value_name = "ID")]
    replica: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let plan = DrillPlan {
        rate_per_second: arguments.rate,
        seconds: arguments.seconds,
        fault: serde_json::from_value(json!(arguments.fault))?,
        replica: arguments.replica,
    };
    let url = arguments.url.trim_end_matches('/');
    let drill = drill::run(url, &arguments.password, &plan).await?;
    println!("\n{}", drill::format_report(&drill));
    Ok(if drill::is_clean(&drill) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
