//! Running other programs, with what is run shown to the person who waits for it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::paths;

/// A program in the checkout's top folder, without what cargo leaves in the environment of the programs that it runs: with
/// `RUSTC` or `RUSTUP_TOOLCHAIN` inherited, a child would not get the toolchain that it asks for.
pub fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(paths::root());
    for (variable, _) in env::vars_os() {
        let name = variable.to_string_lossy();
        let from_cargo = name == "CARGO"
            || name == "RUSTC"
            || name == "RUSTDOC"
            || name == "RUSTUP_TOOLCHAIN"
            || name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_");
        if from_cargo {
            command.env_remove(&variable);
        }
    }
    command
}

/// Runs it to its end with its output shown.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    println!("$ {}", shown(command));
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!(
            "`{}` failed ({status}); what it printed above says why",
            shown(command)
        );
    }
    Ok(())
}

/// Builds what ships, and programs of the testkit, as it ships.
pub fn build_optimised(tools: &[&str]) -> anyhow::Result<()> {
    let mut build = program("cargo");
    build.args(["build", "--release"]);
    build.args(["-p", "backend", "--bin", "backend"]);
    build.args(["-p", "server", "--bin", "server"]);
    build.args(["-p", "testkit"]);
    for tool in tools {
        build.args(["--bin", tool]);
    }
    run(&mut build)
}

/// What it prints, or nothing where it does not run or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Where `name` is on the PATH.
pub fn find(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// The PATH with these folders in front.
pub fn path_with(folders: &[PathBuf]) -> anyhow::Result<OsString> {
    let usual = env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().cloned().chain(env::split_paths(&usual));
    env::join_paths(all).context("a folder on the PATH has a colon in its name")
}

/// Announces a step and tells how long it took.
pub fn step<T>(title: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    println!("\n── {title}");
    let start = Instant::now();
    let outcome = work()?;
    println!("── {title}: {}", duration(start.elapsed()));
    Ok(outcome)
}

/// `4.2 s`, `3 min 05 s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
