//! schemathesis, which tests the API against its description: from PyPI, in a virtual environment in the target folder.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::apt;
use crate::{command, paths};

/// schemathesis and all of its dependencies, each in one version.
const REQUIREMENTS: &str = include_str!("requirements.txt");
const DEBIAN_PACKAGES: [&str; 2] = ["python3", "python3-venv"];

/// Returns the program's path, after installing it if necessary.
pub fn ensure_schemathesis() -> anyhow::Result<PathBuf> {
    let home = paths::tools().join("schemathesis");
    let program = home.join("bin/schemathesis");
    // Written last, so that an interrupted installation is repeated.
    let stamp = home.join("requirements.txt");
    if program.is_file()
        && fs::read_to_string(&stamp).is_ok_and(|installed| installed == REQUIREMENTS)
    {
        return Ok(program);
    }
    if !has_venv() {
        if !apt::is_available() {
            bail!(
                "Testing the API needs Python 3.10 or newer with its modules venv and ensurepip: install it, then run the \
                 same command again."
            );
        }
        apt::install("testing the API", &DEBIAN_PACKAGES)?;
    }
    eprintln!("Installing schemathesis into the target folder.");
    if home.exists() {
        fs::remove_dir_all(&home).with_context(|| format!("cannot remove {}", home.display()))?;
    }
    command::run(command::program("python3").args(["-m", "venv"]).arg(&home))?;
    let requirements = home.join("requirements.new");
    fs::write(&requirements, REQUIREMENTS)
        .with_context(|| format!("cannot write {}", requirements.display()))?;
    command::run(
        command::program(home.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .args(["--disable-pip-version-check", "--requirement"])
            .arg(&requirements),
    )?;
    fs::rename(&requirements, &stamp)
        .with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(program)
}

/// Checks Python's version and the modules of virtual environments, which Debian ships in a package of their own.
fn has_venv() -> bool {
    let modules = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
    command::output(command::program("python3").args(["-c", modules])).is_some()
}
