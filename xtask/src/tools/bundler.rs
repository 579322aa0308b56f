//! trunk and wasm-bindgen: built from crates.io into the target folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::{command, paths};

const TRUNK_VERSION: &str = "0.21.14";

/// The folder with both; goes in front of the PATH.
pub fn ensure() -> anyhow::Result<PathBuf> {
    let bin = paths::tools().join("bin");
    install(&bin, "trunk", "trunk", TRUNK_VERSION, &["--locked"])?;
    // Must be the very version that the client is linked with. Its own lock file names a crate that cannot be had any more.
    install(
        &bin,
        "wasm-bindgen",
        "wasm-bindgen-cli",
        &locked_version("wasm-bindgen")?,
        &[],
    )?;
    Ok(bin)
}

fn install(
    bin: &Path,
    program: &str,
    package: &str,
    version: &str,
    flags: &[&str],
) -> anyhow::Result<()> {
    let installed = command::output(
        command::program(bin.join(program))
            .arg("--version")
            .env_remove("NO_COLOR"),
    );
    if installed.is_some_and(|text| text.split_whitespace().nth(1) == Some(version)) {
        return Ok(());
    }
    println!(
        "Installing {program} {version} into the target folder; this takes some minutes, once."
    );
    command::run(
        command::program("cargo")
            .args([
                "install",
                package,
                "--version",
                version,
                "--force",
                "--root",
            ])
            .arg(paths::tools())
            .arg("--target-dir")
            .arg(paths::tools().join("build"))
            .args(flags),
    )?;
    Ok(())
}

fn locked_version(package: &str) -> anyhow::Result<String> {
    let file = paths::root().join("Cargo.lock");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let lock: toml::Table = text.parse().context("Cargo.lock does not parse")?;
    let packages = lock
        .get("package")
        .and_then(toml::Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    for entry in packages {
        if entry.get("name").and_then(toml::Value::as_str) == Some(package) {
            return entry
                .get("version")
                .and_then(toml::Value::as_str)
                .map(str::to_owned)
                .context("a version");
        }
    }
    bail!("Cargo.lock does not name {package}")
}
