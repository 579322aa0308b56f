//! `cargo xtask chaos`: breaks a whole Tiffin of optimised builds for as long as one likes.

use clap::Args;

use crate::{command, paths};

#[derive(Args)]
pub struct Settings {
    /// How long parts are broken
    #[arg(long, default_value = "5", value_name = "N")]
    minutes: f64,

    /// Draws the faults and what customers do; otherwise at random, and printed
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// Keep data, logs and history also where nothing is found
    #[arg(long)]
    keep: bool,
}

pub fn run(settings: &Settings) -> anyhow::Result<()> {
    command::build_optimised(&["chaos"])?;
    let mut chaos = command::program(paths::target().join("release/chaos"));
    chaos.args(["--minutes", &settings.minutes.to_string()]);
    if let Some(seed) = settings.seed {
        chaos.args(["--seed", &seed.to_string()]);
    }
    if settings.keep {
        chaos.arg("--keep");
    }
    command::run(&mut chaos)
}
