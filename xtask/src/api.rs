//! `cargo xtask api`: tests the servers' answers against their OpenAPI descriptions, with generated requests.

use clap::Args;

use crate::tools::python;
use crate::{command, paths};

#[derive(Args)]
pub struct ApiArguments {
    /// Duration for which requests are generated
    #[arg(long, default_value = "60", value_name = "N")]
    seconds: u64,

    /// Seed of the requests; random and printed by default
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
}

impl ApiArguments {
    /// Arguments of the run that is part of `cargo xtask test`: the same requests each time.
    pub fn for_test() -> Self {
        Self {
            seconds: 60,
            seed: Some(20_260_720),
        }
    }
}

pub fn run(arguments: &ApiArguments) -> anyhow::Result<()> {
    let schemathesis = python::ensure_schemathesis()?;
    command::run(command::program("cargo").args([
        "build", "-p", "backend", "-p", "server", "-p", "testkit", "--bins",
    ]))?;
    let mut api = command::program(paths::target().join("debug/api"));
    api.arg("--schemathesis").arg(schemathesis);
    api.args(["--seconds", &arguments.seconds.to_string()]);
    if let Some(seed) = arguments.seed {
        api.args(["--seed", &seed.to_string()]);
    }
    command::run(&mut api)
}
