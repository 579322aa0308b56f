//! Starts a front-end server: reads the settings, builds the application and runs it.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use mimalloc::MiMalloc;
use server::application::Application;
use server::settings::ServerSettings;

/// A request allocates a few dozen small pieces of memory, which takes glibc's allocator a tenth of the request's time.
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
    // Before the address is printed: a supervisor may send the signal from then on.
    let shutdown =
        process::shutdown::install_handlers().context("cannot listen for the signal to end")?;
    let application = Application::build(settings).await?;
    let mut out = std::io::stdout().lock();
    if let Some(password) = application.generated_password() {
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
    application.run(shutdown).await
}
