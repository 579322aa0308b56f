//! `cargo xtask api`: holds what the servers say of their API against what they answer.

use clap::Args;

use crate::tools::python;
use crate::{command, paths};

#[derive(Args)]
pub struct Settings {
    /// For how long requests are drawn
    #[arg(long, default_value = "60", value_name = "N")]
    seconds: u64,

    /// Draws the requests; otherwise at random, and printed
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
}

impl Settings {
    /// As it is part of every test: the same requests each time.
    pub fn in_test() -> Self {
        Self {
            seconds: 60,
            seed: Some(20_260_720),
        }
    }
}

pub fn run(settings: &Settings) -> anyhow::Result<()> {
    let schemathesis = python::ensure_schemathesis()?;
    command::run(command::program("cargo").args([
        "build", "-p", "backend", "-p", "server", "-p", "testkit", "--bins",
    ]))?;
    let mut api = command::program(paths::target().join("debug/api"));
    api.arg("--schemathesis").arg(schemathesis);
    api.args(["--seconds", &settings.seconds.to_string()]);
    if let Some(seed) = settings.seed {
        api.args(["--seed", &seed.to_string()]);
    }
    command::run(&mut api)
}
