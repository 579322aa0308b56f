//! `cargo xtask bench`: measurements of release builds; prints figures and asserts none.

use crate::{command, paths};

pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    command::build_release(&["bench", "standin"])?;
    command::run(command::program(paths::target().join("release/bench")).args(arguments))
}
