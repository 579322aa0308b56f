//! A compiler for C++, which the fuzzer is written in.

use anyhow::bail;

use super::apt;
use crate::command;

pub fn ensure(purpose: &str) -> anyhow::Result<()> {
    if command::find("c++").is_some() {
        return Ok(());
    }
    if !apt::present() {
        bail!(
            "{purpose} needs a compiler for C++ that is called c++: install g++ or clang, then run the same command again."
        );
    }
    apt::install(purpose, &["g++"])
}
