//! `cargo xtask bench`: measures optimised builds of what ships; prints figures, asserts none.

use crate::{command, paths};

pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    command::build_optimised(&["bench", "standin"])?;
    command::run(command::program(paths::target().join("release/bench")).args(arguments))
}
