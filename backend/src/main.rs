//! Starts a replica and serves until it is asked to end, or does what a command says.

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use backend::application::Application;
use backend::replica::ReplicaHandle;
use backend::settings::{BackendSettings, Command};
use backend::{orders, staff};

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
    let mut settings: BackendSettings = process::settings::load("backend")?;
    let _log = process::logs::init(&settings.common.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    match settings.command.take() {
        Some(Command::Staff(command)) => runtime.block_on(staff::run(&settings, command)),
        Some(Command::Orders(command)) => runtime.block_on(orders::run(&settings, command)),
        None => runtime.block_on(serve(settings)),
    }
}

async fn serve(settings: BackendSettings) -> anyhow::Result<()> {
    // Before anything is opened, so that a signal during the start ends the process in order as well.
    let asked_to_end = tokio::spawn(process::shutdown::wait_for_request());
    let application = Application::build(settings).await?;
    let asked_to_end = async {
        if let Ok(Err(error)) | Err(error) = asked_to_end.await.map_err(std::io::Error::other) {
            tracing::error!(%error, "signals cannot be waited for; ending");
        }
    };
    application.run(announce, asked_to_end).await
}

/// The one line on standard output, which people and tests wait for; supervisors are told in their own words.
fn announce(replica: &ReplicaHandle, address: SocketAddr) {
    let line = format!("{} serves at {address}", replica.id);
    if let Err(error) = writeln!(std::io::stdout(), "{line}") {
        tracing::debug!(%error, "nobody reads the standard output");
    }
    tracing::info!("{line}");
    process::supervisor::notify_ready(Vec::new());
}
