//! A Chromium for the browser tests.

use std::path::PathBuf;

use anyhow::{Context, bail};

use super::apt;
use crate::command;

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
const DEBIAN_PACKAGES: [&str; 3] = ["chromium", "fonts-liberation", "fonts-noto-color-emoji"];

/// The program's path.
pub fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    if !apt::present() {
        bail!(
            "The browser tests need Chromium or Chrome: install it, then run the same command again."
        );
    }
    apt::install("the browser tests", &DEBIAN_PACKAGES)?;
    installed().context("apt-get installed chromium, but no chromium is on the PATH")
}

fn installed() -> Option<PathBuf> {
    NAMES.iter().find_map(|name| command::find(name))
}
