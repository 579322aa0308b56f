//! `cargo xtask bench`: measures optimised builds of what ships; prints figures, asserts none.

use crate::{command, paths};

pub fn run() -> anyhow::Result<()> {
    command::build_optimised("bench")?;
    command::run(&mut command::program(paths::target().join("release/bench")))
}
