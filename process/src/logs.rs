//! Logs: one line per event on standard error. Standard output stays free for the output of commands.
//!
//! A dedicated thread writes the lines, and a thread that logs never waits for it: otherwise a disk that hangs, or a pipe without a
//! reader, would block every order.

use std::io::{IsTerminal, stderr};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// Maximum number of lines that wait to be written, a few megabytes. Lines beyond it are dropped.
const MAX_BUFFERED_LINES: usize = 16 * 1024;

/// The log of this process. Must be kept until the process ends: dropping it writes the buffered lines, for up to a second.
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
        .buffered_lines_limit(MAX_BUFFERED_LINES)
        .thread_name("log")
        .finish(stderr());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(stderr().is_terminal())
        // tracing-subscriber reports a failed write on standard error as well, and panics if that fails too: with a full disk,
        // every task that logs would end.
        .log_internal_errors(false)
        .init();
    Ok(Log { _writer: guard })
}
