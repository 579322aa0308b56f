//! schemathesis, which tries the API out: from PyPI into the target folder.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::apt;
use crate::{command, paths};

/// schemathesis and all that it needs, each in one version.
const REQUIREMENTS: &str = include_str!("requirements.txt");
const DEBIAN_PACKAGES: [&str; 2] = ["python3", "python3-venv"];

/// The program's path.
pub fn ensure_schemathesis() -> anyhow::Result<PathBuf> {
    let home = paths::tools().join("schemathesis");
    let program = home.join("bin/schemathesis");
    // Written last: what stands there is installed whole.
    let stamp = home.join("requirements.txt");
    if program.is_file() && fs::read_to_string(&stamp).is_ok_and(|done| done == REQUIREMENTS) {
        return Ok(program);
    }
    if !has_venv() {
        if !apt::present() {
            bail!(
                "Trying out the API needs Python 3.10 or newer with its modules venv and ensurepip: install it, then run the \
                 same command again."
            );
        }
        apt::install("trying out the API", &DEBIAN_PACKAGES)?;
    }
    println!("Installing schemathesis into the target folder.");
    if home.exists() {
        fs::remove_dir_all(&home).with_context(|| format!("cannot remove {}", home.display()))?;
    }
    command::run(command::program("python3").args(["-m", "venv"]).arg(&home))?;
    let wanted = home.join("wanted.txt");
    fs::write(&wanted, REQUIREMENTS)
        .with_context(|| format!("cannot write {}", wanted.display()))?;
    command::run(
        command::program(home.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .args(["--disable-pip-version-check", "--requirement"])
            .arg(&wanted),
    )?;
    fs::rename(&wanted, &stamp).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(program)
}

/// Debian's Python comes without the modules that a virtual environment is made with.
fn has_venv() -> bool {
    let modules = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
    command::output(command::program("python3").args(["-c", modules])).is_some()
}
