//! Packages from npm: wasm-opt, and the packages of the browser tests.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::{command, paths, progress};

/// The package with wasm-opt.
const BINARYEN: (&str, &str) = ("binaryen", "132.0.0");

/// Installs wasm-opt and returns the folder that contains it, or `None` where there is no npm: trunk then downloads a wasm-opt of its
/// own.
pub fn ensure_wasm_tools() -> anyhow::Result<Option<PathBuf>> {
    let (name, version) = BINARYEN;
    let home = paths::tools().join("node");
    let bin = home.join("node_modules/.bin");
    let manifest = home.join("node_modules").join(name).join("package.json");
    let installed = fs::read_to_string(manifest).unwrap_or_default();
    if installed.contains(&format!("\"version\": \"{version}\"")) {
        return Ok(Some(bin));
    }
    if command::find("npm").is_none() {
        return Ok(None);
    }
    fs::create_dir_all(&home)
        .with_context(|| format!("cannot create the folder {}", home.display()))?;
    let package = format!("{name}@{version}");
    let mut install = command::program("npm");
    install
        .args(["install", "--no-audit", "--no-fund", "--loglevel=error"])
        .arg("--prefix")
        .arg(&home)
        .arg(&package);
    let title = format!("Installing wasm-opt ({package}) from npm");
    progress::run(&title, Some(Duration::from_secs(20)), install)?;
    Ok(Some(bin))
}

/// Installs the packages of the browser tests in the versions of their lock file.
pub fn ensure_end2end() -> anyhow::Result<()> {
    if command::find("npm").is_none() {
        bail!(
            "The browser tests need Node.js 20 or newer with npm: install it, then run the same command again."
        );
    }
    let folder = paths::root().join("end2end");
    let lock = fs::read(folder.join("package-lock.json"))
        .context("cannot read end2end/package-lock.json")?;
    // A copy of the lock file that the packages were installed from: the one that npm writes into the folder has another text.
    let stamp = folder.join("node_modules/.tiffin-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    command::run(
        command::program("npm")
            .current_dir(&folder)
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
    )?;
    fs::write(&stamp, lock).with_context(|| format!("cannot write {}", stamp.display()))
}
