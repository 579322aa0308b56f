//! `cargo xtask drill`: a drill on a running installation. Ends well where nothing was lost, duplicated or failed.

use std::process::ExitCode;

use clap::Parser;
use clap::builder::PossibleValuesParser;
use model::drill::DrillPlan;
use serde_json::json;
use testkit::drill;

/// Sends test orders through an installation, breaks a replica of it, and tells what customers would have noticed
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

    /// For how long, 5 to 60; the fault comes after a third
    #[arg(long, default_value = "15", value_name = "N")]
    seconds: u32,

    /// What is done to the replica
    #[arg(long, default_value = "kill", value_parser = PossibleValuesParser::new(["kill", "hang", "down", "drain", "none"]))]
    fault: String,

    /// Which replica; otherwise the primary
    #[arg(long, value_name = "ID")]
    replica: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let given = Arguments::parse();
    let plan = DrillPlan {
        rate_per_second: given.rate,
        seconds: given.seconds,
        fault: serde_json::from_value(json!(given.fault))?,
        replica: given.replica,
    };
    let url = given.url.trim_end_matches('/');
    let drill = drill::run(url, &given.password, &plan).await?;
    println!("\n{}", drill::report(&drill));
    Ok(if drill::is_clean(&drill) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
