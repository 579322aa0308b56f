//! The compiler's WebAssembly target: its standard library, installed by rustup.
//!
//! Where rustup cannot fetch it, as on a machine that reaches only package registries, Debian's own compiler builds the standard
//! library from Debian's source package. That needs unstable flags, which are set for no other machine, and only as environment
//! variables: in `Cargo.toml` or `.cargo/config.toml` they would break the build wherever the target is installed.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::tools::apt;
use crate::{command, paths, progress};

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
/// The standard library's source, as Debian installs it for its own compiler.
const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
const DEBIAN_LINKER: &str = "wasm-ld-19";

/// Environment of a WebAssembly build: variables to set, and folders to put in front of the PATH.
#[derive(Default)]
pub struct Environment {
    pub variables: Vec<(&'static str, OsString)>,
    pub folders: Vec<PathBuf>,
}

/// Installs the target if it is missing.
pub fn ensure() -> anyhow::Result<Environment> {
    // A machine that uses Debian's compiler already does not wait again for rustup to fail.
    if is_installed() || (!is_debian_ready() && add_by_rustup() && is_installed()) {
        return Ok(Environment::default());
    }
    if !is_debian_ready() {
        if !apt::is_available() {
            bail!(
                "The client is WebAssembly, and this Rust has no standard library for it.\nRun `rustup target add {TARGET}` \
                 (or install your distribution's package for it), then the same command again."
            );
        }
        eprintln!("rustup cannot fetch the target {TARGET} here; Debian's compiler can build it.");
        apt::install("building the client", &DEBIAN_PACKAGES)?;
    }
    debian_environment()
}

fn is_installed() -> bool {
    command::output(command::program("rustc").args(["--print", "sysroot"])).is_some_and(|sysroot| {
        let library = Path::new(&sysroot)
            .join("lib/rustlib")
            .join(TARGET)
            .join("lib");
        library.is_dir()
    })
}

/// Adds the target to the default toolchain; returns whether rustup is there and succeeded.
fn add_by_rustup() -> bool {
    if command::find("rustup").is_none() {
        return false;
    }
    let mut rustup = command::program("rustup");
    rustup.args(["target", "add", TARGET]);
    let title = format!("Adding the target {TARGET} with rustup");
    match progress::run(&title, None, rustup) {
        Ok(()) => true,
        Err(error) => {
            eprintln!("{error:#}");
            false
        }
    }
}

fn is_debian_ready() -> bool {
    Path::new(DEBIAN_SOURCE).exists()
        && Path::new("/usr/bin/cargo").exists()
        && command::find(DEBIAN_LINKER).is_some()
}

/// Makes links to Debian's programs in a folder for the front of the PATH: trunk calls `cargo` and `rustc` by name and would
/// otherwise get rustup's.
fn debian_environment() -> anyhow::Result<Environment> {
    let folder = paths::tools().join("debian-rust");
    fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    for name in ["cargo", "rustc", "rustdoc"] {
        let link = folder.join(name);
        let program = Path::new("/usr/bin").join(name);
        if fs::read_link(&link).ok().as_deref() != Some(&program) {
            let _ = fs::remove_file(&link);
            symlink(&program, &link)
                .with_context(|| format!("cannot create {}", link.display()))?;
        }
    }
    Ok(Environment {
        variables: vec![
            // Allows build-std on a release compiler.
            ("RUSTC_BOOTSTRAP", "1".into()),
            ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort".into()),
            (
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
                DEBIAN_LINKER.into(),
            ),
        ],
        folders: vec![folder],
    })
}
