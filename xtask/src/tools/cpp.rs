//! A C++ compiler, for libFuzzer.

use anyhow::bail;

use super::apt;
use crate::command;

/// Installs a compiler if there is none on the PATH.
pub fn ensure(purpose: &str) -> anyhow::Result<()> {
    if command::find("c++").is_some() {
        return Ok(());
    }
    if !apt::is_available() {
        bail!(
            "{purpose} needs a C++ compiler with the name c++: install g++ or clang, then run the same command again."
        );
    }
    apt::install(purpose, &["g++"])
}
