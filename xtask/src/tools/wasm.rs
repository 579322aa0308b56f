//! The compiler for the client: the WebAssembly standard library, from wherever this machine can get it.
//!
//! In this order: the installed target; `rustup target add`; on Debian, the distribution's compiler, which builds the
//! standard library from its own source package. The last needs environment variables only: in `Cargo.toml` or
//! `.cargo/config.toml` they would break everybody who has the target.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::apt;
use crate::{command, paths};

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
/// The standard library's source, as Debian installs it for its own compiler.
const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";

/// What a build for wasm needs in its environment: variables, and folders that go in front of the PATH.
#[derive(Default)]
pub struct Environment {
    pub variables: Vec<(&'static str, OsString)>,
    pub folders: Vec<PathBuf>,
}

pub fn ensure() -> anyhow::Result<Environment> {
    if target_installed() {
        return Ok(Environment::default());
    }
    if !debian_ready() && add_target() {
        return Ok(Environment::default());
    }
    if !debian_ready() {
        if !apt::present() {
            bail!(
                "The client is WebAssembly, and this Rust has no standard library for it.\nRun `rustup target add {TARGET}` \
                 (or install your distribution's package for it), then the same command again."
            );
        }
        println!(
            "rustup cannot fetch the target {TARGET} here; Debian's own compiler can build it."
        );
        apt::install("building the client", &DEBIAN_PACKAGES)?;
    }
    debian_environment()
}

fn target_installed() -> bool {
    command::output(command::program("rustc").args(["--print", "sysroot"])).is_some_and(|sysroot| {
        Path::new(&sysroot)
            .join("lib/rustlib")
            .join(TARGET)
            .join("lib")
            .is_dir()
    })
}

fn add_target() -> bool {
    if command::find("rustup").is_none() {
        return false;
    }
    println!("Adding the target {TARGET} to this Rust toolchain with rustup.");
    command::run(command::program("rustup").args(["target", "add", TARGET])).is_ok()
        && target_installed()
}

fn debian_ready() -> bool {
    Path::new(DEBIAN_SOURCE).exists()
        && Path::new("/usr/bin/cargo").exists()
        && command::find("wasm-ld-19").is_some()
}

fn debian_environment() -> anyhow::Result<Environment> {
    // Links to the distribution's programs, in front of the PATH: trunk calls `cargo` and `rustc` by name and would
    // otherwise get rustup's.
    let folder = paths::tools().join("debian-rust");
    fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for name in ["cargo", "rustc", "rustdoc"] {
        let link = folder.join(name);
        let program = Path::new("/usr/bin").join(name);
        if fs::read_link(&link).ok().as_deref() != Some(&program) {
            let _ = fs::remove_file(&link);
            symlink(&program, &link).with_context(|| format!("cannot make {}", link.display()))?;
        }
    }
    Ok(Environment {
        variables: vec![
            // Builds the standard library with a release compiler.
            ("RUSTC_BOOTSTRAP", "1".into()),
            ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort".into()),
            (
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
                "wasm-ld-19".into(),
            ),
            // Two compilers in one folder would rebuild each other's work.
            (
                "CARGO_TARGET_DIR",
                env::var_os("TIFFIN_WASM_TARGET_DIR")
                    .unwrap_or_else(|| paths::target().join("wasm").into()),
            ),
        ],
        folders: vec![folder],
    })
}
