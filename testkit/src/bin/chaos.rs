//! `cargo xtask chaos`: breaks a whole Tiffin for as long as one likes and tells what came of it.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use testkit::chaos;

#[derive(Parser)]
#[command(name = "chaos")]
struct Arguments {
    /// How long parts are broken
    #[arg(long, default_value = "5", value_name = "N")]
    minutes: f64,

    /// Draws the faults and what customers do; otherwise at random
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// Keep data, logs and history also where nothing is found
    #[arg(long)]
    keep: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let seed = arguments
        .seed
        .unwrap_or_else(|| rand::random_range(0..1_000_000));
    let time = Duration::try_from_secs_f64(arguments.minutes * 60.0)?;
    println!("seed {seed}, {} minutes", arguments.minutes);
    let report = chaos::run(seed, time, arguments.keep).await?;
    println!("\n{report}");
    let without_effect = report.faults_without_effect();
    if !without_effect.is_empty() {
        println!("without effect: {}", without_effect.join(", "));
    }
    Ok(if report.findings.is_empty() && without_effect.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
