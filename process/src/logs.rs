//! Logs: one line an event on standard error, so that standard output stays for what a person asked for.
//!
//! A thread of its own writes them. Whoever has something to say never waits: with a disk that stands still, or nobody who reads the
//! other end, no order could go on.

use std::io::{IsTerminal, stderr};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// So many lines may wait to be written, some megabytes; what is said beyond them is lost.
const MOST_WAITING: usize = 16 * 1024;

/// The log of this process, to be kept until its end: it then writes what still waits, for a second at most.
#[must_use]
pub struct Log {
    _writer: WorkerGuard,
}

/// Sets up logging for this process; `filter` is a `tracing` filter such as `info` or `backend=debug,info`.
///
/// # Errors
/// If `filter` does not parse.
pub fn init(filter: &str) -> anyhow::Result<Log> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        anyhow::anyhow!("the log filter `{filter}` does not parse: {error}; try `info`")
    })?;
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(MOST_WAITING)
        .thread_name("log")
        .finish(stderr());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(stderr().is_terminal())
        // It would tell of a line that cannot be written on the very same standard error, and panic when that fails as well: a
        // full disk would end whatever task had something to say.
        .log_internal_errors(false)
        .init();
    Ok(Log { _writer: guard })
}
