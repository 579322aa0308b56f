//! Starts a front-end server: settings, build, run.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use mimalloc::MiMalloc;
use server::application::Application;
use server::settings::ServerSettings;

/// A request is a few dozen small pieces of memory; the usual allocator takes a tenth of its time for them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run() -> anyhow::Result<()> {
    let settings: ServerSettings = process::settings::load("server")?;
    let _log = process::logs::init(&settings.common.log)?;
    // Before anybody is told that the server is there, and so might want to end it.
    let end =
        process::shutdown::install_handlers().context("cannot listen for the signal to end")?;
    let application = Application::build(settings).await?;
    let mut out = std::io::stdout().lock();
    if let Some(password) = application.first_password() {
        writeln!(out, "operator password: {password}")?;
    }
    writeln!(
        out,
        "{} serves at http://{}",
        application.id(),
        application.address()
    )?;
    out.flush()?;
    drop(out);
    process::supervisor::notify_ready(application.runtimes());
    application.run(end).await
}
