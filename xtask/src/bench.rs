//! `cargo xtask bench`: measures optimised builds of what ships; prints figures, asserts none.

use crate::{command, paths};

pub fn run() -> anyhow::Result<()> {
    command::run(command::program("cargo").args([
        "build",
        "--release",
        "-p",
        "backend",
        "-p",
        "server",
        "-p",
        "testkit",
    ]))?;
    command::run(&mut command::program(paths::target().join("release/bench")))
}
