//! The compiler for the client: the WebAssembly standard library, from wherever this machine can get it.
//!
//! For release it is built from its source together with the client, because as it comes it carries what a phone need not
//! fetch: from rustup's component, or on Debian from the distribution's compiler and source. Where there is no source, and for
//! development, where a panic should say what happened, it is taken as it comes: the installed target, or
//! `rustup target add`. All of it is environment variables only: in `Cargo.toml` or `.cargo/config.toml` they would break
//! everybody who has the target and nothing else.

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

/// What makes the standard library small: sorting and searching that prefer size to speed.
const SMALL_STD: &str = "optimize_for_size";
/// What makes the client small. A panic ends it without a word, which nobody would read on a phone; functions are merged into
/// their callers by LLVM alone, which knows what that costs.
const SMALL_CODE: &str = "-Zunstable-options -Cpanic=immediate-abort -Zfmt-debug=none -Zlocation-detail=none -Zinline-mir=no";

/// What a client is built for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    Release,
    Development,
}

/// What a build for wasm needs in its environment: variables, and folders that go in front of the PATH.
#[derive(Default)]
pub struct Environment {
    pub variables: Vec<(&'static str, OsString)>,
    pub folders: Vec<PathBuf>,
}

pub fn ensure(aim: Aim) -> anyhow::Result<Environment> {
    if aim == Aim::Release && source_installed() {
        return Ok(from_source(aim));
    }
    if aim == Aim::Development && target_installed() {
        return Ok(Environment::default());
    }
    if !debian_ready() {
        if aim == Aim::Release && add("component", "rust-src") && source_installed() {
            return Ok(from_source(aim));
        }
        if target_installed() || (add("target", TARGET) && target_installed()) {
            return Ok(Environment::default());
        }
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
    debian_environment(aim)
}

/// Builds the standard library with a release compiler, from its source.
fn from_source(aim: Aim) -> Environment {
    let mut variables: Vec<(&'static str, OsString)> = vec![
        ("RUSTC_BOOTSTRAP", "1".into()),
        ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort".into()),
        // Two standard libraries in one folder would rebuild each other's work.
        (
            "CARGO_TARGET_DIR",
            env::var_os("TIFFIN_WASM_TARGET_DIR")
                .unwrap_or_else(|| paths::target().join("wasm").into()),
        ),
    ];
    if aim == Aim::Release {
        variables.push(("CARGO_UNSTABLE_BUILD_STD_FEATURES", SMALL_STD.into()));
        variables.push((
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            SMALL_CODE.into(),
        ));
    }
    Environment {
        variables,
        folders: Vec::new(),
    }
}

fn below_sysroot(path: &str) -> Option<PathBuf> {
    command::output(command::program("rustc").args(["--print", "sysroot"]))
        .map(|sysroot| Path::new(&sysroot).join("lib/rustlib").join(path))
}

fn source_installed() -> bool {
    below_sysroot("src/rust/library/std/Cargo.toml").is_some_and(|file| file.is_file())
}

fn target_installed() -> bool {
    below_sysroot(TARGET).is_some_and(|folder| folder.join("lib").is_dir())
}

/// Adds a target or a component to this toolchain; tells whether rustup could.
fn add(kind: &str, name: &str) -> bool {
    if command::find("rustup").is_none() {
        return false;
    }
    println!("Adding the {kind} {name} to this Rust toolchain with rustup.");
    command::run(command::program("rustup").args([kind, "add", name])).is_ok()
}

fn debian_ready() -> bool {
    Path::new(DEBIAN_SOURCE).exists()
        && Path::new("/usr/bin/cargo").exists()
        && command::find("wasm-ld-19").is_some()
}

fn debian_environment(aim: Aim) -> anyhow::Result<Environment> {
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
    let mut environment = from_source(aim);
    environment.variables.push((
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
        "wasm-ld-19".into(),
    ));
    environment.folders.push(folder);
    Ok(environment)
}
