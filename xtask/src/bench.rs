//! `cargo xtask bench`: measures optimised builds of what ships; prints figures, asserts none.

use crate::{command, paths};

pub fn run(arguments: &[String]) -> anyhow::Result<()> {
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
    command::run(command::program(paths::target().join("release/bench")).args(arguments))
}
