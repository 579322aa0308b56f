//! Chromium for the browser tests.

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

/// Returns the browser's path, after installing it if necessary.
pub fn ensure() -> anyhow::Result<PathBuf> {
    if let Some(browser) = find() {
        return Ok(browser);
    }
    if !apt::is_available() {
        bail!(
            "The browser tests need Chromium or Chrome: install it, then run the same command again."
        );
    }
    apt::install("the browser tests", &DEBIAN_PACKAGES)?;
    find().context("apt-get installed chromium, but no chromium is on the PATH")
}

fn find() -> Option<PathBuf> {
    NAMES.iter().find_map(|name| command::find(name))
}
