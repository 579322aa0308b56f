//! `cargo xtask chaos`: runs the chaos tests on a cluster of real processes and prints the report.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use testkit::chaos;

#[derive(Parser)]
#[command(name = "chaos")]
struct Arguments {
    /// How long faults are injected
    #[arg(long, default_value = "5", value_name = "N")]
    minutes: f64,

    /// Seed of the faults and of the clients; drawn at random if absent
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// Keep data, logs and history even without a violation
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
        println!("faults without effect: {}", without_effect.join(", "));
    }
    Ok(
        if report.violations.is_empty() && without_effect.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        },
    )
}
