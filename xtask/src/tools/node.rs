//! What comes from npm: the tools for small builds, and the browser tests' own packages.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::{command, paths};

/// wasm-opt and its like, and a bundler that drops what a script does not use.
const PACKAGES: [(&str, &str); 2] = [("binaryen", "132.0.0"), ("esbuild", "0.28.2")];

/// The folder with the tools that make a client small, where Node.js is there to install them. Without it trunk gets a wasm-opt of
/// its own.
pub fn ensure_wasm_tools() -> anyhow::Result<Option<PathBuf>> {
    let home = paths::tools().join("node");
    let bin = home.join("node_modules/.bin");
    let is_installed = |(name, version): &(&str, &str)| {
        let package = home.join("node_modules").join(name).join("package.json");
        let installed = fs::read_to_string(package).unwrap_or_default();
        installed.contains(&format!("\"version\": \"{version}\""))
    };
    if PACKAGES.iter().all(is_installed) {
        return Ok(Some(bin));
    }
    if command::find("npm").is_none() {
        return Ok(None);
    }
    let packages = PACKAGES.map(|(name, version)| format!("{name}@{version}"));
    println!(
        "Installing {} into the target folder.",
        packages.join(" and ")
    );
    fs::create_dir_all(&home)
        .with_context(|| format!("cannot make the folder {}", home.display()))?;
    command::run(
        command::program("npm")
            .args([
                "install",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
                "--prefix",
            ])
            .arg(&home)
            .args(packages),
    )?;
    Ok(Some(bin))
}

/// Installs the packages of the browser tests as their lock file says.
pub fn ensure_end2end() -> anyhow::Result<()> {
    if command::find("npm").is_none() {
        bail!(
            "The browser tests need Node.js 20 or newer with npm: install it, then run the same command again."
        );
    }
    let folder = paths::root().join("end2end");
    let wanted = fs::read(folder.join("package-lock.json"))
        .context("cannot read end2end/package-lock.json")?;
    // npm's own copy of the lock is not the same text; ours beside it tells whether the folder is as the lock says.
    let stamp = folder.join("node_modules/.tiffin-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    command::run(
        command::program("npm")
            .current_dir(&folder)
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
    )?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}
