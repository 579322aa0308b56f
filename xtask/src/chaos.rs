//! `cargo xtask chaos`: a long run of the fault tests on a cluster of release builds.

use clap::Args;

use crate::{command, paths};

#[derive(Args)]
pub struct ChaosArguments {
    /// Duration of the faults
    #[arg(long, default_value = "5", value_name = "N")]
    minutes: f64,

    /// Seed of the faults and of the customers' actions; random and printed by default
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// Keep data, logs and history even if nothing is found
    #[arg(long)]
    keep: bool,
}

pub fn run(arguments: &ChaosArguments) -> anyhow::Result<()> {
    command::build_release(&["chaos"])?;
    let mut chaos = command::program(paths::target().join("release/chaos"));
    chaos.args(["--minutes", &arguments.minutes.to_string()]);
    if let Some(seed) = arguments.seed {
        chaos.args(["--seed", &seed.to_string()]);
    }
    if arguments.keep {
        chaos.arg("--keep");
    }
    command::run(&mut chaos)
}
