//! `cargo xtask up`: installs missing tools, builds the client and the servers, and runs them under supervision until Ctrl-C.

mod announce;
mod child;
pub mod supervisor;
mod watchdog;

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use crate::progress::{self, Steps};
use crate::tools::{node, wasm};
use crate::{command, paths};

#[derive(Args)]
pub struct UpArguments {
    /// Number of replicas; each one more is one more fault survived
    #[arg(long, default_value = "3", value_parser = clap::value_parser!(u16).range(1..=64))]
    replicas: u16,

    /// Number of front-end servers; open pages continue with another one when theirs is gone
    #[arg(long, default_value = "1", value_parser = clap::value_parser!(u16).range(1..=64))]
    servers: u16,

    /// Port of the first front-end server; further ones take the ports after it
    #[arg(long, default_value = "8080")]
    port: u16,

    /// Folder for databases, keys and logs
    #[arg(long, default_value = "data", value_name = "DIR")]
    data: PathBuf,

    /// Begin with empty databases: removes the orders, keys and logs in the data folder
    #[arg(long)]
    fresh: bool,

    /// Listen on this machine's network too, so that a phone can order
    #[arg(long)]
    network: bool,
}

/// Files that Tiffin itself creates in a data folder.
const OWN_FILES: [&str; 8] = [
    "tiffin.db",
    "tiffin.db-wal",
    "tiffin.db-shm",
    "registry.db",
    "registry.db-wal",
    "registry.db-shm",
    "signing.key",
    "operator.hash",
];

/// Cargo profile of the servers, and its folder in cargo's output.
const PROFILE: &str = "up";
/// Durations of the first builds on two cores. Later builds compile only what has changed.
const FIRST_CLIENT_BUILD: Duration = Duration::from_secs(120);
const FIRST_SERVER_BUILD: Duration = Duration::from_secs(210);

pub fn run(arguments: &UpArguments) -> anyhow::Result<()> {
    let addresses = list_addresses(arguments)?;
    // Checked before the build as well: a port in use must not show only after minutes.
    check_free(&addresses)?;
    let data = std::path::absolute(paths::root().join(&arguments.data))?;
    let binaries = paths::target().join(PROFILE);
    build(&binaries)?;
    if arguments.fresh {
        remove_own_files(&data)?;
    }
    let logs = data.join("logs");
    fs::create_dir_all(&logs)
        .with_context(|| format!("cannot create the folder {}", logs.display()))?;
    check_free(&addresses)?;
    let plan = supervisor::Plan {
        binaries,
        replicas: arguments.replicas,
        addresses,
        data,
        logs,
    };
    supervisor::run(&plan, |installation| {
        announce::print_addresses(&plan, installation.password.as_deref());
        Ok(None)
    })?;
    Ok(())
}

/// Installs the tools and builds client and servers, each as a numbered step; the last step is the start.
fn build(binaries: &Path) -> anyhow::Result<()> {
    let mut steps = Steps::new(4);
    steps.announce("Tools of the client's build");
    wasm::ensure()?;
    node::ensure_wasm_tools()?;

    steps.announce("Client");
    let is_first = !paths::dist().join("index.html").exists();
    let expected = is_first.then_some(FIRST_CLIENT_BUILD);
    progress::run(
        "Building the client",
        expected,
        command::xtask(&["client"])?,
    )?;

    steps.announce("Backend and front-end server");
    let is_first = !binaries.join("server").exists();
    let mut cargo = command::program("cargo");
    cargo.args([
        "build",
        "-p",
        "backend",
        "-p",
        "server",
        "--profile",
        PROFILE,
    ]);
    let expected = is_first.then_some(FIRST_SERVER_BUILD);
    progress::run("Building the servers", expected, cargo)?;

    steps.announce("Start");
    Ok(())
}

/// Lists the addresses of the front-end servers, the first server's first.
fn list_addresses(arguments: &UpArguments) -> anyhow::Result<Vec<SocketAddr>> {
    let ip = IpAddr::V4(if arguments.network {
        Ipv4Addr::UNSPECIFIED
    } else {
        Ipv4Addr::LOCALHOST
    });
    (0..arguments.servers)
        .map(|offset| {
            let port = arguments.port.checked_add(offset);
            port.map(|port| SocketAddr::new(ip, port)).context(
                "the last server's port is above 65535; choose a lower first port with `--port`",
            )
        })
        .collect()
}

/// Fails if a program listens on one of the addresses.
fn check_free(addresses: &[SocketAddr]) -> anyhow::Result<()> {
    for address in addresses {
        match TcpListener::bind(address) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
                "Port {} is in use by another program: end that program, or choose another port with `--port {}`.",
                address.port(),
                address.port().wrapping_add(1).max(1024)
            ),
            Err(error) => {
                return Err(error).with_context(|| {
                    format!("cannot listen on {address}; choose another port with `--port`")
                });
            }
        }
    }
    Ok(())
}

/// Removes what Tiffin itself writes into a data folder, and nothing else.
fn remove_own_files(data: &Path) -> anyhow::Result<()> {
    for name in OWN_FILES {
        match fs::remove_file(data.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error)
                    .with_context(|| format!("cannot remove {}", data.join(name).display()));
            }
            _ => {}
        }
    }
    match fs::remove_dir_all(data.join("logs")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", data.join("logs").display()))
        }
        _ => Ok(()),
    }
}
