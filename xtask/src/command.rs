//! Other programs: their environment, their output and their place on the PATH.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::paths;

/// Prepares a program that runs in the checkout's top folder, without the variables that cargo sets for the programs that it runs:
/// with `RUSTC` or `RUSTUP_TOOLCHAIN` inherited, the child would not get the toolchain that it asks for.
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

/// Prepares another `cargo xtask` command, run by this very executable on this checkout.
pub fn xtask(arguments: &[&str]) -> anyhow::Result<Command> {
    let executable = env::current_exe().context("cannot find this program's own file")?;
    let mut command = program(executable);
    command
        .args(arguments)
        .env(paths::MANIFEST_VARIABLE, paths::root().join("xtask"));
    Ok(command)
}

/// Runs `command` to its end and shows its output.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    eprintln!("$ {}", display(command));
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", display(command)))?;
    if !status.success() {
        bail!(
            "`{}` failed ({status}); its output above tells why",
            display(command)
        );
    }
    Ok(())
}

/// Builds backend, front-end server and the named programs of the testkit with the release profile.
pub fn build_release(tools: &[&str]) -> anyhow::Result<()> {
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

/// Returns the standard output of `command`, trimmed, or `None` if it cannot start or fails.
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

/// Finds the program `name` on the PATH.
pub fn find(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Returns the PATH with `folders` in front.
pub fn path_with(folders: &[PathBuf]) -> anyhow::Result<OsString> {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().cloned().chain(env::split_paths(&inherited));
    env::join_paths(all).context("a folder on the PATH has a colon in its name")
}

/// Formats a command for messages: the program without its folder, and the arguments.
pub fn display(command: &Command) -> String {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
