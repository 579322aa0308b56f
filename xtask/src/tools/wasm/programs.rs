//! trunk and wasm-bindgen: found on the PATH, downloaded ready to run, or compiled from crates.io with a fast profile.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;

use super::download::{self, Release};
use crate::{command, paths, progress};

const TRUNK_VERSION: &str = "0.21.14";
/// Settings of the release profile that make a short build: without optimisation the two programs compile in less than half the
/// processor time, 400 s instead of 940 s, and wasm-bindgen takes 0.5 s instead of 0.1 s on 2 MB of WebAssembly.
const FAST_PROFILE: [(&str, &str); 5] = [
    ("opt-level", "0"),
    ("lto", "false"),
    ("codegen-units", "16"),
    ("debug", "false"),
    ("panic", "\"abort\""),
];

/// A program of the client's build, in the one version that the build uses.
struct BuildProgram {
    /// The executable's name.
    name: &'static str,
    package: &'static str,
    version: String,
    /// Arguments of `cargo install`: the features that the build uses, and whether the package's own lock file holds.
    install_arguments: Vec<&'static str>,
    /// Time that compiling takes on two cores.
    compile_time: Duration,
}

/// Installs what is missing of trunk and wasm-bindgen; returns the folders that contain them.
pub fn ensure() -> anyhow::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for program in [trunk(), wasm_bindgen()?] {
        let folder = program.ensure()?;
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    let build = build_folder();
    if build.exists() {
        // Hundreds of megabytes that only another version of a program would use again.
        fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))?;
    }
    Ok(folders)
}

/// trunk without its check for updates. TLS serves its downloads alone; the only one that the build may need is wasm-opt, where npm
/// is not there to install it, and compiling TLS takes a minute.
fn trunk() -> BuildProgram {
    let mut install_arguments = vec!["--locked", "--no-default-features"];
    if command::find("npm").is_none() {
        install_arguments.extend(["--features", "rustls"]);
    }
    BuildProgram {
        name: "trunk",
        package: "trunk",
        version: TRUNK_VERSION.to_owned(),
        install_arguments,
        compile_time: Duration::from_secs(160),
    }
}

/// wasm-bindgen in the very version that the client is linked with, without its test runner and that one's TLS. Not `--locked`: its
/// lock file names a crate version that crates.io does not have.
fn wasm_bindgen() -> anyhow::Result<BuildProgram> {
    Ok(BuildProgram {
        name: "wasm-bindgen",
        package: "wasm-bindgen-cli",
        version: locked_version("wasm-bindgen")?,
        install_arguments: vec!["--no-default-features", "--bin", "wasm-bindgen"],
        compile_time: Duration::from_secs(60),
    })
}

impl BuildProgram {
    /// Returns the folder that contains the program, after installing it if necessary.
    fn ensure(&self) -> anyhow::Result<PathBuf> {
        let bin = paths::tools().join("bin");
        if self.is_installed_in(&bin) {
            return Ok(bin);
        }
        let on_path = command::find(self.name);
        if let Some(folder) = on_path.as_deref().and_then(Path::parent)
            && self.is_installed_in(folder)
        {
            return Ok(folder.to_owned());
        }
        if let Err(error) = self.download(&bin) {
            eprintln!(
                "  {} {} is compiled, because no download is available: {error:#}",
                self.name, self.version
            );
            self.compile()?;
        }
        Ok(bin)
    }

    /// Checks the version that the program itself prints, so that a file that does not run here counts as missing.
    fn is_installed_in(&self, folder: &Path) -> bool {
        let program = folder.join(self.name);
        let version = command::output(
            command::program(program)
                .arg("--version")
                // trunk accepts only `true` and `false` here.
                .env_remove("NO_COLOR"),
        );
        version.is_some_and(|text| text.split_whitespace().nth(1) == Some(&self.version))
    }

    fn download(&self, bin: &Path) -> anyhow::Result<()> {
        let release = Release::of(self.name, &self.version)?;
        let checksum = download::fetch_checksum(&release)?;
        if command::find("cargo-binstall").is_some() {
            self.install_by_binstall()?;
        } else {
            download::install(&release, &checksum, bin)?;
        }
        anyhow::ensure!(
            self.is_installed_in(bin),
            "the downloaded program does not run here"
        );
        Ok(())
    }

    fn install_by_binstall(&self) -> anyhow::Result<()> {
        let mut binstall = command::program("cargo");
        binstall
            .arg("binstall")
            .arg(format!("{}@{}", self.package, self.version))
            .args(["--no-confirm", "--force", "--no-track"])
            .args(["--disable-strategies", "compile"])
            .args(["--maximum-resolution-timeout", "10"])
            .arg("--root")
            .arg(paths::tools());
        let title = format!("Downloading {} {}", self.name, self.version);
        progress::run(&title, None, binstall)
    }

    /// Compiles the program with a profile for a short build. Both programs are built in one folder, so that dependencies that they
    /// share are compiled once.
    fn compile(&self) -> anyhow::Result<()> {
        let mut install = command::program("cargo");
        install
            .args(["install", self.package, "--version", &self.version])
            .args(["--force", "--root"])
            .arg(paths::tools())
            .arg("--target-dir")
            .arg(build_folder())
            .args(&self.install_arguments);
        for (key, value) in FAST_PROFILE {
            install
                .arg("--config")
                .arg(format!("profile.release.{key}={value}"));
        }
        let title = format!("Compiling {} {}", self.name, self.version);
        progress::run(&title, Some(self.compile_time), install)
    }
}

fn build_folder() -> PathBuf {
    paths::tools().join("build")
}

/// Reads the version of `package` in the workspace's lock file.
fn locked_version(package: &str) -> anyhow::Result<String> {
    let id = command::output(command::program("cargo").args(["pkgid", package]))
        .with_context(|| format!("Cargo.lock does not name one version of {package}"))?;
    let (_, version) = id
        .rsplit_once('@')
        .with_context(|| format!("cargo printed a package id without version: {id}"))?;
    Ok(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_the_one_that_the_workspace_asks_for() {
        let manifest = fs::read_to_string(paths::root().join("Cargo.toml")).unwrap();
        let version = locked_version("wasm-bindgen").unwrap();
        assert!(manifest.contains(&format!("wasm-bindgen = \"={version}\"")));
        assert!(locked_version("no-such-package").is_err());
    }
}
