//! Runs a replica until shutdown is requested, or one of the subcommands.

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use backend::application::Application;
use backend::commands::{self, CommandLine};
use backend::replica::ReplicaHandle;
use backend::settings::BackendSettings;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("backend: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let CommandLine { settings, command } = process::settings::load("backend")?;
    let _log = process::logs::init(&settings.common.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    match command {
        Some(command) => runtime.block_on(commands::run(&settings, command)),
        None => runtime.block_on(serve(settings)),
    }
}

async fn serve(settings: BackendSettings) -> anyhow::Result<()> {
    // Installed before anything is opened, so that a signal during the start ends the process in order as well.
    let shutdown_requested = tokio::spawn(process::shutdown::wait_for_request());
    let application = Application::build(settings).await?;
    let shutdown = async {
        if let Ok(Err(error)) | Err(error) = shutdown_requested.await.map_err(std::io::Error::other)
        {
            tracing::error!(%error, "signal handling failed; shutting down");
        }
    };
    application.run(announce, shutdown).await
}

/// Prints the one line on standard output, which people and tests wait for, and notifies the supervisor.
fn announce(replica: &ReplicaHandle, address: SocketAddr) {
    let line = format!("{} serves at {address}", replica.id);
    if let Err(error) = writeln!(std::io::stdout(), "{line}") {
        tracing::debug!(%error, "the standard output is closed");
    }
    tracing::info!("{line}");
    process::supervisor::notify_ready(Vec::new());
}
