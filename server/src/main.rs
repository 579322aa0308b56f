//! Starts a front-end server: settings, build, run.

use std::io::Write;
use std::process::ExitCode;

use server::application::Application;
use server::settings::ServerSettings;

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
    process::logs::init(&settings.common.log)?;
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
    application.run(process::shutdown::requested()).await
}
