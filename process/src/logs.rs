//! Logs: one line an event on standard error, so that standard output stays for what a person asked for.

use tracing_subscriber::EnvFilter;

/// Sets up logging for this process; `filter` is a `tracing` filter such as `info` or `backend=debug,info`.
///
/// # Errors
/// If `filter` does not parse.
pub fn init(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        anyhow::anyhow!("the log filter `{filter}` does not parse: {error}; try `info`")
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        // It would tell of a line that cannot be written on the very same standard error, and panic when that fails as well: a
        // full disk would end whatever task had something to say.
        .log_internal_errors(false)
        .init();
    Ok(())
}
