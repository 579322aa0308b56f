//! `cargo xtask up`: the whole system, built and running under supervision until Ctrl-C.

mod announce;
mod child;
pub mod supervisor;
mod watchdog;

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::{client, command, paths};

#[derive(Args)]
pub struct Settings {
    /// How many replicas to run; each one more is one more fault survived
    #[arg(long, default_value = "3", value_parser = clap::value_parser!(u16).range(1..=64))]
    replicas: u16,

    /// How many front-end servers to run; pages go on with another one when theirs is gone
    #[arg(long, default_value = "1", value_parser = clap::value_parser!(u16).range(1..=64))]
    servers: u16,

    /// Port of the front-end server; further ones take those that follow
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

/// What Tiffin itself puts into a data folder; `--fresh` removes nothing else.
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

pub fn run(settings: &Settings) -> anyhow::Result<()> {
    let addresses = addresses(settings)?;
    // Asked before anything is built: minutes of waiting for a port in use would be minutes lost.
    check_free(&addresses)?;
    let data = std::path::absolute(paths::root().join(&settings.data))?;
    command::step("Client (WebAssembly)", || client::build().map(|_| ()))?;
    command::step("Servers", build_servers)?;
    if settings.fresh {
        remove_own_files(&data)?;
    }
    let logs = data.join("logs");
    fs::create_dir_all(&logs)
        .with_context(|| format!("cannot make the folder {}", logs.display()))?;
    check_free(&addresses)?;
    let plan = supervisor::Plan {
        binaries: paths::target().join("release"),
        replicas: settings.replicas,
        addresses,
        data,
        logs,
    };
    supervisor::run(&plan, |started| {
        announce::ready(&plan, started.password.as_deref());
        Ok(None)
    })?;
    Ok(())
}

fn build_servers() -> anyhow::Result<()> {
    command::run(command::program("cargo").args([
        "build",
        "--release",
        "-p",
        "backend",
        "-p",
        "server",
    ]))
}

/// Of each front-end server, the first one's first.
fn addresses(settings: &Settings) -> anyhow::Result<Vec<SocketAddr>> {
    let ip = IpAddr::V4(if settings.network {
        Ipv4Addr::UNSPECIFIED
    } else {
        Ipv4Addr::LOCALHOST
    });
    (0..settings.servers)
        .map(|further| {
            let port = settings.port.checked_add(further);
            port.map(|port| SocketAddr::new(ip, port))
                .context("there are not so many ports; choose a lower one with `--port`")
        })
        .collect()
}

fn check_free(addresses: &[SocketAddr]) -> anyhow::Result<()> {
    for address in addresses {
        match TcpListener::bind(address) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
                "Port {} is in use by another program: end that, or choose another with `--port {}`.",
                address.port(),
                address.port().wrapping_add(1).max(1024)
            ),
            Err(error) => {
                return Err(error).with_context(|| {
                    format!("cannot listen on {address}; choose another with `--port`")
                });
            }
        }
    }
    Ok(())
}

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
